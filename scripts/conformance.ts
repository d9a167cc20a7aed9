/**
 * Runs ksqlDB's own test cases against the embedded engine.
 *
 * `npm run conformance -- [--cases DIR] [--filter TEXT] [--files] [--json]`. `--files` also lists files without failures.
 * `npm run conformance -- rest-recordings` replays recorded REST traffic instead.
 *
 * Exits with 1 if a case fails that docs/ksqldb-compatibility.md does not list.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readCaseFiles } from '../tests/conformance/case-file.js';
import { readLedger } from '../tests/conformance/ledger.js';
import { caseKey, makeReport, type RanCase, reportText } from '../tests/conformance/report.js';
import { runCase } from '../tests/conformance/run-case.js';

// The cases use dates and times in UTC.
process.env.TZ = 'UTC';

const defaultCases = '../shared/ksqldb-conformance/core';
const ledgerFile = 'docs/ksqldb-compatibility.md';

async function main(args: string[]): Promise<void> {
  if (args[0] === 'rest-recordings') {
    const { run } = await import('./rest-recordings.js');
    await run(args.slice(1));
    return;
  }
  const { values } = parseArgs({
    args,
    options: {
      cases: { type: 'string', default: defaultCases },
      filter: { type: 'string' },
      files: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  });
  if (!existsSync(values.cases)) {
    const message = `conformance: skipped, there is no folder ${values.cases}`;
    console.log(values.json ? JSON.stringify({ skipped: message }) : message);
    // Only the default folder may be missing. A folder from --cases must exist.
    if (values.cases !== defaultCases) process.exitCode = 1;
    return;
  }
  const started = performance.now();
  const ran: RanCase[] = [];
  for (const file of readCaseFiles(values.cases)) {
    for (const test of file.cases) {
      if (values.filter !== undefined && !caseKey(file, test).includes(values.filter)) continue;
      const begun = performance.now();
      const result = await runCase(file, test);
      ran.push({ file, test, result, ms: performance.now() - begun });
    }
  }
  const report = makeReport(ran, readLedger(ledgerFile), performance.now() - started);
  console.log(values.json ? JSON.stringify(report, null, 2) : reportText(report, { allFiles: values.files }));
  if (report.failures.some(({ known }) => known === undefined)) process.exitCode = 1;
}

await main(process.argv.slice(2));
