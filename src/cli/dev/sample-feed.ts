import { Kafka, logLevel, type Producer } from 'kafkajs';
import { type SamplePayment, samplePayments } from '../../pipeline/sample-payments.js';
import type { KafkaSecurity } from './kafka-security.js';

/** Sends sample payments through a real Kafka client, as payment services do. */
export class SampleFeed {
  readonly #producer: Producer;
  readonly #payments: Generator<SamplePayment, never>;
  #timer: NodeJS.Timeout | undefined;

  private constructor(producer: Producer, seed: number, customers: number) {
    this.#producer = producer;
    this.#payments = samplePayments({ seed, customers, now: Date.now });
  }

  static async connect(
    brokers: string,
    seed: number,
    customers: number,
    security: KafkaSecurity['client'],
  ): Promise<SampleFeed> {
    const kafka = new Kafka({
      clientId: 'paystream-sample',
      brokers: brokers.split(','),
      logLevel: logLevel.NOTHING,
      ...security,
    });
    const producer = kafka.producer({ allowAutoTopicCreation: false });
    await producer.connect();
    return new SampleFeed(producer, seed, customers);
  }

  /** Sends the next payments and returns them once the broker has acknowledged all. */
  async send(count: number): Promise<readonly SamplePayment[]> {
    const payments = Array.from({ length: count }, () => this.#payments.next().value);
    const topics = [...new Set(payments.map((payment) => payment.topic))];
    await this.#producer.sendBatch({
      acks: -1,
      topicMessages: topics.map((topic) => ({
        topic,
        messages: payments.filter((p) => p.topic === topic).map(({ key, value }) => ({ key, value })),
      })),
    });
    return payments;
  }

  /** Sends `perSecond` payments a second until stopped; an error ends it and goes to `onError`. */
  start(perSecond: number, onError: (error: unknown) => void): void {
    const tick = () => {
      this.send(1).catch((error: unknown) => {
        clearInterval(this.#timer);
        onError(error);
      });
    };
    this.#timer = setInterval(tick, 1_000 / perSecond);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#producer.disconnect();
  }
}
