import type { ParserMethod } from 'chevrotain';
import type { ColumnDefinition, Expression, Location, Statement, TypeNode } from './ast.js';
import { lineAt, type RawStatement, splitScript } from './split-statements.js';
import { SqlSyntaxError } from './sql-syntax-error.js';
import { type BareStatement, StatementGrammar } from './statement-grammar.js';
import { syntaxError } from './syntax-message.js';
import { type Origin, type SqlToken, START, tokenize } from './tokens.js';
import { checkDepth } from './tree-depth.js';
import { type Edit, substitute, type Variables } from './variables.js';

export interface ParseOptions {
  /**
   * Variables that are defined before the script starts. DEFINE and UNDEFINE in the script change them for the
   * statements that follow; the map itself is left alone.
   */
  readonly variables?: Variables;
}

/** A longer statement is refused. In characters. */
export const MAX_STATEMENT_LENGTH = 1_000_000;

let grammar: StatementGrammar | undefined;

/** A script: any number of statements, each with its semicolon. Throws SqlSyntaxError. */
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

/** One statement; its semicolon may be missing. Throws SqlSyntaxError. */
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

/** An expression, such as `A + 1`. Throws SqlSyntaxError. */
export function parseExpression(sql: string): Expression {
  return parsePart(sql, (parser) => parser.wholeExpression);
}

/** A type, such as `MAP<STRING, INT>`; the names of its fields are upper-cased unless quoted. Throws SqlSyntaxError. */
export function parseType(sql: string): TypeNode {
  return parsePart(sql, (parser) => parser.wholeType);
}

/** The columns of a schema without parentheses: `ID BIGINT KEY, V STRING`; none for an empty text. */
export function parseSchema(sql: string): ColumnDefinition[] {
  return parsePart(sql, (parser) => parser.wholeSchema);
}

function parseRaw(sql: string, raw: RawStatement, variables: Variables): Statement {
  const origin: Origin = { line: raw.line, column: raw.column, offset: raw.start };
  const { text, edits } = inScript(sql, raw, () => substitute(raw.text, variables));
  checkLength(text, origin, sql);
  const relocate = edits.length === 0 ? undefined : relocator(raw, edits);
  const tokens = tokenize(text, origin, relocate);
  if (raw.terminated) tokens.push(semicolon(sql, raw));
  const bare = run(sql, tokens, (parser): ParserMethod<[], BareStatement> => parser.single);
  const at: Location = { line: raw.line, column: raw.column, start: raw.start, end: raw.end };
  return withText(bare, text, at, raw.start);
}

function withText(bare: BareStatement, text: string, at: Location, start: number): Statement {
  if (bare.kind === 'Explain' && bare.statement?.at !== undefined) {
    // only a statement without variables can be cut out by its place; the word EXPLAIN tells it otherwise
    const inner = text.slice(Math.max(0, bare.statement.at.start - start));
    return { ...bare, statement: { ...bare.statement, text: inner }, text, at };
  }
  return { ...bare, text, at } as Statement;
}

function semicolon(sql: string, raw: RawStatement): SqlToken {
  const last = tokenize(';', START)[0]!;
  // the place of the real semicolon: blanks and comments may stand before it
  const rest = splitPoint(sql, raw);
  return {
    ...last,
    startOffset: rest.offset,
    endOffset: rest.offset,
    startLine: rest.line,
    startColumn: rest.column + 1,
  };
}

function splitPoint(sql: string, raw: RawStatement): Origin {
  return advance({ line: raw.line, column: raw.column, offset: raw.start }, sql, raw.end);
}

function advance(from: Origin, sql: string, to: number): Origin {
  let { line } = from;
  let lineStart = from.offset - from.column;
  for (let i = sql.indexOf('\n', from.offset); i !== -1 && i < to; i = sql.indexOf('\n', i + 1)) {
    line++;
    lineStart = i + 1;
  }
  return { line, column: to - lineStart, offset: to };
}

/** Errors of substitution speak of the statement's text: moves them to the script. */
function inScript<R>(sql: string, raw: RawStatement, action: () => R): R {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error;
    const at = advance(
      { line: raw.line, column: raw.column, offset: raw.start },
      sql,
      raw.start + error.offset,
    );
    const message = error.message.replace(/Line: \d+, Col: \d+/, `Line: ${at.line}, Col: ${at.column + 1}`);
    throw new SqlSyntaxError('SQL_INVALID', message, at, error.offending, raw.text, error.hint);
  }
}

/** The place in the script of an offset in the text that its variables made of a statement. */
function relocator(raw: RawStatement, edits: readonly Edit[]): (offset: number) => Origin {
  const original = (offset: number): number => {
    let moved = 0;
    for (const edit of edits) {
      if (offset < edit.newFrom) break;
      if (offset < edit.newTo) return edit.from;
      moved = edit.to - edit.newTo;
    }
    return offset + moved;
  };
  const start: Origin = { line: raw.line, column: raw.column, offset: raw.start };
  return (offset) => {
    const inText = original(offset);
    return advanceIn(raw.text, start, inText);
  };
}

function advanceIn(text: string, start: Origin, to: number): Origin {
  const at = advance({ line: start.line, column: 0, offset: 0 }, text, to);
  return {
    line: at.line,
    column: at.line === start.line ? at.column + start.column : at.column,
    offset: start.offset + to,
  };
}

function checkLength(text: string, origin: Origin, sql: string): void {
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
  return run(sql, tokenize(sql, START), rule);
}

function run<R>(sql: string, tokens: SqlToken[], rule: (parser: StatementGrammar) => ParserMethod<[], R>): R {
  grammar ??= new StatementGrammar();
  const parser = grammar;
  const lineOf = (offset: number): string => lineAt(sql, Math.min(offset, sql.length));
  try {
    parser.input = tokens;
    const result = rule(parser).call(parser);
    const [error] = parser.errors;
    if (error !== undefined) {
      const from = Number.isNaN(error.token.startOffset) ? tokens.length : tokens.indexOf(error.token);
      throw syntaxError({
        error,
        rest: tokens.slice(from, from + 2),
        end: advance(START, sql, sql.length),
        first: from === 0 && rule(parser) === (parser.single as unknown),
        hasQuery: parser.sawQuery(),
        lineOf,
      });
    }
    checkDepth(result, tokens);
    return result;
  } catch (error) {
    if (error instanceof SqlSyntaxError && error.text === '') {
      const { code, message, line, column, offset, offending, hint } = error;
      const at = { line, column: column - 1, offset };
      const text = lineOf(offset);
      throw new SqlSyntaxError(code as 'SQL_SYNTAX', message, at, offending, text, hint);
    }
    throw error;
  } finally {
    // the tokens would be kept until the next statement
    parser.input = [];
  }
}
