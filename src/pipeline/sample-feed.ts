import type { KafkaConnection } from '../kafka/connection.js';
import { createProducer, type KafkaProducer } from '../kafka/producer.js';
import { type SamplePayment, samplePayments } from './sample-payments.js';

/** Sends sample payments through a real Kafka client, as payment services do. */
export class SampleFeed {
  readonly #producer: KafkaProducer;
  readonly #payments: Generator<SamplePayment, never>;
  #timer: NodeJS.Timeout | undefined;

  constructor(connection: KafkaConnection, seed: number, customers: number) {
    this.#producer = createProducer(connection, 'paystream-sample');
    this.#payments = samplePayments({ seed, customers, now: Date.now });
  }

  /** Sends the next payments. Returns them once the broker has acknowledged all of them. */
  async send(count: number): Promise<readonly SamplePayment[]> {
    const payments = Array.from({ length: count }, () => this.#payments.next().value);
    await this.#producer.send(payments);
    return payments;
  }

  /** Sends `perSecond` payments a second until `stop()`. The first error ends the feed and is passed to `onError`. */
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
    await this.#producer.close();
  }
}
