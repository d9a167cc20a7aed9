/** What an error of Paystream carries besides its message, so that a reader knows where and what next. */
export interface PaystreamErrorDetails {
  /** Where it happened: a file and line, a statement, a topic, partition and offset, an address. */
  readonly where?: string | undefined;
  /** What the reader can do next, as one sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The base of every error that Paystream raises on purpose.
 *
 * `code` is stable and made for programs (`UPPER_SNAKE_CASE`); the message says what happened.
 */
export class PaystreamError extends Error {
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(code: string, message: string, details: PaystreamErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PaystreamError';
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
  }
}
