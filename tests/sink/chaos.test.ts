import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/pipeline/sample-payments.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { expectedLastFives, makeAggregates } from './support/aggregates.js';
import { type Child, startChild } from './support/child.js';
import { createDatabase, createTopic, kafkaClient, postgres } from './support/environments.js';
import { aggregateProducer } from './support/producing.js';
import { eventually, lastFives } from './support/store-contents.js';

/** PAYSTREAM_CHAOS_RUNS=100 for the long one; PAYSTREAM_CHAOS_SEED to repeat one. */
const runs = Number(process.env.PAYSTREAM_CHAOS_RUNS ?? 1);
const firstSeed = Number(process.env.PAYSTREAM_CHAOS_SEED ?? 1);
const PARTITIONS = 4;

interface ChaosStore {
  readonly url: string;
  /** Breaks every connection, as the end of the server would. */
  strike(): Promise<void>;
  close(): Promise<void>;
}

async function killedPglite(): Promise<ChaosStore> {
  const folder = mkdtempSync(join(tmpdir(), 'paystream-chaos-store-'));
  let child = await startChild('store-process', [folder, '0']);
  const url = child.said;
  return {
    url,
    async strike() {
      await child.end('SIGKILL');
      child = await startChild('store-process', [folder, new URL(url).port]);
    },
    async close() {
      await child.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function terminatedPostgres(): Promise<ChaosStore> {
  const database = await createDatabase();
  return {
    url: database.url,
    async strike() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await client.end();
    },
    close: () => database.drop(),
  };
}

async function chaos(seed: number, openChaosStore: () => Promise<ChaosStore>): Promise<void> {
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const folder = mkdtempSync(join(tmpdir(), 'paystream-chaos-broker-'));
  const chaosStore = await openChaosStore();
  let broker = await startChild('broker-process', [folder, '0']);
  const brokers = broker.said;
  const sinks: Child[] = [];
  const said: string[] = [];
  try {
    const setUp = await openStore(chaosStore.url);
    await migrateStore(setUp);
    await setUp.close();
    const topic = await createTopic(brokers, PARTITIONS);
    const newSink = () => startChild('sink-process', [brokers, chaosStore.url, topic, topic]);
    const endSink = async (signal: NodeJS.Signals) => {
      const [victim] = sinks.splice(below(sinks.length), 1);
      await victim!.end(signal);
      said.push(victim!.errors());
    };
    sinks.push(...(await Promise.all([newSink(), newSink(), newSink()])));

    const all = makeAggregates({ seed, customers: 50, payments: 1_500, versions: 0 });
    const producer = await aggregateProducer(brokers, topic, PARTITIONS);
    const sending = (async () => {
      for (let at = 0; at < all.length; at += 10) {
        const some = all.slice(at, at + 10);
        // Again, and out of order, as a producer that retries would.
        if (random() < 0.3) some.push(...all.slice(Math.max(0, at - 30), at).filter(() => random() < 0.2));
        if (random() < 0.3) some.reverse();
        await eventually(() => producer.send(some));
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
    })();
    sending.catch(() => {});

    const strikes: readonly (() => Promise<void>)[] = [
      async () => {
        await endSink('SIGKILL');
        sinks.push(await newSink());
      },
      async () => {
        await endSink('SIGTERM');
        sinks.push(await newSink());
      },
      async () => {
        sinks.push(await newSink());
        await endSink(random() < 0.5 ? 'SIGKILL' : 'SIGTERM');
      },
      async () => {
        await broker.end('SIGKILL');
        broker = await startChild('broker-process', [folder, brokers.split(':')[1]!]);
      },
      () => chaosStore.strike(),
    ];
    for (let i = 0; i < 6; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100 + below(500)));
      await strikes[below(strikes.length)]!();
    }
    await sending;
    await producer.close();

    const admin = kafkaClient(brokers).admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    const end = ends.reduce((sum, { offset }) => sum + Number(offset), 0);
    const store = await openStore(chaosStore.url);
    try {
      await eventually(async () => {
        const { rows } = await store.query<{ end: string }>(
          'SELECT sum(next_offset) AS end FROM sink_offset',
        );
        expect(Number(rows[0]!.end)).toBe(end);
      }, 60_000);
      expect(await lastFives(store), `seed ${seed}`).toEqual(expectedLastFives(all));
      const { rows } = await store.query('SELECT count(*) AS n FROM sink_dead_letter');
      expect(rows).toEqual([{ n: '0' }]);
    } catch (error) {
      for (const sink of sinks) said.push(sink.errors());
      console.error(said.join('\n---\n').slice(-6_000));
      throw error;
    } finally {
      await store.close();
    }
  } finally {
    await Promise.all(sinks.map((sink) => sink.end('SIGKILL')));
    await broker.end('SIGKILL');
    await chaosStore.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('chaos: sinks, broker and store ended at random under load', () => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    it(`PGlite killed, seed ${seed}`, () => chaos(seed, killedPglite), 180_000);
    it.skipIf(postgres.skip)(
      `PostgreSQL's connections cut, seed ${seed}`,
      () => chaos(seed, terminatedPostgres),
      180_000,
    );
  }
});
