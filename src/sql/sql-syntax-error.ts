import { PaystreamError } from '../errors/paystream-error.js';

/** Why a text is not SQL that can be run. */
export type SqlErrorCode =
  /** The grammar does not allow it. */
  | 'SQL_SYNTAX'
  /** The grammar allows it, and it still makes no sense: a number out of range, a column named twice. */
  | 'SQL_INVALID'
  /** It is nested too deeply, or too long. */
  | 'SQL_TOO_LARGE';

export interface SqlPosition {
  /** From 1. */
  readonly line: number;
  /** From 0. */
  readonly column: number;
  /** Offset in the text that was parsed. */
  readonly offset: number;
}

/**
 * Text that is not ksqlDB's SQL. The message is what ksqlDB says of it, where that is known; `column` counts
 * from 1 as ksqlDB's messages do.
 */
export class SqlSyntaxError extends PaystreamError {
  override readonly code: SqlErrorCode;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  /** What it stumbled over, such as a word or `<EOF>`. */
  readonly offending: string;
  /** The part of the script that a server's error body shows as its statementText. */
  readonly text: string;

  constructor(
    code: SqlErrorCode,
    message: string,
    at: SqlPosition,
    offending: string,
    text: string,
    hint?: string,
  ) {
    super(code, message, {
      where: `line ${at.line}, column ${at.column + 1}`,
      ...(hint === undefined ? {} : { hint }),
    });
    this.name = 'SqlSyntaxError';
    this.code = code;
    this.line = at.line;
    this.column = at.column + 1;
    this.offset = at.offset;
    this.offending = offending;
    this.text = text;
  }
}
