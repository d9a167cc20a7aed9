import { setTimeout as sleep } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { type RunningSink, startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { kafkaOf } from '../support/kafka.js';
import { applyPipeline } from '../support/pipeline.js';
import { eventually, storedLastFives } from '../support/store.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

/** Two channels for customers 1 and 2; one stops, the other flows on; the stopped one catches up. */
describe('a channel that stops', () => {
  let cluster: TestCluster;
  let store: Store;
  let sink: RunningSink;
  let producer: Producer;
  let client: KsqldbClient;
  let second = 0;
  let trxId = 0;

  beforeAll(async () => {
    cluster = await testCluster();
    await applyPipeline(cluster);
    store = await openStore(cluster.databaseUrl);
    await migrateStore(store);
    sink = await startSink({ brokers: cluster.brokers.split(','), store, groupId: 'seed-case' });
    producer = kafkaOf(cluster.brokers).producer();
    await producer.connect();
    client = new KsqldbClient({ url: cluster.ksqldbUrl });
  });

  afterAll(async () => {
    await producer?.disconnect();
    client?.close();
    await sink?.stop();
    await store?.close();
    await cluster?.stop();
  });

  /** Sends one payment, each a second younger than the one before, and returns its id. */
  async function pay(channel: 'CC' | 'BANK_TRF', customerId: number): Promise<string> {
    trxId += 1;
    second += 1;
    const date = new Date(Date.UTC(2026, 10, 1) + second * 1_000).toISOString().slice(0, 23);
    const common = `"trxId":${trxId},"trxAmount":${trxId}.25,"customerId":${customerId},"trxDate":"${date}"`;
    const value =
      channel === 'CC'
        ? `{${common},"cardNo":"4111111111111111","cardHolder":"Fowler","expiryDate":"2029-01-01","issuer":"DUKE BANK"}`
        : `{${common},"accountNo":"5905149026","accountName":"Farah","bankName":"ATOZ BANK","referenceNo":"R","currency":"USD"}`;
    const topic = channel === 'CC' ? TOPICS.ccPayment : TOPICS.bankTransferPayment;
    await producer.send({ topic, messages: [{ key: String(trxId), value }] });
    return String(trxId);
  }

  const ids = async (customer: string) =>
    (await storedLastFives(store))[customer]?.map((payment) => payment.trxId);

  it('shows both channels for both customers', async () => {
    const first = [await pay('CC', 1), await pay('BANK_TRF', 1)];
    const other = [await pay('CC', 2), await pay('BANK_TRF', 2)];
    await eventually(async () => {
      expect(await ids('1')).toEqual(first.reverse());
      expect(await ids('2')).toEqual(other.reverse());
    });
  });

  it('lets the other channel flow while one is stopped, and catches up when it returns', async () => {
    await client.executeAndWait('PAUSE CC_PAYMENT;');
    const late = [await pay('CC', 1), await pay('CC', 2)];
    const bank = [await pay('BANK_TRF', 1), await pay('BANK_TRF', 2)];
    await eventually(async () => {
      expect((await ids('1'))?.[0]).toBe(bank[0]);
      expect((await ids('2'))?.[0]).toBe(bank[1]);
    });
    // The paused channel's payments are older than what flowed on; they must not be there yet.
    await sleep(300);
    expect(await ids('1')).not.toContain(late[0]);

    await client.executeAndWait('RESUME CC_PAYMENT;');
    await eventually(async () => {
      expect((await ids('1'))?.slice(0, 2)).toEqual([bank[0], late[0]]);
      expect((await ids('2'))?.slice(0, 2)).toEqual([bank[1], late[1]]);
    });
  });

  it('keeps five, the newest first', async () => {
    const newest: string[] = [];
    for (let i = 0; i < 7; i++) newest.unshift(await pay(i % 2 === 0 ? 'CC' : 'BANK_TRF', 1));
    await eventually(async () => expect(await ids('1')).toEqual(newest.slice(0, 5)));
    expect((await ids('2'))?.length).toBe(4);
  });
});
