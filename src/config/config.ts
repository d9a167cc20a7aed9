import { existsSync } from 'node:fs';
import { PaystreamError } from '../errors/paystream-error.js';
import type { ConfigFile } from './config-schema.js';

/** What can be said on the command line; each wins over the environment, the file and the defaults. */
export interface ConfigFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly kafkaBrokers?: string;
  readonly databaseUrl?: string;
}

export interface KsqldbConfig {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly token?: string;
  readonly timeoutMs?: number;
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly pfx?: string;
    readonly passphrase?: string;
    readonly verifyHost?: boolean;
  };
}

/** Names of the migrations' books where they are not the usual ones. */
export interface MetadataConfig {
  readonly stream?: string;
  readonly table?: string;
  readonly streamTopic?: string;
  readonly tableTopic?: string;
  readonly replicas?: number;
}

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly ssl?: boolean;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | 'oauthbearer';
    readonly username?: string;
    readonly password?: string;
    readonly token?: string;
    /** The file that `token` was read from. */
    readonly tokenPath?: string;
    readonly oauth?: {
      readonly tokenEndpoint: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope?: string;
    };
  };
}

export interface StoreConfig {
  readonly url: string;
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

export interface Config {
  readonly ksqldb: KsqldbConfig;
  readonly kafka: KafkaConfig;
  readonly store: StoreConfig;
  readonly migrations: {
    readonly directory: string;
    readonly tests: string;
    readonly variables: Readonly<Record<string, string>>;
    readonly metadata: MetadataConfig;
  };
  readonly sink: NonNullable<ConfigFile['sink']>;
  /** The file that was read, if any. */
  readonly file?: string;
}

/** The ports of a cluster on this machine, which `paystream dev` uses unless told otherwise. */
export const LOCAL_PORTS = {
  kafka: 9092,
  ksqldb: 8088,
  store: 5433,
  schemaRegistry: 8081,
  console: 8089,
} as const;

/** Looked for in the working folder, in this order. The second is that of ksql-migrations. */
const DEFAULT_FILES = ['paystream.yaml', 'ksql-migrations.properties'] as const;

/**
 * Where everything is: flags, then PAYSTREAM_KSQLDB_URL, PAYSTREAM_KAFKA_BROKERS and PAYSTREAM_DATABASE_URL, then
 * paystream.yaml or ksql-migrations.properties (or `--config`), then the local defaults.
 */
export async function loadConfig(
  flags: ConfigFlags = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<Config> {
  // An empty variable is an unset one: CI systems pass on what they do not have as empty texts.
  const fromEnv = (name: string) => (env[name] === '' ? undefined : env[name]);
  const path = flags.config ?? fromEnv('PAYSTREAM_CONFIG') ?? DEFAULT_FILES.find(existsSync);
  let file: ConfigFile = {};
  if (path !== undefined) {
    if (!existsSync(path)) {
      throw new PaystreamError('CONFIG_MISSING', `There is no configuration file ${path}.`, {
        hint: 'Check --config or PAYSTREAM_CONFIG.',
      });
    }
    // Loaded only where there is a file: most commands start without the YAML and schema libraries.
    file = path.endsWith('.properties')
      ? (await import('./migrations-properties.js')).readMigrationsProperties(path)
      : (await import('./config-file.js')).readConfigFile(path, env);
  }
  const brokers = flags.kafkaBrokers ?? fromEnv('PAYSTREAM_KAFKA_BROKERS') ?? file.kafka?.brokers;
  const ksqldbUrl = flags.ksqldbUrl ?? fromEnv('PAYSTREAM_KSQLDB_URL') ?? file.ksqldb?.url;
  const databaseUrl = flags.databaseUrl ?? fromEnv('PAYSTREAM_DATABASE_URL') ?? file.store?.url;
  return {
    ksqldb: {
      ...(file.ksqldb as KsqldbConfig | undefined),
      url: withScheme(ksqldbUrl ?? `http://127.0.0.1:${LOCAL_PORTS.ksqldb}`),
    },
    kafka: {
      ...(file.kafka as Omit<KafkaConfig, 'brokers'> | undefined),
      brokers:
        typeof brokers === 'string'
          ? brokers.split(',').map((b) => b.trim())
          : (brokers ?? [`127.0.0.1:${LOCAL_PORTS.kafka}`]),
    },
    store: {
      ...(file.store as StoreConfig | undefined),
      url: databaseUrl ?? `postgres://postgres@127.0.0.1:${LOCAL_PORTS.store}/postgres`,
    },
    migrations: {
      directory: file.migrations?.directory ?? 'ksql/migrations',
      tests: file.migrations?.tests ?? 'ksql/tests',
      variables: file.migrations?.variables ?? {},
      metadata: (file.migrations?.metadata as MetadataConfig | undefined) ?? {},
    },
    sink: file.sink ?? {},
    ...(path === undefined ? {} : { file: path }),
  };
}

function withScheme(url: string): string {
  return url.includes('://') ? url : `http://${url}`;
}
