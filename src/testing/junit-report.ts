import type { SqlTestResult } from './run-sql-test.js';

/** Formats results as JUnit XML for CI servers, one test suite per file. `shown` shortens a file's path. */
export function junitReport(results: readonly SqlTestResult[], shown: (path: string) => string): string {
  const paths = [...new Set(results.map(({ test }) => test.path))];
  const suites = paths.map((path) => {
    const own = results.filter(({ test }) => test.path === path);
    const file = escaped(shown(path));
    const failures = own.filter(({ failure }) => failure !== undefined).length;
    const took = own.reduce((sum, { tookMs }) => sum + tookMs, 0);
    const cases = own.map((result) => testCase(result, shown(path))).join('\n');
    const head = `<testsuite name="${file}" tests="${own.length}" failures="${failures}" time="${seconds(took)}">`;
    return `  ${head}\n${cases}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

function testCase({ test, tookMs, failure }: SqlTestResult, path: string): string {
  const file = escaped(path);
  const name = `name="${escaped(test.name)}" classname="${file}" file="${file}"`;
  const head = `    <testcase ${name} line="${test.line}" time="${seconds(tookMs)}"`;
  if (failure === undefined) return `${head}/>`;
  const rows = failure.columns
    .filter((column) => !column.isEqual)
    .map(({ name, expected, actual }) => `${name}: expected ${expected}, actual ${actual}`);
  const text = [`${path}:${failure.line}`, failure.statement ?? '', ...rows].join('\n');
  const message = escaped(failure.message);
  return `${head}>\n      <failure message="${message}">${escaped(text)}</failure>\n    </testcase>`;
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
