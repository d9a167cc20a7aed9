import type kafkajs from 'kafkajs';
import { type Aggregate, aggregateJson, aggregateKey } from './aggregates.js';
import { kafkaClient } from './environments.js';

export interface AggregateProducer {
  /** Writes records in order; a customer's all go to one partition, as ksqlDB's do. */
  send(aggregates: readonly Aggregate[]): Promise<void>;
  /** Writes a record as it is. */
  sendRaw(message: {
    readonly key: Buffer | null;
    readonly value: string | Buffer | null;
    readonly partition?: number;
  }): Promise<void>;
  close(): Promise<void>;
}

export async function aggregateProducer(
  brokers: string,
  topic: string,
  partitions: number,
): Promise<AggregateProducer> {
  const producer: kafkajs.Producer = kafkaClient(brokers).producer({
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  return {
    async send(aggregates) {
      for (let at = 0; at < aggregates.length; at += 500) {
        await producer.send({
          topic,
          acks: -1,
          messages: aggregates.slice(at, at + 500).map((aggregate) => ({
            key: aggregateKey(aggregate.customerId, aggregate.windowStart),
            value: aggregateJson(aggregate),
            partition: Number(aggregate.customerId % BigInt(partitions)),
          })),
        });
      }
    },
    async sendRaw({ key, value, partition }) {
      await producer.send({ topic, acks: -1, messages: [{ key, value, partition: partition ?? 0 }] });
    },
    close: () => producer.disconnect(),
  };
}
