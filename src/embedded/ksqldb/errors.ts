import { CodedError } from '../../errors/paystream-error.js';

/**
 * An error with ksqlDB's own message, because tools match these messages. The class names are ksqlDB's as well.
 */
export class KsqlException extends CodedError {
  constructor(message: string, cause?: unknown, code = 'KSQL_ERROR') {
    super(code, message, cause === undefined ? {} : { cause });
    this.name = 'KsqlException';
  }
}

/** An error of one statement. The REST API answers with a `statement_error` that contains the statement's text. */
export class KsqlStatementException extends KsqlException {
  readonly statementText: string;

  constructor(message: string, statementText: string, cause?: unknown, code = 'KSQL_BAD_STATEMENT') {
    super(message, cause, code);
    this.name = 'KsqlStatementException';
    this.statementText = statementText;
  }
}

/** A syntax error in a statement. */
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

/** A record that cannot be deserialized. Queries skip it and write to the processing log. */
export class DeserializeError extends CodedError {
  constructor(message: string, cause?: unknown) {
    super('DESERIALIZE', message, cause === undefined ? {} : { cause });
    this.name = 'DeserializeError';
  }
}

/** A row that cannot be serialized in its format. */
export class SerializeError extends CodedError {
  constructor(message: string, cause?: unknown) {
    super('SERIALIZE', message, cause === undefined ? {} : { cause });
    this.name = 'SerializeError';
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
