import { setTimeout as sleep } from 'node:timers/promises';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { KsqldbError } from '../ksqldb/ksqldb-error.js';
import { retryFenced } from '../ksqldb/retry-fenced.js';
import {
  CURRENT,
  type HistoryEntries,
  type HistoryEntry,
  type HistoryRow,
  NO_VERSION,
} from './history-entry.js';

export interface HistoryNames {
  readonly stream: string;
  readonly table: string;
  /** The default is `<service id>ksql_<stream>`. */
  readonly streamTopic?: string;
  /** The default is `<service id>ksql_<table>`. */
  readonly tableTopic?: string;
  /** The replication factor of both topics. */
  readonly replicas: number;
}

export const DEFAULT_HISTORY_NAMES: HistoryNames = {
  stream: 'MIGRATION_EVENTS',
  table: 'MIGRATION_SCHEMA_VERSIONS',
  replicas: 1,
};

/** The columns after the key, in the order in which ksql-migrations declares them. */
const COLUMNS = [
  ['version', 'version'],
  ['name', 'name'],
  ['state', 'state'],
  ['checksum', 'checksum'],
  ['started_on', 'startedOn'],
  ['completed_on', 'completedOn'],
  ['previous', 'previous'],
  ['error_reason', 'errorReason'],
] as const satisfies readonly (readonly [string, keyof HistoryEntry])[];
const COLUMN_LIST = ['version_key', ...COLUMNS.map(([column]) => column)].join(', ').toUpperCase();
const SHOWN_WITHIN_MS = 30_000;

/**
 * Reads and writes the migration history of a cluster: which versions were applied. The history is a stream and a
 * table on the server. Their rows are those of ksql-migrations, so either tool can continue the work of the other.
 *
 * Source: ksql-migrations of ksqlDB 7.9 (https://docs.ksqldb.io/en/latest/operate-and-deploy/migrations-tool/)
 */
export class HistoryStore {
  readonly names: HistoryNames;
  readonly #client: KsqldbClient;

  constructor(client: KsqldbClient, names: Partial<HistoryNames> = {}) {
    this.#client = client;
    this.names = { ...DEFAULT_HISTORY_NAMES, ...names };
  }

  /** Creates whichever of stream and table is missing. Returns true if it created anything. */
  async initialize(signal?: AbortSignal): Promise<boolean> {
    const missing = await this.#missing();
    if (missing.length === 0) return false;
    const { ksqlServiceId } = await this.#client.info();
    // One request each, as in ksql-migrations: the next run completes a pair of which only the stream exists.
    for (const kind of missing) {
      const statement = this.#createStatement(kind, ksqlServiceId);
      await retryFenced(() => this.#client.executeAndWait(statement, { signal }), {
        signal,
        settle: async (error) => {
          const isRefused = error instanceof KsqldbError && error.code === 'KSQLDB_STATEMENT';
          // Another runner may have created it first.
          return isRefused && !(await this.#missing()).includes(kind) ? [] : undefined;
        },
      });
    }
    return true;
  }

  #createStatement(kind: 'stream' | 'table', serviceId: string): string {
    const { stream, table, streamTopic, tableTopic, replicas } = this.names;
    if (kind === 'stream') {
      const topic = quoted(streamTopic ?? `${serviceId}ksql_${stream}`);
      return `CREATE STREAM ${stream} (
  version_key STRING KEY,
${COLUMNS.map(([column]) => `  ${column} STRING`).join(',\n')}
) WITH (KAFKA_TOPIC=${topic}, VALUE_FORMAT='JSON', PARTITIONS=1, REPLICAS=${replicas});`;
    }
    return `CREATE TABLE ${table} WITH (KAFKA_TOPIC=${quoted(tableTopic ?? `${serviceId}ksql_${table}`)}) AS SELECT
  version_key,
${COLUMNS.map(([column]) => `  latest_by_offset(${column}) AS ${column}`).join(',\n')}
FROM ${stream} GROUP BY version_key;`;
  }

  /** Tells whether both stream and table exist. */
  async exists(): Promise<boolean> {
    return (await this.#missing()).length === 0;
  }

  async #missing(): Promise<readonly ('stream' | 'table')[]> {
    const [streams, tables] = await this.#client.execute('LIST STREAMS; LIST TABLES;');
    const has = (list: unknown, name: string) =>
      ((list ?? []) as readonly { readonly name: string }[]).some(
        (source) => source.name === name.toUpperCase(),
      );
    const missing: ('stream' | 'table')[] = [];
    if (!has(streams?.raw.streams, this.names.stream)) missing.push('stream');
    if (!has(tables?.raw.tables, this.names.table)) missing.push('table');
    return missing;
  }

  /** Drops the stream, the table, the query between them and both topics. Returns true if there was anything. */
  async destroy(): Promise<boolean> {
    const missing = await this.#missing();
    if (missing.length === 2) return false;
    if (!missing.includes('table')) {
      const table = this.names.table.toUpperCase();
      // Terminate the query before its topic is deleted: its pending writes would block the server for a minute.
      for (const { id, sinks } of await this.#client.queries()) {
        if (sinks.includes(table)) await this.#client.executeAndWait(`TERMINATE ${id};`);
      }
      await this.#client.executeAndWait(`DROP TABLE ${this.names.table} DELETE TOPIC;`);
    }
    if (!missing.includes('stream')) {
      await this.#client.executeAndWait(`DROP STREAM ${this.names.stream} DELETE TOPIC;`);
    }
    return true;
  }

  /** Reads all entries. The history must exist. */
  async read(): Promise<HistoryEntries> {
    try {
      return await this.#select('');
    } catch (error) {
      // If the server forbids table scans (ksql.query.pull.table.scan.enabled), follow the chain key by key.
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

  /** Reads all entries, or none if the cluster has no history yet. */
  async readOrEmpty(): Promise<HistoryEntries> {
    return (await this.exists()) ? await this.read() : new Map();
  }

  async #select(where: string): Promise<HistoryEntries> {
    const rows = await this.#client.pull(`SELECT ${COLUMN_LIST} FROM ${this.names.table}${where};`);
    return new Map(
      rows.map(([key, ...values]) => {
        const fields = COLUMNS.map(([, field], i) => [field, String(values[i] ?? '')] as const);
        return [String(key), Object.fromEntries(fields) as unknown as HistoryEntry];
      }),
    );
  }

  /**
   * Writes rows in order and waits until the table shows them. With `wait` false it returns once they are written:
   * rows that are written later to the same keys still come after them.
   */
  async write(rows: readonly HistoryRow[], wait = true): Promise<void> {
    if (rows.length === 0) return;
    const inserts = rows.map(([key, entry]) => {
      const values = [key, ...COLUMNS.map(([, field]) => entry[field])].map(quoted);
      return `INSERT INTO ${this.names.stream} (${COLUMN_LIST}) VALUES (${values.join(', ')});`;
    });
    await this.#client.execute(inserts.join('\n'));
    if (wait) await this.#waitUntilShown(new Map(rows));
  }

  async #waitUntilShown(wanted: HistoryEntries): Promise<void> {
    const deadline = Date.now() + SHOWN_WITHIN_MS;
    for (let delay = 5; ; delay = Math.min(delay * 2, 250)) {
      const shown = await this.read();
      const late = [...wanted].find(([key, entry]) => !isSame(shown.get(key), entry));
      if (late === undefined) return;
      if (Date.now() > deadline) {
        throw new KsqldbError(
          'KSQLDB_TIMEOUT',
          `The history does not show version ${late[1].version} as ${late[1].state} after ${SHOWN_WITHIN_MS / 1_000} s.`,
          {
            where: this.#client.url,
            hint: `Check that the query that writes ${this.names.table} is RUNNING.`,
          },
        );
      }
      await sleep(delay);
    }
  }
}

function isSame(a: HistoryEntry | undefined, b: HistoryEntry): boolean {
  return (
    a?.version === b.version &&
    a.state === b.state &&
    a.startedOn === b.startedOn &&
    a.checksum === b.checksum &&
    a.previous === b.previous
  );
}

/** A SQL string literal in which `${` is escaped: ksqlDB would otherwise substitute a variable. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''").replaceAll('${', '$${')}'`;
}
