import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { startCluster } from '../embedded/cluster.js';
import { PaystreamError } from '../errors/paystream-error.js';
import { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import type { Variables } from '../migrations/file-statements.js';
import type { MigrationFile } from '../migrations/migration-file.js';
import { reapplyFiles } from './reapply-files.js';
import { runSqlTest, type SqlTestResult, TEST_KSQLDB_CONFIG } from './run-sql-test.js';
import { readSqlTests, type SqlTest } from './sql-test-file.js';

/**
 * Reads the tests in the given files and folders, including subfolders.
 *
 * @throws USAGE_NO_TESTS, TEST_FILE
 */
export function findSqlTests(paths: readonly string[]): readonly SqlTest[] {
  return paths.flatMap(testFiles).flatMap(readSqlTests);
}

function testFiles(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
  } catch (cause) {
    throw new PaystreamError('USAGE_NO_TESTS', `Cannot read the tests: ${(cause as Error).message}.`, {
      where: path,
      hint: 'Pass files or folders that exist, or set migrations.tests in paystream.yaml.',
      cause,
    });
  }
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => join(path, name));
}

export interface RunSqlTestsOptions {
  readonly migrations: readonly MigrationFile[];
  readonly variables: Variables;
  /** Stop after the first test that fails. */
  readonly bail?: boolean;
  /** Called after each test. */
  readonly onResult?: (result: SqlTestResult) => void;
}

/**
 * Runs each test on a fresh embedded cluster on which all migrations were applied.
 *
 * @throws MIGRATION_FAILED when a migration does not apply.
 */
export async function runSqlTests(
  tests: readonly SqlTest[],
  { migrations, variables, bail, onResult }: RunSqlTestsOptions,
): Promise<readonly SqlTestResult[]> {
  const results: SqlTestResult[] = [];
  for (const test of tests) {
    const started = performance.now();
    const cluster = await startCluster({ dataDir: null, withStore: false, ksqldbConfig: TEST_KSQLDB_CONFIG });
    const client = new KsqldbClient({ url: cluster.ksqldbUrl });
    try {
      await reapplyFiles(client, migrations, variables);
      const failure = await runSqlTest(test, cluster, client);
      const result = { test, tookMs: performance.now() - started, failure };
      results.push(result);
      onResult?.(result);
      if (bail === true && failure !== undefined) break;
    } finally {
      client.close();
      await cluster.stop();
    }
  }
  return results;
}
