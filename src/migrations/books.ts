import { setTimeout as sleep } from 'node:timers/promises';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { isOvertaken, KsqldbError } from '../ksqldb/ksqldb-error.js';

export type MigrationState = 'PENDING' | 'RUNNING' | 'MIGRATED' | 'ERROR';

/** What the books say of one version; times are epoch milliseconds as text, as ksql-migrations writes them. */
export interface BookEntry {
  readonly version: string;
  readonly name: string;
  readonly state: MigrationState;
  readonly checksum: string;
  readonly startedOn: string;
  readonly completedOn: string;
  /** The version migrated before, or `<none>`. */
  readonly previous: string;
  /** `N/A` where there is none. */
  readonly errorReason: string;
}

/** Entries by their keys: `CURRENT` and the versions. */
export type BookEntries = ReadonlyMap<string, BookEntry>;

export const NO_VERSION = '<none>';
export const NO_ERROR = 'N/A';
export const CURRENT = 'CURRENT';
const COLUMNS = [
  'VERSION',
  'NAME',
  'STATE',
  'CHECKSUM',
  'STARTED_ON',
  'COMPLETED_ON',
  'PREVIOUS',
  'ERROR_REASON',
];

export interface BookNames {
  readonly stream: string;
  readonly table: string;
  /** `<service id>ksql_<stream>` unless given. */
  readonly streamTopic?: string;
  readonly tableTopic?: string;
  /** Replicas of the two topics. */
  readonly replicas: number;
}

export const DEFAULT_BOOKS: BookNames = {
  stream: 'MIGRATION_EVENTS',
  table: 'MIGRATION_SCHEMA_VERSIONS',
  replicas: 1,
};

/**
 * The books of a cluster: which versions were applied, kept on the server as ksql-migrations keeps them, row for row,
 * so that either tool can follow the other.
 *
 * Source: ksql-migrations of ksqlDB 7.9 (https://docs.ksqldb.io/en/latest/operate-and-deploy/migrations-tool/)
 */
export class Books {
  readonly #client: KsqldbClient;
  readonly #names: BookNames;

  constructor(client: KsqldbClient, names: Partial<BookNames> = {}) {
    this.#client = client;
    this.#names = { ...DEFAULT_BOOKS, ...names };
  }

  get names(): BookNames {
    return this.#names;
  }

  /** Creates the stream and the table where they are missing; true if anything was created. */
  async initialise(): Promise<boolean> {
    const missing = await this.#missing();
    if (missing.length === 0) return false;
    const { ksqlServiceId } = await this.#client.info();
    // One by one, as ksql-migrations does: a half-made pair is completed by the next run.
    for (const kind of missing) {
      const deadline = Date.now() + 30_000;
      for (;;) {
        try {
          await this.#client.executeAndWait(this.#createStatement(kind, ksqlServiceId));
          break;
        } catch (error) {
          // Another runner may have been faster.
          const refused = error instanceof KsqldbError && error.code === 'KSQLDB_STATEMENT';
          if (refused && !(await this.#missing()).includes(kind)) break;
          if (!isOvertaken(error) || Date.now() > deadline) throw error;
          await sleep(100 + Math.random() * 200);
        }
      }
    }
    return true;
  }

  #createStatement(kind: 'stream' | 'table', serviceId: string): string {
    const { stream, table, replicas } = this.#names;
    const topic = (name: string, given: string | undefined) => quoted(given ?? `${serviceId}ksql_${name}`);
    return kind === 'stream'
      ? `CREATE STREAM ${stream} (
  version_key STRING KEY,
  version STRING,
  name STRING,
  state STRING,
  checksum STRING,
  started_on STRING,
  completed_on STRING,
  previous STRING,
  error_reason STRING
) WITH (KAFKA_TOPIC=${topic(stream, this.#names.streamTopic)}, VALUE_FORMAT='JSON', PARTITIONS=1, REPLICAS=${replicas});`
      : `CREATE TABLE ${table} WITH (KAFKA_TOPIC=${topic(table, this.#names.tableTopic)}) AS SELECT
  version_key,
  latest_by_offset(version) AS version,
  latest_by_offset(name) AS name,
  latest_by_offset(state) AS state,
  latest_by_offset(checksum) AS checksum,
  latest_by_offset(started_on) AS started_on,
  latest_by_offset(completed_on) AS completed_on,
  latest_by_offset(previous) AS previous,
  latest_by_offset(error_reason) AS error_reason
FROM ${stream} GROUP BY version_key;`;
  }

  async exist(): Promise<boolean> {
    return (await this.#missing()).length === 0;
  }

  async #missing(): Promise<readonly ('stream' | 'table')[]> {
    const [streams, tables] = await this.#client.execute('LIST STREAMS; LIST TABLES;');
    const has = (list: unknown, name: string) =>
      ((list ?? []) as readonly { readonly name: string }[]).some((source) => source.name === name);
    const missing: ('stream' | 'table')[] = [];
    if (!has(streams?.raw.streams, this.#names.stream.toUpperCase())) missing.push('stream');
    if (!has(tables?.raw.tables, this.#names.table.toUpperCase())) missing.push('table');
    return missing;
  }

  /** Removes stream, table, topics and the query between; true if there was anything. */
  async destroy(): Promise<boolean> {
    const missing = await this.#missing();
    if (missing.length === 2) return false;
    if (!missing.includes('table')) {
      const table = this.#names.table.toUpperCase();
      // Ended before its topic goes: what it still has to write would keep the server busy for a minute.
      for (const { id, sinks } of await this.#client.queries()) {
        if (sinks.includes(table)) await this.#client.executeAndWait(`TERMINATE ${id};`);
      }
      await this.#client.executeAndWait(`DROP TABLE ${this.#names.table} DELETE TOPIC;`);
    }
    if (!missing.includes('stream')) {
      await this.#client.executeAndWait(`DROP STREAM ${this.#names.stream} DELETE TOPIC;`);
    }
    return true;
  }

  /** Every entry by its key: `CURRENT` and the versions. */
  async read(): Promise<BookEntries> {
    try {
      return await this.#select('');
    } catch (error) {
      // A server may have table scans switched off (ksql.query.pull.table.scan.enabled): read by key then.
      if (!(error instanceof KsqldbError && error.code === 'KSQLDB_STATEMENT')) throw error;
      const found = new Map(await this.#select(` WHERE VERSION_KEY = '${CURRENT}'`));
      for (let key = found.get(CURRENT)?.version ?? NO_VERSION; key !== NO_VERSION && !found.has(key); ) {
        const entry = (await this.#select(` WHERE VERSION_KEY = ${quoted(key)}`)).get(key);
        if (entry === undefined) break;
        found.set(key, entry);
        key = entry.previous;
      }
      return found;
    }
  }

  async #select(where: string): Promise<BookEntries> {
    const rows = await this.#client.pull(
      `SELECT VERSION_KEY, ${COLUMNS.join(', ')} FROM ${this.#names.table}${where};`,
    );
    return new Map(
      rows.map((row) => {
        const [key, version, name, state, checksum, startedOn, completedOn, previous, errorReason] = row.map(
          (v) => String(v ?? ''),
        ) as [string, string, string, string, string, string, string, string, string];
        return [
          key,
          {
            version,
            name,
            state: state as MigrationState,
            checksum,
            startedOn,
            completedOn,
            previous,
            errorReason,
          },
        ];
      }),
    );
  }

  /** Writes an entry under CURRENT and under its version, and waits until the table shows both. */
  async write(entry: BookEntry): Promise<void> {
    await this.writeAll([
      [CURRENT, entry],
      [entry.version, entry],
    ]);
  }

  /**
   * Writes entries under their keys, in order. Waits until the table shows them, unless `wait` is false: what is
   * written next to the same keys comes after them in any case.
   */
  async writeAll(entries: readonly (readonly [string, BookEntry])[], wait = true): Promise<void> {
    if (entries.length === 0) return;
    const rows = entries.map(([key, entry]) => {
      const values = [
        key,
        entry.version,
        entry.name,
        entry.state,
        entry.checksum,
        entry.startedOn,
        entry.completedOn,
        entry.previous,
        entry.errorReason,
      ];
      return `INSERT INTO ${this.#names.stream} (VERSION_KEY, ${COLUMNS.join(', ')}) VALUES (${values.map(quoted).join(', ')});`;
    });
    await this.#client.execute(rows.join('\n'));
    if (wait) await this.#waitUntilShown(new Map(entries));
  }

  async #waitUntilShown(wanted: BookEntries): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (let delay = 5; ; delay = Math.min(delay * 2, 250)) {
      const books = await this.read();
      const late = [...wanted].find(([key, entry]) => !same(books.get(key), entry));
      if (late === undefined) return;
      if (Date.now() > deadline) {
        throw new KsqldbError(
          'KSQLDB_TIMEOUT',
          `The books do not show version ${late[1].version} as ${late[1].state} after 30 s.`,
          { where: this.#client.url, hint: `Check that the query of ${this.#names.table} is RUNNING.` },
        );
      }
      await sleep(delay);
    }
  }
}

function same(a: BookEntry | undefined, b: BookEntry): boolean {
  return (
    a?.version === b.version &&
    a.state === b.state &&
    a.startedOn === b.startedOn &&
    a.checksum === b.checksum &&
    a.previous === b.previous
  );
}

/**
 * The newest version that is MIGRATED, or `<none>`: CURRENT if it is, else the one before it.
 * Throws BOOKS_INCONSISTENT where that is none that is MIGRATED either.
 */
export function latestMigrated(books: BookEntries): string {
  const current = books.get(CURRENT);
  if (current === undefined || current.version === NO_VERSION) return NO_VERSION;
  // CURRENT carries a version; its row under the version's own key is the one that ksql-migrations trusts.
  const entry = books.get(current.version) ?? current;
  if (entry.state === 'MIGRATED') return entry.version;
  const previous = entry.previous;
  if (previous === NO_VERSION) return NO_VERSION;
  const before = books.get(previous);
  if (before?.state !== 'MIGRATED') {
    throw new PaystreamError(
      'BOOKS_INCONSISTENT',
      `Version ${entry.version} says that ${previous} was migrated before it, but ${previous} is ${before?.state ?? 'not in the books'}.`,
      { hint: 'Look at `paystream migrate status`; `paystream migrate repair` corrects the books.' },
    );
  }
  return previous;
}

/** The entry of a run that began after `latestMigrated` and did not end well; undefined if the books are clean. */
export function unfinished(books: BookEntries): BookEntry | undefined {
  const current = books.get(CURRENT);
  if (current === undefined || current.version === NO_VERSION) return undefined;
  const entry = books.get(current.version) ?? current;
  return entry.state === 'MIGRATED' || entry.state === 'PENDING' ? undefined : entry;
}

/** The applied versions, oldest first: the chain of `previous` from the newest back to `<none>`. */
export function appliedChain(books: BookEntries): readonly BookEntry[] {
  const chain: BookEntry[] = [];
  const seen = new Set<string>();
  for (let version = latestMigrated(books); version !== NO_VERSION && !seen.has(version); ) {
    seen.add(version);
    const entry = books.get(version);
    if (entry === undefined) break;
    chain.unshift(entry);
    version = entry.previous;
  }
  return chain;
}

/** A text literal of SQL; `${` is escaped, since ksqlDB would take it for a variable. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('${', '$${')}'`;
}
