/**
 * Errors as the REST API answers them. Codes and their HTTP status: ksqlDB's `Errors` and
 * https://docs.ksqldb.io/en/latest/developer-guide/api/
 */
import { KsqlException, KsqlStatementException, ParseFailedException } from '../errors.js';

export const errorCodes = {
  badRequest: 40000,
  badStatement: 40001,
  queryEndpoint: 40002,
  maxPushQueriesExceeded: 40003,
  http2Only: 40004,
  notFound: 40400,
  requestTooLarge: 41300,
  assertionFailed: 41700,
  serverError: 50000,
  commandQueueCatchupTimeout: 50301,
  serverShuttingDown: 50303,
} as const;

export interface ErrorBody {
  readonly '@type': 'generic_error' | 'statement_error';
  readonly error_code: number;
  readonly message: string;
  readonly statementText?: string;
  readonly entities?: readonly object[];
}

/** An answer other than 200: raised anywhere in a request's handling. */
export class RestError extends Error {
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody, cause?: unknown) {
    super(body.message, cause === undefined ? undefined : { cause });
    this.name = 'RestError';
    this.status = status;
    this.body = body;
  }
}

export function genericError(status: number, code: number, message: string, cause?: unknown): RestError {
  return new RestError(status, { '@type': 'generic_error', error_code: code, message }, cause);
}

export function statementError(
  status: number,
  code: number,
  message: string,
  statementText: string,
  entities: readonly object[] = [],
  cause?: unknown,
): RestError {
  return new RestError(
    status,
    { '@type': 'statement_error', error_code: code, message, statementText, entities },
    cause,
  );
}

export function badRequest(message: string, cause?: unknown): RestError {
  return genericError(400, errorCodes.badRequest, message, cause);
}

/** What /ksql answers for an error of a statement. `request` is the request's whole text, card numbers masked. */
export function ksqlError(error: unknown, request: string): RestError {
  if (error instanceof RestError) return error;
  if (isTopicConflict(error)) {
    return statementError(500, errorCodes.serverError, (error as Error).message, request, [], error);
  }
  if (isMissingTopic(error)) return badRequest((error as Error).message, error);
  if (error instanceof KsqlStatementException) {
    return statementError(400, errorCodes.badStatement, error.message, error.statementText, [], error);
  }
  if (error instanceof KsqlException) return badRequest(error.message, error);
  return statementError(500, errorCodes.serverError, messageOf(error), request, [], error);
}

/** What /query-stream (and /query once the statement is a query) answers before the first row. */
export function queryError(error: unknown, statementText: string): RestError {
  if (error instanceof RestError) return error;
  if (error instanceof KsqlStatementException) {
    const text = error.statementText;
    const message = namesStatement(error) ? `${error.message}\nStatement: ${text}` : error.message;
    return statementError(400, errorCodes.badStatement, message, text, [], error);
  }
  if (error instanceof KsqlException) {
    return statementError(400, errorCodes.badStatement, error.message, statementText, [], error);
  }
  return genericError(
    500,
    errorCodes.serverError,
    'The server encountered an internal error when processing the query.' +
      ' Please consult the server logs for more information.',
    error,
  );
}

/** ksqlDB adds the statement to the message where the error was raised for the statement itself. */
function namesStatement(error: KsqlStatementException): boolean {
  if (error instanceof ParseFailedException) return error.message.startsWith('line ');
  return error.code === directError;
}

/** Code of errors that are raised for a statement as such, not from an error below. */
export const directError = 'KSQL_DIRECT';

/** An error that ksqlDB raises for the statement itself: /query-stream repeats the statement in its message. */
export function directStatementError(message: string, statementText: string): KsqlStatementException {
  return new KsqlStatementException(message, statementText, undefined, directError);
}

/** A topic that is not there is a bad request to ksqlDB, not a bad statement. */
function isMissingTopic(error: unknown): boolean {
  return (
    error instanceof KsqlException &&
    error.message.startsWith("Topic '") &&
    error.message.includes("' does not exist. If you want to create a new topic")
  );
}

/** A topic that is there with another shape is a server's error (500) to ksqlDB, not the statement's. */
function isTopicConflict(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.message.startsWith('A Kafka topic with the name ') &&
    error.message.includes('already exists, with different partition/replica')
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
