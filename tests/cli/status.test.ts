import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../src/embedded/cluster.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { cli } from '../support/cli.js';

describe('paystream status', () => {
  let cluster: Cluster;
  let client: KsqldbClient;
  let env: Record<string, string>;

  beforeAll(async () => {
    cluster = await startCluster({ dataDir: null });
    client = new KsqldbClient({ url: cluster.ksqldbUrl });
    env = {
      PAYSTREAM_KSQLDB_URL: cluster.ksqldbUrl,
      PAYSTREAM_KAFKA_BROKERS: cluster.brokers,
      PAYSTREAM_DATABASE_URL: cluster.storeUrl,
    };
    await migrateStore(cluster.store!);
  });
  afterAll(async () => {
    client?.close();
    await cluster?.stop();
  });

  const status = async () => {
    const { code, stdout } = await cli(['status', '--json'], { env });
    return { code, ...(JSON.parse(stdout) as { status: string; findings: { message: string }[] }) };
  };

  it('is unhealthy before the migrations, healthy after, and degraded while a channel is paused', async () => {
    expect(await status()).toMatchObject({ code: 1, status: 'unhealthy' });
    await applyMigrations({ client, directory: resolve(import.meta.dirname, '../../ksql/migrations') });
    expect(await status()).toMatchObject({ code: 0, status: 'healthy', findings: [] });
    await client.executeAndWait('PAUSE CC_PAYMENT;');
    const paused = await status();
    expect(paused).toMatchObject({ code: 1, status: 'degraded' });
    expect(paused.findings.map(({ message }) => message)).toEqual(['query CC_PAYMENT is PAUSED']);
    await client.executeAndWait('RESUME CC_PAYMENT;');
  });

  it('shows channels, lag and rejected payments', async () => {
    await client.execute(
      "INSERT INTO CC_PAYMENT (`trxId`, `customerId`, `trxDate`) VALUES (1, 7, '2026-11-20T08:30:00');",
    );
    await expect
      .poll(async () => (await cli(['status'], { env })).stdout, { timeout: 20_000, interval: 100 })
      .toMatch(/rejected payments +1 +1/);
    const { stdout } = await cli(['status'], { env });
    expect(stdout).toMatch(/CC +2026-11-20T08:30:00\.000/);
    expect(stdout).toMatch(/paystream-sink +PAYMENT-TRX-AGGR +0/);
  });

  it('exits with 5 when ksqlDB is unreachable', async () => {
    const run = await cli(['status'], { env: { ...env, PAYSTREAM_KSQLDB_URL: 'http://127.0.0.1:9' } });
    expect(run.code).toBe(5);
  });
});
