import { watch, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { PaystreamError } from '../../errors/paystream-error.js';
import type { SqlTestResult } from '../../testing/run-sql-test.js';
import { withEndpoints } from '../endpoints.js';
import { EXIT } from '../exit-codes.js';
import { repeatable } from '../flags.js';
import type { MigrateFlags } from '../migrate/migrate-session.js';
import { note, notedStyle, out, reportError } from '../output.js';
import { withStopSignal } from '../signals.js';

interface TestFlags extends MigrateFlags {
  readonly filter?: string;
  readonly junit?: string;
  readonly watch?: boolean;
  readonly bail?: boolean;
}

export function addTestCommand(program: Command): void {
  withEndpoints(
    program.command('test [paths...]').description('run SQL tests, each on a fresh embedded cluster'),
  )
    .option('--directory <folder>', 'the migrations (default: ksql/migrations)')
    .option('-d, --define <name=value>', 'value for ${name} in the migrations; repeatable', repeatable)
    .option('--filter <text>', 'only tests whose name contains this text')
    .option('--bail', 'stop at the first failure')
    .option('--junit <file>', 'also write a JUnit XML report')
    .option('--watch', 'run again after every change')
    .option('--json', 'print one JSON document to stdout')
    .addHelpText(
      'before',
      `Examples:
  paystream test                             run every test in ksql/tests
  paystream test ksql/tests/cc_payment.sql --filter masked
  paystream test --junit reports/sql.xml     in CI
  paystream test --watch
`,
    )
    .action(runTests);
}

async function runTests(given: readonly string[], flags: TestFlags): Promise<void> {
  const { openSession } = await import('../migrate/migrate-session.js');
  const { config, directory, variables } = await openSession(flags);
  const paths = given.length > 0 ? given : [config.migrations.tests];
  if (flags.watch === true) {
    await watchAndRun([...paths, directory], () => runOnce(paths, directory, variables, flags));
    return;
  }
  const results = await runOnce(paths, directory, variables, flags);
  if (results.length === 0) {
    throw new PaystreamError('USAGE_NO_TESTS', 'No test matches.', {
      where: paths.join(', '),
      hint: 'Check --filter and the paths. A test starts with a line `--@test: <name>`.',
    });
  }
  if (results.some(({ failure }) => failure !== undefined)) process.exitCode = EXIT.failed;
}

async function runOnce(
  paths: readonly string[],
  directory: string,
  variables: Readonly<Record<string, string>>,
  flags: TestFlags,
): Promise<readonly SqlTestResult[]> {
  const [{ readMigrationFiles }, { findSqlTests, runSqlTests }, { junitReport }, report] = await Promise.all([
    import('../../migrations/migration-file.js'),
    import('../../testing/run-sql-tests.js'),
    import('../../testing/junit-report.js'),
    import('../report-sql-tests.js'),
  ]);
  const wanted = (flags.filter ?? '').toLowerCase();
  const tests = findSqlTests(paths).filter(({ name }) => name.toLowerCase().includes(wanted));
  const started = performance.now();
  const results = await runSqlTests(tests, {
    migrations: readMigrationFiles(directory),
    variables,
    bail: flags.bail,
    onResult: flags.json === true ? undefined : report.reportResult,
  });
  const tookMs = performance.now() - started;
  if (flags.junit !== undefined) writeFileSync(flags.junit, junitReport(results, report.shown));
  if (flags.json === true) {
    out(report.resultsJson(results, tookMs));
    for (const { test, failure } of results) {
      if (failure !== undefined) note(report.failureLines(failure, test.path).join('\n'));
    }
  }
  report.reportSummary(results, tookMs);
  return results;
}

/** Runs now and after every change, until a signal arrives. */
async function watchAndRun(paths: readonly string[], run: () => Promise<unknown>): Promise<void> {
  let changed: (() => void) | undefined;
  const watchers = paths.map((path) => watch(path, () => changed?.()));
  await withStopSignal(async (signal) => {
    signal.addEventListener('abort', () => changed?.(), { once: true });
    while (!signal.aborted) {
      const nextChange = new Promise<void>((resolve) => {
        changed = resolve;
      });
      try {
        await run();
      } catch (error) {
        // The editor may still be writing the file.
        if (!(error instanceof PaystreamError)) throw error;
        reportError(error);
      }
      if (signal.aborted) return;
      note(notedStyle('dim', 'Waiting for a change. Press Ctrl-C to stop.'));
      await nextChange;
      // An editor saves in several steps.
      if (!signal.aborted) await sleep(50);
    }
  }).finally(() => {
    for (const watcher of watchers) watcher.close();
  });
}
