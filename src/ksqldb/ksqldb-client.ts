import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  CommandStatus,
  Entity,
  Health,
  RunningQuery,
  ServerInfo,
  SourceDescription,
} from './entities.js';
import { withWorstState } from './entities.js';
import { type ExactJson, plain } from './exact-json.js';
import { isNotMaterialized, isTransient, KsqldbError } from './ksqldb-error.js';
import { type QueryColumn, type QueryRow, type QueryRows, readQueryRows } from './query-rows.js';
import { type KsqldbConnection, type RequestOptions, Transport } from './transport.js';

export interface ExecuteOptions extends RequestOptions {
  /** `streamsProperties`, such as `auto.offset.reset`. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Values for `${name}`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The server first waits until it has executed the command with this number. */
  readonly commandSequenceNumber?: number;
}

export interface QueryOptions {
  readonly properties?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface PullOptions extends QueryOptions {
  /** How long to retry, in milliseconds (default: 30 s). */
  readonly timeoutMs?: number;
}

export interface PullResult {
  readonly columns: readonly QueryColumn[];
  readonly rows: readonly QueryRow[];
}

const DELIMITED = 'application/vnd.ksqlapi.delimited.v1';
/** How long to wait for the header of a canceled query, so that it can be ended properly. */
const HEADER_WITHIN_MS = 5_000;

/**
 * A client of ksqlDB's REST API over HTTP/1.1.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-rest-api/
 */
export class KsqldbClient {
  readonly #transport: Transport;

  constructor(connection: KsqldbConnection) {
    this.#transport = new Transport(connection);
  }

  get url(): string {
    return this.#transport.url;
  }

  /** A healthy server responds to this at once, so a shorter timeout detects an unreachable one sooner. */
  async info(options: RequestOptions = {}): Promise<ServerInfo> {
    const answer = plain(await this.#transport.get('/info', options)) as { KsqlServerInfo?: ServerInfo };
    if (answer.KsqlServerInfo === undefined) {
      throw new KsqldbError('KSQLDB_NOT_KSQLDB', 'What answered on /info is not ksqlDB.', {
        where: this.url,
        hint: 'Check the address.',
      });
    }
    return answer.KsqlServerInfo;
  }

  async health(): Promise<Health> {
    return plain(await this.#transport.get('/healthcheck')) as Health;
  }

  /** Returns the status of a statement by its command ID, such as `` stream/`ORDERS`/create ``. */
  async status(commandId: string): Promise<CommandStatus> {
    const path = commandId.split('/').map(encodeURIComponent).join('/');
    return plain(await this.#transport.get(`/status/${path}`)) as CommandStatus;
  }

  /**
   * Executes statements in one request. The server validates all of them before it executes any.
   * INSERT VALUES returns no entity. Throws a KsqldbError with the server's text and statement.
   */
  async execute(ksql: string, options: ExecuteOptions = {}): Promise<readonly Entity[]> {
    const answer = await this.#transport.post(
      '/ksql',
      {
        ksql,
        streamsProperties: options.properties ?? {},
        ...(options.variables === undefined ? {} : { sessionVariables: options.variables }),
        ...(options.commandSequenceNumber === undefined
          ? {}
          : { commandSequenceNumber: options.commandSequenceNumber }),
      },
      options,
    );
    return entities(answer, this.url);
  }

  /** Executes statements and waits until each command has succeeded. Throws if a command ends in ERROR. */
  async executeAndWait(ksql: string, options: ExecuteOptions = {}): Promise<readonly Entity[]> {
    const answered = await this.execute(ksql, options);
    for (const entity of answered) await this.waitFor(entity, options);
    return answered;
  }

  /** Waits for the command of a statement by polling /status. */
  async waitFor(entity: Entity, options: RequestOptions = {}): Promise<CommandStatus | null> {
    const { timeoutMs = 60_000, signal } = options;
    if (entity.commandId === undefined || entity.commandStatus === undefined) return null;
    const deadline = Date.now() + timeoutMs;
    let status = entity.commandStatus;
    for (let delay = 20; ; delay = Math.min(delay * 2, 500)) {
      if (status.status === 'SUCCESS' || status.status === 'TERMINATED') return status;
      if (status.status === 'ERROR') {
        throw new KsqldbError('KSQLDB_STATEMENT', status.message, {
          where: this.url,
          statementText: entity.statementText,
        });
      }
      if (Date.now() > deadline) {
        throw new KsqldbError(
          'KSQLDB_TIMEOUT',
          `The statement is still ${status.status} after ${timeoutMs / 1000} s.`,
          {
            where: this.url,
            statementText: entity.statementText,
            hint: "Look at the server's log, then run the command again.",
          },
        );
      }
      await sleep(delay, undefined, { signal });
      status = await this.status(entity.commandId);
    }
  }

  /**
   * Starts a pull or push query. To end it on the server, close it, leave the loop over its rows, or abort the signal.
   *
   * The connection of a canceled query is closed only once the header has arrived. ksqlDB 7.9.9 never ends a push
   * query whose connection is closed earlier.
   */
  async query(sql: string, options: QueryOptions = {}): Promise<QueryRows> {
    const { signal } = options;
    signal?.throwIfAborted();
    const abort = new AbortController();
    const close = () => abort.abort();
    let patience: NodeJS.Timeout | undefined;
    const giveUp = () => {
      patience = setTimeout(close, HEADER_WITHIN_MS);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      const stream = await this.#transport.stream(
        '/query-stream',
        {
          sql,
          properties: options.properties ?? {},
          ...(options.variables === undefined ? {} : { sessionVariables: options.variables }),
        },
        DELIMITED,
        abort.signal,
      );
      const rows = await readQueryRows(stream, close, this.url);
      if (signal?.aborted === true) rows.close();
      else signal?.addEventListener('abort', () => rows.close(), { once: true });
      return rows;
    } finally {
      signal?.removeEventListener('abort', giveUp);
      clearTimeout(patience);
    }
  }

  /** Returns all rows of a pull query. Retries like `pullResult`. */
  async pull(sql: string, options: PullOptions = {}): Promise<readonly QueryRow[]> {
    return (await this.pullResult(sql, options)).rows;
  }

  /**
   * Returns all rows of a pull query and their columns. A table that cannot be read yet after a start, and a lost
   * connection, are retried until `timeoutMs`, because a pull query changes nothing.
   */
  async pullResult(sql: string, options: PullOptions = {}): Promise<PullResult> {
    const deadline = Date.now() + (options.timeoutMs ?? 30_000);
    for (let delay = 100, patience = 2_000; ; delay = Math.min(delay * 2, 2_000), patience *= 2) {
      try {
        return await this.#pullOnce(sql, options, Math.min(patience, Math.max(deadline - Date.now(), 1)));
      } catch (error) {
        if (!isTransient(error) && !isNotMaterialized(error)) throw error;
        if (options.signal?.aborted === true || Date.now() + delay > deadline) throw error;
        await sleep(delay, undefined, { signal: options.signal });
      }
    }
  }

  /**
   * Fails with KSQLDB_NOT_READY if neither a row nor the end arrives within `patienceMs`. If the state of a table
   * cannot be read yet, ksqlDB 7.9 may send the header, only log the error, and never end the response.
   */
  async #pullOnce(sql: string, options: QueryOptions, patienceMs: number): Promise<PullResult> {
    const result = await this.query(sql, options);
    const rows: QueryRow[] = [];
    let isSilent = false;
    const timer = setTimeout(() => {
      isSilent = true;
      result.close();
    }, patienceMs);
    try {
      for await (const row of result) {
        clearTimeout(timer);
        rows.push(row);
      }
    } finally {
      clearTimeout(timer);
    }
    if (!isSilent) return { columns: result.columns, rows };
    throw new KsqldbError(
      'KSQLDB_NOT_READY',
      'The pull query was accepted, and neither a row nor its end came.',
      {
        where: this.url,
        hint: 'Check with `paystream status` that the query that makes the table is RUNNING.',
      },
    );
  }

  async queries(): Promise<readonly RunningQuery[]> {
    const [entity] = await this.execute('LIST QUERIES;');
    return ((entity?.raw.queries ?? []) as readonly RunningQuery[]).map(withWorstState);
  }

  /** Describes a stream or table by its stored name. Undefined if it does not exist. */
  async describe(name: string): Promise<SourceDescription | undefined> {
    try {
      const [entity] = await this.execute(`DESCRIBE \`${name.replaceAll('`', '``')}\`;`);
      return entity?.raw.sourceDescription as SourceDescription | undefined;
    } catch (error) {
      if (error instanceof KsqldbError && error.code === 'KSQLDB_STATEMENT' && error.httpStatus === 400) {
        return undefined;
      }
      throw error;
    }
  }

  /** Ends a push query on the server by its ID. */
  async closeQuery(queryId: string): Promise<void> {
    await this.#transport.post('/close-query', { queryId });
  }

  /** Starts PRINT and returns its lines as they arrive. */
  async print(sql: string, options: QueryOptions = {}): Promise<Readable> {
    return await this.#transport.stream(
      '/query',
      {
        ksql: sql,
        streamsProperties: options.properties ?? {},
        ...(options.variables === undefined ? {} : { sessionVariables: options.variables }),
      },
      'application/json',
      options.signal ?? new AbortController().signal,
    );
  }

  /** Waits until the server reports that it is healthy. Rejects with an AbortError if the signal aborts. */
  async waitUntilReady(timeoutMs: number, signal?: AbortSignal): Promise<ServerInfo> {
    const deadline = Date.now() + timeoutMs;
    for (let delay = 50; ; delay = Math.min(delay * 2, 1_000)) {
      try {
        const info = await this.info();
        const health = await this.health();
        if (health.isHealthy) return info;
        if (Date.now() + delay > deadline) {
          throw new KsqldbError(
            'KSQLDB_TIMEOUT',
            `The server is not healthy: ${JSON.stringify(health.details)}.`,
            {
              where: this.url,
            },
          );
        }
      } catch (error) {
        if (!isTransient(error) || Date.now() + delay > deadline) throw error;
      }
      await sleep(delay, undefined, { signal });
    }
  }

  close(): void {
    this.#transport.close();
  }
}

function entities(answer: ExactJson, where: string): readonly Entity[] {
  const list = plain(answer);
  if (!Array.isArray(list)) {
    throw new KsqldbError('KSQLDB_PROTOCOL', 'The answer to the statements is not a list.', { where });
  }
  return list.map((raw: Record<string, unknown>) => ({
    type: String(raw['@type']),
    statementText: String(raw.statementText ?? ''),
    warnings: (raw.warnings ?? []) as Entity['warnings'],
    raw,
    ...(raw.commandId === undefined ? {} : { commandId: String(raw.commandId) }),
    ...(raw.commandStatus === undefined ? {} : { commandStatus: raw.commandStatus as CommandStatus }),
    ...(typeof raw.commandSequenceNumber === 'number'
      ? { commandSequenceNumber: raw.commandSequenceNumber }
      : {}),
  }));
}
