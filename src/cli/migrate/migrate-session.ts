import type { Config } from '../../config/config.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import type { ServerInfo } from '../../ksqldb/entities.js';
import { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import type { HistoryNames } from '../../migrations/history-store.js';
import { configOf } from '../endpoints.js';
import { pairs } from '../flags.js';
import { Progress } from '../progress.js';

/** The flags of every migration command. */
export interface MigrateFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly directory?: string;
  readonly define?: readonly string[];
  readonly json?: boolean;
  /** Seconds to wait for the server. `true` means the default. */
  readonly wait?: string | true;
}

/** What a migration command works with. */
export interface MigrateSession {
  readonly config: Config;
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly history: Partial<HistoryNames>;
}

export interface ConnectedSession extends MigrateSession {
  readonly client: KsqldbClient;
}

const DEFAULT_WAIT_S = 120;
/** How long to wait for the first response before the server counts as unreachable. */
const HELLO_MS = 10_000;
/** The oldest versions with the syntax that migrations need, the same as for ksql-migrations. */
const OLDEST_PLATFORM = [6, 0] as const;
const OLDEST_STANDALONE = [0, 10] as const;

/** Reads the configuration and the flags, without contacting a server. */
export async function openSession(flags: MigrateFlags): Promise<MigrateSession> {
  const config = await configOf(flags);
  return {
    config,
    directory: flags.directory ?? config.migrations.directory,
    variables: { ...config.migrations.variables, ...definitions(flags.define) },
    history: config.migrations.metadata,
  };
}

/**
 * Runs an action with a client, once the server responds. The signal ends the wait.
 *
 * @throws KSQLDB_TOO_OLD when the server is too old; KSQLDB_UNREACHABLE
 */
export async function withServer<T>(
  flags: MigrateFlags & { readonly signal?: AbortSignal },
  action: (session: ConnectedSession) => Promise<T>,
): Promise<T> {
  const session = await openSession(flags);
  const client = new KsqldbClient(session.config.ksqldb);
  try {
    const info =
      flags.wait === undefined
        ? await client.info({ timeoutMs: HELLO_MS, signal: flags.signal })
        : await waitFor(client, flags.wait, flags.signal);
    checkVersion(info.version, client.url);
    return await action({ ...session, client });
  } finally {
    client.close();
  }
}

async function waitFor(client: KsqldbClient, wait: string | true, signal?: AbortSignal): Promise<ServerInfo> {
  const progress = new Progress();
  progress.start(`waiting for ${client.url}`);
  try {
    return await client.waitUntilReady(waitMs(wait), signal);
  } finally {
    progress.stop();
  }
}

function waitMs(wait: string | true): number {
  return seconds(wait === true ? String(DEFAULT_WAIT_S) : wait, '--wait') * 1_000;
}

export function seconds(text: string, flag: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw new PaystreamError('USAGE', `${flag}: '${text}' is not a number of seconds.`);
  }
  return value;
}

/** Parses a whole number of at least `least` from a flag. Throws USAGE. */
export function wholeNumber(text: string, flag: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least) {
    throw new PaystreamError('USAGE', `${flag}: '${text}' is not a whole number of at least ${least}.`);
  }
  return value;
}

/** Parses `--define` values. Quotes around a value, which ksql-migrations requires, are removed. */
function definitions(list: readonly string[] | undefined): Record<string, string> {
  const values = Object.entries(pairs(list, '--define')).map(([name, value]) => {
    const quoted = value.length > 1 && value.startsWith("'") && value.endsWith("'");
    return [name, quoted ? value.slice(1, -1).replaceAll("''", "'") : value];
  });
  return Object.fromEntries(values);
}

function checkVersion(version: string, url: string): void {
  const [major = Number.NaN, minor = Number.NaN] = version
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  // A server built from source may report any version.
  if (Number.isNaN(major) || Number.isNaN(minor)) return;
  const [oldestMajor, oldestMinor] = major === 0 ? OLDEST_STANDALONE : OLDEST_PLATFORM;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new PaystreamError('KSQLDB_TOO_OLD', `The server is ksqlDB ${version}, which is too old.`, {
    where: url,
    hint: 'Upgrade to ksqlDB 0.10, Confluent Platform 6.0, or later.',
  });
}
