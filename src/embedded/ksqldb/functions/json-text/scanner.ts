/**
 * Navigates a JSON text without parsing it to a tree: skips and checks values up to the wanted one.
 *
 * Accepts the same texts as Jackson's parser with default settings: strictly RFC 8259, and anything after the first
 * value is ignored.
 */
import { KsqlFunctionException } from '../function-error.js';

const QUOTE = 34;
const BACKSLASH = 92;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const MINUS = 45;

/** The depth limit, which is Jackson's too and deeper than any real data. */
const MAX_DEPTH = 1000;

export function invalidJson(text: string, at: number): KsqlFunctionException {
  // The text itself is omitted, because it may contain sensitive data.
  return new KsqlFunctionException(
    `Invalid JSON format: unexpected character at index ${at} of ${text.length}`,
  );
}

export function skipBlanks(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at;
    at++;
  }
}

/** Returns the index after the string that starts at `from` (a quote). */
export function skipString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < 32) throw invalidJson(text, at);
    if (code !== BACKSLASH) continue;
    at++;
    switch (text[at]) {
      case 'u':
        if (!/^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5))) throw invalidJson(text, at);
        at += 4;
        break;
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        break;
      default:
        throw invalidJson(text, at);
    }
  }
  throw invalidJson(text, text.length);
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  if (at === from) throw invalidJson(text, at);
  return at;
}

export function skipNumber(text: string, from: number): number {
  let at = text.charCodeAt(from) === MINUS ? from + 1 : from;
  const first = at;
  at = skipDigits(text, at);
  if (text[first] === '0' && at > first + 1) throw invalidJson(text, first);
  if (text[at] === '.') at = skipDigits(text, at + 1);
  if (text[at] === 'e' || text[at] === 'E') {
    at++;
    if (text[at] === '+' || text[at] === '-') at++;
    at = skipDigits(text, at);
  }
  // A top-level number must be followed by a blank, others by anything that ends a value.
  const next = text.charCodeAt(at);
  if ((next >= 65 && next <= 90) || (next >= 97 && next <= 122) || next === 46) throw invalidJson(text, at);
  return at;
}

export function skipWord(text: string, from: number): number {
  for (const word of ['true', 'false', 'null']) {
    if (text.startsWith(word, from)) {
      const next = text.charCodeAt(from + word.length);
      if (/[A-Za-z0-9_$]/.test(String.fromCharCode(next))) throw invalidJson(text, from);
      return from + word.length;
    }
  }
  throw invalidJson(text, from);
}

/** Returns the index after the value that starts at `from` (not a blank). */
export function skipValue(text: string, from: number, depth = 0): number {
  const code = text.charCodeAt(from);
  if (code === QUOTE) return skipString(text, from);
  if (code === OPEN_OBJECT) return eachField(text, from, null, depth);
  if (code === OPEN_ARRAY) return eachItem(text, from, null, depth);
  return code === MINUS || (code >= 48 && code <= 57) ? skipNumber(text, from) : skipWord(text, from);
}

/** Visits the items of the array at `from` by their bounds, or just skips them. Returns the index after it. */
export function eachItem(
  text: string,
  from: number,
  visit: ((start: number, end: number) => void) | null,
  depth = 0,
): number {
  if (depth >= MAX_DEPTH) throw invalidJson(text, from);
  let at = skipBlanks(text, from + 1);
  if (text.charCodeAt(at) === CLOSE_ARRAY) return at + 1;
  for (;;) {
    const end = skipValue(text, at, depth + 1);
    if (visit !== null) visit(at, end);
    at = skipBlanks(text, end);
    const code = text.charCodeAt(at);
    if (code === CLOSE_ARRAY) return at + 1;
    if (code !== COMMA) throw invalidJson(text, at);
    at = skipBlanks(text, at + 1);
  }
}

/**
 * Visits the fields of the object at `from` by the bounds of name (with quotes) and value, or just skips them. Returns
 * the index after it.
 */
export function eachField(
  text: string,
  from: number,
  visit: ((nameStart: number, nameEnd: number, start: number, end: number) => void) | null,
  depth = 0,
): number {
  if (depth >= MAX_DEPTH) throw invalidJson(text, from);
  let at = skipBlanks(text, from + 1);
  if (text.charCodeAt(at) === CLOSE_OBJECT) return at + 1;
  for (;;) {
    if (text.charCodeAt(at) !== QUOTE) throw invalidJson(text, at);
    const nameEnd = skipString(text, at);
    const colon = skipBlanks(text, nameEnd);
    if (text.charCodeAt(colon) !== COLON) throw invalidJson(text, colon);
    const start = skipBlanks(text, colon + 1);
    const end = skipValue(text, start, depth + 1);
    if (visit !== null) visit(at, nameEnd, start, end);
    at = skipBlanks(text, end);
    const code = text.charCodeAt(at);
    if (code === CLOSE_OBJECT) return at + 1;
    if (code !== COMMA) throw invalidJson(text, at);
    at = skipBlanks(text, at + 1);
  }
}

/** Decodes the string at these bounds, which include the quotes. */
export function stringAt(text: string, start: number, end: number): string {
  const raw = text.slice(start, end);
  return raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
}

/** Returns the bounds of the first value, or null for a blank text. */
export function rootOf(text: string): { start: number; end: number } | null {
  const start = skipBlanks(text, 0);
  if (start >= text.length) return null;
  const end = skipValue(text, start);
  const first = text.charCodeAt(start);
  const isNumber = first === MINUS || (first >= 48 && first <= 57);
  if (isNumber && end < text.length && skipBlanks(text, end) === end) throw invalidJson(text, end);
  return { start, end };
}
