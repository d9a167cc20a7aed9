import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { parseNote } from '../../src/migrations/failure-note.js';
import { HistoryStore } from '../../src/migrations/history-store.js';
import { folderOf, writeFiles } from '../support/cli.js';
import {
  type Bench,
  confluentInit,
  confluentLatest,
  confluentWrite,
  have,
  openBench,
  stream,
  THREE,
} from './support.js';

/** Fails when it runs, not when it is validated: a topic that is not there. */
const GATE = "ASSERT TOPIC 'GATE' TIMEOUT 100 MILLISECONDS;\n";
const openGate = (bench: Bench) =>
  bench.client.executeAndWait(
    "CREATE STREAM GATE (V STRING) WITH (KAFKA_TOPIC='GATE', PARTITIONS=1, VALUE_FORMAT='JSON');",
  );

describe('a file that fails half way', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
  });
  afterEach(() => bench.stop());

  const apply = (directory: string, more: object = {}) =>
    applyMigrations({ client: bench.client, directory, ...more });
  const entry = async (version: string) => (await new HistoryStore(bench.client).read()).get(version)!;

  it('goes on with the statement that failed, and does not repeat the others', async () => {
    const directory = folderOf({ 'V000001__gate.sql': `${stream('A')}${GATE}${stream('B')}` });
    await expect(apply(directory)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      where: expect.stringContaining('V000001__gate.sql:2'),
      message: expect.stringContaining('GATE does not exist'),
    });
    expect(await have(bench.client, 'A', 'B')).toEqual(['A']);
    const failed = await entry('1');
    expect(failed.state).toBe('ERROR');
    expect(parseNote(failed.errorReason).note).toMatchObject({ statement: 2, of: 3, done: 1 });
    expect(await confluentLatest(bench.client)).toBe('<none>');

    await openGate(bench);
    const resumed: number[] = [];
    await apply(directory, { onResume: (_file: unknown, statement: number) => resumed.push(statement) });
    expect(resumed).toEqual([2]);
    expect(await have(bench.client, 'A', 'B')).toEqual(['A', 'B']);
    expect(await entry('1')).toMatchObject({ state: 'MIGRATED', errorReason: 'N/A' });
  });

  it('may be corrected from the failed statement on, and keeps the settings before it', async () => {
    const head = `SET 'auto.offset.reset' = 'earliest';\nDEFINE target = 'B';\n${stream('A')}`;
    const directory = folderOf({ 'V000001__gate.sql': `${head}${GATE}` });
    await expect(apply(directory)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    writeFiles(directory, {
      'V000001__gate.sql': `-- a comment changes nothing\n${head}CREATE STREAM \${target} AS SELECT * FROM A EMIT CHANGES;\n`,
    });
    await apply(directory);
    expect(await have(bench.client, 'A', 'B')).toEqual(['A', 'B']);
  });

  it('is refused where the statements that were carried out were changed', async () => {
    const directory = folderOf({ 'V000001__gate.sql': `${stream('A')}${GATE}` });
    await expect(apply(directory)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    writeFiles(directory, { 'V000001__gate.sql': `${stream('OTHER')}${GATE}` });
    await openGate(bench);
    await expect(apply(directory)).rejects.toMatchObject({ code: 'MIGRATION_CHANGED' });
    expect(await have(bench.client, 'OTHER')).toEqual([]);
  });

  it('is refused where the server has lost a result', async () => {
    const directory = folderOf({ 'V000001__gate.sql': `${stream('A')}${GATE}${stream('B')}` });
    await expect(apply(directory)).rejects.toMatchObject({ code: 'MIGRATION_FAILED' });
    await bench.client.executeAndWait('DROP STREAM A;');
    await openGate(bench);
    await expect(apply(directory)).rejects.toMatchObject({
      code: 'MIGRATION_RESULT_LOST',
      where: expect.stringContaining(':1'),
    });
    expect(await have(bench.client, 'B')).toEqual([]);
  });

  it('says that nothing was done where the server refused the file as a whole', async () => {
    const directory = folderOf({
      'V000001__bad.sql': `${stream('A')}CREATE STREAM B AS SELECT NOPE FROM A EMIT CHANGES;\n`,
    });
    await expect(apply(directory)).rejects.toMatchObject({ where: expect.stringContaining(':2') });
    expect(parseNote((await entry('1')).errorReason).note).toMatchObject({ statement: 2, done: 0 });
    writeFiles(directory, { 'V000001__bad.sql': `${stream('A2')}` });
    await apply(directory);
    expect(await have(bench.client, 'A', 'A2')).toEqual(['A2']);
  });

  it('fails again at the same place without losing what was done', async () => {
    const directory = folderOf({ 'V000001__gate.sql': `${stream('A')}${GATE}${stream('B')}` });
    for (let i = 0; i < 2; i++) {
      await expect(apply(directory)).rejects.toMatchObject({ where: expect.stringContaining(':2') });
      expect(parseNote((await entry('1')).errorReason).note).toMatchObject({ statement: 2, done: 1 });
    }
  });

  it('asks where the server does not show whether a statement ran', async () => {
    const sql = `${stream('A')}INSERT INTO A (ID, V) VALUES ('x', 1);\n${stream('B')}`;
    const directory = folderOf({ 'V000001__insert.sql': sql });
    await confluentInit(bench.client);
    await confluentWrite(bench.client, 'V000001__insert.sql', sql, 'RUNNING', '<none>');
    await bench.client.executeAndWait(stream('A'));
    await expect(apply(directory)).rejects.toMatchObject({
      code: 'MIGRATION_AMBIGUOUS',
      where: expect.stringContaining(':2'),
    });
    await apply(directory, { resumeAt: 3 });
    expect(await have(bench.client, 'A', 'B')).toEqual(['A', 'B']);
    expect(await entry('1')).toMatchObject({ state: 'MIGRATED' });
  });
});

describe('history of ksql-migrations', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await confluentInit(bench.client);
  });
  afterEach(() => bench.stop());

  it('are gone on with after the last version', async () => {
    const directory = folderOf(THREE);
    await bench.client.executeAndWait(THREE['V000001__first.sql']);
    await confluentWrite(
      bench.client,
      'V000001__first.sql',
      THREE['V000001__first.sql'],
      'MIGRATED',
      '<none>',
    );
    const { applied, version } = await applyMigrations({ client: bench.client, directory });
    expect(applied.map((file) => file.version)).toEqual([2, 3]);
    expect(version).toBe('3');
    expect(await confluentLatest(bench.client)).toBe('3');
  });

  it('are gone on with where a run of it failed between two statements', async () => {
    const directory = folderOf(THREE);
    const [first, second] = [THREE['V000001__first.sql'], THREE['V000002__second.sql']];
    await bench.client.executeAndWait(`${first}${stream('B')}`);
    await confluentWrite(bench.client, 'V000001__first.sql', first, 'MIGRATED', '<none>');
    const reason =
      'Failed to execute sql: CREATE STREAM B2 AS SELECT * FROM B EMIT CHANGES;. Error: it is late';
    await confluentWrite(bench.client, 'V000002__second.sql', second, 'ERROR', '1', reason);
    await applyMigrations({ client: bench.client, directory });
    expect(await have(bench.client, 'A', 'B', 'B2', 'C')).toEqual(['A', 'B', 'B2', 'C']);
    expect(await confluentLatest(bench.client)).toBe('3');
  });
});
