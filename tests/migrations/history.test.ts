import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCluster } from '../../src/embedded/cluster.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { baseline } from '../../src/migrations/baseline.js';
import { compareObjects } from '../../src/migrations/drift.js';
import { HistoryStore } from '../../src/migrations/history-store.js';
import { checksumOf, readMigrationFiles } from '../../src/migrations/migration-file.js';
import { LOCK_STREAM, readLock, removeLock, takeLock } from '../../src/migrations/migration-lock.js';
import { planMigrations } from '../../src/migrations/plan.js';
import { applyRepairs, planRepair } from '../../src/migrations/repair.js';
import { readServerObjects } from '../../src/migrations/server-objects.js';
import { planUndo, undoMigrations } from '../../src/migrations/undo.js';
import { validateHistory } from '../../src/migrations/validate-history.js';
import { historyOf } from '../../src/migrations/version-status.js';
import { folderOf, writeFiles } from '../support/cli.js';
import { type Bench, confluentLatest, have, openBench, sourceNames, stream, THREE } from './support.js';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.stop());

const apply = (directory: string, more: object = {}) =>
  applyMigrations({ client: bench.client, directory, ...more });
const entries = () => new HistoryStore(bench.client).read();

describe('the lock', () => {
  it('says who holds it and since when, and is free again afterwards', async () => {
    const lock = await takeLock(bench.client, { timeoutMs: 0 });
    const holder = await readLock(bench.client);
    expect(holder?.holder).toContain(`process ${process.pid}`);
    expect(Date.parse(holder?.since ?? '')).toBeGreaterThan(Date.now() - 60_000);
    await expect(takeLock(bench.client, { timeoutMs: 0 })).rejects.toMatchObject({
      code: 'MIGRATION_LOCKED',
      message: expect.stringContaining(holder!.holder),
    });
    await lock.release();
    expect(await readLock(bench.client)).toBeUndefined();
    await (await takeLock(bench.client, { timeoutMs: 0 })).release();
  });

  it('is given to exactly one of many at once, one after the other', async () => {
    let holders = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        const lock = await takeLock(bench.client, { timeoutMs: 30_000 });
        most = Math.max(most, ++holders);
        await lock.check();
        holders--;
        await lock.release();
      }),
    );
    expect(most).toBe(1);
  });

  it('notices that it was taken away', async () => {
    const lock = await takeLock(bench.client, { timeoutMs: 0 });
    expect(await removeLock(bench.client, lock.holder)).toBe(true);
    await expect(lock.check()).rejects.toMatchObject({ code: 'MIGRATION_LOCK_LOST' });
    const other = await takeLock(bench.client, { timeoutMs: 0 });
    await expect(lock.check()).rejects.toMatchObject({
      message: expect.stringContaining(other.holder.holder),
    });
    await lock.release();
    expect(await readLock(bench.client)).toBeDefined();
  });

  it('leaves no stream behind after a run that fails', async () => {
    const directory = folderOf({ 'V000001__bad.sql': 'CREATE STREAM X AS SELECT * FROM NOPE;' });
    await expect(apply(directory, { lock: { timeoutMs: 0 } })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
    });
    expect(await have(bench.client, LOCK_STREAM)).toEqual([]);
  });
});

describe('a selection', () => {
  it('goes up to a version, takes the next, or one alone', async () => {
    const directory = folderOf(THREE);
    expect((await apply(directory, { until: 1 })).version).toBe('1');
    expect((await apply(directory, { next: true })).version).toBe('2');
    expect(await have(bench.client, 'A', 'B', 'B2', 'C')).toEqual(['A', 'B', 'B2']);
    await expect(apply(directory, { only: 2 })).rejects.toMatchObject({ code: 'USAGE_VERSION' });
    await expect(apply(directory, { until: 9 })).rejects.toMatchObject({ code: 'USAGE_VERSION' });
    expect((await apply(directory, { only: 3 })).version).toBe('3');
  });
});

describe('plan', () => {
  it('shows what would change, and changes nothing', async () => {
    const directory = folderOf(THREE);
    await apply(directory, { until: 1 });
    const facts = async () => {
      const { sources, queries, topics } = await readServerObjects(bench.client);
      return [[...sources.values()].map(({ statement }) => statement), [...queries.keys()], [...topics]];
    };
    const before = await facts();
    const history = await entries();
    const plan = await planMigrations({ client: bench.client, directory });
    expect(plan.version).toBe('1');
    expect(plan.refusal).toBeUndefined();
    expect(plan.files.map(({ file }) => file.version)).toEqual([2, 3]);
    expect(plan.files[0]?.statements.flatMap(({ changes }) => changes)).toEqual([
      { action: 'create', what: 'topic', name: 'B' },
      { action: 'create', what: 'stream', name: 'B' },
      { action: 'create', what: 'topic', name: 'B2' },
      { action: 'create', what: 'stream', name: 'B2' },
      { action: 'create', what: 'query', name: 'CSAS_B2' },
    ]);
    expect(plan.files[0]?.findings.map(({ code }) => code)).toContain('PL101');
    expect(await facts()).toEqual(before);
    expect(await entries()).toEqual(history);
  });

  it('makes no history on a cluster without them', async () => {
    await planMigrations({ client: bench.client, directory: folderOf(THREE) });
    expect(await sourceNames(bench.client)).toEqual([]);
  });

  it('names file, line and statement that the server refuses, even where it needs an earlier file', async () => {
    const directory = folderOf({
      'V000001__a.sql': `DEFINE t = 'A';\nSET 'auto.offset.reset' = 'earliest';\n${stream('A')}`,
      'V000002__b.sql': `-- reads what the first makes\nCREATE STREAM B AS SELECT ID, NOPE FROM A EMIT CHANGES;\n`,
    });
    const plan = await planMigrations({ client: bench.client, directory });
    expect(plan.refusal).toMatchObject({ line: 2, message: expect.stringContaining('NOPE') });
    expect(plan.refusal?.file.version).toBe(2);
    expect(await sourceNames(bench.client)).toEqual([]);
  });
});

describe('undo', () => {
  it('takes the newest back, and the history stay readable for ksql-migrations', async () => {
    const directory = folderOf(THREE);
    await apply(directory);
    await undoMigrations({ client: bench.client, directory });
    expect(await confluentLatest(bench.client)).toBe('2');
    await undoMigrations({ client: bench.client, directory, to: 1 });
    expect(await confluentLatest(bench.client)).toBe('1');
    expect(await have(bench.client, 'A', 'B', 'B2', 'C')).toEqual(['A']);
    expect((await apply(directory)).applied.map((file) => file.version)).toEqual([2, 3]);
    expect(await confluentLatest(bench.client)).toBe('3');
  });

  it('does nothing where one of the files is missing', async () => {
    const directory = folderOf(THREE);
    await apply(directory);
    await expect(undoMigrations({ client: bench.client, directory, to: 0 })).rejects.toMatchObject({
      code: 'UNDO_MISSING',
      where: expect.stringContaining('U000001__first.sql'),
    });
    expect(await have(bench.client, 'C')).toEqual(['C']);
  });

  it('undoes nothing if an undo file changed after the confirmation', async () => {
    const directory = folderOf(THREE);
    await apply(directory);
    const options = { client: bench.client, directory };
    const confirmed = await planUndo(options);
    writeFiles(directory, { 'U000003__third.sql': 'DROP STREAM A;\n' });
    await expect(undoMigrations({ ...options, confirmed })).rejects.toMatchObject({ code: 'UNDO_CHANGED' });
    expect(await have(bench.client, 'A', 'C')).toEqual(['A', 'C']);
    expect(await confluentLatest(bench.client)).toBe('3');
  });

  it('takes the first back to no version at all', async () => {
    const directory = folderOf({ 'V000001__a.sql': stream('A'), 'U000001__a.sql': 'DROP STREAM A;' });
    await apply(directory);
    await undoMigrations({ client: bench.client, directory });
    expect(await confluentLatest(bench.client)).toBe('<none>');
    expect((await apply(directory)).version).toBe('1');
  });

  it('goes on after it failed, and keeps `migrate` waiting until then', async () => {
    const directory = folderOf(THREE);
    await apply(directory);
    await undoMigrations({ client: bench.client, directory });
    writeFiles(directory, { 'U000002__second.sql': 'DROP STREAM B2;\nDROP STREAM NOPE;\n' });
    await expect(undoMigrations({ client: bench.client, directory })).rejects.toMatchObject({
      code: 'UNDO_FAILED',
      where: expect.stringContaining('U000002__second.sql:2'),
    });
    expect(await confluentLatest(bench.client)).toBe('1');
    await expect(apply(directory)).rejects.toMatchObject({ code: 'UNDO_UNFINISHED' });
    writeFiles(directory, { 'U000002__second.sql': THREE['U000002__second.sql'] });
    await undoMigrations({ client: bench.client, directory });
    expect(await have(bench.client, 'A', 'B', 'B2')).toEqual(['A']);
  });
});

describe('validate and repair', () => {
  it('tell a changed file from one with other line ends', async () => {
    const directory = folderOf(THREE);
    await apply(directory);
    const path = join(directory, 'V000001__first.sql');
    writeFiles(directory, { 'V000001__first.sql': readFileSync(path, 'utf8').replaceAll('\n', '\r\n') });
    const problems = async () => validateHistory(readMigrationFiles(directory), await entries());
    expect((await problems()).map(({ code, severity }) => [code, severity])).toEqual([
      ['MIGRATION_LINE_ENDS', 'warning'],
    ]);
    expect((await apply(directory)).version).toBe('3');
    writeFiles(directory, { 'V000001__first.sql': `${THREE['V000001__first.sql']}-- more\n` });
    expect((await problems()).map(({ code, severity }) => [code, severity])).toEqual([
      ['MIGRATION_CHANGED', 'error'],
    ]);
    await expect(apply(directory)).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });

    const options = { client: bench.client, directory, checksums: true, clearError: true };
    await applyRepairs(options, await planRepair(options));
    expect(await problems()).toEqual([]);
    expect((await entries()).get('1')?.checksum).toBe(checksumOf(readFileSync(path)));
  });

  it('forgets a run that failed', async () => {
    const directory = folderOf({
      ...THREE,
      'V000004__bad.sql': `${stream('D')}ASSERT TOPIC 'NO' TIMEOUT 1 MILLISECONDS;`,
    });
    await expect(apply(directory)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    await bench.client.executeAndWait('DROP STREAM D;');
    const options = { client: bench.client, directory, checksums: true, clearError: true };
    const repairs = await planRepair(options);
    expect(repairs.map(({ version }) => version)).toEqual([4]);
    await applyRepairs(options, repairs);
    expect(await confluentLatest(bench.client)).toBe('3');
    writeFiles(directory, { 'V000004__bad.sql': stream('D') });
    expect((await apply(directory)).version).toBe('4');
  });

  it('says which file is gone and which was left out', async () => {
    const directory = folderOf(THREE);
    await apply(directory, { only: 2 });
    const files = readMigrationFiles(directory);
    const codes = validateHistory(files, await entries()).map(({ code, version }) => [code, version]);
    expect(codes).toEqual([['MIGRATION_SKIPPED', 1]]);
    expect(historyOf(files, await entries()).versions.map(({ state }) => state)).toEqual([
      'SKIPPED',
      'MIGRATED',
      'PENDING',
    ]);
    const without = files.filter((file) => file.version !== 2);
    expect(validateHistory(without, await entries()).map(({ code }) => code)).toContain('MIGRATION_MISSING');
  });
});

describe('a baseline', () => {
  it('takes over a cluster that was made by hand', async () => {
    const directory = folderOf(THREE);
    await bench.client.executeAndWait(`${THREE['V000001__first.sql']}${THREE['V000002__second.sql']}`);
    await baseline({ client: bench.client, directory, at: 2 });
    expect(await confluentLatest(bench.client)).toBe('2');
    expect((await apply(directory)).applied.map((file) => file.version)).toEqual([3]);
    await expect(baseline({ client: bench.client, directory, at: 3 })).rejects.toMatchObject({
      code: 'BASELINE_NOT_EMPTY',
    });
  });
});

describe('a server without table scans', () => {
  it('is read key by key', async () => {
    const cluster = await startCluster({
      dataDir: null,
      withStore: false,
      ksqldbConfig: { 'ksql.query.pull.table.scan.enabled': 'false' },
    });
    const client = new KsqldbClient({ url: cluster.ksqldbUrl });
    try {
      const directory = folderOf(THREE);
      await applyMigrations({ client, directory });
      await expect(client.pull('SELECT * FROM MIGRATION_SCHEMA_VERSIONS;')).rejects.toThrow();
      expect([...(await new HistoryStore(client).read()).keys()].sort()).toEqual(['1', '2', '3', 'CURRENT']);
      expect((await applyMigrations({ client, directory })).applied).toEqual([]);
    } finally {
      client.close();
      await cluster.stop();
    }
  });
});

describe('drift', () => {
  it('finds what is missing, extra, different or not running', async () => {
    const directory = folderOf(THREE);
    await apply(directory);
    const expected = await readServerObjects(bench.client);
    const names = new HistoryStore(bench.client).names;
    const differences = async () => compareObjects(expected, await readServerObjects(bench.client), names);
    expect(await differences()).toEqual([]);
    const query = [...expected.queries.keys()].find((id) => id.startsWith('CSAS_B2'));
    await bench.client.executeAndWait(`PAUSE ${query};`);
    expect(await differences()).toMatchObject([{ kind: 'not running', what: 'query', name: query }]);
    await bench.client.executeAndWait(
      `DROP STREAM B2; DROP STREAM C; ALTER STREAM A ADD COLUMN MORE STRING; ${stream('NEW')}`,
    );
    expect((await differences()).map(({ kind, what, name }) => `${kind} ${what} ${name}`).sort()).toEqual([
      'different stream A',
      'extra stream NEW',
      `missing query ${query}`,
      'missing stream B2',
      'missing stream C',
    ]);
  });
});
