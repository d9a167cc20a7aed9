/** The REST API without HTTP, for test runners in the same process. */
import type { Engine } from '../engine/engine.js';
import { messageOf } from '../errors.js';
import { querySource } from '../queries/query-source.js';
import { errorCodes, RestError } from '../rest-error.js';
import type { StatementContext } from '../statements/context.js';
import { ksqlV1JsonType } from './accept.js';
import { CommandStatuses } from './command-statuses.js';
import { queryError } from './error-answers.js';
import { KsqlResource } from './ksql-resource.js';
import { parseQuery } from './query-resource.js';
import { type KsqlRequest, sessionProperties, unknownPropertyOnQuery } from './requests.js';
import { rowWriterFor } from './row-writers.js';

export interface InProcessReply {
  readonly status: number;
  /** The body as JSON text. Numbers keep all digits. */
  readonly text: string;
}

function contextOf(engine: Engine): StatementContext {
  return { engine, host: 'localhost:8088', clock: Date.now, properties: new Map() };
}

/** Executes POST /ksql. Never rejects: errors are replies, as over HTTP. */
export async function handleKsqlRequest(engine: Engine, request: KsqlRequest): Promise<InProcessReply> {
  try {
    const resource = new KsqlResource({ context: contextOf(engine), statuses: new CommandStatuses() });
    return { status: 200, text: JSON.stringify(await resource.handle(request)) };
  } catch (error) {
    return errorReply(error);
  }
}

export interface RunQueryOptions {
  /** Called once the query runs and has sent its header. */
  readonly onHeader?: (queryId: string) => void;
  /** Ends a push query that is still running. */
  readonly timeoutMs?: number;
}

/**
 * Executes POST /query with `Accept: application/vnd.ksql.v1+json`: an array of `header`, `row`s and `finalMessage`.
 * Never rejects.
 */
export async function runQuery(
  engine: Engine,
  sql: string,
  properties: Readonly<Record<string, unknown>> = {},
  options: RunQueryOptions = {},
): Promise<InProcessReply> {
  try {
    const session = {
      properties: sessionProperties(properties, unknownPropertyOnQuery),
      variables: new Map<string, string>(),
    };
    const statement = parseQuery(sql, session);
    const text = `${statement.text};`;
    let source: ReturnType<typeof querySource>;
    try {
      source = querySource(engine, statement.query, session, text);
    } catch (error) {
      throw queryError(error, text);
    }
    const writer = rowWriterFor(ksqlV1JsonType, source);
    let body = writer.header();
    let isClosed = false;
    const listeners: (() => void)[] = [];
    const close = (): void => {
      isClosed = true;
      for (const listener of listeners.splice(0)) listener();
    };
    const timer = options.timeoutMs === undefined ? undefined : setTimeout(close, options.timeoutMs);
    const running = source.run({
      row: (values, isTombstone) => {
        body += writer.row(values, isTombstone);
        return true;
      },
      drained: () => Promise.resolve(),
      get isClosed() {
        return isClosed;
      },
      onClose: (listener) => listeners.push(listener),
    });
    options.onHeader?.(source.queryId);
    try {
      const ending = await running;
      body += writer.end(ending === 'none' ? undefined : ending);
    } catch (error) {
      const failure = {
        '@type': 'generic_error',
        error_code: errorCodes.serverError,
        message: messageOf(error),
      } as const;
      body += writer.error(failure) + writer.end(undefined);
    } finally {
      clearTimeout(timer);
    }
    return { status: 200, text: body };
  } catch (error) {
    return errorReply(error);
  }
}

function errorReply(error: unknown): InProcessReply {
  if (!(error instanceof RestError)) throw error;
  return { status: error.status, text: JSON.stringify(error.body) };
}
