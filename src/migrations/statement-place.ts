import type { Statement } from '../sql/ast.js';
import { formatStatement } from '../sql/format-statement.js';
import { parseStatement } from '../sql/parse.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';
import { type FileStatement, fileStatements, objectOf } from './file-statements.js';

export interface StatementPlace {
  /** From 1. */
  readonly line: number;
  /** The text in the file. */
  readonly text: string;
}

/**
 * Finds the statement of a file that a server names in its error. Undefined if it is not found, or if one of the
 * texts cannot be parsed, for example because the server knows more statements than this parser.
 */
export function statementAt(
  sql: string,
  serverText: string | undefined,
  variables: ReadonlyMap<string, string> = new Map(),
): StatementPlace | undefined {
  return findStatement(fileStatements(sql, Object.fromEntries(variables)), serverText);
}

/**
 * Finds the statement that a server names. The server may return its canonical text, with resolved names and defaults
 * filled in. If no text matches, this returns the first statement of the same kind about the same object.
 */
export function findStatement(
  statements: readonly FileStatement[],
  serverText: string | undefined,
): FileStatement | undefined {
  if (serverText === undefined) return undefined;
  const trimmed = serverText.trim().replace(/;$/, '').trimEnd();
  const literal = statements.find((statement) => statement.text === trimmed);
  if (literal !== undefined) return literal;
  let tree: Statement;
  try {
    tree = parseStatement(serverText);
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    // In a syntax error, the text may be one line of the statement.
    const containing = statements.filter((statement) => statement.text.includes(trimmed));
    return containing.find((statement) => statement.problem !== undefined) ?? containing[0];
  }
  const normal = formatStatement(tree);
  const wanted = identity(tree);
  return (
    statements.find((statement) => statement.normal === normal) ??
    statements.find((statement) => statement.tree !== undefined && identity(statement.tree) === wanted)
  );
}

/** Returns the kind of the statement and its object. */
function identity(statement: Statement): string {
  return `${statement.kind} ${objectOf(statement) ?? ('target' in statement ? statement.target : statement.text)}`;
}
