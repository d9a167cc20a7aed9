import { cpSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { HistoryStore } from '../../src/migrations/history-store.js';
import { MIGRATIONS } from '../support/pipeline.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

describe('applying the migrations', () => {
  let cluster: TestCluster;
  let client: KsqldbClient;

  beforeAll(async () => {
    cluster = await testCluster();
    client = new KsqldbClient({ url: cluster.ksqldbUrl });
  });

  afterAll(async () => {
    client?.close();
    await cluster?.stop();
  });

  const sources = async () => {
    const [streams, tables] = await client.execute('LIST STREAMS; LIST TABLES;');
    const names = (list: unknown) => (list as { readonly name: string }[]).map((source) => source.name);
    return [...names(streams?.raw.streams), ...names(tables?.raw.tables)].sort();
  };

  it('applies all files in order and keeps the history', async () => {
    const result = await applyMigrations({ client, directory: MIGRATIONS });
    expect(result.applied.map((file) => file.version)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(result.version).toBe('6');
    const history = await new HistoryStore(client).read();
    expect([...history.keys()].sort()).toEqual(['1', '2', '3', '4', '5', '6', 'CURRENT']);
    expect(history.get('1')).toMatchObject({
      version: '1',
      name: 'payment output',
      state: 'MIGRATED',
      previous: '<none>',
    });
    expect(history.get('6')).toMatchObject({ state: 'MIGRATED', previous: '5', errorReason: 'N/A' });
    expect(history.get('CURRENT')).toEqual(history.get('6'));
    const states = (await client.queries())
      .filter((query) => query.queryType === 'PERSISTENT')
      .map((query) => query.state);
    expect(new Set(states)).toEqual(new Set(['RUNNING']));
  });

  it('has nothing to do the second time', async () => {
    const result = await applyMigrations({ client, directory: MIGRATIONS });
    expect(result).toMatchObject({ applied: [], version: '6' });
  });

  it('names file, line, statement and the server, and leaves nothing half applied', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'paystream-migrations-'));
    cpSync(MIGRATIONS, directory, { recursive: true });
    const file = join(directory, 'V000007__broken.sql');
    writeFileSync(
      file,
      `-- The first statement is fine.
CREATE STREAM HALF WITH (KAFKA_TOPIC = 'HALF') AS SELECT CUSTOMER_ID, \`trxId\` FROM PAYMENT_OUTPUT EMIT CHANGES;

CREATE STREAM BROKEN AS
  SELECT CUSTOMER_ID, NO_SUCH_COLUMN FROM PAYMENT_OUTPUT EMIT CHANGES; -- no line end`,
    );
    const before = await sources();
    await expect(applyMigrations({ client, directory })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringContaining('NO_SUCH_COLUMN'),
      where: `${file}:4`,
      hint: expect.stringContaining('CREATE STREAM BROKEN'),
    });
    expect(await sources()).toEqual(before);
    expect((await new HistoryStore(client).read()).get('7')).toMatchObject({ state: 'ERROR', previous: '6' });
  });
});
