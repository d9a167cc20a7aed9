import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

export interface TopicRecord {
  readonly partition: number;
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: string | null;
}

export function kafkaOf(brokers: string): Kafka {
  return new Kafka({ clientId: 'paystream-test', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
}

/** Reads a topic from its beginning until `done` says so, or until nothing came for `quietMs` after the topic's end. */
export async function readTopic(
  brokers: string,
  topic: string,
  done: (records: readonly TopicRecord[]) => boolean,
  timeoutMs = 30_000,
): Promise<readonly TopicRecord[]> {
  const kafka = kafkaOf(brokers);
  const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100 });
  const records: TopicRecord[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(`${topic}: not what was waited for after ${timeoutMs} ms; ${records.length} records`),
          ),
        timeoutMs,
      );
      const check = () => {
        if (!done(records)) return;
        clearTimeout(timer);
        resolve();
      };
      consumer
        .run({
          eachMessage: async ({ partition, message }) => {
            records.push({
              partition,
              offset: message.offset,
              timestamp: message.timestamp,
              key: message.key,
              value: message.value?.toString() ?? null,
            });
            check();
          },
        })
        .then(check, reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return records;
}

/** A windowed BIGINT key: the customer and the window's start. */
export function windowedKey(key: Buffer): { readonly customer: bigint; readonly windowStart: bigint } {
  return { customer: key.readBigInt64BE(0), windowStart: key.readBigInt64BE(8) };
}
