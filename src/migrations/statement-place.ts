import type { Statement } from '../sql/ast.js';
import { parseStatement, parseStatements } from '../sql/parse.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';

export interface StatementPlace {
  /** From 1. */
  readonly line: number;
  /** As it stands in the file. */
  readonly text: string;
}

/**
 * Where in a file the statement stands that a server names in its error.
 *
 * The server answers with the statement in its own canonical text, defaults filled in, so texts cannot be compared:
 * the first statement of the same kind for the same object is taken. Undefined if there is none, or if either text
 * cannot be parsed (a server that knows statements which this parser does not).
 */
export function statementAt(
  sql: string,
  serverText: string | undefined,
  variables: ReadonlyMap<string, string> = new Map(),
): StatementPlace | undefined {
  if (serverText === undefined) return undefined;
  try {
    const wanted = identity(parseStatement(serverText));
    const found = parseStatements(sql, { variables }).find((statement) => identity(statement) === wanted);
    return found === undefined ? undefined : { line: found.at?.line ?? 1, text: found.text };
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    return undefined;
  }
}

/** The statement's kind and what it is about. */
function identity(statement: Statement): string {
  const about =
    'name' in statement
      ? statement.name
      : 'target' in statement
        ? // Several INSERT INTO may have one target: their sources tell them apart.
          `${statement.target} ${'query' in statement ? statement.query.from.left.name : ''}`
        : statement.text;
  return `${statement.kind} ${about}`;
}
