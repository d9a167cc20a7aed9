import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../config/config.js';
import { LOCAL_PORTS } from '../../config/config.js';
import type { RunningConsole } from '../../console/start-console.js';
import { type Cluster, startCluster } from '../../embedded/cluster.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import type { KafkaConnection } from '../../kafka/connection.js';
import { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import { applyMigrations } from '../../migrations/apply-migrations.js';
import { waitForLastFives } from '../../pipeline/demo.js';
import { readLastFives } from '../../pipeline/last-fives.js';
import { SampleFeed } from '../../pipeline/sample-feed.js';
import { type RunningSink, startSink } from '../../sink/sink.js';
import { migrateStore } from '../../store/migrate-store.js';
import type { Store } from '../../store/store.js';
import { EXIT } from '../exit-codes.js';
import { note, notedStyle, out, reportError } from '../output.js';
import { aborted, withStopSignal } from '../signals.js';
import { freeOrAny } from './free-port.js';
import { type KafkaSecurity, kafkaSecurity } from './kafka-security.js';
import { LastFivesView } from './last-fives-view.js';

export interface DevFlags {
  readonly dataDir: string;
  readonly ephemeral?: boolean;
  readonly host: string;
  readonly kafkaPort?: number;
  readonly ksqldbPort?: number;
  readonly storePort?: number;
  readonly schemaRegistryPort?: number;
  readonly kafkaUsersFile?: string;
  readonly kafkaTlsCert?: string;
  readonly kafkaTlsKey?: string;
  readonly kafkaTlsCa?: string;
  readonly directory?: string;
  readonly migrate: boolean;
  readonly sink: boolean;
  readonly console: boolean;
  readonly consolePort?: number;
  readonly fsync?: boolean;
  readonly sample?: boolean;
  readonly demo?: boolean;
  readonly json?: boolean;
}

const DEMO_CUSTOMERS = 5;
const DEMO_PAYMENTS = 200;
const SAMPLE_RATE = 10;

/** Commits often, so that a developer sees a payment at once. */
const DEV_KSQLDB_CONFIG = { 'ksql.streams.commit.interval.ms': '100' };

/** Returns the folder of the flag or the configuration, else the migrations that ship with the package. */
function migrationsDirectory(flags: DevFlags, config: Config): string {
  if (flags.directory !== undefined) return flags.directory;
  if (existsSync(config.migrations.directory)) return config.migrations.directory;
  return fileURLToPath(new URL('../../../ksql/migrations', import.meta.url));
}

/** Runs the development cluster until a signal arrives or, with `--demo`, until the demo has passed. */
export async function runDev(flags: DevFlags, config: Config): Promise<void> {
  const started = performance.now();
  const stops: (() => Promise<void>)[] = [];
  const security = kafkaSecurity(flags);
  const sinkFailed = new AbortController();
  await withStopSignal(async (signal) => {
    const stopped = AbortSignal.any([signal, sinkFailed.signal]);
    try {
      const cluster = await startDevCluster(flags, security);
      stops.push(() => cluster.stop());
      if (flags.migrate) await migrate(cluster, flags, config);
      const { store } = cluster;
      if (store !== undefined && flags.sink) {
        const sink = await startDevSink(cluster, store, security);
        stops.push(() => sink.stop());
        void sink.done.catch((error: unknown) => {
          reportError(error);
          process.exitCode = EXIT.failed;
          sinkFailed.abort();
        });
      }
      const page = flags.console ? await startDevConsole(cluster, flags, config) : undefined;
      if (page !== undefined) stops.push(() => page.stop());
      announce(cluster, flags, page?.url, Math.round(performance.now() - started));
      if (store !== undefined && (flags.sample === true || flags.demo === true)) {
        const feed = new SampleFeed(connectionOf(cluster, security), 1, DEMO_CUSTOMERS);
        stops.push(() => feed.stop());
        if (flags.demo === true) await demo(feed, store, started);
        else await sample(feed, store, stopped);
      } else {
        await aborted(stopped);
      }
    } finally {
      for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
    }
  });
}

async function startDevCluster(flags: DevFlags, security: KafkaSecurity): Promise<Cluster> {
  const port = async (asked: number | undefined, usual: number) =>
    asked ?? (await freeOrAny(usual, flags.host));
  return await startCluster({
    dataDir: flags.ephemeral === true ? null : flags.dataDir,
    host: flags.host,
    kafkaPort: await port(flags.kafkaPort, LOCAL_PORTS.kafka),
    ksqldbPort: await port(flags.ksqldbPort, LOCAL_PORTS.ksqldb),
    storePort: await port(flags.storePort, LOCAL_PORTS.store),
    schemaRegistryPort: await port(flags.schemaRegistryPort, LOCAL_PORTS.schemaRegistry),
    ...security.server,
    log: (level, message) => {
      if (level !== 'info') note(`${notedStyle('yellow', level)} ${message}`);
    },
    ksqldbConfig: DEV_KSQLDB_CONFIG,
    fsync: flags.fsync,
  });
}

async function migrate(cluster: Cluster, flags: DevFlags, config: Config): Promise<void> {
  const client = new KsqldbClient({ url: cluster.ksqldbUrl });
  try {
    const directory = migrationsDirectory(flags, config);
    const { applied, version } = await applyMigrations({
      client,
      directory,
      variables: config.migrations.variables,
    });
    if (flags.json !== true) note(`migrations: ${applied.length} applied, at version ${version}`);
  } finally {
    client.close();
  }
}

function connectionOf({ brokers }: Cluster, { client }: KafkaSecurity): KafkaConnection {
  return { brokers: brokers.split(','), ...client };
}

async function startDevSink(cluster: Cluster, store: Store, security: KafkaSecurity): Promise<RunningSink> {
  await migrateStore(store);
  return await startSink({
    ...connectionOf(cluster, security),
    store,
    groupId: 'paystream-sink',
  });
}

async function startDevConsole(cluster: Cluster, flags: DevFlags, config: Config): Promise<RunningConsole> {
  const { openConsole } = await import('../open-console.js');
  const open = (port: number) =>
    openConsole(
      {
        ...config,
        ksqldb: { url: cluster.ksqldbUrl },
        kafka: { brokers: cluster.brokers.split(',') },
        store: { url: cluster.storeUrl ?? '' },
      },
      {
        // The page stays on loopback whatever --host says: `paystream console --host` requires a token.
        host: '127.0.0.1',
        port,
        allowWrite: true,
        directory: migrationsDirectory(flags, config),
        store: cluster.store !== undefined,
      },
    );
  if (flags.consolePort !== undefined) return await open(flags.consolePort);
  try {
    return await open(LOCAL_PORTS.console);
  } catch (error) {
    if (!(error instanceof PaystreamError && error.code === 'HTTP_LISTEN')) throw error;
    return await open(0);
  }
}

function announce(cluster: Cluster, flags: DevFlags, consoleUrl: string | undefined, tookMs: number): void {
  const { brokers, ksqldbUrl, storeUrl, schemaRegistryUrl } = cluster;
  if (flags.json === true) {
    out(JSON.stringify({ brokers, ksqldbUrl, storeUrl, consoleUrl }));
    return;
  }
  note(`${notedStyle('green', 'ready')} in ${tookMs} ms (press Ctrl-C to stop)`);
  note(`  Kafka    ${brokers}`);
  note(`  ksqlDB   ${ksqldbUrl}`);
  note(`  schemas  ${schemaRegistryUrl}`);
  note(`  store    ${storeUrl}`);
  if (consoleUrl !== undefined) note(`  console  ${consoleUrl}`);
  note(`  data     ${flags.ephemeral === true ? 'in memory' : flags.dataDir}`);
}

async function demo(feed: SampleFeed, store: Store, started: number): Promise<void> {
  const payments = await feed.send(DEMO_PAYMENTS);
  const customers = await waitForLastFives(store, payments, 60_000);
  new LastFivesView().show(customers);
  const tookMs = Math.round(performance.now() - started);
  note(`demo passed: ${payments.length} payments on both channels, ${tookMs} ms after the start`);
  note(`The store has the exact last five of all ${customers.length} customers.`);
}

async function sample(feed: SampleFeed, store: Store, signal: AbortSignal): Promise<void> {
  const view = new LastFivesView();
  await feed.send(DEMO_CUSTOMERS * 10);
  await new Promise<void>((resolve, reject) => {
    feed.start(SAMPLE_RATE, reject);
    const timer = setInterval(() => {
      readLastFives(store, DEMO_CUSTOMERS).then((customers) => view.show(customers), reject);
    }, 250);
    void aborted(signal).then(() => {
      clearInterval(timer);
      resolve();
    });
  });
}
