import type { IRecognitionException, IToken } from 'chevrotain';
import { tokenMatcher } from './chevrotain.js';
import { isReserved } from './keywords.js';
import { lineAt } from './split-statements.js';
import { type SqlPosition, SqlSyntaxError } from './sql-syntax-error.js';
import * as t from './tokens.js';
import { A_NAME, ANYTHING } from './type-grammar.js';

/** The first words of statements, in the order in which ksqlDB searches for a similar one. */
const COMMANDS = [
  'SELECT',
  'CREATE',
  'INSERT',
  'DESCRIBE',
  'PRINT',
  'EXPLAIN',
  'SHOW',
  'LIST',
  'TERMINATE',
  'PAUSE',
  'RESUME',
  'DROP',
  'SET',
  'DEFINE',
  'UNDEFINE',
  'UNSET',
  'ASSERT',
  'ALTER',
] as const;

/** Counts the letters to insert, delete or change to turn one word into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

function mostSimilar(word: string): string {
  const wanted = word.toUpperCase().slice(0, 50);
  let best: string = COMMANDS[0];
  for (const command of COMMANDS) if (distance(command, wanted) < distance(best, wanted)) best = command;
  return best;
}

/** The state at the point where the parser failed. */
export interface Failure {
  readonly error: IRecognitionException;
  readonly tokens: readonly IToken[];
  /** The end of the text. */
  readonly end: SqlPosition;
  /** Whether a query precedes it. */
  readonly hasQuery: boolean;
  /** The script, from which the shown line is taken. */
  readonly sql: string;
}

/** Tokens that can follow the closing parenthesis of an expression, so that the parenthesis is what is missing. */
function followsExpression(token: IToken): boolean {
  const { tokenType } = token;
  const opens = tokenType === t.LeftParen || tokenType === t.StringValue || tokenType === t.Assign;
  return !opens && !tokenMatcher(token, t.NumberValue) && tokenType !== t.Unrecognized;
}

function startsStatement(token: IToken): boolean {
  return (COMMANDS as readonly string[]).includes(token.image.toUpperCase());
}

function body({ error, tokens, hasQuery }: Failure, token: IToken | undefined, at: SqlPosition): string {
  const end = token === undefined;
  const image = end ? '<EOF>' : token.image;
  const near = `Syntax error at or near '${image}' at line ${at.line}:${at.column + 1}`;
  const expected = error.message;
  const rule = error.context.ruleStack.at(-1);
  if (rule === 'statement' && !end && token.tokenType !== t.Semicolon) {
    return `Unknown statement '${image}'\nDid you mean '${mostSimilar(image)}'?`;
  }
  if (expected === ANYTHING) return '';
  if (expected === A_NAME) return isReserved(image) ? reserved(image) : near;
  if (error.name !== 'MismatchedTokenException') return expected === '' ? near : `Expecting ${expected}`;
  const next = end ? undefined : tokens[tokens.indexOf(token) + 1];
  const semicolon = expected === t.Semicolon.name;
  const matches = (other: IToken | undefined): boolean =>
    other !== undefined && expected.includes(other.tokenType.name);
  if (!end && matches(next) && (!semicolon || !hasQuery)) {
    if (isReserved(image)) return reserved(image);
    return `Expecting ${expected}`;
  }
  if (semicolon && (end || startsStatement(token))) return `missing ${expected} at '${image}'`;
  if (semicolon && hasQuery) return '';
  if (expected === t.RightParen.name && !end && followsExpression(token)) {
    return `missing ${expected} at '${image}'`;
  }
  if (end) return `Syntax error at or near ";"\n'}', ']', or ')' is missing`;
  return `Expecting ${expected}`;
}

function reserved(image: string): string {
  return (
    `"${image}" is a reserved keyword and it can't be used as an identifier.` +
    ` You can use it as an identifier by escaping it as '${image}' `
  );
}

/** Returns the error that ksqlDB would report. */
export function syntaxError(failure: Failure): SqlSyntaxError {
  const { error, end, sql } = failure;
  // the end-of-file token has no position
  const token = Number.isNaN(error.token.startOffset) ? undefined : error.token;
  const at: SqlPosition =
    token === undefined
      ? end
      : { line: token.startLine!, column: token.startColumn! - 1, offset: token.startOffset };
  const message = `line ${at.line}:${at.column + 1}: Syntax Error\n${body(failure, token, at)}`;
  return new SqlSyntaxError('SQL_SYNTAX', message, at, token?.image ?? '<EOF>', lineAt(sql, at.offset));
}
