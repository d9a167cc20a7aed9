/**
 * The errors of the REST API.
 *
 * Source of the codes and HTTP statuses: ksqlDB's `Errors` class and
 * https://docs.ksqldb.io/en/latest/developer-guide/api/
 */
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

/** An error that determines the HTTP response of a request. */
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
