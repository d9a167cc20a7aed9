import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { kafkaOf, readTopic } from '../support/kafka.js';
import { applyPipeline } from '../support/pipeline.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

async function isExactlyOnce(url: string): Promise<boolean> {
  const client = new KsqldbClient({ url });
  try {
    const [entity] = await client.execute('LIST PROPERTIES;');
    const properties = (entity?.raw.properties ?? []) as readonly { name: string; value: string }[];
    return properties.some(
      ({ name, value }) => name.endsWith('processing.guarantee') && value.startsWith('exactly_once'),
    );
  } finally {
    client.close();
  }
}

describe('a payment service that writes in transactions', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await testCluster();
    await applyPipeline(cluster);
  });

  afterAll(async () => {
    await cluster?.stop();
  });

  it('has its committed payments processed, in order, and its aborted ones never', async ({ skip }) => {
    skip(
      cluster.real && !(await isExactlyOnce(cluster.ksqldbUrl)),
      'ksqlDB reads what was aborted unless ksql.streams.processing.guarantee is exactly_once_v2, see docs/topics.md',
    );
    const producer = kafkaOf(cluster.brokers).producer({
      transactionalId: 'transfer-service',
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    for (let trxId = 1; trxId <= 6; trxId++) {
      const value = `{"trxId":${trxId},"trxAmount":1,"customerId":7,"trxDate":"2026-11-20T00:00:0${trxId}"}`;
      const transaction = await producer.transaction();
      await transaction.send({ topic: TOPICS.bankTransferPayment, messages: [{ key: 'k', value }] });
      await (trxId % 2 === 0 ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    const records = await readTopic(cluster.brokers, TOPICS.paymentOutput, (all) => all.length >= 3);
    expect(records.map((record) => /"trxId":(\d)/.exec(record.value ?? '')?.[1])).toEqual(['2', '4', '6']);
  });
});
