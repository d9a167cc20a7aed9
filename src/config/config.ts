import { existsSync } from 'node:fs';
import { PaystreamError } from '../errors/paystream-error.js';
import type { ConfigFile } from './config-schema.js';

/** Settings from the command line. They take precedence over the environment, the file and the defaults. */
export interface ConfigFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly kafkaBrokers?: string;
  readonly databaseUrl?: string;
}

/** A section of the configuration file. The text of a `...File` key is already in the key without `File`. */
type Section<Name extends keyof ConfigFile> = Readonly<NonNullable<ConfigFile[Name]>>;

export type KsqldbConfig = Section<'ksqldb'> & { readonly url: string };
export type StoreConfig = Section<'store'> & { readonly url: string };

export interface KafkaConfig extends Omit<Section<'kafka'>, 'brokers'> {
  readonly brokers: readonly string[];
  /** `tokenPath` is the file that `token` was read from. */
  readonly sasl?: Section<'kafka'>['sasl'] & { readonly tokenPath?: string };
}

export interface Config {
  readonly ksqldb: KsqldbConfig;
  readonly kafka: KafkaConfig;
  readonly store: StoreConfig;
  readonly migrations: Required<Section<'migrations'>>;
  readonly sink: Section<'sink'>;
  /** The file that was read, if any. */
  readonly file?: string;
}

/** Default ports on this machine, which `paystream dev` uses if they are free. */
export const LOCAL_PORTS = {
  kafka: 9092,
  ksqldb: 8088,
  store: 5433,
  schemaRegistry: 8081,
  console: 8089,
} as const;

/** Files that are used if they exist in the working directory. The second is that of ksql-migrations. */
const DEFAULT_FILES = ['paystream.yaml', 'ksql-migrations.properties'] as const;

/**
 * Loads the configuration. Flags take precedence over PAYSTREAM_KSQLDB_URL, PAYSTREAM_KAFKA_BROKERS and
 * PAYSTREAM_DATABASE_URL, these over the file, and the file over the local defaults.
 *
 * @throws CONFIG_MISSING, CONFIG_INVALID
 */
export async function loadConfig(
  flags: ConfigFlags = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<Config> {
  // CI systems set an undefined variable to an empty text.
  const fromEnv = (name: string) => env[name] || undefined;
  const path = flags.config ?? fromEnv('PAYSTREAM_CONFIG') ?? DEFAULT_FILES.find(existsSync);
  const file = path === undefined ? {} : await readFile(path, env);
  const brokers = flags.kafkaBrokers ?? fromEnv('PAYSTREAM_KAFKA_BROKERS') ?? file.kafka?.brokers;
  const ksqldbUrl = flags.ksqldbUrl ?? fromEnv('PAYSTREAM_KSQLDB_URL') ?? file.ksqldb?.url;
  const databaseUrl = flags.databaseUrl ?? fromEnv('PAYSTREAM_DATABASE_URL') ?? file.store?.url;
  return {
    ksqldb: { ...file.ksqldb, url: withScheme(ksqldbUrl ?? `127.0.0.1:${LOCAL_PORTS.ksqldb}`) },
    kafka: {
      ...file.kafka,
      brokers:
        typeof brokers === 'string'
          ? brokers.split(',').map((broker) => broker.trim())
          : (brokers ?? [`127.0.0.1:${LOCAL_PORTS.kafka}`]),
    },
    store: {
      ...file.store,
      url: databaseUrl ?? `postgres://postgres@127.0.0.1:${LOCAL_PORTS.store}/postgres`,
    },
    migrations: {
      directory: 'ksql/migrations',
      tests: 'ksql/tests',
      variables: {},
      metadata: {},
      ...file.migrations,
    },
    sink: file.sink ?? {},
    file: path,
  };
}

async function readFile(path: string, env: NodeJS.ProcessEnv): Promise<ConfigFile> {
  if (!existsSync(path)) {
    throw new PaystreamError('CONFIG_MISSING', `The configuration file ${path} does not exist.`, {
      hint: 'Check --config or PAYSTREAM_CONFIG.',
    });
  }
  // Imported here so that commands without a file do not load the YAML and schema libraries.
  return path.endsWith('.properties')
    ? (await import('./migrations-properties.js')).readMigrationsProperties(path)
    : (await import('./config-file.js')).readConfigFile(path, env);
}

function withScheme(url: string): string {
  return url.includes('://') ? url : `http://${url}`;
}
