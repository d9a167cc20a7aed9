import { PaystreamError } from '../errors/paystream-error.js';

export interface KsqldbErrorDetails {
  readonly where?: string;
  readonly hint?: string;
  readonly cause?: unknown;
  /** ksqlDB's own code, such as 40001. */
  readonly errorCode?: number;
  readonly httpStatus?: number;
  /** The statement that the server refused, as the server wrote it. */
  readonly statementText?: string;
}

/**
 * A request to ksqlDB failed. Codes:
 *
 * - `KSQLDB_STATEMENT`: the server refused a statement (bad statement, wrong source, ...); message is the server's
 * - `KSQLDB_SERVER`: any other error that the server answered, its words kept
 * - `KSQLDB_UNREACHABLE`, `KSQLDB_TIMEOUT`, `KSQLDB_TLS`: no answer
 * - `KSQLDB_UNAUTHORIZED`: credentials missing, wrong or without permission
 * - `KSQLDB_NOT_KSQLDB`: something answered that is not ksqlDB, such as a proxy's page
 * - `KSQLDB_PROTOCOL`: an answer that breaks off or cannot be read
 */
export class KsqldbError extends PaystreamError {
  readonly errorCode: number | undefined;
  readonly httpStatus: number | undefined;
  readonly statementText: string | undefined;

  constructor(code: string, message: string, details: KsqldbErrorDetails = {}) {
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
