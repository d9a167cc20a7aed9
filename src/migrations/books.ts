import { setTimeout as sleep } from 'node:timers/promises';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';

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

export const NO_VERSION = '<none>';
export const NO_ERROR = 'N/A';
const CURRENT = 'CURRENT';
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

  constructor(client: KsqldbClient, names: BookNames = DEFAULT_BOOKS) {
    this.#client = client;
    this.#names = names;
  }

  /** Creates the stream and the table where they are missing; true if anything was created. */
  async initialise(): Promise<boolean> {
    const existing = new Set(await this.#existing());
    const { stream, table, replicas } = this.#names;
    const missing: string[] = [];
    const { ksqlServiceId } = await this.#client.info();
    if (!existing.has(stream)) {
      missing.push(`CREATE STREAM ${stream} (
  version_key STRING KEY,
  version STRING,
  name STRING,
  state STRING,
  checksum STRING,
  started_on STRING,
  completed_on STRING,
  previous STRING,
  error_reason STRING
) WITH (KAFKA_TOPIC='${ksqlServiceId}ksql_${stream}', VALUE_FORMAT='JSON', PARTITIONS=1, REPLICAS=${replicas});`);
    }
    if (!existing.has(table)) {
      missing.push(`CREATE TABLE ${table} WITH (KAFKA_TOPIC='${ksqlServiceId}ksql_${table}') AS SELECT
  version_key,
  latest_by_offset(version) AS version,
  latest_by_offset(name) AS name,
  latest_by_offset(state) AS state,
  latest_by_offset(checksum) AS checksum,
  latest_by_offset(started_on) AS started_on,
  latest_by_offset(completed_on) AS completed_on,
  latest_by_offset(previous) AS previous,
  latest_by_offset(error_reason) AS error_reason
FROM ${stream} GROUP BY version_key;`);
    }
    // One by one, as ksql-migrations does: a half-made pair is completed by the next run.
    for (const statement of missing) await this.#client.executeAndWait(statement);
    return missing.length > 0;
  }

  async exist(): Promise<boolean> {
    const existing = new Set(await this.#existing());
    return existing.has(this.#names.stream) && existing.has(this.#names.table);
  }

  async #existing(): Promise<readonly string[]> {
    const entities = await this.#client.execute('LIST STREAMS; LIST TABLES;');
    return entities.flatMap((entity) => {
      const list = (entity.raw.streams ?? entity.raw.tables ?? []) as readonly { readonly name: string }[];
      return list.map((source) => source.name);
    });
  }

  /** Every entry by its key: `CURRENT` and the versions. */
  async read(): Promise<ReadonlyMap<string, BookEntry>> {
    const rows = await this.#client.pull(
      `SELECT VERSION_KEY, ${COLUMNS.join(', ')} FROM ${this.#names.table};`,
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
    const values = [
      entry.version,
      entry.name,
      entry.state,
      entry.checksum,
      entry.startedOn,
      entry.completedOn,
      entry.previous,
      entry.errorReason,
    ];
    const row = (key: string) =>
      `INSERT INTO ${this.#names.stream} (VERSION_KEY, ${COLUMNS.join(', ')}) VALUES (${[key, ...values].map(quoted).join(', ')});`;
    await this.#client.execute(`${row(CURRENT)}\n${row(entry.version)}`);
    await this.#waitUntilShown(entry);
  }

  async #waitUntilShown(entry: BookEntry): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (let delay = 5; ; delay = Math.min(delay * 2, 250)) {
      const books = await this.read();
      const shown = (key: string) => {
        const found = books.get(key);
        return (
          found?.version === entry.version &&
          found.state === entry.state &&
          found.startedOn === entry.startedOn
        );
      };
      if (shown(CURRENT) && shown(entry.version)) return;
      if (Date.now() > deadline) {
        throw new KsqldbError(
          'KSQLDB_TIMEOUT',
          `The books do not show version ${entry.version} as ${entry.state} after 30 s.`,
          { where: this.#client.url, hint: `Check that the query of ${this.#names.table} is RUNNING.` },
        );
      }
      await sleep(delay);
    }
  }
}

/** The newest version that is MIGRATED, or `<none>`: CURRENT if it is, else the one before it. */
export function latestMigrated(books: ReadonlyMap<string, BookEntry>): string {
  const current = books.get(CURRENT);
  if (current === undefined) return NO_VERSION;
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

/** A text literal of SQL; `${` is escaped, since ksqlDB would take it for a variable. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('${', '$${')}'`;
}
