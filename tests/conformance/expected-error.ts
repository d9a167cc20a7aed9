/** Errors against what a case says of them: at all, of the right class, with the right words. */

import {
  KsqlException,
  KsqlStatementException,
  ParseFailedException,
  SerializeError,
} from '../../src/embedded/ksqldb/errors.js';
import { KsqlFunctionException } from '../../src/embedded/ksqldb/functions/function-error.js';
import { StreamsException } from '../../src/embedded/ksqldb/operators/source.js';
import { SqlSyntaxError } from '../../src/sql/sql-syntax-error.js';
import type { ExpectedError } from './case-file.js';

/** A statement of a test script found other records than it expects. */
export class AssertionFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AssertionFailed';
  }
}

/** The levels of a negative case; each is true only if those before are. */
export interface NegativeLevels {
  /** It is refused, and where it should be. */
  readonly rejected: boolean;
  /** The class fits. */
  readonly type: boolean;
  /** The words fit, up to the statement's text, and but for messages of the SQL grammar. */
  readonly message: boolean;
  /** The words fit to the end. */
  readonly exact: boolean;
}

export const notRejected: NegativeLevels = { rejected: false, type: false, message: false, exact: false };

const classes: Readonly<Record<string, readonly (new (...args: never[]) => Error)[]>> = {
  'java.lang.AssertionError': [AssertionFailed],
  'io.confluent.ksql.util.KsqlException': [KsqlException, SqlSyntaxError],
  'io.confluent.ksql.util.KsqlStatementException': [KsqlStatementException, SqlSyntaxError],
  'io.confluent.ksql.parser.exception.ParseFailedException': [ParseFailedException, SqlSyntaxError],
  'io.confluent.ksql.function.KsqlFunctionException': [KsqlFunctionException],
  'org.apache.kafka.streams.errors.StreamsException': [StreamsException],
};

function isOf(error: unknown, type: string | undefined): boolean {
  if (type === undefined) return true;
  return (classes[type] ?? []).some((each) => error instanceof each);
}

/** The message, and ksqlDB's long form of it. */
function textsOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [String(error)];
  if (error instanceof KsqlStatementException) {
    return [error.message, `${error.message}\nStatement: ${error.statementText}`];
  }
  if (error instanceof SqlSyntaxError) return [error.message, `${error.message}\nStatement: ${error.text}`];
  return [error.message];
}

const grammarWords = [
  'Syntax Error',
  'Expecting {',
  "missing ')' at",
  'mismatched input',
  'extraneous input',
];

export function judgeError(error: unknown, expected: ExpectedError): NegativeLevels {
  const cause = error instanceof Error ? error.cause : undefined;
  const type = isOf(error, expected.type) && (expected.cause === undefined || isOf(cause, expected.cause));
  const holds = (texts: readonly string[], wanted: string | undefined): boolean =>
    wanted === undefined || texts.some((text) => text.includes(wanted));
  const causeFits = holds(textsOf(cause), expected.causeMessage);
  const exact = holds(textsOf(error), expected.message) && causeFits;
  const [words = ''] = (expected.message ?? '').split('\nStatement:');
  const isGrammar = grammarWords.some((word) => words.includes(word));
  const message = exact || (causeFits && (isGrammar || holds(textsOf(error), words)));
  return { rejected: true, type, message: type && message, exact: type && exact };
}

export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof StreamsException)
    return `${error.name}: ${error.message}; caused by ${errorText(error.cause)}`;
  // An error that ksqlDB would not know is a bug of the engine: its stack says where.
  const isKnown = [
    KsqlException,
    SqlSyntaxError,
    AssertionFailed,
    KsqlFunctionException,
    SerializeError,
  ].some((known) => error instanceof known);
  return isKnown ? `${error.name}: ${error.message}` : (error.stack ?? error.message);
}
