import type { ParserMethod } from 'chevrotain';
import type { ColumnDefinition, Expression, Location, Statement, TypeNode } from './ast.js';
import type { BareStatement } from './clause-grammar.js';
import { Relocation } from './relocation.js';
import { lineAt, type ScriptStatement, splitScript } from './split-statements.js';
import { type SqlPosition, SqlSyntaxError } from './sql-syntax-error.js';
import { StatementGrammar } from './statement-grammar.js';
import { syntaxError } from './syntax-message.js';
import { tooDeep } from './token-text.js';
import { type SqlToken, START, tokenize } from './tokens.js';
import { checkDepth } from './tree-depth.js';
import { substitute, type Variables } from './variables.js';

export interface ParseOptions {
  /**
   * Variables that are defined before the script starts. DEFINE and UNDEFINE in the script change them for the
   * following statements. The map itself does not change.
   */
  readonly variables?: Variables;
}

/** The maximum length of a statement in characters. */
export const MAX_STATEMENT_LENGTH = 1_000_000;

let grammar: StatementGrammar | undefined;

/** Parses a script: any number of statements, each with its semicolon. Throws SqlSyntaxError. */
export function parseStatements(sql: string, options: ParseOptions = {}): Statement[] {
  const variables = new Map(options.variables);
  return splitScript(sql).map((raw) => {
    const statement = parseRaw(sql, raw, variables);
    if (statement.kind === 'Define') {
      remove(variables, statement.name);
      variables.set(statement.name, statement.value);
    } else if (statement.kind === 'Undefine') {
      remove(variables, statement.name);
    }
    return statement;
  });
}

function remove(variables: Map<string, string>, name: string): void {
  for (const key of variables.keys()) if (key.toUpperCase() === name.toUpperCase()) variables.delete(key);
}

/** Parses one statement. The semicolon is optional. Throws SqlSyntaxError. */
export function parseStatement(sql: string, options: ParseOptions = {}): Statement {
  const [raw, second] = splitScript(sql);
  if (raw === undefined || second !== undefined) {
    const place = second ?? { line: 1, column: 0, start: 0, text: '' };
    throw new SqlSyntaxError(
      'SQL_SYNTAX',
      `Expected exactly one KSQL statement; found ${raw === undefined ? 0 : splitScript(sql).length} instead`,
      { line: place.line, column: place.column, offset: place.start },
      place.text,
      sql,
    );
  }
  return parseRaw(sql, { ...raw, terminated: true }, options.variables ?? new Map());
}

/** Parses an expression, such as `A + 1`. Throws SqlSyntaxError. */
export function parseExpression(sql: string): Expression {
  return parsePart(sql, (parser) => parser.wholeExpression);
}

/** Parses a type, such as `MAP<STRING, INT>`. Unquoted field names are upper-cased. Throws SqlSyntaxError. */
export function parseType(sql: string): TypeNode {
  return parsePart(sql, (parser) => parser.wholeType);
}

/** Parses the columns of a schema without parentheses: `ID BIGINT KEY, V STRING`. An empty text has no columns. */
export function parseSchema(sql: string): ColumnDefinition[] {
  return parsePart(sql, (parser) => parser.wholeSchema);
}

function parseRaw(sql: string, raw: ScriptStatement, variables: Variables): Statement {
  const origin: SqlPosition = { line: raw.line, column: raw.column, offset: raw.start };
  const { text, edits } = inScript(raw, origin, () => substitute(raw.text, variables));
  checkLength(text, origin, sql);
  const relocation = edits.length === 0 ? undefined : new Relocation(raw.text, origin, edits);
  const tokens = tokenize(text, origin, relocation);
  if (raw.terminated) tokens.push(...tokenize(';', raw.stop));
  const bare = run({ sql, tokens, statement: `${text};`, rule: (parser) => parser.single });
  const at: Location = { line: raw.line, column: raw.column, start: raw.start, end: raw.end };
  return finish(bare, text, at);
}

function finish(bare: BareStatement, text: string, at: Location): Statement {
  if (bare.kind === 'Explain' && bare.statement?.at !== undefined) {
    // no variable can precede the explained statement, so its position is the same in the new text
    const inner = text.slice(bare.statement.at.start - at.start);
    return { ...bare, statement: finish(bare.statement, inner, bare.statement.at), text, at };
  }
  return { ...bare, text, at } as Statement;
}

/** Converts positions of substitution errors from the statement to the script. */
function inScript<R>(raw: ScriptStatement, origin: SqlPosition, action: () => R): R {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const at = new Relocation(raw.text, origin, []).place(error.offset);
    const local = `Line: ${error.line}, Col: ${error.column}`;
    const message = error.message.replace(local, `Line: ${at.line}, Col: ${at.column + 1}`);
    throw new SqlSyntaxError('SQL_INVALID', message, at, error.offending, `${raw.text};`, error.hint);
  }
}

function checkLength(text: string, origin: SqlPosition, sql: string): void {
  if (text.length <= MAX_STATEMENT_LENGTH) return;
  throw new SqlSyntaxError(
    'SQL_TOO_LARGE',
    `Error processing statement: Statement is too large to parse. It has ${text.length} characters; ` +
      `${MAX_STATEMENT_LENGTH} are allowed.`,
    origin,
    text.slice(0, 40),
    lineAt(sql, origin.offset).slice(0, 200),
    'Split it into several statements.',
  );
}

function parsePart<R>(sql: string, rule: (parser: StatementGrammar) => ParserMethod<[], R>): R {
  checkLength(sql, START, sql);
  return run({ sql, tokens: tokenize(sql, START), statement: sql, rule });
}

interface Run<R> {
  /** The script, for the lines shown in errors. */
  readonly sql: string;
  readonly tokens: SqlToken[];
  /** The text to show if a whole statement is invalid. */
  readonly statement: string;
  readonly rule: (parser: StatementGrammar) => ParserMethod<[], R>;
}

function run<R>({ sql, tokens, statement, rule }: Run<R>): R {
  grammar ??= new StatementGrammar();
  const parser = grammar;
  try {
    parser.input = tokens;
    const result = rule(parser).call(parser);
    const [error] = parser.errors;
    if (error !== undefined) {
      const end = new Relocation(sql, START, []).place(sql.length);
      throw syntaxError({ error, tokens, end, sql, ...parser.context() });
    }
    checkDepth(result, tokens);
    return result;
  } catch (caught) {
    // nesting is bounded, but the caller may already have used most of the stack
    const error = caught instanceof RangeError ? tooDeep(tokens[0]!) : caught;
    // the grammar does not know the text around the point where it failed
    if (!(error instanceof SqlSyntaxError) || error.text !== '') throw error;
    const { code, message, line, column, offset, offending, hint } = error;
    const text = code === 'SQL_SYNTAX' ? lineAt(sql, offset) : statement;
    throw new SqlSyntaxError(code, message, { line, column: column - 1, offset }, offending, text, hint);
  } finally {
    // otherwise the tokens would stay in memory until the next statement
    parser.input = [];
  }
}
