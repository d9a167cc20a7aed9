import { PaystreamError } from '../../errors/paystream-error.js';

/**
 * An error as ksqlDB's users know it: the message is ksqlDB's own text, since tools and people match it.
 *
 * Class names of ksqlDB: KsqlException > KsqlStatementException > ParseFailedException.
 */
export class KsqlException extends PaystreamError {
  constructor(message: string, cause?: unknown, code = 'KSQL_ERROR') {
    super(code, message, cause === undefined ? {} : { cause });
    this.name = 'KsqlException';
  }
}

/** An error of one statement; the REST API answers it as `statement_error` with the statement's text. */
export class KsqlStatementException extends KsqlException {
  readonly statementText: string;

  constructor(message: string, statementText: string, cause?: unknown, code = 'KSQL_BAD_STATEMENT') {
    super(message, cause, code);
    this.name = 'KsqlStatementException';
    this.statementText = statementText;
  }
}

/** The text is not a statement of ksqlDB's SQL. */
export class ParseFailedException extends KsqlStatementException {
  constructor(message: string, statementText: string, cause?: unknown) {
    super(message, statementText, cause, 'KSQL_PARSE_FAILED');
    this.name = 'ParseFailedException';
  }
}

/** The code of errors that ksqlDB raises for a statement itself, not for a part of it. */
export const directError = 'KSQL_DIRECT';

/** Creates an error for a statement itself. /query-stream repeats the statement in the message of such an error. */
export function directStatementError(message: string, statementText: string): KsqlStatementException {
  return new KsqlStatementException(message, statementText, undefined, directError);
}

/** A record's bytes cannot be read as its columns: the record is skipped and goes to the processing log. */
export class DeserializeError extends PaystreamError {
  constructor(message: string, cause?: unknown) {
    super('DESERIALIZE', message, cause === undefined ? {} : { cause });
    this.name = 'DeserializeError';
  }
}

/** A row cannot be written in its format. */
export class SerializeError extends PaystreamError {
  constructor(message: string, cause?: unknown) {
    super('SERIALIZE', message, cause === undefined ? {} : { cause });
    this.name = 'SerializeError';
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
