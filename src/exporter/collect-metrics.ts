import type { KafkaAdmin } from '../kafka/admin.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { readLock } from '../migrations/migration-lock.js';
import { TOPICS } from '../pipeline/topics.js';
import type { ExporterMetrics } from './exporter-metrics.js';

/** ksqlDB names its processing log after the service. */
const LOG_SUFFIX = 'ksql_processing_log';

/** Topics that ksqlDB writes. Each needs a running query. */
const WRITTEN = [TOPICS.paymentOutput, TOPICS.paymentRejected, TOPICS.paymentTrxAggr, TOPICS.paymentActivity];

/** Sets the metrics from ksqlDB and Kafka. If one does not answer, it is marked as down and its metrics are omitted. */
export async function collectMetrics(
  metrics: ExporterMetrics,
  client: KsqldbClient,
  kafka: KafkaAdmin,
  onFailure: (target: 'ksqldb' | 'kafka', error: unknown) => void,
): Promise<void> {
  metrics.registry.resetMetrics();
  const read = async (target: 'ksqldb' | 'kafka', work: () => Promise<void>) => {
    try {
      await work();
      metrics.targetUp.set({ target }, 1);
    } catch (error) {
      metrics.targetUp.set({ target }, 0);
      onFailure(target, error);
    }
  };
  await Promise.all([
    read('ksqldb', async () => {
      const [queries, lock] = await Promise.all([client.queries(), readLock(client)]);
      const unwritten = new Set<string>(WRITTEN);
      for (const { id, queryType, sinkKafkaTopics, state } of queries) {
        if (queryType !== 'PERSISTENT') continue;
        // A cluster reports a list such as RUNNING:2 or ERROR:1,RUNNING:1.
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
    read('kafka', async () => {
      const wanted = new Set<string>(Object.values(TOPICS));
      const ends = await kafka.topicEnds((topic) => wanted.has(topic) || topic.endsWith(LOG_SUFFIX));
      for (const [topic, end] of ends) {
        metrics.topicRecords.inc({ topic }, Number(end));
      }
    }),
  ]);
}
