import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../../src/embedded/cluster.js';
import { type EmbeddedStore, startEmbeddedStore } from '../../src/embedded/store/embedded-store.js';
import { PaystreamError } from '../../src/errors/paystream-error.js';
import { startSink } from '../../src/sink/sink.js';
import { MERGE_TRANSACTION, mergeRecords } from '../../src/store/merge.js';
import { migrateStore, storeSchemaStatus } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { claimPartition, initOffset, moveOffset } from '../../src/store/sink-offsets.js';
import { grantSinkRole } from '../../src/store/sink-role.js';
import { aggregateJson, makeAggregates } from './support/aggregates.js';
import { createDatabase, pglite, postgres } from './support/environments.js';

const folders: string[] = [];
const folder = () => {
  const path = mkdtempSync(join(tmpdir(), 'paystream-store-test-'));
  folders.push(path);
  return path;
};
afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

for (const kind of [pglite, postgres]) {
  describe.skipIf(kind.skip)(`store on ${kind.name}`, () => {
    it('applies each schema file once, also when several processes start together', async () => {
      const opened = await kind.open();
      try {
        const results = await Promise.all([1, 2, 3, 4].map(() => migrateStore(opened.store)));
        const applied = results.flatMap((result) => result.applied.map(({ version }) => version));
        expect(applied.sort()).toEqual([...new Set(applied)]);
        expect(applied.length).toBeGreaterThan(0);
        expect((await migrateStore(opened.store)).applied).toEqual([]);
        expect((await storeSchemaStatus(opened.store)).pending).toEqual([]);
      } finally {
        await opened.close();
      }
    });

    it('gives values back as text, and takes arrays of any text', async () => {
      const opened = await kind.open();
      try {
        const texts = ['a"b', '{}', 'NULL', '', "o'x\\y", 'é€😀', '\n'];
        const { rows } = await opened.store.query(
          'SELECT t, n::bigint * 9007199254740993 AS big, 1.10::numeric AS exact FROM unnest($1::text[]) WITH ORDINALITY AS u (t, n) ORDER BY n',
          [texts],
        );
        expect(rows.map((row) => row.t)).toEqual(texts);
        expect(rows[0]).toMatchObject({ big: '9007199254740993', exact: '1.10' });
      } finally {
        await opened.close();
      }
    });

    it('moves an offset only from where it stands, and only under the newest claim', async () => {
      const opened = await kind.open();
      try {
        await migrateStore(opened.store);
        const at = { group: 'g', topic: 't', partition: 0 };
        const [mine, theirs] = [
          { ...at, claim: 'mine' },
          { ...at, claim: 'theirs' },
        ];
        expect(await claimPartition(opened.store, mine)).toBeNull();
        expect(await initOffset(opened.store, mine, 5n)).toBe(true);
        expect(await initOffset(opened.store, theirs, 0n)).toBe(false);
        await moveOffset(opened.store, mine, 5n, 9n);
        await expect(moveOffset(opened.store, mine, 5n, 9n)).rejects.toMatchObject({ code: 'SINK_FENCED' });
        expect(await claimPartition(opened.store, theirs)).toBe(9n);
        await expect(moveOffset(opened.store, mine, 9n, 12n)).rejects.toMatchObject({ code: 'SINK_FENCED' });
        await moveOffset(opened.store, theirs, 9n, 12n);
      } finally {
        await opened.close();
      }
    });

    it('lets the sink role do what the sink does, and nothing else', async () => {
      const opened = await kind.open();
      const role = `paystream "sink" ${process.pid}`;
      const quoted = `"${role.replaceAll('"', '""')}"`;
      try {
        await migrateStore(opened.store);
        await grantSinkRole(opened.store, role);
        await grantSinkRole(opened.store, role);
        const asSink = (work: Parameters<typeof opened.store.transaction>[0]) =>
          opened.store.transaction(async (tx) => {
            await tx.script(`SET LOCAL ROLE ${quoted}`);
            return await work(tx);
          }, MERGE_TRANSACTION);
        const records = makeAggregates({ seed: 1, customers: 2, payments: 20 }).map((aggregate) => ({
          ...aggregate,
          timestamp: 0n,
          value: aggregateJson(aggregate),
        }));
        const claim = { group: 'g', topic: 't', partition: 0, claim: 'c' };
        await asSink(async (tx) => {
          await initOffset(tx, claim, 0n);
          await moveOffset(tx, claim, 0n, 20n);
          await mergeRecords(tx, records);
        });
        for (const forbidden of [
          'DROP TABLE customer_payment',
          'TRUNCATE customer_payment',
          'DELETE FROM sink_dead_letter',
          "UPDATE store_schema SET checksum = ''",
          'CREATE TABLE mine (a int)',
        ]) {
          const attempt = asSink((tx) => tx.script(forbidden));
          // PostgreSQL 14 still lets everyone create in the schema public.
          if (forbidden.startsWith('CREATE')) await attempt.catch(() => {});
          else await expect(attempt, forbidden).rejects.toMatchObject({ code: '42501' });
        }
      } finally {
        await opened.store.script(`DROP OWNED BY ${quoted}; DROP ROLE ${quoted}`).catch(() => {});
        await opened.close();
      }
    });

    it('ends the sink at once, saying what to do, when the schema is missing', async () => {
      const opened = await kind.open();
      try {
        const sink = await startSink({ brokers: ['127.0.0.1:1'], store: opened.store, groupId: 'g' });
        await expect(sink.done).rejects.toMatchObject({
          code: 'STORE_SCHEMA_MISSING',
          hint: expect.stringContaining('paystream store migrate'),
        });
        expect(sink.status()).toMatchObject({ state: 'failed' });
        await sink.stop();
      } finally {
        await opened.close();
      }
    });
  });
}

describe('a store that cannot be used', () => {
  it('is refused with what to do, without repeating the URL', async () => {
    const error = await openStore('postgres//user:secret@host/db').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PaystreamError);
    expect(String((error as Error).message)).not.toContain('secret');
    await expect(openStore('mysql://host/db')).rejects.toMatchObject({ code: 'STORE_URL_INVALID' });
  });

  it.skipIf(postgres.skip)('ends the sink at once: no such role, no such database', async () => {
    const database = await createDatabase();
    try {
      for (const [change, code] of [
        [(url: URL) => (url.username = 'nobody_of_this_name'), 'STORE_ACCESS_DENIED'],
        [(url: URL) => (url.pathname = '/no_such_database'), 'STORE_DATABASE_MISSING'],
      ] as const) {
        const url = new URL(database.url);
        change(url);
        const store = await openStore(url.href);
        const sink = await startSink({ brokers: ['127.0.0.1:1'], store, groupId: 'g' });
        await expect(sink.done).rejects.toMatchObject({ code });
        await sink.stop();
        await store.close();
      }
    } finally {
      await database.drop();
    }
  });
});

describe('the embedded store on TCP', () => {
  let embedded: EmbeddedStore;
  beforeAll(async () => {
    embedded = await startEmbeddedStore({ dataDir: null });
  });
  afterAll(() => embedded?.stop());

  async function client(): Promise<pg.Client> {
    const made = new pg.Client({ connectionString: embedded.url });
    await made.connect();
    return made;
  }

  it('keeps the transactions of several clients apart', async () => {
    await embedded.store.script('CREATE TABLE apart (who text)');
    const clients = await Promise.all([1, 2, 3, 4].map(client));
    await Promise.all(
      clients.map(async (one, who) => {
        for (let round = 0; round < 20; round++) {
          await one.query('BEGIN');
          const count = async () =>
            (await one.query('SELECT count(*)::int AS n FROM apart')).rows[0].n as number;
          const before = await count();
          await one.query('INSERT INTO apart VALUES ($1)', [`c${who}`]);
          // Nobody else writes in between: the session is this transaction's.
          expect(await count()).toBe(before + 1);
          await one.query(round % 2 === 0 ? 'COMMIT' : 'ROLLBACK');
        }
      }),
    );
    const { rows } = await embedded.store.query(
      'SELECT who, count(*) AS n FROM apart GROUP BY who ORDER BY who',
    );
    expect(rows).toEqual([0, 1, 2, 3].map((who) => ({ who: `c${who}`, n: '10' })));
    await Promise.all(clients.map((one) => one.end()));
  });

  it('keeps prepared statements of the same name apart', async () => {
    const [a, b] = [await client(), await client()];
    const ask = async (one: pg.Client, text: string) =>
      (await one.query({ name: 'same', text, rowMode: 'array' })).rows as unknown[][];
    expect(await ask(a, "SELECT 'a'")).toEqual([['a']]);
    expect(await ask(b, "SELECT 'b'")).toEqual([['b']]);
    expect(await ask(a, "SELECT 'a'")).toEqual([['a']]);
    await a.end();
    expect(await ask(b, "SELECT 'b'")).toEqual([['b']]);
    await b.end();
  });

  it('rolls back what a client leaves open, and lets the others go on', async () => {
    await embedded.store.script('CREATE TABLE left_open (a int)');
    const rude = await client();
    rude.on('error', () => {});
    await rude.query('BEGIN; INSERT INTO left_open VALUES (1)');
    const waiting = embedded.store.query('SELECT count(*) AS n FROM left_open');
    (rude as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    expect((await waiting).rows).toEqual([{ n: '0' }]);
  });

  it('reports errors and stays usable; refuses what would end it', async () => {
    const one = await client();
    await expect(one.query('SELECT 1/0')).rejects.toMatchObject({ code: '22012' });
    await expect(one.query('SELECT $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' });
    await expect(one.query('COPY apart FROM STDIN')).rejects.toMatchObject({ code: '0A000' });
    await expect(one.query('COPY apart FROM STDIN /* $1 */', ['x'])).rejects.toMatchObject({ code: '0A000' });
    await one.query("SET application_name = 'mine'");
    expect((await one.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await one.end();
    expect((await embedded.store.query('SHOW application_name')).rows).not.toEqual([
      { application_name: 'mine' },
    ]);
  });
});

describe('a PGlite folder', () => {
  it('is refused to a second process while one has it open', async () => {
    const path = folder();
    const child = spawn(process.execPath, ['--import', 'tsx', 'tests/sink/support/write-forever.ts', path]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await expect(openEmbeddedStore(`pglite:${path}`)).rejects.toMatchObject({ code: 'STORE_FOLDER_IN_USE' });
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  });

  it('has every acknowledged row after kill -9, again and again', async () => {
    const path = folder();
    let acknowledged = 0n;
    for (let round = 0; round < 3; round++) {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', 'tests/sink/support/write-forever.ts', path],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let output = '';
      child.stdout.on('data', (text: Buffer) => {
        output += text.toString();
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 300 + round * 150));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      const complete = output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1)!;
      acknowledged = BigInt(complete);
      const store = await openEmbeddedStore(`pglite:${path}`);
      const { rows } = await store.query('SELECT count(*) AS n, max(n) AS last FROM written');
      await store.close();
      expect(BigInt(rows[0]!.last!)).toBeGreaterThanOrEqual(acknowledged);
      expect(rows[0]!.n).toBe(rows[0]!.last);
    }
  });
});
