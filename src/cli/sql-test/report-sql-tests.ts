import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { note, out, styled } from '../output.js';
import { duration } from '../progress.js';
import { tableLines } from '../table.js';
import type { SqlTestFailure, SqlTestResult } from './run-sql-test.js';

export function reportResult({ test, tookMs, failure }: SqlTestResult): void {
  const place = styled('dim', `${shown(test.path)}:${test.line}`);
  if (failure === undefined) {
    out(`${styled('green', '✓')} ${test.name} ${place} ${styled('dim', duration(tookMs))}`);
    return;
  }
  out(`${styled('red', '✗')} ${test.name} ${place}`);
  for (const line of failureLines(failure, test.path)) out(`    ${line}`);
}

/** Where, what, and the row side by side: only what differs is painted. */
export function failureLines(failure: SqlTestFailure, path: string): readonly string[] {
  const { columns } = failure;
  const lines = [`${shown(path)}:${failure.line}: ${failure.message.split('\n').join('\n    ')}`];
  if (failure.statement !== undefined) {
    const [first = '', ...rest] = failure.statement.split('\n');
    lines.push(styled('dim', rest.length === 0 ? first : `${first} ...`));
  }
  if (columns.length > 0) {
    const rows = columns.map(({ name, expected, actual, isEqual }) => [
      isEqual ? '' : '≠',
      name,
      expected,
      actual,
    ]);
    const head = [{ name: '' }, { name: 'column' }, { name: 'expected' }, { name: 'actual' }];
    lines.push(
      ...tableLines(head, rows, (cell, column, row) => {
        if (row === -1) return styled('dim', cell);
        if (columns[row]?.isEqual === true) return cell;
        return column === 2 ? styled('green', cell) : column === 3 ? styled('red', cell) : cell;
      }),
    );
  }
  return lines;
}

export function reportSummary(results: readonly SqlTestResult[], tookMs: number): void {
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const passed = results.length - failed;
  note(`${passed} passed, ${failed} failed, in ${duration(tookMs)}`);
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

/** JUnit's XML, as CI servers read it: a suite a file. */
export function writeJunit(file: string, results: readonly SqlTestResult[]): void {
  const paths = [...new Set(results.map(({ test }) => test.path))];
  const suites = paths.map((path) => {
    const own = results.filter(({ test }) => test.path === path);
    const failures = own.filter(({ failure }) => failure !== undefined).length;
    const cases = own.map(({ test, tookMs, failure }) => {
      const head = `    <testcase name="${escaped(test.name)}" classname="${escaped(shown(path))}" file="${escaped(shown(path))}" line="${test.line}" time="${seconds(tookMs)}"`;
      if (failure === undefined) return `${head}/>`;
      const rows = failure.columns
        .filter((column) => !column.isEqual)
        .map(({ name, expected, actual }) => `${name}: expected ${expected}, actual ${actual}`);
      const text = [`${shown(path)}:${failure.line}`, failure.statement ?? '', ...rows].join('\n');
      return `${head}>\n      <failure message="${escaped(failure.message)}">${escaped(text)}</failure>\n    </testcase>`;
    });
    const took = own.reduce((sum, { tookMs }) => sum + tookMs, 0);
    return `  <testsuite name="${escaped(shown(path))}" tests="${own.length}" failures="${failures}" time="${seconds(took)}">\n${cases.join('\n')}\n  </testsuite>`;
  });
  writeFileSync(
    file,
    `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`,
  );
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replace(/\p{Cc}/gu, '');
}
