import type { Config } from '../../config/config.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import type { ServerInfo } from '../../ksqldb/entities.js';
import { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import type { HistoryNames } from '../../migrations/history-store.js';
import { configOf } from '../endpoints.js';
import { Progress } from '../progress.js';

/** The flags that every command about migrations takes. */
export interface MigrateFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly directory?: string;
  readonly define?: readonly string[];
  readonly json?: boolean;
  /** Seconds to wait for the server; `true` is without a number. */
  readonly wait?: string | true;
}

/** What the commands work with: where the files are, how to reach the server, the variables. */
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
/** Within this a server answers its first request, or it is called unreachable. */
const HELLO_MS = 10_000;
/** The first with pull queries on tables and their CREATE TABLE AS SELECT of today's syntax, as ksql-migrations. */
const OLDEST_PLATFORM = [6, 0] as const;
const OLDEST_STANDALONE = [0, 10] as const;

/** Reads configuration and flags; asks no server. */
export async function openSession(flags: MigrateFlags): Promise<MigrateSession> {
  const config = await configOf(flags);
  return {
    config,
    directory: flags.directory ?? config.migrations.directory,
    variables: { ...config.migrations.variables, ...definitions(flags.define ?? []) },
    history: config.migrations.metadata,
  };
}

/** Runs an action with a client of the server, which is there and new enough; the signal ends waiting for it. */
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
    throw new PaystreamError('USAGE', `${flag}: '${text}' is no number of seconds.`);
  }
  return value;
}

/** A whole number of at least `least`, from a flag. */
export function wholeNumber(text: string, flag: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least) {
    throw new PaystreamError('USAGE', `${flag}: '${text}' is no whole number from ${least} on.`);
  }
  return value;
}

function definitions(list: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) {
        throw new PaystreamError('USAGE', `--define: '${text}' is not name=value.`, {
          hint: 'Such as --define region=eu.',
        });
      }
      const value = text.slice(at + 1);
      // ksql-migrations wants quotes around the value; without them it is the same here.
      const quoted = value.length > 1 && value.startsWith("'") && value.endsWith("'");
      return [text.slice(0, at), quoted ? value.slice(1, -1).replaceAll("''", "'") : value];
    }),
  );
}

function checkVersion(version: string, url: string): void {
  const [major = Number.NaN, minor = Number.NaN] = version
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  // A server built from source may call itself anything.
  if (Number.isNaN(major) || Number.isNaN(minor)) return;
  const [oldestMajor, oldestMinor] = major === 0 ? OLDEST_STANDALONE : OLDEST_PLATFORM;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new PaystreamError('KSQLDB_TOO_OLD', `The server is ksqlDB ${version}, which is too old.`, {
    where: url,
    hint: 'Migrations need ksqlDB 0.10 or Confluent Platform 6.0 at least.',
  });
}
