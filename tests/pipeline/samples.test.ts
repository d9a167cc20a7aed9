import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { kafkaOf, readTopic, type TopicRecord, windowedKey } from '../support/kafka.js';
import { haveKcat, kcatProduceFile } from '../support/kcat.js';
import { applyPipeline } from '../support/pipeline.js';
import {
  type ExpectedSamples,
  expectedSamples,
  haveSamples,
  sampleFile,
  sampleRecords,
  withoutArrival,
} from '../support/samples.js';
import { eventually, storedLastFives } from '../support/store.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

/**
 * Clean and dirty payments, as the services send them, give exactly what a real ksqlDB 7.9.9 gave.
 */
describe.skipIf(!haveSamples)('the samples (skipped where ../shared/samples is absent)', () => {
  let cluster: TestCluster;
  let expected: ExpectedSamples;

  beforeAll(async () => {
    expected = expectedSamples();
    cluster = await testCluster();
    await applyPipeline(cluster);
    if (haveKcat) {
      await kcatProduceFile(cluster.brokers, TOPICS.ccPayment, sampleFile('cc-payment'));
      await kcatProduceFile(cluster.brokers, TOPICS.bankTransferPayment, sampleFile('bank-transfer-payment'));
    } else {
      const producer = kafkaOf(cluster.brokers).producer();
      await producer.connect();
      await producer.send({ topic: TOPICS.ccPayment, messages: [...sampleRecords('cc-payment')] });
      await producer.send({
        topic: TOPICS.bankTransferPayment,
        messages: [...sampleRecords('bank-transfer-payment')],
      });
      await producer.disconnect();
    }
  });

  afterAll(async () => {
    await cluster?.stop();
  });

  it('PAYMENT-OUTPUT holds every readable payment, exact to the last digit', async () => {
    const want = expected['PAYMENT-OUTPUT'];
    const records = await readTopic(cluster.brokers, TOPICS.paymentOutput, (r) => r.length >= want.length);
    expect(records.map((record) => record.value).sort()).toEqual([...want].sort());
    for (const record of records) {
      const customer = /"customerId":(-?\d+|null)/.exec(record.value ?? '')?.[1];
      expect(record.key === null ? 'null' : String(record.key.readBigInt64BE(0))).toBe(customer);
    }
  });

  it('PAYMENT-REJECTED holds what the aggregate refuses, with the reason', async () => {
    const want = expected['PAYMENT-REJECTED'];
    const records = await readTopic(cluster.brokers, TOPICS.paymentRejected, (r) => r.length >= want.length);
    expect(records.map((record) => record.value).sort()).toEqual([...want].sort());
  });

  it("PAYMENT-TRX-AGGR ends with each customer's last five", async () => {
    const want = expected['PAYMENT-TRX-AGGR'];
    const last = (records: readonly TopicRecord[]) =>
      Object.fromEntries(
        records.map((record) => [String(windowedKey(record.key!).customer), withoutArrival(record.value)]),
      );
    const same = (records: readonly TopicRecord[]) => {
      const got = last(records);
      return Object.keys(want).every((customer) => got[customer] === want[customer]);
    };
    const records = await readTopic(cluster.brokers, TOPICS.paymentTrxAggr, same);
    expect(last(records)).toEqual(want);
  });

  it('the store shows the same last fives', async () => {
    const store = await openStore(cluster.databaseUrl);
    await migrateStore(store);
    const sink = await startSink({ brokers: cluster.brokers.split(','), store, groupId: 'samples' });
    try {
      await eventually(async () => {
        const stored = await storedLastFives(store);
        for (const customer of Object.keys(expected.lastFive)) {
          expect(stored[customer]).toEqual(expected.lastFive[customer]);
        }
      });
    } finally {
      await sink.stop();
      await store.close();
    }
  });

  it('what cannot be read is in the processing log, and no row with it', async () => {
    const client = new KsqldbClient({ url: cluster.ksqldbUrl });
    const logged: unknown[] = [];
    const rows = await client.query(
      'SELECT LOGGER, LEVEL, MESSAGE->TYPE AS TYPE, MESSAGE->DESERIALIZATIONERROR->ERRORMESSAGE AS D, MESSAGE->DESERIALIZATIONERROR->`topic` AS T, MESSAGE->RECORDPROCESSINGERROR->ERRORMESSAGE AS P FROM KSQL_PROCESSING_LOG EMIT CHANGES;',
      { properties: { 'auto.offset.reset': 'earliest' } },
    );
    for await (const [logger, level, type, deserialization, topic, processing] of rows) {
      if (!String(logger).startsWith('processing.CC_PAYMENT') || String(logger).includes('BANK')) continue;
      logged.push({ logger, level, type, errorMessage: deserialization ?? processing, topic });
      if (logged.length === expected.processingLog.length) break;
    }
    client.close();
    const byText = (a: unknown, b: unknown) => JSON.stringify(a).localeCompare(JSON.stringify(b));
    expect(logged.sort(byText)).toEqual([...expected.processingLog].sort(byText));
  });
});
