import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { readLock, takeLock } from '../../src/migrations/migration-lock.js';
import { type PaystreamProcess, startPaystream } from '../security/support/paystream-process.js';
import { kafkaOf } from '../support/kafka.js';
import { applyPipeline } from '../support/pipeline.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

/** The samples of an exposition: name and labels to value. */
function samples(text: string): ReadonlyMap<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))] as const;
      }),
  );
}

describe('paystream exporter', () => {
  let cluster: TestCluster;
  let client: KsqldbClient;
  let exporter: PaystreamProcess;
  let url: string;

  beforeAll(async () => {
    cluster = await testCluster();
    client = new KsqldbClient({ url: cluster.ksqldbUrl });
    exporter = startPaystream([
      ...['exporter', '--port', '0', '--ksqldb-url', cluster.ksqldbUrl, '--kafka-brokers', cluster.brokers],
    ]);
    url = await exporter.line(/exporter: (http\S+)/);
  });
  afterAll(async () => {
    await exporter?.stop();
    client?.close();
    await cluster?.stop();
  });

  const scrape = async () => samples(await (await fetch(url)).text());

  it('says that nothing writes the pipeline’s topics before there is a pipeline', async () => {
    const found = await scrape();
    expect(found.get('paystream_exporter_target_up{target="ksqldb"}')).toBe(1);
    expect(found.get('paystream_exporter_target_up{target="kafka"}')).toBe(1);
    expect(found.get('paystream_query_running{query="",topic="PAYMENT-TRX-AGGR"}')).toBe(0);
  });

  it('shows each query, how far topics reach, and a query that is ended', async () => {
    await applyPipeline(cluster);
    const producer = kafkaOf(cluster.brokers).producer();
    await producer.connect();
    await producer.send({
      topic: 'CC-PAYMENT',
      messages: [{ value: '{}' }, { value: '{}' }, { value: 'no JSON' }],
    });
    await producer.disconnect();
    const found = await scrape();
    expect(found.get('paystream_query_running{query="CC_PAYMENT",topic="PAYMENT-OUTPUT"}')).toBe(1);
    expect([...found.keys()].filter((name) => name.startsWith('paystream_query_running{query=""'))).toEqual(
      [],
    );
    expect(found.get('paystream_topic_records_total{topic="CC-PAYMENT"}')).toBe(3);
    expect(found.get('paystream_migration_lock_age_seconds')).toBe(0);

    const [aggregate] = (await client.queries()).filter(({ sinkKafkaTopics }) =>
      sinkKafkaTopics.includes('PAYMENT-TRX-AGGR'),
    );
    await client.executeAndWait(`TERMINATE ${aggregate!.id};`);
    expect((await scrape()).get('paystream_query_running{query="",topic="PAYMENT-TRX-AGGR"}')).toBe(0);
  });

  it('shows for how long the lock has been held', async () => {
    const lock = await takeLock(client, {
      timeoutMs: 10_000,
    });
    await new Promise((next) => setTimeout(next, 20));
    expect((await scrape()).get('paystream_migration_lock_age_seconds')).toBeGreaterThan(0);
    await lock.release();
    expect(await readLock(client)).toBeUndefined();
    expect((await scrape()).get('paystream_migration_lock_age_seconds')).toBe(0);
  });

  it('says which target is down', async ({ skip }) => {
    skip(cluster.real, 'a real cluster is not stopped by a test');
    await cluster.stop();
    const found = await scrape();
    expect(found.get('paystream_exporter_target_up{target="ksqldb"}')).toBe(0);
    expect(found.get('paystream_exporter_target_up{target="kafka"}')).toBe(0);
    expect([...found.keys()].some((name) => name.startsWith('paystream_query_running'))).toBe(false);
    expect((await exporter.stop()).code).toBe(0);
  });
});
