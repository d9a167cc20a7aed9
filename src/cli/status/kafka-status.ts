import { Kafka, logLevel } from 'kafkajs';
import type { KafkaConfig } from '../../config/config.js';
import type { LagHealth } from '../../pipeline/health.js';
import type { PipelineKafka } from '../../pipeline/pipeline-status.js';
import { kafkaConnectionOf } from '../kafka-connection.js';

/** Asks the brokers, then lets go of them. */
export async function withKafkaStatus<T>(
  config: KafkaConfig,
  action: (kafka: PipelineKafka) => Promise<T>,
): Promise<T> {
  const kafka = new Kafka({
    brokers: [...config.brokers],
    clientId: 'paystream-status',
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: 5_000,
    retry: { retries: 1, initialRetryTime: 100 },
    ...kafkaConnectionOf(config),
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = new Set(await admin.listTopics());
    const offsets = async (topic: string) =>
      topics.has(topic) ? await admin.fetchTopicOffsets(topic) : null;
    return await action({
      countOf: async (topic) => {
        const all = await offsets(topic);
        if (all === null) return null;
        const since = new Map(
          (await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() - 3_600_000)).map((entry) => [
            entry.partition,
            entry.offset,
          ]),
        );
        let total = 0n;
        let lastHour = 0n;
        for (const { partition, high, low } of all) {
          total += BigInt(high) - BigInt(low);
          const from = BigInt(since.get(partition) ?? high);
          // -1 is a broker's way to say that no record is that young.
          lastHour += from < 0n ? 0n : BigInt(high) - from;
        }
        return { total, lastHour };
      },
      endOffsets: async (topic) => {
        const all = await offsets(topic);
        return all === null ? null : new Map(all.map(({ partition, high }) => [partition, BigInt(high)]));
      },
      groupLags: async (prefix) => {
        const { groups } = await admin.listGroups();
        const own = groups.filter(({ groupId }) => groupId.startsWith(prefix));
        const lags: LagHealth[] = [];
        for (const { groupId } of own) {
          for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
            const ends = new Map((await offsets(topic))?.map(({ partition, high }) => [partition, high]));
            let lag = 0n;
            for (const { partition, offset } of partitions) {
              const end = BigInt(ends.get(partition) ?? 0);
              const at = BigInt(offset);
              if (at >= 0n && end > at) lag += end - at;
            }
            lags.push({ group: groupId, topic, lag: String(lag) });
          }
        }
        return lags;
      },
    });
  } finally {
    await admin.disconnect();
  }
}
