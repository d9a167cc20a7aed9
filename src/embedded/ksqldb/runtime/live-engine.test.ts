import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { QueryStatement } from '../../../sql/ast.js';
import { parseStatement } from '../../../sql/parse.js';
import type { TransientRow } from '../engine/engine.js';
import { EngineUnderTest } from './engine.test-util.js';

const clicks =
  "CREATE STREAM CLICKS (USER STRING KEY, PAGE STRING, N INT) WITH (KAFKA_TOPIC='clicks', PARTITIONS=3, VALUE_FORMAT='JSON');";

let dir: string;
let open: EngineUnderTest[] = [];

function start(dataDir: string | null = null, config?: ReadonlyMap<string, string>): EngineUnderTest {
  const engine = new EngineUnderTest(dataDir, config);
  open.push(engine);
  return engine;
}

async function stop(engine: EngineUnderTest): Promise<void> {
  open = open.filter((other) => other !== engine);
  await engine.close();
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'paystream-engine-'));
});

afterEach(async () => {
  for (const engine of open) await engine.close();
  open = [];
  rmSync(dir, { recursive: true, force: true });
});

describe('persistent queries', () => {
  test('continue after a record with the largest possible timestamp', async () => {
    const e = start();
    e.run(`${clicks}
      CREATE TABLE T AS SELECT USER, COUNT(*) AS N FROM CLICKS WINDOW TUMBLING (SIZE 1 MILLISECONDS) GROUP BY USER;
      CREATE TABLE H AS SELECT USER, COUNT(*) AS N FROM CLICKS
        WINDOW HOPPING (SIZE 2 MILLISECONDS, ADVANCE BY 1 MILLISECONDS) GROUP BY USER;`);
    e.write('clicks', 'a', { PAGE: 'p', N: 1 }, 2 ** 62);
    e.write('clicks', 'b', { PAGE: 'p', N: 1 }, 2 ** 62);
    await e.settled();
    expect(e.engine.queries().map(({ state }) => state)).toEqual(['RUNNING', 'RUNNING']);
    expect(e.read('T').map(({ value }) => value)).toEqual(['{"N":1}', '{"N":1}']);
  });

  test('filter, project and count new records of all partitions', async () => {
    const e = start();
    e.run(`${clicks}
      CREATE STREAM BIG AS SELECT USER, UCASE(PAGE) AS PAGE, N * 2 AS TWICE FROM CLICKS WHERE N > 1;
      CREATE TABLE COUNTS AS SELECT PAGE, COUNT(*) AS C, SUM(N) AS S FROM CLICKS GROUP BY PAGE;`);
    for (let i = 0; i < 30; i++) e.write('clicks', `u${i}`, { page: `p${i % 2}`, n: i % 3 });
    await e.settled();
    expect(e.read('BIG')).toHaveLength(10);
    expect(e.read('BIG').every(({ value }) => /^\{"PAGE":"P[01]","TWICE":4\}$/.test(value ?? ''))).toBe(true);
    expect(e.table('COUNTS')).toEqual({ p0: '{"C":15,"S":15}', p1: '{"C":15,"S":15}' });
  });

  test('merge simultaneous updates of a key unless the cache is off', async () => {
    const cached = start();
    const exact = start(null, new Map([['ksql.streams.cache.max.bytes.buffering', '0']]));
    for (const e of [cached, exact]) {
      e.run(`${clicks} CREATE TABLE T AS SELECT USER, COUNT(*) AS C FROM CLICKS GROUP BY USER;`);
      for (let i = 0; i < 20; i++) e.write('clicks', 'u', { page: 'p', n: 1 });
      await e.settled();
    }
    expect(exact.read('T')).toHaveLength(20);
    expect(cached.read('T').length).toBeLessThan(20);
    expect(cached.table('T')).toEqual(exact.table('T'));
  });

  test('do not merge a late record into a session that ended a gap plus the grace period ago', async () => {
    const e = start();
    e.run(`CREATE STREAM HITS (USER STRING KEY, N INT) WITH (KAFKA_TOPIC='hits', PARTITIONS=1, VALUE_FORMAT='JSON');
      CREATE TABLE S AS SELECT USER, COUNT(*) AS C FROM HITS
        WINDOW SESSION (10 MILLISECONDS, GRACE PERIOD 5 MILLISECONDS) GROUP BY USER;`);
    e.write('hits', 'a', { N: 1 }, 100);
    e.write('hits', 'b', { N: 1 }, 114);
    e.write('hits', 'a', { N: 1 }, 104); // The session at 100 expires in one millisecond.
    e.write('hits', 'c', { N: 1 }, 119);
    e.write('hits', 'a', { N: 1 }, 108); // The session that ended at 104 has just expired.
    await e.settled();
    expect(e.read('S').map(({ value }) => value)).toEqual([
      '{"C":1}',
      '{"C":1}',
      null,
      '{"C":2}',
      '{"C":1}',
      '{"C":1}',
    ]);
  });

  test('with auto.offset.reset=latest, see only new records, even after a restart', async () => {
    const first = start(dir);
    first.run(clicks);
    first.write('clicks', 'u', { page: 'old', n: 1 });
    first.properties.set('auto.offset.reset', 'latest');
    first.run('CREATE STREAM NEWS AS SELECT USER, PAGE FROM CLICKS;');
    await stop(first);
    const second = start(dir);
    second.write('clicks', 'u', { page: 'new', n: 1 });
    await second.settled();
    expect(second.read('NEWS').map(({ value }) => value)).toEqual(['{"PAGE":"new"}']);
  });

  test('continue with their state after a restart without duplicates', async () => {
    const sql = `${clicks}
      CREATE TABLE COUNTS AS SELECT PAGE, COUNT(*) AS C, COLLECT_LIST(N) AS L FROM CLICKS GROUP BY PAGE;
      CREATE TABLE WINDOWS AS SELECT PAGE, COUNT(*) AS C FROM CLICKS WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY PAGE;
      CREATE TABLE SESSIONS AS SELECT PAGE, COUNT(*) AS C FROM CLICKS WINDOW SESSION (1 MINUTE) GROUP BY PAGE;
      CREATE STREAM COPY AS SELECT USER, N FROM CLICKS;`;
    const first = start(dir);
    first.run(sql);
    for (let i = 0; i < 10; i++) first.write('clicks', `u${i}`, { page: 'p', n: i }, i * 1000);
    await first.settled();
    await stop(first);
    const second = start(dir);
    expect(second.engine.queries().map(({ id, state }) => `${id} ${state}`)).toHaveLength(4);
    for (let i = 10; i < 20; i++) second.write('clicks', `u${i}`, { page: 'p', n: i }, i * 1000);
    await second.settled();
    const copied = second.read('COPY').map(({ value }) => JSON.parse(value!).N as number);
    expect(copied.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    const row = JSON.parse(second.table('COUNTS').p!) as { C: number; L: number[] };
    expect(row.C).toBe(20);
    expect(row.L.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    const lastOf = (topic: string): unknown =>
      JSON.parse(
        second
          .read(topic)
          .filter((r) => r.value !== null)
          .at(-1)!.value!,
      );
    expect(lastOf('WINDOWS')).toEqual({ C: 20 });
    expect(lastOf('SESSIONS')).toEqual({ C: 20 });
  });

  test('keep their state when they are replaced and then restarted', async () => {
    const first = start(dir);
    first.run(`${clicks} CREATE TABLE T AS SELECT PAGE, COUNT(*) AS C FROM CLICKS GROUP BY PAGE;`);
    first.write('clicks', 'u', { page: 'p', n: 1 });
    await first.settled();
    first.run(
      "CREATE OR REPLACE TABLE T AS SELECT PAGE, COUNT(*) AS C FROM CLICKS WHERE PAGE <> 'q' GROUP BY PAGE;",
    );
    first.write('clicks', 'u', { page: 'p', n: 1 });
    first.write('clicks', 'u', { page: 'q', n: 1 });
    await first.settled();
    expect(first.table('T')).toEqual({ p: '{"C":2}' });
    await stop(first);
    const second = start(dir);
    second.write('clicks', 'u', { page: 'p', n: 1 });
    second.write('clicks', 'u', { page: 'q', n: 1 });
    await second.settled();
    expect(second.table('T')).toEqual({ p: '{"C":3}' });
  });

  test('pause, resume and terminate', async () => {
    const e = start(dir);
    e.run(`${clicks} CREATE STREAM COPY AS SELECT USER, N FROM CLICKS;`);
    const { id } = e.engine.queries()[0]!;
    e.run(`PAUSE ${id};`);
    e.write('clicks', 'u', { page: 'p', n: 1 });
    await e.settled();
    expect(e.read('COPY')).toHaveLength(0);
    await stop(e);
    const again = start(dir);
    expect(again.engine.query(id)?.state).toBe('PAUSED');
    again.run(`RESUME ${id};`);
    await again.settled();
    expect(again.read('COPY')).toHaveLength(1);
    again.run('DROP STREAM COPY DELETE TOPIC;');
    expect(again.engine.queries()).toHaveLength(0);
    expect(again.store.topic('COPY')).toBeUndefined();
  });

  test('fail without affecting other queries', async () => {
    const e = start();
    e.run(`${clicks}
      CREATE STREAM OTHER (K STRING KEY, V INT) WITH (KAFKA_TOPIC='other', PARTITIONS=1, VALUE_FORMAT='JSON');
      CREATE STREAM A AS SELECT * FROM OTHER; CREATE STREAM B AS SELECT * FROM CLICKS;`);
    e.store.deleteTopic('other');
    e.write('clicks', 'u', { page: 'p', n: 1 });
    await e.settled();
    const [a, b] = e.engine.queries();
    expect(a?.state).toBe('ERROR');
    expect(a?.error?.message).toContain('other');
    expect(b?.state).toBe('RUNNING');
    expect(e.read('B')).toHaveLength(1);
  });

  test('skip unreadable records and report them in the processing log without their content', async () => {
    const e = start();
    e.run(`${clicks} CREATE STREAM COPY AS SELECT USER, N FROM CLICKS;`);
    e.write('clicks', 'u', 'no json 4111111111111111');
    e.write('clicks', 'u', { page: 'p', n: 1 });
    await e.settled();
    expect(e.read('COPY')).toHaveLength(1);
    const [entry] = e.read('default_ksql_processing_log');
    expect(entry?.value).toContain('KsqlTopic.Source.deserializer');
    expect(entry?.value).not.toContain('4111111111111111');
    expect(e.engine.catalog.source('KSQL_PROCESSING_LOG')).toBeDefined();
  });
});

describe('the command log', () => {
  test('does not repeat the deletion of a topic that a later statement recreated', async () => {
    const first = start(dir);
    first.run(`${clicks} DROP STREAM CLICKS DELETE TOPIC; ${clicks}`);
    first.write('clicks', 'u', { page: 'p', n: 1 });
    await stop(first);
    const second = start(dir);
    expect(second.read('clicks')).toHaveLength(1);
    expect(second.engine.catalog.source('CLICKS')).toBeDefined();
  });

  test('restores the same ids, sources and types after a restart', async () => {
    const first = start(dir);
    first.run(`CREATE TYPE ADDRESS AS STRUCT<CITY STRING>; ${clicks}
      CREATE STREAM A AS SELECT * FROM CLICKS; CREATE STREAM B AS SELECT * FROM A; DROP STREAM B;
      INSERT INTO A SELECT * FROM CLICKS; ALTER STREAM CLICKS ADD COLUMN X INT;`);
    const shown = (e: EngineUnderTest): unknown => ({
      queries: e.engine.queries().map(({ id, statementText }) => [id, statementText]),
      sources: e.engine.catalog.sources().map(({ statementText: _, ...source }) => source),
      types: [...e.engine.catalog.types().keys()],
      last: e.engine.lastSequenceNumber,
    });
    const before = shown(first);
    await stop(first);
    expect(shown(start(dir))).toEqual(before);
  });

  test('a rejected statement changes nothing', () => {
    const e = start();
    e.run(clicks);
    const before = e.engine.lastSequenceNumber;
    expect(() => e.run('CREATE STREAM X AS SELECT NOPE FROM CLICKS;')).toThrow(
      "SELECT column 'NOPE' cannot be resolved.",
    );
    expect(e.engine.lastSequenceNumber).toBe(before);
    expect(e.store.topic('X')).toBeUndefined();
  });

  test('statements in a sandbox do not affect the engine', () => {
    const e = start();
    const sandbox = e.engine.sandbox();
    const session = { properties: new Map(), variables: new Map() };
    sandbox.execute(parseStatement(clicks), session);
    sandbox.execute(parseStatement('CREATE STREAM A AS SELECT * FROM CLICKS;'), session);
    expect(() =>
      sandbox.execute(parseStatement('CREATE STREAM A AS SELECT * FROM CLICKS;'), session),
    ).toThrow('A stream with the same name already exists');
    expect(e.engine.catalog.source('CLICKS')).toBeUndefined();
    expect(e.store.topic('clicks')).toBeUndefined();
  });
});

describe('push queries', () => {
  const rowsOf = (
    e: EngineUnderTest,
    sql: string,
    untilEnd: boolean,
  ): { rows: TransientRow[]; stop: () => void } => {
    const { query } = parseStatement(sql) as QueryStatement;
    const plan = e.engine.planQuery(query, { properties: e.properties, variables: new Map() }, sql);
    const rows: TransientRow[] = [];
    const running = e.engine.startTransient(
      plan,
      {
        row: (row) => rows.push(row),
        error: (error) => {
          throw error;
        },
      },
      { untilEnd },
    );
    return { rows, stop: () => running.stop() };
  };

  test('emit rows until they are stopped', async () => {
    const e = start();
    e.run(clicks);
    const { rows, stop: end } = rowsOf(e, 'SELECT USER, N + 1 AS M FROM CLICKS EMIT CHANGES;', false);
    e.write('clicks', 'a', { page: 'p', n: 1 });
    await e.settled();
    expect(rows.map(({ values }) => values)).toEqual([['a', 2]]);
    end();
    e.write('clicks', 'a', { page: 'p', n: 1 });
    await e.settled();
    expect(rows).toHaveLength(1);
    expect(e.engine.queries()).toHaveLength(0);
  });

  test('emit deleted rows of a table as tombstones', async () => {
    const e = start();
    e.run(
      "CREATE TABLE T (K STRING PRIMARY KEY, V INT) WITH (KAFKA_TOPIC='t', PARTITIONS=1, VALUE_FORMAT='JSON');",
    );
    const { rows } = rowsOf(e, 'SELECT * FROM T EMIT CHANGES;', false);
    e.write('t', 'a', { v: 1 });
    e.write('t', 'a', null);
    await e.settled();
    expect(rows.map(({ values, tombstone }) => [values, tombstone])).toEqual([
      [['a', 1], false],
      [['a', null], true],
    ]);
  });

  test('with untilEnd, end at the end offset of their start', async () => {
    const e = start();
    e.run(clicks);
    e.write('clicks', 'a', { page: 'p', n: 1 });
    const { rows } = rowsOf(e, 'SELECT N FROM CLICKS EMIT CHANGES;', true);
    e.write('clicks', 'a', { page: 'p', n: 2 });
    await e.settled();
    expect(rows.map(({ values }) => values)).toEqual([[1]]);
    expect(e.engine.queries()).toHaveLength(0);
  });
});

describe('materialized tables', () => {
  test('can be looked up by key, window and range', async () => {
    const e = start();
    e.run(`${clicks}
      CREATE TABLE COUNTS AS SELECT PAGE, COUNT(*) AS C FROM CLICKS GROUP BY PAGE;
      CREATE TABLE WINDOWS AS SELECT PAGE, COUNT(*) AS C FROM CLICKS WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY PAGE;`);
    for (let i = 0; i < 6; i++) e.write('clicks', `u${i}`, { page: `p${i % 3}`, n: 1 }, i * 500);
    await e.settled();
    const counts = e.engine.materialization('COUNTS')!;
    expect(counts.get(['p1']).map(({ value }) => value)).toEqual([[2n]]);
    expect([...counts.range('p1', undefined)].map(({ key }) => key[0]).sort()).toEqual(['p1', 'p2']);
    expect([...counts.scan()]).toHaveLength(3);
    const windows = e.engine.materialization('WINDOWS')!;
    expect(windows.get(['p0']).map(({ window, value }) => [window?.start, value[0]])).toEqual([
      [0, 1n],
      [1000, 1n],
    ]);
  });
});
