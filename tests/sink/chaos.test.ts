import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/pipeline/sample-payments.js';
import { freePort } from '../support/free-port.js';
import { startChaosChild } from './chaos/child.js';
import { type ChaosServers, Episode, outputTopic, readTopics, runEpisode } from './chaos/episode.js';
import { SinkHost } from './chaos/sink-hosts.js';
import { Strikes } from './chaos/strikes.js';
import { kafkaClient } from './support/environments.js';
import { canRunPostgres, startPostgresServer } from './support/postgres-server.js';

/** PAYSTREAM_CHAOS_SEED=n PAYSTREAM_CHAOS_RUNS=1 repeats one run. */
const firstSeed = Number(process.env.PAYSTREAM_CHAOS_SEED ?? 1);
const runs = Number(process.env.PAYSTREAM_CHAOS_RUNS ?? 100);
/** Runs side by side: most of a run is waiting, for a group to notice a death or a server to be back. */
const SIDE_BY_SIDE = 20;
const LOAD_MS = 8_000;
const REST_MS = 1_200;
/** Only a hang may come so far: a machine that has other things to do takes minutes for a wave. */
const LOAD_WITHIN_MS = 240_000;
const SETTLE_WITHIN_MS = 180_000;
const WAVE_WITHIN_MS = LOAD_WITHIN_MS + SETTLE_WITHIN_MS + 120_000;
const required = process.env.PAYSTREAM_REQUIRE_TOOLS === '1';

interface ChaosStore {
  /** A part of the store for one run. */
  openPart(name: string): Promise<string>;
  kill(random: () => number): Promise<void>;
  stop(): Promise<void>;
}

async function realPostgres(): Promise<ChaosStore> {
  const server = await startPostgresServer();
  return {
    async openPart(name) {
      for (;;) {
        const client = new pg.Client({ connectionString: server.url });
        client.on('error', () => {});
        try {
          await client.connect();
          await client.query(`CREATE SCHEMA IF NOT EXISTS ${name}`);
          break;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 50));
        } finally {
          await client.end().catch(() => {});
        }
      }
      return `${server.url}?options=${encodeURIComponent(`-c search_path=${name}`)}`;
    },
    // Now the whole server, now one session, upon which the server ends all the others.
    kill: (random) =>
      random() < 0.6 ? server.killAndRestart() : server.killSession((count) => Math.floor(random() * count)),
    stop: () => server.stop(),
  };
}

async function embeddedStore(): Promise<ChaosStore> {
  const folder = mkdtempSync(join(tmpdir(), 'paystream-chaos-store-'));
  let child = await startChaosChild('store', [folder, String(await freePort())]);
  const url = child.said;
  return {
    openPart: async () => url,
    async kill() {
      await child.end('SIGKILL');
      child = await startChaosChild('store', [folder, new URL(url).port]);
    },
    async stop() {
      await child.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startServers(openStore: () => Promise<ChaosStore>, seed: number) {
  const random = seededRandom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'paystream-chaos-broker-'));
  const store = await openStore();
  let broker = await startChaosChild('broker', [folder, String(await freePort())]);
  const brokers = broker.said;
  const hosts = [1, 2, 3].map(() => new SinkHost(brokers));
  await Promise.all(hosts.map((host) => host.run()));
  const strikes = {
    store: new Strikes(() => store.kill(random), REST_MS),
    broker: new Strikes(async () => {
      await broker.end('SIGKILL');
      broker = await startChaosChild('broker', [folder, brokers.split(':')[1]!]);
    }, REST_MS),
    host: new Strikes(() => hosts[Math.floor(random() * hosts.length)]!.killAndRestart(), REST_MS),
  };
  const servers: ChaosServers = {
    brokers,
    kafka: kafkaClient(brokers),
    hosts,
    strikes,
    openPart: (name) => store.openPart(name),
  };
  return {
    servers,
    async stop() {
      await Promise.all(hosts.map((host) => host.end()));
      await broker.end('SIGKILL');
      await store.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a run comes to, or, if it does not come to anything in time, what it waits for. */
async function orDiagnosis<T>(work: Promise<T>, episode: Episode, withinMs: number): Promise<T> {
  let patience: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    patience = setTimeout(resolve, withinMs);
  }).then(async () => {
    const diagnosis = await episode.diagnosis();
    console.error(diagnosis);
    throw new Error(`seed ${episode.seed} did not end within ${withinMs} ms: ${diagnosis.split('\n')[0]}`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(patience);
  }
}

/** Runs of several seeds at once on the same servers; says of each how it ended. */
async function runWave(
  servers: ChaosServers,
  seeds: readonly number[],
): Promise<ReadonlyMap<number, unknown>> {
  const outcomes = new Map<number, unknown>();
  const failed = (seed: number) => (error: unknown) => {
    outcomes.set(seed, error);
  };
  const episodes = seeds.map((seed) => new Episode(servers, seed));
  const checks = await Promise.all(
    episodes.map((episode) => {
      const run = { seed: episode.seed, loadMs: LOAD_MS, settleMs: SETTLE_WITHIN_MS };
      return orDiagnosis(runEpisode(servers, run, episode), episode, LOAD_WITHIN_MS).catch(
        failed(episode.seed),
      );
    }),
  );
  const output = await readTopics(
    servers.kafka,
    seeds.filter((seed) => !outcomes.has(seed)).map(outputTopic),
  );
  await Promise.all(
    seeds.map((seed, n) => checks[n]?.(output.get(outputTopic(seed)) ?? []).catch(failed(seed))),
  );
  return outcomes;
}

function chaos(name: string, openStore: () => Promise<ChaosStore>, count: number, sideBySide: number): void {
  describe(`chaos on ${name}: sinks, broker and store killed at random under load`, () => {
    for (let first = firstSeed; first < firstSeed + count; first += sideBySide) {
      const last = Math.min(first + sideBySide, firstSeed + count) - 1;
      const seeds = Array.from({ length: last - first + 1 }, (_, n) => first + n);
      describe(`seeds ${first} to ${last}`, () => {
        let outcomes: ReadonlyMap<number, unknown>;
        beforeAll(async () => {
          const { servers, stop } = await startServers(openStore, first);
          try {
            outcomes = await runWave(servers, seeds);
          } finally {
            const { store, broker, host } = servers.strikes;
            console.log(
              `${name}, seeds ${first} to ${last}: kill -9 of the store ${store.count}, of the broker ${broker.count}, of sinks ${host.count} times`,
            );
            await stop();
          }
        }, WAVE_WITHIN_MS);
        it.each(seeds)('the store equals the answer from PAYMENT-OUTPUT: seed %i', (seed) => {
          expect(outcomes.get(seed)).toBeUndefined();
        });
      });
    }
  });
}

if (canRunPostgres || required) chaos('PostgreSQL', realPostgres, runs, SIDE_BY_SIDE);
else {
  describe.skip('chaos on PostgreSQL: no initdb here (PAYSTREAM_TEST_POSTGRES_BIN names its folder)', () => {
    it('is skipped', () => {});
  });
}
// PGlite has one session, and no schemas of their own for its clients: one run at a time.
chaos('PGlite', embeddedStore, Math.min(runs, 2), 1);
