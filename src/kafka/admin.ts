import type kafkajs from 'kafkajs';
import { createClient } from './client.js';
import type { KafkaConnection } from './connection.js';
import { recordsAfter, retainedRecords, type TopicOffsets } from './offsets.js';
import { withDeadline } from './wait.js';

const HOUR_MS = 3_600_000;
const REQUEST_TIMEOUT_MS = 5_000;
/** For a question that takes several requests. */
const ANSWER_WITHIN_MS = 30_000;

/** How far a consumer group is behind on a topic. */
export interface GroupLag {
  readonly group: string;
  readonly topic: string;
  readonly lag: bigint;
}

/** Read-only questions about topics and groups. Connects at the first one, and reconnects after a failure. */
export interface KafkaAdmin {
  /** Offsets by partition; null if the topic does not exist. */
  offsets(topic: string): Promise<TopicOffsets | null>;
  /** The number of records in a topic; null if it does not exist. */
  countOf(topic: string): Promise<{ readonly total: bigint; readonly lastHour: bigint } | null>;
  /** The sum of the end offsets of each topic that `isWanted` selects. */
  topicEnds(isWanted: (topic: string) => boolean): Promise<ReadonlyMap<string, bigint>>;
  /** The lag of the groups whose IDs start with `prefix`. */
  groupLags(prefix: string): Promise<readonly GroupLag[]>;
  close(): Promise<void>;
}

/** A kafkajs admin client that is replaced after a failure, because kafkajs may keep using a dead connection. */
export interface AdminSession {
  /** Rejects after `answerWithinMs`. kafkajs itself may wait for 30 s several times when a broker is gone. */
  ask<T>(question: (admin: kafkajs.Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createAdminSession(kafka: kafkajs.Kafka, answerWithinMs: number): AdminSession {
  let current: { readonly admin: kafkajs.Admin; readonly connected: Promise<void> } | undefined;
  async function release(session: typeof current): Promise<void> {
    if (current === session) current = undefined;
    await session?.connected.then(() => session.admin.disconnect()).catch(() => undefined);
  }
  return {
    async ask(question) {
      if (current === undefined) {
        const admin = kafka.admin();
        current = { admin, connected: admin.connect() };
      }
      const session = current;
      try {
        const answer = session.connected.then(() => question(session.admin));
        return await withDeadline(
          answer,
          answerWithinMs,
          `timeout: no broker answered within ${answerWithinMs} ms`,
        );
      } catch (error) {
        void release(session);
        throw error;
      }
    },
    close: () => release(current),
  };
}

export async function fetchOffsets(admin: kafkajs.Admin, topic: string): Promise<TopicOffsets> {
  const partitions = await admin.fetchTopicOffsets(topic);
  return new Map(
    partitions.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
  );
}

async function offsetsIn(admin: kafkajs.Admin, topic: string): Promise<TopicOffsets | null> {
  // Asking for the offsets of a missing topic could create it.
  return (await admin.listTopics()).includes(topic) ? await fetchOffsets(admin, topic) : null;
}

async function groupLagsIn(admin: kafkajs.Admin, prefix: string): Promise<readonly GroupLag[]> {
  const { groups } = await admin.listGroups();
  const topics = new Set(await admin.listTopics());
  const lags: GroupLag[] = [];
  for (const { groupId } of groups.filter((group) => group.groupId.startsWith(prefix))) {
    for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
      const positions = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
      const lag = topics.has(topic) ? recordsAfter(positions, await fetchOffsets(admin, topic)) : 0n;
      lags.push({ group: groupId, topic, lag });
    }
  }
  return lags;
}

export function createKafkaAdmin(connection: KafkaConnection, clientId: string): KafkaAdmin {
  const kafka = createClient(connection, {
    clientId,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: 1, initialRetryTime: 100 },
  });
  const { ask, close } = createAdminSession(kafka, ANSWER_WITHIN_MS);
  return {
    offsets: (topic) => ask((admin) => offsetsIn(admin, topic)),
    countOf: (topic) =>
      ask(async (admin) => {
        const offsets = await offsetsIn(admin, topic);
        if (offsets === null) return null;
        const hourAgo = await admin.fetchTopicOffsetsByTimestamp(topic, Date.now() - HOUR_MS);
        // The offset is -1 for a partition without a record of the last hour.
        const positions = new Map(hourAgo.map(({ partition, offset }) => [partition, BigInt(offset)]));
        return { total: retainedRecords(offsets), lastHour: recordsAfter(positions, offsets) };
      }),
    topicEnds: (isWanted) =>
      ask(async (admin) => {
        const topics = (await admin.listTopics()).filter(isWanted);
        const ends = topics.map(async (topic) => {
          let sum = 0n;
          for (const { high } of (await fetchOffsets(admin, topic)).values()) sum += high;
          return [topic, sum] as const;
        });
        return new Map(await Promise.all(ends));
      }),
    groupLags: (prefix) => ask((admin) => groupLagsIn(admin, prefix)),
    close,
  };
}
