import { relative } from 'node:path';
import type { SqlTestFailure, SqlTestResult } from '../testing/run-sql-test.js';
import { note, out, styled } from './output.js';
import { duration } from './progress.js';
import { tableLines } from './table.js';

export function reportResult({ test, tookMs, failure }: SqlTestResult): void {
  const place = styled('dim', `${shown(test.path)}:${test.line}`);
  if (failure === undefined) {
    out(`${styled('green', '✓')} ${test.name} ${place} ${styled('dim', duration(tookMs))}`);
    return;
  }
  out(`${styled('red', '✗')} ${test.name} ${place}`);
  for (const line of failureLines(failure, test.path)) out(`    ${line}`);
}

/** Formats the place, the message, and the compared row with its differences in color. */
export function failureLines(failure: SqlTestFailure, path: string): readonly string[] {
  const { columns } = failure;
  const lines = [`${shown(path)}:${failure.line}: ${failure.message.split('\n').join('\n    ')}`];
  if (failure.statement !== undefined) {
    const [first = '', ...rest] = failure.statement.split('\n');
    lines.push(styled('dim', rest.length === 0 ? first : `${first} ...`));
  }
  if (columns.length > 0) {
    const rows = columns.map((column) => [
      column.isEqual ? '' : '≠',
      column.name,
      column.expected,
      column.actual,
    ]);
    lines.push(
      ...tableLines(['', 'column', 'expected', 'actual'], rows, (cell, column, row) => {
        if (columns[row]?.isEqual === true) return cell;
        return column === 2 ? styled('green', cell) : column === 3 ? styled('red', cell) : cell;
      }),
    );
  }
  return lines;
}

/** Formats the `--json` document of a run. */
export function resultsJson(results: readonly SqlTestResult[], tookMs: number): string {
  const tests = results.map(({ test: { path, line, name }, tookMs: took, failure }) => {
    return { path, line, name, tookMs: Math.round(took), passed: failure === undefined, failure };
  });
  const passed = tests.filter((test) => test.passed).length;
  return JSON.stringify({ passed, failed: tests.length - passed, tookMs: Math.round(tookMs), tests });
}

export function reportSummary(results: readonly SqlTestResult[], tookMs: number): void {
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const passed = results.length - failed;
  note(`${passed} passed, ${failed} failed, in ${duration(tookMs)}`);
}

/** The path relative to the working directory, if it is inside it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
