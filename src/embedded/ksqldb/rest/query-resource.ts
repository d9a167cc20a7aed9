/**
 * POST /query and /query-stream: one SELECT or PRINT per request.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-rest-api/streaming-endpoint/
 */
import type { PrintTopic, Query, QueryStatement, Statement } from '../../../sql/ast.js';
import { parseStatements } from '../../../sql/parse.js';
import { SqlSyntaxError } from '../../../sql/sql-syntax-error.js';
import { sourcesOf } from '../analysis/sanitize.js';
import type { RowSource } from '../engine/row-source.js';
import { directStatementError, KsqlException, KsqlStatementException, messageOf } from '../errors.js';
import { type PrintOptions, printTopic } from '../queries/print-topic.js';
import { querySource } from '../queries/query-source.js';
import { badRequest, errorCodes, genericError, RestError, statementError } from '../rest-error.js';
import type { Session } from '../session.js';
import type { StatementContext } from '../statements/context.js';
import { delimitedType, jsonType, type MediaType } from './accept.js';
import { queryError } from './error-answers.js';
import type { Exchange } from './exchange.js';
import { waitForCommand } from './ksql-resource.js';
import {
  type KsqlRequest,
  type QueryStreamRequest,
  sessionProperties,
  sessionVariables,
  unknownPropertyOnKsql,
  unknownPropertyOnQuery,
} from './requests.js';
import { rowWriterFor } from './row-writers.js';
import type { RunningQueries } from './running-queries.js';

export interface QueryResourceOptions {
  readonly context: StatementContext;
  readonly running: RunningQueries;
  readonly onError: (error: unknown) => void;
}

/** How many characters are buffered before they are written to the socket. */
const chunkSize = 32 * 1024;

export class QueryResource {
  readonly #context: StatementContext;
  readonly #running: RunningQueries;
  readonly #onError: (error: unknown) => void;

  constructor(options: QueryResourceOptions) {
    this.#context = options.context;
    this.#running = options.running;
    this.#onError = options.onError;
  }

  /** Handles POST /query. As in ksqlDB, only errors before the statement is known to be a query have the content type JSON. */
  async query(exchange: Exchange, request: KsqlRequest, mediaType: MediaType): Promise<void> {
    let statement: Statement;
    let session: Session;
    try {
      if (request.ksql.trim() === '') throw badRequest('"ksql" field must be populated');
      await waitForCommand(this.#context, request.commandSequenceNumber);
      session = {
        properties: sessionProperties(request.streamsProperties, unknownPropertyOnKsql(request.ksql)),
        variables: sessionVariables(request.sessionVariables),
      };
      statement = this.#parseForQuery(request.ksql, session);
      if (statement.kind === 'Print') {
        await this.#printOnQuery(exchange, statement, session);
        return;
      }
      if (statement.kind !== 'Query') {
        throw badRequest(
          "Statement type `io.confluent.ksql.parser.KsqlParser$PreparedStatement' not supported for this resource",
        );
      }
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      exchange.sendError(error, jsonType);
      return;
    }
    await this.#run(exchange, statement.query, session, `${statement.text};`, mediaType);
  }

  /** Handles POST /query-stream. */
  async queryStream(exchange: Exchange, request: QueryStreamRequest, mediaType: MediaType): Promise<void> {
    const { sql } = request;
    const session: Session = {
      properties: sessionProperties(request.properties, unknownPropertyOnQuery),
      variables: sessionVariables(request.sessionVariables),
    };
    const statement = parseOne(sql, session);
    if (statement.kind === 'Print') {
      if (mediaType !== delimitedType) {
        exchange.send(406, '');
        return;
      }
      await this.#printOnStream(exchange, statement);
      return;
    }
    if (statement.kind !== 'Query') {
      throw queryError(directStatementError('Neither a query nor a print statement', sql), sql);
    }
    await this.#run(exchange, statement.query, session, `${statement.text};`, mediaType);
  }

  #parseForQuery(sql: string, session: Session): Statement {
    let statements: readonly Statement[];
    try {
      statements = parseStatements(sql, { variables: session.variables });
    } catch (error) {
      if (!(error instanceof SqlSyntaxError)) throw error;
      throw statementError(400, errorCodes.badStatement, error.message, sql, [], error);
    }
    const [statement] = statements;
    if (statement === undefined || statements.length > 1) {
      throw statementError(
        400,
        errorCodes.badStatement,
        `Expected exactly one KSQL statement; found ${statements.length} instead`,
        sql,
      );
    }
    if (statement.kind === 'Query') this.#checkSources(statement.query, sql);
    return statement;
  }

  /** An unknown source is detected while the statement is prepared, before it is known to be a query. */
  #checkSources(query: Query, sql: string): void {
    try {
      sourcesOf(query.from, this.#context.engine.catalog);
    } catch (error) {
      if (!(error instanceof KsqlException)) throw error;
      const message = `Exception while preparing statement: ${error.message}`;
      throw statementError(400, errorCodes.badStatement, message, sql, [], error);
    }
  }

  async #run(
    exchange: Exchange,
    query: Query,
    session: Session,
    statementText: string,
    mediaType: MediaType,
  ): Promise<void> {
    let source: RowSource;
    try {
      source = querySource(this.#context.engine, query, session, statementText);
    } catch (error) {
      if (!(error instanceof KsqlException)) this.#onError(error);
      throw queryError(error, statementText);
    }
    await this.#send(exchange, source, mediaType);
  }

  async #send(exchange: Exchange, source: RowSource, mediaType: MediaType): Promise<void> {
    const writer = rowWriterFor(mediaType, source);
    const output = new ChunkedOutput(exchange);
    exchange.begin(writer.contentType);
    output.text(writer.header());
    const isKept = source.kind === 'PUSH';
    if (isKept) this.#running.add(source.queryId, () => output.close());
    try {
      const ending = await source.run({
        row: (values, isTombstone) => output.text(writer.row(values, isTombstone)),
        drained: () => output.drained(),
        get isClosed() {
          return output.isClosed;
        },
        onClose: (listener) => output.onClose(listener),
      });
      output.text(writer.end(ending === 'none' ? undefined : ending));
    } catch (error) {
      this.#onError(error);
      const message = messageOf(error);
      output.text(writer.error({ '@type': 'generic_error', error_code: errorCodes.serverError, message }));
      output.text(writer.end(undefined));
    } finally {
      if (isKept) this.#running.remove(source.queryId);
    }
    output.end();
  }

  async #printOnQuery(exchange: Exchange, statement: PrintTopic, session: Session): Promise<void> {
    const topic = this.#context.engine.store.topic(statement.topic);
    if (topic === undefined) throw badRequest(unknownTopic(this.#context, statement.topic));
    if (exchange.isHttp2) {
      exchange.send(405, '', jsonType);
      return;
    }
    const reset = session.properties.get('auto.offset.reset');
    const configured = reset ?? session.properties.get('ksql.streams.auto.offset.reset');
    exchange.begin(jsonType);
    await this.#print(exchange, statement, {
      showFormats: true,
      fromBeginning: configured === 'earliest',
      idleMs: 1000,
    });
  }

  async #printOnStream(exchange: Exchange, statement: PrintTopic): Promise<void> {
    if (this.#context.engine.store.topic(statement.topic) === undefined) {
      throw genericError(400, errorCodes.badStatement, `Topic does not exist: ${statement.topic}`);
    }
    exchange.begin(undefined);
    await this.#print(exchange, statement, { showFormats: false, fromBeginning: false });
  }

  async #print(exchange: Exchange, statement: PrintTopic, options: PrintOptions): Promise<void> {
    const { store } = this.#context.engine;
    await printTopic(store, store.topic(statement.topic)!, statement, options, {
      text: (lines) => exchange.write(lines),
      drained: () => exchange.drained(),
      get isClosed() {
        return exchange.isClosed;
      },
      onClose: (listener) => exchange.onClose(listener),
    });
    exchange.end();
  }
}

/** Returns the only statement of a request. Throws a RestError. */
function parseOne(sql: string, session: Session): Statement {
  const statements = parseQueryStream(sql, session);
  const [statement] = statements;
  if (statement !== undefined && statements.length === 1) return statement;
  const found = statements.length;
  throw queryError(
    directStatementError(`Expected exactly one KSQL statement; found ${found} instead`, sql),
    sql,
  );
}

/** Returns the only SELECT of a request. Throws a RestError. */
export function parseQuery(sql: string, session: Session): QueryStatement {
  const statement = parseOne(sql, session);
  if (statement.kind === 'Query') return statement;
  throw queryError(directStatementError('Neither a query nor a print statement', sql), sql);
}

function parseQueryStream(sql: string, session: Session): readonly Statement[] {
  try {
    return parseStatements(sql, { variables: session.variables });
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const shown = error.text;
    const message = error.code === 'SQL_SYNTAX' ? `${error.message}\nStatement: ${shown}` : error.message;
    throw queryError(new KsqlStatementException(message, shown, error), shown);
  }
}

function unknownTopic({ engine }: StatementContext, name: string): string {
  const twins = engine.store
    .topics()
    .filter((topic) => topic.name.toLowerCase() === name.toLowerCase())
    .map((topic) => `\tprint ${topic.name};`);
  const proposal = twins.length === 0 ? '' : `\nDid you mean:\n${twins.join('\n')}`;
  return (
    `Could not find topic '${name}', or the KSQL user does not have permissions to list the topic. ` +
    `Topic names are case-sensitive.${proposal}`
  );
}

/** Buffers small texts and writes them on the next turn of the event loop. */
class ChunkedOutput {
  readonly #exchange: Exchange;
  #pending = '';
  #isScheduled = false;
  #isClosed = false;
  readonly #onClose: (() => void)[] = [];

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    exchange.onClose(() => this.close());
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends the rows after sending the buffered ones. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const listener of this.#onClose.splice(0)) listener();
  }

  onClose(listener: () => void): void {
    if (this.#isClosed) listener();
    else this.#onClose.push(listener);
  }

  text(text: string): boolean {
    this.#pending += text;
    if (this.#pending.length >= chunkSize) this.#flush();
    else if (!this.#isScheduled && this.#pending !== '') {
      this.#isScheduled = true;
      setImmediate(() => {
        this.#isScheduled = false;
        this.#flush();
      });
    }
    return this.#exchange.write('');
  }

  drained(): Promise<void> {
    this.#flush();
    return this.#exchange.drained();
  }

  end(): void {
    this.#flush();
    this.#exchange.end();
  }

  #flush(): void {
    if (this.#pending === '') return;
    const text = this.#pending;
    this.#pending = '';
    this.#exchange.write(text);
  }
}
