import { readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../../embedded/cluster.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../../ksqldb/ksqldb-error.js';
import type { Variables } from '../../migrations/file-statements.js';
import { type MigrationFile, readMigrationFiles } from '../../migrations/migration-file.js';
import { statementAt } from '../../migrations/statement-place.js';
import { EXIT } from '../exit-codes.js';
import { type MigrateFlags, openSession } from '../migrate/migrate-session.js';
import { note, notedStyle, out, reportError } from '../output.js';
import { replayFile } from '../replay.js';
import { failureLines, reportResult, reportSummary, writeJunit } from './report-sql-tests.js';
import { runSqlTest, type SqlTestResult, TEST_KSQLDB_CONFIG } from './run-sql-test.js';
import { readSqlTests, type SqlTest } from './sql-test-file.js';

export interface TestFlags extends MigrateFlags {
  readonly filter?: string;
  readonly junit?: string;
  readonly watch?: boolean;
  readonly bail?: boolean;
}

/** Runs SQL tests: those of the given files and folders, or of the tests folder of the configuration. */
export async function runTests(given: readonly string[], flags: TestFlags): Promise<void> {
  const { config, directory, variables } = await openSession(flags);
  const paths = given.length > 0 ? given : [config.migrations.tests];
  const runOnce = async () => {
    const tests = paths
      .flatMap(testFiles)
      .flatMap(readSqlTests)
      .filter(({ name }) => name.toLowerCase().includes((flags.filter ?? '').toLowerCase()));
    return await runAll(tests, readMigrationFiles(directory), variables, flags);
  };
  if (flags.watch === true) {
    await watchAndRun([...paths, directory], runOnce);
    return;
  }
  const results = await runOnce();
  if (results.length === 0) {
    throw new PaystreamError('USAGE_NO_TESTS', 'There is no such test.', {
      where: paths.join(', '),
      hint: 'A test begins with a line --@test: <name>; check --filter and the paths.',
    });
  }
  if (results.some(({ failure }) => failure !== undefined)) process.exitCode = EXIT.failed;
}

/** The `.sql` files of a path, folders and their folders included. */
function testFiles(path: string): readonly string[] {
  let isFolder: boolean;
  try {
    isFolder = statSync(path).isDirectory();
  } catch (cause) {
    throw new PaystreamError('USAGE_NO_TESTS', `The tests cannot be read: ${(cause as Error).message}.`, {
      where: path,
      hint: 'Name files or folders, or set migrations.tests in paystream.yaml.',
      cause,
    });
  }
  if (!isFolder) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => join(path, name));
}

async function runAll(
  tests: readonly SqlTest[],
  migrations: readonly MigrationFile[],
  variables: Variables,
  flags: TestFlags,
): Promise<readonly SqlTestResult[]> {
  const started = performance.now();
  const results: SqlTestResult[] = [];
  for (const test of tests) {
    const result = await runClean(test, migrations, variables);
    results.push(result);
    if (flags.json !== true) reportResult(result);
    if (flags.bail === true && result.failure !== undefined) break;
  }
  const tookMs = performance.now() - started;
  if (flags.junit !== undefined) writeJunit(flags.junit, results);
  if (flags.json === true) {
    out(
      JSON.stringify({
        passed: results.filter(({ failure }) => failure === undefined).length,
        failed: results.filter(({ failure }) => failure !== undefined).length,
        tookMs: Math.round(tookMs),
        tests: results.map(({ test: { path, line, name }, tookMs: took, failure }) => ({
          path,
          line,
          name,
          tookMs: Math.round(took),
          passed: failure === undefined,
          ...(failure === undefined ? {} : { failure }),
        })),
      }),
    );
    for (const { test, failure } of results) {
      if (failure !== undefined) note(failureLines(failure, test.path).join('\n'));
    }
  }
  reportSummary(results, tookMs);
  return results;
}

/** One test on a cluster of its own. */
async function runClean(
  test: SqlTest,
  migrations: readonly MigrationFile[],
  variables: Variables,
): Promise<SqlTestResult> {
  const started = performance.now();
  const cluster = await startCluster({ dataDir: null, withStore: false, ksqldbConfig: TEST_KSQLDB_CONFIG });
  try {
    await migrate(cluster.ksqldbUrl, migrations, variables);
    const failure = await runSqlTest(test, cluster);
    const tookMs = performance.now() - started;
    return { test, tookMs, ...(failure === undefined ? {} : { failure }) };
  } finally {
    await cluster.stop();
  }
}

async function migrate(
  url: string,
  migrations: readonly MigrationFile[],
  variables: Variables,
): Promise<void> {
  const client = new KsqldbClient({ url });
  try {
    for (const file of migrations) {
      try {
        await replayFile(client, file, variables);
      } catch (error) {
        if (!(error instanceof KsqldbError)) throw error;
        const place = statementAt(file.sql, error.statementText, new Map(Object.entries(variables)));
        throw new PaystreamError('MIGRATION_FAILED', error.message, {
          where: place === undefined ? file.path : `${file.path}:${place.line}`,
          hint: 'The tests run once all migrations apply.',
          cause: error,
        });
      }
    }
  } finally {
    client.close();
  }
}

/** Runs now, and again after every change, until Ctrl-C. */
async function watchAndRun(paths: readonly string[], runOnce: () => Promise<unknown>): Promise<void> {
  const stopped = new AbortController();
  const onSignal = () => stopped.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let changed: (() => void) | undefined;
  const watchers = paths.map((path) => watch(path, () => changed?.()));
  try {
    while (!stopped.signal.aborted) {
      const nextChange = new Promise<void>((resolve) => {
        changed = resolve;
        stopped.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      try {
        await runOnce();
      } catch (error) {
        // A file that is half written now is whole in a moment.
        if (!(error instanceof PaystreamError)) throw error;
        reportError(error);
      }
      note(notedStyle('dim', 'Waiting for a change; Ctrl-C ends.'));
      await nextChange;
      // An editor writes in several steps.
      if (!stopped.signal.aborted) await sleep(50);
    }
  } finally {
    for (const watcher of watchers) watcher.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}
