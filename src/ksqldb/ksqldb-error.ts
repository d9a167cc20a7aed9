import type { ErrorCode } from '../errors/error-codes.js';
import { PaystreamError } from '../errors/paystream-error.js';

export interface KsqldbErrorDetails {
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** ksqlDB's own code, such as 40001. */
  readonly errorCode?: number | undefined;
  readonly httpStatus?: number | undefined;
  /** The rejected statement, as the server wrote it. */
  readonly statementText?: string | undefined;
}

/**
 * A failed request to ksqlDB. Codes:
 *
 * - `KSQLDB_STATEMENT`: the server rejected a statement; the message is the server's
 * - `KSQLDB_SERVER`: any other error of the server, with its message
 * - `KSQLDB_UNREACHABLE`, `KSQLDB_TIMEOUT`, `KSQLDB_TLS`: no response
 * - `KSQLDB_NOT_READY`: a pull query sent its header and nothing else; its table cannot be read yet
 * - `KSQLDB_UNAUTHORIZED`: the credentials are missing, wrong or lack a permission
 * - `KSQLDB_NOT_KSQLDB`: something other than ksqlDB responded, such as a proxy
 * - `KSQLDB_PROTOCOL`: a response that breaks off or cannot be parsed
 */
export class KsqldbError extends PaystreamError {
  readonly errorCode: number | undefined;
  readonly httpStatus: number | undefined;
  readonly statementText: string | undefined;

  constructor(code: ErrorCode, message: string, details: KsqldbErrorDetails = {}) {
    super(code, message, details);
    this.name = 'KsqldbError';
    this.errorCode = details.errorCode;
    this.httpStatus = details.httpStatus;
    this.statementText = details.statementText;
  }
}

/** Returns true if the server was unreachable or not ready, and the same request may succeed later. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof KsqldbError)) return false;
  if (error.code === 'KSQLDB_UNREACHABLE' || error.code === 'KSQLDB_TIMEOUT') return true;
  return (
    error.httpStatus === 503 || (error.errorCode !== undefined && Math.floor(error.errorCode / 100) === 503)
  );
}

const NOT_MATERIALIZED =
  /^(Error starting pull query: )?(Cannot determine which host contains|Materialized data for key .* is not available yet)|MaterializationException: |Failed to (get value from|scan) materialized table/;

/**
 * Returns true if a pull query failed because the state of its table cannot be read yet: the table's query was just
 * created, restarts, or moves between servers. The server rejects the statement, ends the response with an error, or does
 * not end it. The same pull query succeeds later.
 *
 * Source: observed on ksqlDB 7.9.9, right after CREATE TABLE ... AS SELECT
 */
export function isNotMaterialized(error: unknown): boolean {
  if (!(error instanceof KsqldbError)) return false;
  return error.code === 'KSQLDB_NOT_READY' || NOT_MATERIALIZED.test(error.message);
}

/**
 * Tells whether the server could not write a statement to the command topic because another one was written at the
 * same moment. All requests to ksqlDB share one transactional id, and the newer one fences the older one. Nothing of
 * the rejected statement was written. A server without write permission for the topic sends the same message.
 *
 * Source: observed on ksqlDB 7.9.9. Of four concurrent CREATE STREAMs one succeeds, three get status 500.
 */
export function isFenced(error: unknown): error is KsqldbError {
  return (
    error instanceof KsqldbError &&
    /could not write the statement|fenced by another producer|newer producer with the same transactionalId/i.test(
      error.message,
    )
  );
}
