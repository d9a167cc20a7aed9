import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { startRealKafka } from '../../../scripts/real-kafka.js';
import { openEmbeddedStore } from '../../../src/embedded/cluster.js';
import { Broker } from '../../../src/embedded/kafka/broker.js';
import { openStore } from '../../../src/store/open-store.js';
import type { Store } from '../../../src/store/store.js';

/** Servers that a test may need beside Node. With PAYSTREAM_REQUIRE_TOOLS=1 a missing one is a failure. */
const required = process.env.PAYSTREAM_REQUIRE_TOOLS === '1';
const postgresUrl = process.env.PAYSTREAM_TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';

export interface TestStore {
  readonly store: Store;
  /** Opens the same database once more, as another process would. */
  readonly url: string;
  close(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  readonly skip: boolean;
  open(): Promise<TestStore>;
}

export interface TestBroker {
  readonly brokers: string;
  /** Ends the broker without warning and starts it again on the same port, with what it had on disk. */
  bounce(): Promise<void>;
  stop(): Promise<void>;
}

export interface BrokerKind {
  readonly name: string;
  readonly skip: boolean;
  start(): Promise<TestBroker>;
}

async function hasJavaAndMaven(): Promise<boolean> {
  const run = promisify(execFile);
  return await Promise.all([run('java', ['-version']), run('mvn', ['-v'])]).then(
    () => true,
    () => false,
  );
}

async function hasPostgres(): Promise<boolean> {
  const client = new pg.Client({ connectionString: postgresUrl, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** A database of its own on the PostgreSQL server, dropped by `close`. */
export async function createDatabase(): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `paystream_test_${randomBytes(6).toString('hex')}`;
  const admin = async (text: string) => {
    const client = new pg.Client({ connectionString: postgresUrl });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  };
  await admin(`CREATE DATABASE ${name}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => admin(`DROP DATABASE ${name} WITH (FORCE)`) };
}

const postgresHere = await hasPostgres();
const javaHere = process.env.PAYSTREAM_SKIP_REAL_KAFKA !== '1' && (await hasJavaAndMaven());
if (!postgresHere && !required)
  console.warn(`No PostgreSQL at ${new URL(postgresUrl).host}: its tests are skipped.`);
if (!javaHere && !required) console.warn('No Java and Maven: the tests on a real Kafka are skipped.');

export const pglite: StoreKind = {
  name: 'PGlite',
  skip: false,
  async open() {
    const store = await openEmbeddedStore('pglite:memory');
    return { store, url: 'pglite:memory', close: () => store.close() };
  },
};

export const postgres: StoreKind = {
  name: 'PostgreSQL',
  skip: !postgresHere && !required,
  async open() {
    const database = await createDatabase();
    const store = await openStore(database.url);
    return {
      store,
      url: database.url,
      async close() {
        await store.close();
        await database.drop();
      },
    };
  },
};

export const embeddedBroker: BrokerKind = {
  name: 'embedded broker',
  skip: false,
  async start() {
    const { mkdtempSync, rmSync } = await import('node:fs');
    const { tmpdir } = await import('node:os');
    const { join } = await import('node:path');
    const dataDir = mkdtempSync(join(tmpdir(), 'paystream-broker-'));
    let broker = await Broker.start({ dataDir });
    const brokers = broker.brokers;
    return {
      brokers,
      async bounce() {
        await broker.stop();
        broker = await Broker.start({ dataDir, port: Number(brokers.split(':')[1]) });
      },
      async stop() {
        await broker.stop();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  },
};

function realKafka(version: string): BrokerKind {
  return {
    name: `Kafka ${version}`,
    skip: !javaHere && !required,
    async start() {
      const kafka = await startRealKafka({ version });
      return {
        brokers: kafka.brokers,
        async bounce() {
          await kafka.kill();
          await kafka.restart();
        },
        stop: () => kafka.stop(),
      };
    },
  };
}

/** Every store and every broker at least once; all pairs would only take longer. */
export const pairs: readonly { readonly store: StoreKind; readonly broker: BrokerKind }[] = [
  { store: pglite, broker: embeddedBroker },
  { store: postgres, broker: embeddedBroker },
  { store: postgres, broker: realKafka('3.9.2') },
  { store: pglite, broker: realKafka('4.3.1') },
];

/** A client for tests: quiet, and quick to see that a broker is back. */
export function kafkaClient(brokers: string): kafkajs.Kafka {
  return new kafkajs.Kafka({
    clientId: 'paystream-test',
    brokers: [brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { initialRetryTime: 100, retries: 12 },
  });
}

/** A topic of its own for each test. */
export async function createTopic(brokers: string, partitions: number): Promise<string> {
  const topic = `sink-test-${randomBytes(6).toString('hex')}`;
  const admin = kafkaClient(brokers).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}
