import type kafkajs from 'kafkajs';
import { createClient } from './client.js';
import type { KafkaConnection } from './connection.js';

export interface ProducerRecord {
  readonly topic: string;
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
}

export interface KafkaProducer {
  /** Sends the records and waits until all in-sync replicas have them. Order is kept within each topic. */
  send(records: readonly ProducerRecord[]): Promise<void>;
  close(): Promise<void>;
}

/** Creates a producer that connects when it sends the first record. It creates no topics. */
export function producerOf(kafka: kafkajs.Kafka): KafkaProducer {
  let connected: kafkajs.Producer | undefined;
  return {
    async send(records) {
      if (connected === undefined) {
        const producer = kafka.producer({ allowAutoTopicCreation: false });
        await producer.connect();
        connected = producer;
      }
      const topics = [...new Set(records.map(({ topic }) => topic))];
      await connected.sendBatch({
        acks: -1,
        topicMessages: topics.map((topic) => ({
          topic,
          messages: records
            .filter((record) => record.topic === topic)
            .map(({ key, value }) => ({ key, value })),
        })),
      });
    },
    close: async () => await connected?.disconnect(),
  };
}

export function createProducer(connection: KafkaConnection, clientId: string): KafkaProducer {
  return producerOf(createClient(connection, { clientId }));
}
