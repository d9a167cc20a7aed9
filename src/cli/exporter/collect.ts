import type { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import { readLock } from '../../migrations/migration-lock.js';
import { TOPICS } from '../../pipeline/topics.js';
import type { ExporterMetrics } from './exporter-metrics.js';

/** One past the last offset of a topic, all partitions together; undefined where there is no such topic. */
export type TopicEnds = (topics: readonly string[]) => Promise<ReadonlyMap<string, bigint>>;

/** Written by ksqlDB: each must have a query that runs. */
const WRITTEN = [TOPICS.paymentOutput, TOPICS.paymentRejected, TOPICS.paymentTrxAggr, TOPICS.paymentActivity];

/** Sets the metrics to what ksqlDB and Kafka say now. What does not answer is down, and its metrics are left out. */
export async function collect(
  metrics: ExporterMetrics,
  client: KsqldbClient,
  ends: TopicEnds,
  onFailure: (target: 'ksqldb' | 'kafka', error: unknown) => void,
): Promise<void> {
  metrics.registry.resetMetrics();
  const asked = async (target: 'ksqldb' | 'kafka', work: () => Promise<void>) => {
    try {
      await work();
      metrics.targetUp.set({ target }, 1);
    } catch (error) {
      metrics.targetUp.set({ target }, 0);
      onFailure(target, error);
    }
  };
  await Promise.all([
    asked('ksqldb', async () => {
      const [queries, lock] = await Promise.all([client.queries(), readLock(client)]);
      const unwritten = new Set<string>(WRITTEN);
      for (const { id, queryType, sinkKafkaTopics, state } of queries) {
        if (queryType !== 'PERSISTENT') continue;
        // In a cluster the state is a list such as RUNNING:2 or ERROR:1,RUNNING:1.
        const running = state.split(',').every((one) => one.trim().startsWith('RUNNING'));
        for (const topic of sinkKafkaTopics) {
          unwritten.delete(topic);
          metrics.queryRunning.set({ query: id, topic }, running ? 1 : 0);
        }
      }
      for (const topic of unwritten) metrics.queryRunning.set({ query: '', topic }, 0);
      const since = lock === undefined ? Number.NaN : Date.parse(lock.since);
      metrics.lockAge.set(Number.isNaN(since) ? 0 : Math.max(0, (Date.now() - since) / 1_000));
    }),
    asked('kafka', async () => {
      for (const [topic, end] of await ends(Object.values(TOPICS))) {
        metrics.topicRecords.inc({ topic }, Number(end));
      }
    }),
  ]);
}
