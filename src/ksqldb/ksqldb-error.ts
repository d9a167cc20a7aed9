import type { ErrorCode } from '../errors/error-codes.js';
import { PaystreamError } from '../errors/paystream-error.js';

export interface KsqldbErrorDetails {
  readonly where?: string | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
  /** ksqlDB's own code, such as 40001. */
  readonly errorCode?: number | undefined;
  readonly httpStatus?: number | undefined;
  /** The statement that the server refused, as the server wrote it. */
  readonly statementText?: string | undefined;
}

/**
 * A request to ksqlDB failed. Codes:
 *
 * - `KSQLDB_STATEMENT`: the server refused a statement (bad statement, wrong source, ...); message is the server's
 * - `KSQLDB_SERVER`: any other error that the server answered, its words kept
 * - `KSQLDB_UNREACHABLE`, `KSQLDB_TIMEOUT`, `KSQLDB_TLS`: no answer
 * - `KSQLDB_NOT_READY`: a pull query began to answer and went silent; its table cannot be read yet
 * - `KSQLDB_UNAUTHORIZED`: credentials missing, wrong or without permission
 * - `KSQLDB_NOT_KSQLDB`: something answered that is not ksqlDB, such as a proxy's page
 * - `KSQLDB_PROTOCOL`: an answer that breaks off or cannot be read
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

/** True where the server was not there or not ready, and the same request may succeed later. */
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
 * True where a pull query came while its table's state could not be read: the query that makes the table was just
 * created, restarts, or moves between servers. The server refuses the statement, or ends the answer with an error, or does
 * not end it; later the same pull query succeeds.
 *
 * Source: tried on ksqlDB 7.9.9, right after CREATE TABLE ... AS SELECT
 */
export function isNotMaterialized(error: unknown): boolean {
  if (!(error instanceof KsqldbError)) return false;
  return error.code === 'KSQLDB_NOT_READY' || NOT_MATERIALIZED.test(error.message);
}

/**
 * Tells whether the server could not write a statement to the command topic because another one was written at the
 * same moment. All requests to ksqlDB share one transactional id, and the newer one fences the older one. Nothing of
 * the refused statement was written. A server that may not write the topic answers in the same words.
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
