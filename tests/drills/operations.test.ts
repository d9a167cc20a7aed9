import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayChannel } from '../../scripts/ops/replay-channel.js';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { type RunningSink, startSink } from '../../src/sink/sink.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { makeAggregates } from '../sink/support/aggregates.js';
import { createTopic } from '../sink/support/environments.js';
import { canRunPostgres, type PostgresServer, startPostgresServer } from '../sink/support/postgres-server.js';
import { aggregateProducer } from '../sink/support/producing.js';
import { eventually, lastFives, paymentRows } from '../sink/support/store-contents.js';
import { kafkaOf, readTopic } from '../support/kafka.js';
import { applyPipeline } from '../support/pipeline.js';
import { testCluster } from '../support/test-cluster.js';

const ops = resolve(import.meta.dirname, '../../scripts/ops');

/** The folder of PostgreSQL's own tools, where there are several versions. */
const haveTools = (() => {
  try {
    execFileSync('pg_dump', ['--version']);
    return canRunPostgres;
  } catch {
    return false;
  }
})();

/** What docs/operations says about the store, done with its scripts. */
describe.skipIf(!haveTools)('the store, by the operations guide', () => {
  let broker: Broker;
  let postgres: PostgresServer;
  let store: Store;
  let topic: string;
  let folder: string;
  const aggregates = makeAggregates({ seed: 8, customers: 40, payments: 600 });
  const half = aggregates.length / 2;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'paystream-ops-'));
    [broker, postgres] = await Promise.all([Broker.start(), startPostgresServer()]);
    store = await openStore(postgres.url);
    topic = await createTopic(broker.brokers, 3);
  });
  afterAll(async () => {
    await store?.close();
    await postgres?.stop();
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const sinkOn = (target: Store): Promise<RunningSink> =>
    startSink({ brokers: [broker.brokers], store: target, topic, groupId: 'ops', migrate: true });

  async function send(from: number, to: number): Promise<void> {
    const producer = await aggregateProducer(broker.brokers, topic, 3);
    await producer.send(aggregates.slice(from, to));
    await producer.close();
  }

  /** Everything that the topic has is in this store. */
  async function caughtUp(sink: RunningSink): Promise<void> {
    const admin = kafkaOf(broker.brokers).admin();
    await admin.connect();
    const ends = new Map(
      (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, BigInt(high)]),
    );
    await admin.disconnect();
    await eventually(() => {
      const { partitions } = sink.status();
      expect(new Map(partitions.map(({ partition, nextOffset }) => [partition, nextOffset]))).toEqual(ends);
    });
  }

  it('is rebuilt from Kafka while it is read and written', async () => {
    await send(0, half);
    const sink = await sinkOn(store);
    await caughtUp(sink);
    const before = await paymentRows(store);
    const customers = await lastFives(store);
    // Rows were lost and damaged by hand.
    await store.script(
      "DELETE FROM customer_payment WHERE customer_id % 3 = 0; UPDATE customer_payment SET currency = 'XXX', arrived_at = -1 WHERE customer_id % 3 = 1",
    );
    await store.script(readFileSync(join(ops, 'rebuild-store.sql'), 'utf8').replaceAll(/^--.*$/gm, ''));
    // The next record makes a running sink see that its claims are gone; it takes the partitions over again.
    await send(0, 3);
    await eventually(async () => expect(await paymentRows(store)).toEqual(before), 60_000);
    expect(await lastFives(store)).toEqual(customers);
    await sink.stop();
  });

  it('is restored from a copy, and catches up from Kafka by itself', async () => {
    const copy = join(folder, 'store.dump');
    const env = { ...process.env, STORE_URL: postgres.url };
    execFileSync(join(ops, 'backup-store.sh'), [copy], { env });
    const sink = await sinkOn(store);
    await send(half, aggregates.length);
    await caughtUp(sink);
    await sink.stop();
    const complete = await paymentRows(store);

    await store.script('CREATE DATABASE restored');
    const url = new URL(postgres.url);
    url.pathname = '/restored';
    execFileSync(join(ops, 'restore-store.sh'), [copy], { env: { ...env, STORE_URL: url.href } });
    const restored = await openStore(url.href);
    try {
      expect(await paymentRows(restored)).not.toEqual(complete);
      const next = await sinkOn(restored);
      await caughtUp(next);
      await next.stop();
      expect(await paymentRows(restored)).toEqual(complete);
    } finally {
      await restored.close();
    }
  });
});

describe('a channel, by the operations guide', () => {
  it('is read again from its beginning: PAYMENT-OUTPUT has its payments twice, the last fives do not change', async () => {
    const cluster = await testCluster();
    const client = new KsqldbClient({ url: cluster.ksqldbUrl });
    try {
      await applyPipeline(cluster);
      const producer = kafkaOf(cluster.brokers).producer();
      await producer.connect();
      const payment = (trxId: number) =>
        JSON.stringify({
          trxId,
          trxAmount: 5,
          accountNo: '1',
          customerId: 3,
          trxDate: `2026-01-0${trxId}T00:00:00`,
        });
      await producer.send({
        topic: 'BANK-TRANSFER-PAYMENT',
        messages: [1, 2, 3].map((id) => ({ value: payment(id) })),
      });
      await producer.disconnect();
      const lastFive = async () =>
        JSON.stringify(
          (
            await client.pull('SELECT `lastFive`->`payments` FROM PAYMENT_TRX_AGGR WHERE CUSTOMER_ID = 3;')
          ).map((row) => row),
          (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
        );
      await readTopic(cluster.brokers, 'PAYMENT-OUTPUT', (records) => records.length === 3);
      await eventually(async () => expect(await lastFive()).toContain('2026-01-03T00:00:00.000'));
      const before = await lastFive();

      expect(await replayChannel(client, 'BANK_TRANSFER_PAYMENT')).toBe('BANK_TRANSFER_PAYMENT_RUN2');
      const records = await readTopic(cluster.brokers, 'PAYMENT-OUTPUT', (all) => all.length === 6);
      expect(records.map(({ value }) => value).sort()).toEqual(
        [...records.slice(0, 3), ...records.slice(0, 3)].map(({ value }) => value).sort(),
      );
      expect(await replayChannel(client, 'BANK_TRANSFER_PAYMENT')).toBe('BANK_TRANSFER_PAYMENT_RUN3');
      await readTopic(cluster.brokers, 'PAYMENT-OUTPUT', (all) => all.length === 9);
      expect(await lastFive()).toBe(before);
      await expect(replayChannel(client, 'NO_SUCH')).rejects.toThrow('No query NO_SUCH is running');
    } finally {
      client.close();
      await cluster.stop();
    }
  });
});
