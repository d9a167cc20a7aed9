import type { ErrorCode } from './error-codes.js';

/** What an error carries besides its message, so that a reader knows where it happened and what to do. */
export interface ErrorDetails {
  /** Where it happened: a file and line, a statement, a topic, partition and offset, an address. */
  readonly where?: string | undefined;
  /** What the reader can do next, as one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** An error with a code for programs (`UPPER_SNAKE_CASE`) and a message for people. */
export class CodedError extends Error {
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CodedError';
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
  }
}

/**
 * An error that Paystream raises on purpose. Its code is one of ERROR_CODES. Errors of the embedded servers are plain
 * CodedErrors with the codes of the servers that they emulate.
 */
export class PaystreamError extends CodedError {
  declare readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details);
    this.name = 'PaystreamError';
  }
}
