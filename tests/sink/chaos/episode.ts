import { setTimeout as sleep } from 'node:timers/promises';
import type kafkajs from 'kafkajs';
import { expect } from 'vitest';
import { seededRandom } from '../../../src/pipeline/sample-payments.js';
import { migrateStore } from '../../../src/store/migrate-store.js';
import { openStore } from '../../../src/store/open-store.js';
import { aggregateJson, aggregateKey, paymentJson } from '../support/aggregates.js';
import { eventually, lastFives } from '../support/store-contents.js';
import { diagnose } from './diagnosis.js';
import { aggregateOf, lastFivesOf, makePayments } from './payments.js';
import type { SinkHost } from './sink-hosts.js';
import type { Strikes } from './strikes.js';

/** The servers of a run, and how to strike them. */
export interface ChaosServers {
  readonly brokers: string;
  readonly kafka: kafkajs.Kafka;
  readonly hosts: readonly SinkHost[];
  readonly strikes: Readonly<Record<'store' | 'broker' | 'host', Strikes>>;
  /** A part of the store for this run alone. */
  openPart(name: string): Promise<string>;
}

export interface ChaosRun {
  readonly seed: number;
  /** Strikes and load are spread over so long. */
  readonly loadMs: number;
  /** So long the store may take, after the last strike, to hold all that was sent. A hang fails, a slow machine not. */
  readonly settleMs: number;
}

/** A run under way: what it is at, for whoever finds that it does not end. */
export class Episode {
  readonly seed: number;
  readonly #servers: ChaosServers;
  #storeUrl: string | undefined;
  #sent = 'nothing sent yet';
  #act = 'setting up';

  constructor(servers: ChaosServers, seed: number) {
    this.#servers = servers;
    this.seed = seed;
  }

  hasStore(url: string): void {
    this.#storeUrl = url;
  }

  sends(what: string): void {
    this.#sent = what;
  }

  isAt(act: string): void {
    this.#act = act;
  }

  async diagnosis(): Promise<string> {
    const { hosts, brokers } = this.#servers;
    const found = await diagnose({
      seed: this.seed,
      topic: aggregateTopic(this.seed),
      storeUrl: this.#storeUrl,
      hosts,
      brokers,
    });
    return `the run is at: ${this.#act}; ${this.#sent}\n${found}`;
  }
}

/** Reads topics from their beginning to their end: the values of each. */
export async function readTopics(
  kafka: kafkajs.Kafka,
  topics: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (topics.length === 0) return new Map();
  const admin = kafka.admin();
  await admin.connect();
  let missing = 0;
  for (const topic of topics) {
    for (const { high } of await admin.fetchTopicOffsets(topic)) missing += Number(high);
  }
  await admin.disconnect();
  const values = new Map(topics.map((topic) => [topic, [] as string[]] as const));
  const consumer = kafka.consumer({ groupId: `${topics[0]}-reader`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const late = () => reject(new Error(`${missing} records could not be read back`));
    setTimeout(late, READ_WITHIN_MS).unref();
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer
      .run({
        eachMessage: async ({ topic, message }) => {
          values.get(topic)!.push(message.value!.toString('utf8'));
          if (--missing === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

export const outputTopic = (seed: number) => `chaos-${seed}-PAYMENT-OUTPUT`;
const aggregateTopic = (seed: number) => `chaos-${seed}-PAYMENT-TRX-AGGR`;
const STOP_WITHIN_MS = 30_000;
const READ_WITHIN_MS = 120_000;

/**
 * One seeded run: payments go to PAYMENT-OUTPUT and their aggregate, twice and out of order, to PAYMENT-TRX-AGGR,
 * while sinks join and leave and everything is killed. Resolves, when all strikes are over and all is sent, with the
 * check to be made: that the store comes to equal what PAYMENT-OUTPUT holds.
 */
export async function runEpisode(
  servers: ChaosServers,
  { seed, loadMs, settleMs }: ChaosRun,
  episode: Episode,
): Promise<(output: readonly string[]) => Promise<void>> {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const partitions = 2 + below(4);
  const topic = aggregateTopic(seed);
  const payments = makePayments(seed, 120 + below(120));

  const admin = servers.kafka.admin();
  await eventually(() => admin.connect());
  const topics = [
    { topic, numPartitions: partitions },
    { topic: outputTopic(seed), numPartitions: 1 + below(3) },
  ];
  await eventually(async () => {
    await admin.createTopics({ topics });
    const { topics: made } = await admin.fetchTopicMetadata({ topics: topics.map((one) => one.topic) });
    expect(made.length).toBe(2);
  });
  await admin.disconnect();
  episode.isAt('making its part of the store');
  const storeUrl = await servers.openPart(`chaos_${seed}`);
  episode.hasStore(storeUrl);
  const setUp = await openStore(storeUrl, { maxConnections: 1 });
  await eventually(() => migrateStore(setUp));
  await setUp.close();

  const sinks: { readonly name: string; readonly host: SinkHost }[] = [];
  let made = 0;
  const join = async () => {
    const host = servers.hosts[made % servers.hosts.length]!;
    const name = `${seed}-${++made}`;
    sinks.push({ name, host });
    await host.start(name, { storeUrl, topic });
  };
  const leave = async () => {
    const [one] = sinks.splice(below(sinks.length), 1);
    await one!.host.stop(one!.name);
  };
  episode.isAt('starting its first sinks');
  await Promise.all([join(), join(), join()]);
  const since = performance.now();

  const send = async () => {
    const producer = servers.kafka.producer({ allowAutoTopicCreation: false });
    await eventually(() => producer.connect());
    const toAggregate = aggregateOf(1 + below(3), payments.length);
    const updates = payments.map(toAggregate);
    for (let at = 0; at < payments.length; ) {
      const size = 1 + below(12);
      episode.sends(`${at} of ${payments.length} payments sent`);
      const part = updates.slice(at, at + size);
      // What was not acknowledged is sent again, though it may have arrived.
      await eventually(() =>
        producer.send({
          topic: outputTopic(seed),
          acks: -1,
          messages: payments.slice(at, at + size).map((payment) => ({
            key: aggregateKey(BigInt(payment.customerId), 0n).subarray(0, 8),
            value: paymentJson(payment),
          })),
        }),
      );
      if (random() < 0.4) part.push(...updates.slice(Math.max(0, at - 40), at).filter(() => random() < 0.3));
      if (random() < 0.4) part.reverse();
      await eventually(() =>
        producer.send({
          topic,
          acks: -1,
          messages: part.map((update) => ({
            key: aggregateKey(update.customerId, update.windowStart),
            value: aggregateJson(update),
            partition: Number(update.customerId % BigInt(partitions)),
          })),
        }),
      );
      at += size;
      await sleep((loadMs * size) / payments.length);
    }
    episode.sends(`all ${payments.length} payments sent`);
    await producer.disconnect();
  };

  const sinkJoins = { name: 'a sink joins', act: join };
  const sinkLeaves = { name: 'a sink leaves', act: leave };
  const plan = [
    { name: 'killing the store', act: () => servers.strikes.store.strike(since) },
    { name: 'killing the broker', act: () => servers.strikes.broker.strike(since) },
    { name: 'killing a host of sinks', act: () => servers.strikes.host.strike(since) },
    sinkJoins,
    sinkLeaves,
    random() < 0.5 ? sinkJoins : sinkLeaves,
  ];
  const strike = async () => {
    const order = plan.map((step) => ({ ...step, at: random() * loadMs })).sort((a, b) => a.at - b.at);
    for (const { name, act, at } of order) {
      await sleep(Math.max(0, since + at - performance.now()));
      episode.isAt(name);
      await act();
    }
    episode.isAt('all strikes done');
  };
  await Promise.all([send(), strike()]);

  return async (output) => {
    try {
      expect(new Set(output), 'PAYMENT-OUTPUT has what was acknowledged').toEqual(
        new Set(payments.map(paymentJson)),
      );
      const expected = lastFivesOf(output);
      const ends = servers.kafka.admin();
      await ends.connect();
      const end = (await ends.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
      await ends.disconnect();
      const store = await openStore(storeUrl, { maxConnections: 1 });
      try {
        await eventually(async () => {
          const { rows } = await store.query<{ end: string }>(
            'SELECT sum(next_offset) AS end FROM sink_offset',
          );
          expect(Number(rows[0]!.end), 'all is read').toBe(end);
        }, settleMs);
        expect(await lastFives(store)).toEqual(expected);
        const { rows } = await store.query(
          'SELECT (SELECT count(*) FROM customer_payment) AS payments, (SELECT count(*) FROM sink_dead_letter) AS letters',
        );
        expect(rows).toEqual([{ payments: String([...expected.values()].flat().length), letters: '0' }]);
      } finally {
        await store.close();
      }
      for (const host of servers.hosts) host.assertAlive();
      const failures = servers.hosts.flatMap(({ failures }) => [...failures]);
      expect(
        failures.filter(([name]) => name.startsWith(`${seed}-`)),
        'no sink gave up',
      ).toEqual([]);
      episode.isAt('stopping its sinks');
      const stopped = Promise.all(sinks.splice(0).map(({ name, host }) => host.stop(name)));
      expect(
        await Promise.race([stopped, sleep(STOP_WITHIN_MS, 'late', { ref: false })]),
        'all sinks stop',
      ).not.toBe('late');
    } catch (error) {
      console.error(await episode.diagnosis());
      throw error;
    }
  };
}
