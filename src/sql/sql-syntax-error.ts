import { PaystreamError } from '../errors/paystream-error.js';

/** Why a text is not valid SQL. */
export type SqlErrorCode =
  /** It does not match the grammar. */
  | 'SQL_SYNTAX'
  /** It matches the grammar but is still invalid, such as a number out of range or a duplicate column. */
  | 'SQL_INVALID'
  /** It is nested too deeply or too long. */
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
 * A text that is not valid ksqlDB SQL. The message is ksqlDB's own, if it is known. `column` counts
 * from 1, as in ksqlDB's messages.
 */
export class SqlSyntaxError extends PaystreamError {
  override readonly code: SqlErrorCode;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
  /** The offending token, such as a word or `<EOF>`. */
  readonly offending: string;
  /** The part of the script that a server's error response contains as statementText. */
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
