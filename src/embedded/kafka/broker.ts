import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import type { BrokerLog } from './errors/broker-log.js';
import { defaultGroupSettings, GroupCoordinator, type GroupSettings } from './groups/group-coordinator.js';
import { LogStore } from './log/log-store.js';
import { type BrokerLimits, defaultLimits } from './network/limits.js';
import { KafkaServer } from './network/server.js';
import type { BrokerServices } from './protocol/api.js';
import { apis } from './protocol/api-list.js';
import { type SaslOptions, SaslUsers } from './protocol/sasl-users.js';
import {
  defaultTransactionSettings,
  TransactionCoordinator,
  type TransactionSettings,
} from './transactions/transaction-coordinator.js';

export interface BrokerOptions {
  /** The address to listen on (default: 127.0.0.1). */
  readonly host?: string;
  /** The port to listen on (default: 0, any free port). */
  readonly port?: number;
  /** The folder for all data; null keeps everything in memory. Ignored if `store` is set. */
  readonly dataDir?: string | null;
  readonly fsync?: boolean;
  /** An open store to use. It stays open when the broker stops. */
  readonly store?: LogStore;
  /** Create topics when clients first use them (default: true, as in Kafka). */
  readonly autoCreateTopics?: boolean;
  /** The number of partitions of topics created without one (default: 1). */
  readonly defaultPartitions?: number;
  /** The address that clients connect to (default: the one at which they reached the broker). */
  readonly advertisedHost?: string;
  readonly advertisedPort?: number;
  /** Require clients to log in. */
  readonly sasl?: SaslOptions;
  /** Key and certificate in PEM. The port then accepts only TLS. */
  readonly tls?: TlsOptions;
  readonly log?: BrokerLog;
  readonly limits?: Partial<BrokerLimits>;
  readonly groups?: Partial<GroupSettings>;
  readonly transactions?: Partial<TransactionSettings>;
  /** How often retention and compaction run, in milliseconds (default: 10 s). */
  readonly maintenanceIntervalMs?: number;
}

const nodeId = 1;

/** A Kafka-compatible broker in this process. */
export class Broker {
  /** `host:port`, for a client's bootstrap list. */
  readonly brokers: string;
  readonly store: LogStore;
  readonly #server: KafkaServer;
  readonly #groups: GroupCoordinator;
  readonly #transactions: TransactionCoordinator;
  readonly #ownsStore: boolean;
  readonly #maintenance: NodeJS.Timeout;
  #stopped: Promise<void> | undefined;

  /**
   * Starts a broker.
   *
   * @throws EADDRINUSE if the address is taken; DATA_DIR_IN_USE if another process uses the folder
   */
  static async start(options: BrokerOptions = {}): Promise<Broker> {
    const store =
      options.store ?? LogStore.open({ dataDir: options.dataDir ?? null, fsync: options.fsync ?? false });
    let groups: GroupCoordinator | undefined;
    let transactions: TransactionCoordinator | undefined;
    try {
      const log: BrokerLog = options.log ?? (() => {});
      groups = new GroupCoordinator(store, { ...defaultGroupSettings, ...options.groups });
      transactions = new TransactionCoordinator(store, groups, log, {
        ...defaultTransactionSettings,
        ...options.transactions,
      });
      const broker: BrokerServices = {
        store,
        groups,
        transactions,
        nodeId,
        clusterId: clusterIdOf(store.dataDir),
        autoCreateTopics: options.autoCreateTopics ?? true,
        defaultPartitions: options.defaultPartitions ?? 1,
        log,
        apis,
      };
      const host = options.host ?? '127.0.0.1';
      const server = await KafkaServer.listen({
        host,
        port: options.port ?? 0,
        advertisedHost: options.advertisedHost,
        advertisedPort: options.advertisedPort,
        sasl: options.sasl === undefined ? undefined : new SaslUsers(options.sasl),
        tls: options.tls,
        limits: { ...defaultLimits, ...options.limits },
        broker,
      });
      return new Broker(options, host, store, server, broker);
    } catch (error) {
      transactions?.close();
      groups?.close();
      if (options.store === undefined) store.close();
      throw error;
    }
  }

  private constructor(
    options: BrokerOptions,
    host: string,
    store: LogStore,
    server: KafkaServer,
    services: BrokerServices,
  ) {
    this.store = store;
    this.#server = server;
    this.#groups = services.groups;
    this.#transactions = services.transactions;
    this.#ownsStore = options.store === undefined;
    this.brokers = `${options.advertisedHost ?? reachable(host)}:${options.advertisedPort ?? server.port}`;
    this.#maintenance = setInterval(() => {
      this.maintain().catch((error: unknown) => {
        services.log('error', `Retention or compaction failed: ${String(error)}`);
      });
    }, options.maintenanceIntervalMs ?? 10_000);
    this.#maintenance.unref();
  }

  get port(): number {
    return this.#server.port;
  }

  /** Runs retention, compaction and expiry now. They also run periodically in the background. */
  async maintain(): Promise<void> {
    this.#groups.maintain();
    this.#transactions.maintain();
    await this.store.maintain();
  }

  /** Closes all connections, and the store if the broker opened it. May be called more than once. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#maintenance);
    await this.#server.close();
    this.#transactions.close();
    this.#groups.close();
    if (this.#ownsStore) this.store.close();
  }
}

/** The address at which this machine reaches a listener on `host`. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** Reads the cluster id (22 characters) from the data folder, or creates it. */
function clusterIdOf(dataDir: string | null): string {
  const created = randomBytes(16).toString('base64url');
  if (dataDir === null) return created;
  const path = join(dataDir, 'cluster-id');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    writeFileSync(path, created);
    return created;
  }
}
