import { isReserved } from './keywords.js';
import { Lexeme, Scanner } from './scanner.js';
import { SqlSyntaxError } from './sql-syntax-error.js';

/** Values by name. Names are case-insensitive. */
export type Variables = ReadonlyMap<string, string>;

/** A part of the new text that came from a variable. The text between two such parts moves as a whole. */
export interface Edit {
  /** The start and end of the reference in the old text. */
  readonly from: number;
  readonly to: number;
  /** The start and end of its value in the new text. */
  readonly newFrom: number;
  readonly newTo: number;
}

export interface Substitution {
  readonly text: string;
  readonly edits: readonly Edit[];
}

/** The maximum nesting of variables in values of variables. */
const MAX_DEPTH = 20;

/** The maximum length of a string after substitution. */
const MAX_LENGTH = 1_000_000;

function lookup(variables: Variables, name: string): string | undefined {
  const exact = variables.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toUpperCase();
  for (const [key, value] of variables) if (key.toUpperCase() === wanted) return value;
  return undefined;
}

/**
 * Replaces the variables of one statement like ksqlDB: `${name}` in place of a name or literal, and
 * inside strings. In a string, `$${name}` stands for the text `${name}` and `${name:-value}` has a default; a
 * quote in a value is doubled there, so that no value can end the string it stands in. A bare reference takes one
 * name, string, number, TRUE or FALSE and nothing else. References to undefined variables stay as they are.
 * Comments and quoted names are left alone.
 *
 * Source: https://docs.ksqldb.io/en/latest/how-to-guides/substitute-variables/
 */
export function substituteVariables(text: string, variables: Variables): string {
  return substitute(text, variables).text;
}

/** Like `substituteVariables`, but also returns what moved where. */
export function substitute(text: string, variables: Variables): Substitution {
  const edits: Edit[] = [];
  if (!text.includes('${')) return { text, edits };
  const scanner = new Scanner(text);
  let result = '';
  let done = 0;
  const replace = (value: string): void => {
    if (value === scanner.image()) return;
    result += text.slice(done, scanner.start);
    edits.push({
      from: scanner.start,
      to: scanner.end,
      newFrom: result.length,
      newTo: result.length + value.length,
    });
    result += value;
    done = scanner.end;
  };
  while (scanner.next()) {
    if (scanner.kind === Lexeme.Variable) {
      const value = lookup(variables, text.slice(scanner.start + 2, scanner.end - 1));
      if (value !== undefined) replace(bare(value.trim(), scanner));
    } else if (scanner.kind === Lexeme.String) {
      const inner = text.slice(scanner.start + 1, scanner.end - 1);
      if (inner.includes('${')) replace(`'${inString(inner, variables, scanner, 0)}'`);
    }
  }
  return { text: result + text.slice(done), edits };
}

function doubled(value: string): string {
  return value.replaceAll("'", "''");
}

/** Returns the value of a reference outside of strings. */
function bare(value: string, at: Scanner): string {
  const scanner = new Scanner(value);
  const sign = value.startsWith('-') || value.startsWith('+');
  if (sign) scanner.next();
  if (scanner.next() && scanner.end === value.length) {
    const { kind } = scanner;
    const number = kind === Lexeme.Integer || kind === Lexeme.Decimal || kind === Lexeme.Float;
    if (number && (!sign || scanner.start === 1)) return value.startsWith('+') ? value.slice(1) : value;
    if (!sign && scanner.start === 0) {
      if (kind === Lexeme.String || kind === Lexeme.Backquoted || kind === Lexeme.Quoted) return value;
      if (kind === Lexeme.Word && (!isReserved(value) || /^(true|false)$/i.test(value))) return value;
    }
  }
  const where = `Line: ${at.line}, Col: ${at.column + 1}`;
  throw new SqlSyntaxError(
    'SQL_INVALID',
    `Illegal argument at ${where}. Got: '${value}'`,
    { line: at.line, column: at.column, offset: at.start },
    at.image(),
    at.text,
    'A variable outside of quotes can hold one name, string, number, TRUE or FALSE.',
  );
}

/** Replaces the references in the inner text of a string, whose quotes are doubled. */
function inString(inner: string, variables: Variables, at: Scanner, depth: number): string {
  let result = '';
  let i = 0;
  for (;;) {
    const open = inner.indexOf('${', i);
    if (open === -1) return result + inner.slice(i);
    const close = inner.indexOf('}', open);
    if (close === -1) return result + inner.slice(i);
    if (inner[open - 1] === '$' && open > i) {
      result += `${inner.slice(i, open - 1)}${inner.slice(open, close + 1)}`;
      i = close + 1;
      continue;
    }
    const reference = inner.slice(open + 2, close);
    const split = reference.indexOf(':-');
    const name = split === -1 ? reference : reference.slice(0, split);
    const value = lookup(variables, name);
    const fallback = split === -1 ? undefined : reference.slice(split + 2);
    result += inner.slice(i, open);
    if (value !== undefined) {
      if (depth >= MAX_DEPTH) throw endless(name, at);
      // if the value is a string literal, use its text
      const literal = value.length > 1 && value.startsWith("'") && value.endsWith("'");
      const plain = literal ? value.slice(1, -1).replaceAll("''", "'") : value;
      result += inString(doubled(plain), variables, at, depth + 1);
    } else {
      result += fallback ?? inner.slice(open, close + 1);
    }
    i = close + 1;
    if (result.length > MAX_LENGTH) throw endless(name, at);
  }
}

function endless(name: string, at: Scanner): SqlSyntaxError {
  return new SqlSyntaxError(
    'SQL_INVALID',
    `Infinite loop in property interpolation of ${name}`,
    { line: at.line, column: at.column, offset: at.start },
    at.image(),
    at.text,
    `Give ${name} a value that does not lead back to itself.`,
  );
}
