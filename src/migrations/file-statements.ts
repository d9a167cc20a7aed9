import type { Statement } from '../sql/ast.js';
import { formatStatement } from '../sql/format-statement.js';
import { parseStatement } from '../sql/parse.js';
import { splitStatements } from '../sql/split-statements.js';
import { SqlSyntaxError } from '../sql/sql-syntax-error.js';
import { checksumOf } from './migration-file.js';

/** One statement of a file. */
export interface FileStatement {
  /** From 1. */
  readonly number: number;
  /** From 1. */
  readonly line: number;
  /** The text in the file, without its semicolon. */
  readonly text: string;
  /** The text with normalized whitespace, comments and keywords. The original text if it cannot be parsed. */
  readonly normal: string;
  /** Undefined if this parser does not know the statement. The server may know it. */
  readonly tree?: Statement;
  readonly problem?: SqlSyntaxError;
}

export type Variables = Readonly<Record<string, string>>;

/** Returns the statements of a migration. Keeps text that cannot be parsed. Throws if the text cannot be split. */
export function fileStatements(sql: string, variables: Variables = {}): readonly FileStatement[] {
  const values = new Map(Object.entries(variables));
  return splitStatements(sql).map((raw, index) => {
    const base = { number: index + 1, line: raw.line, text: raw.text };
    try {
      const tree = parseStatement(raw.text, { variables: values });
      if (tree.kind === 'Define') define(values, tree.name, tree.value);
      if (tree.kind === 'Undefine') define(values, tree.name, undefined);
      return { ...base, tree, normal: formatStatement(tree) };
    } catch (error) {
      if (!(error instanceof SqlSyntaxError)) throw error;
      return { ...base, normal: raw.text, problem: error };
    }
  });
}

function define(variables: Map<string, string>, name: string, value: string | undefined): void {
  for (const key of variables.keys()) if (key.toUpperCase() === name.toUpperCase()) variables.delete(key);
  if (value !== undefined) variables.set(name, value);
}

/** Returns a checksum of the statements that ignores whitespace and comments. */
export function checksumOfStatements(statements: readonly FileStatement[]): string {
  return checksumOf(statements.map((statement) => statement.normal).join(';\n'));
}

/** SET, UNSET, DEFINE and UNDEFINE. They are valid only within one request. */
export function isSessionStatement({ tree }: FileStatement): boolean {
  return (
    tree?.kind === 'SetProperty' ||
    tree?.kind === 'UnsetProperty' ||
    tree?.kind === 'Define' ||
    tree?.kind === 'Undefine'
  );
}

/** Joins the texts for one request. */
export function joined(statements: readonly FileStatement[]): string {
  // A statement may end in a comment, so put a line break before each semicolon.
  return statements.map((statement) => `${statement.text}\n;`).join('\n');
}

/** Identifies the object that a statement creates, changes or drops. Statements about the same object return the same text. */
export function objectOf(statement: Statement): string | undefined {
  switch (statement.kind) {
    case 'CreateSource':
    case 'CreateAsSelect':
    case 'DropSource':
    case 'AlterSource':
      return `source ${statement.name}`;
    case 'CreateType':
    case 'DropType':
      return `type ${statement.name}`;
    case 'CreateConnector':
    case 'DropConnector':
      return `connector ${statement.name}`;
    case 'InsertInto':
      return `query ${queryIdOf(statement) ?? `of ${statement.target} from ${statement.query.from.left.name}`}`;
    case 'Terminate':
    case 'Pause':
    case 'Resume':
      return `query ${statement.queryId}`;
    default:
      return undefined;
  }
}

/** Returns the ID from WITH (QUERY_ID = '...'), as the server stores it. */
export function queryIdOf(statement: Statement): string | undefined {
  if (statement.kind !== 'InsertInto') return undefined;
  const id = statement.with.get('QUERY_ID');
  return id?.kind === 'String' ? id.value.toUpperCase() : undefined;
}
