/** Reads and writes lines of delimited values like Apache Commons CSV in its default format. */

/** Signals invalid quoting. */
export class CsvError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CsvError';
  }
}

const QUOTE = '"';

/**
 * Returns the values of the first non-empty line; null if there is none.
 *
 * Later lines are ignored, but must be well-formed.
 */
export function parseCsv(text: string, delimiter: string): string[] | null {
  let first: string[] | null = null;
  let at = 0;
  let line = 1;
  while (at < text.length) {
    if (text[at] === '\n' || text[at] === '\r') {
      // Empty lines are skipped.
      at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
      line++;
      continue;
    }
    const values: string[] = [];
    for (;;) {
      const read =
        text[at] === QUOTE ? readQuoted(text, at, delimiter, line) : readPlain(text, at, delimiter);
      values.push(read.value);
      at = read.end;
      if (text[at] !== delimiter) break;
      at++;
    }
    at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
    line++;
    first ??= values;
  }
  return first;
}

function readPlain(text: string, from: number, delimiter: string): { value: string; end: number } {
  let at = from;
  while (at < text.length) {
    const c = text[at];
    if (c === delimiter || c === '\n' || c === '\r') break;
    at++;
  }
  return { value: text.slice(from, at), end: at };
}

function readQuoted(
  text: string,
  from: number,
  delimiter: string,
  line: number,
): { value: string; end: number } {
  let value = '';
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf(QUOTE, at);
    if (quote < 0) {
      throw new CsvError(`(startline ${line}) EOF reached before encapsulated token finished`);
    }
    value += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== QUOTE) break;
    value += QUOTE;
    at++;
  }
  // Blanks are allowed between the closing quote and the delimiter.
  while (at < text.length) {
    const c = text[at]!;
    if (c === delimiter || c === '\n' || c === '\r') break;
    if (c.trim() !== '') {
      throw new CsvError(`(line ${line}) invalid char between encapsulated token and delimiter`);
    }
    at++;
  }
  return { value, end: at };
}

/** Formats one value, quoted if necessary; null is empty. */
export function csvValue(value: string | null, isFirst: boolean, delimiter: string): string {
  if (value === null) return '';
  return needsQuotes(value, isFirst, delimiter) ? `"${value.replaceAll(QUOTE, '""')}"` : value;
}

function needsQuotes(value: string, isFirst: boolean, delimiter: string): boolean {
  if (value === '') return isFirst;
  const c = value.charCodeAt(0);
  // Quoted so that the line is not mistaken for an empty one or a comment.
  if (isFirst && !(isBetween(c, 0x30, 0x39) || isBetween(c, 0x41, 0x5a) || isBetween(c, 0x61, 0x7a))) {
    return true;
  }
  if (c <= 0x23 || value.charCodeAt(value.length - 1) <= 0x20) return true;
  return value.includes(delimiter) || value.includes(QUOTE) || value.includes('\n') || value.includes('\r');
}

function isBetween(c: number, low: number, high: number): boolean {
  return c >= low && c <= high;
}
