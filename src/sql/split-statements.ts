import { Lexeme, Scanner } from './scanner.js';
import { type SqlPosition, SqlSyntaxError } from './sql-syntax-error.js';

/** A statement in a script, with its position. */
export interface RawStatement {
  /** The text from the first word up to the semicolon. Comments inside are kept, comments around it are not. */
  readonly text: string;
  /** Line of the first word, from 1. */
  readonly line: number;
  /** Column of the first word, from 0. */
  readonly column: number;
  /** Offset of the first word. */
  readonly start: number;
  /** Offset after the last word. */
  readonly end: number;
  /** False for a last statement without a semicolon. */
  readonly terminated: boolean;
}

/** A statement with the position of its semicolon, or of the end of the text. */
export interface ScriptStatement extends RawStatement {
  readonly stop: SqlPosition;
}

const FEW = 40;

/**
 * Splits a script at its semicolons, except those in strings, quoted names and comments. Empty
 * statements are omitted. The statements are not parsed. Throws SqlSyntaxError for a string, quoted name or
 * block comment without an end.
 */
export function splitStatements(sql: string): RawStatement[] {
  return splitScript(sql)
    .filter(({ text }) => text !== '')
    .map(({ stop: _, ...statement }) => statement);
}

/** Like `splitStatements`, but includes empty statements. */
export function splitScript(sql: string): ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  const scanner = new Scanner(sql);
  let first: { line: number; column: number; start: number } | undefined;
  let end = 0;
  const push = (terminated: boolean): void => {
    const { line, column, start } = first ?? scanner;
    const text = first === undefined ? '' : sql.slice(start, end);
    const stop = { line: scanner.line, column: scanner.column, offset: scanner.start };
    statements.push({ text, line, column, start, end: Math.max(start, end), terminated, stop });
    first = undefined;
  };
  while (scanner.next()) {
    if (scanner.kind === Lexeme.Unterminated) throw unterminated(scanner);
    if (scanner.kind === Lexeme.Symbol && sql[scanner.start] === ';') {
      push(true);
    } else {
      first ??= { line: scanner.line, column: scanner.column, start: scanner.start };
      end = scanner.end;
    }
  }
  if (first !== undefined) push(false);
  return statements;
}

function unterminated(scanner: Scanner): SqlSyntaxError {
  const { line, column, start, text } = scanner;
  const open = text[start]!;
  const what = open === "'" ? 'string' : open === '/' ? 'comment' : 'quoted name';
  const close = open === '/' ? '*/' : open;
  const shown = text.slice(start, start + FEW);
  return new SqlSyntaxError(
    'SQL_SYNTAX',
    `line ${line}:${column + 1}: Syntax Error\nThe ${what} that starts here has no closing ${close}`,
    { line, column, offset: start },
    shown,
    lineAt(text, start),
    `Close it with ${close}.`,
  );
}

/** Returns the line that contains the offset. */
export function lineAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end === -1 ? text.length : end);
}
