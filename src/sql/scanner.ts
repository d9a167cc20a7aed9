/** The kind of a lexeme. */
export const Lexeme = {
  /** A keyword or an unquoted name. */
  Word: 1,
  /** A name in backticks. */
  Backquoted: 2,
  /** A name in double quotes. */
  Quoted: 3,
  String: 4,
  Integer: 5,
  /** Digits with a decimal point. */
  Decimal: 6,
  /** Digits with an exponent. */
  Float: 7,
  /** A name that starts with a digit: `2nd`. */
  DigitWord: 8,
  /** `${name}`. */
  Variable: 9,
  Symbol: 10,
  /** A string, quoted name or block comment without its end. It extends to the end of the text. */
  Unterminated: 11,
  /** A character that is not part of SQL. */
  Unknown: 12,
} as const;
export type Lexeme = (typeof Lexeme)[keyof typeof Lexeme];

const UNDERSCORE = 95;
const AT = 64;
const POINT = 46;

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

function isLetter(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90);
}

function isWordStart(c: number): boolean {
  return isLetter(c) || c === UNDERSCORE;
}

function isWordPart(c: number): boolean {
  return isLetter(c) || isDigit(c) || c === UNDERSCORE || c === AT;
}

/**
 * Reads SQL text lexeme by lexeme and skips whitespace and comments. It never fails: unreadable text becomes a
 * lexeme with its own kind. After `next()` returned true, the fields describe the current lexeme.
 */
export class Scanner {
  kind: Lexeme = Lexeme.Unknown;
  /** Offset of the first character. */
  start = 0;
  /** Offset after the last character. */
  end = 0;
  /** Line of the first character, from 1. */
  line = 1;
  /** Column of the first character, from 0. */
  column = 0;

  private lineNow = 1;
  private lineStart = 0;

  constructor(readonly text: string) {}

  /** The text of the current lexeme. */
  image(): string {
    return this.text.slice(this.start, this.end);
  }

  /** Moves to the next lexeme. Returns false at the end of the text. */
  next(): boolean {
    if (!this.skipBlanks()) return false;
    const { text, start } = this;
    const c = text.charCodeAt(start);
    if (isWordStart(c)) {
      let i = start + 1;
      while (isWordPart(text.charCodeAt(i))) i++;
      return this.take(Lexeme.Word, i);
    }
    if (isDigit(c) || (c === POINT && isDigit(text.charCodeAt(start + 1)))) return this.number();
    switch (text[start]) {
      case "'":
        return this.quoted("'", Lexeme.String);
      case '`':
        return this.quoted('`', Lexeme.Backquoted);
      case '"':
        return this.quoted('"', Lexeme.Quoted);
      case '$':
        return this.variable();
      case '/':
        // skipBlanks stops here only if the comment never ends
        return text[start + 1] === '*'
          ? this.take(Lexeme.Unterminated, text.length)
          : this.take(Lexeme.Symbol, start + 1);
      case '<':
        return this.symbol('>=');
      case '>':
        return this.symbol('=');
      case '=':
        return this.symbol('>');
      case '-':
        return this.symbol('>');
      case '!':
        return this.pair('=');
      case '|':
        return this.pair('|');
      case ':':
        return this.pair('=');
      case '+':
      case '*':
      case '%':
      case '(':
      case ')':
      case '[':
      case ']':
      case ',':
      case '.':
      case ';':
        return this.take(Lexeme.Symbol, start + 1);
      default: {
        const point = text.codePointAt(start) ?? 0;
        return this.take(Lexeme.Unknown, start + (point > 0xffff ? 2 : 1));
      }
    }
  }

  private skipBlanks(): boolean {
    const { text } = this;
    let i = this.end;
    for (; i < text.length; i++) {
      const c = text[i];
      if (c === '\n') {
        this.lineNow++;
        this.lineStart = i + 1;
      } else if (c === '-' && text[i + 1] === '-') {
        const close = text.indexOf('\n', i);
        i = (close === -1 ? text.length : close) - 1;
      } else if (c === '/' && text[i + 1] === '*') {
        const close = text.indexOf('*/', i + 2);
        if (close === -1) break;
        this.countLines(i, close);
        i = close + 1;
      } else if (c !== ' ' && c !== '\t' && c !== '\r' && c !== '\uFEFF') {
        break;
      }
    }
    this.start = i;
    this.line = this.lineNow;
    this.column = i - this.lineStart;
    if (i < text.length) return true;
    this.end = i;
    return false;
  }

  private take(kind: Lexeme, end: number): true {
    this.kind = kind;
    this.end = end;
    return true;
  }

  private symbol(second: string): true {
    const next = this.text[this.start + 1];
    const two = next !== undefined && second.includes(next);
    return this.take(Lexeme.Symbol, this.start + (two ? 2 : 1));
  }

  private pair(second: string): true {
    return this.text[this.start + 1] === second
      ? this.take(Lexeme.Symbol, this.start + 2)
      : this.take(Lexeme.Unknown, this.start + 1);
  }

  private quoted(quote: string, kind: Lexeme): true {
    const { text, start } = this;
    let end = text.indexOf(quote, start + 1);
    while (end !== -1 && text[end + 1] === quote) end = text.indexOf(quote, end + 2);
    if (end === -1) {
      this.countLines(start, text.length);
      return this.take(Lexeme.Unterminated, text.length);
    }
    this.countLines(start, end);
    return this.take(kind, end + 1);
  }

  private variable(): true {
    const { text, start } = this;
    if (text[start + 1] === '{' && isWordStart(text.charCodeAt(start + 2))) {
      let i = start + 3;
      while (isWordPart(text.charCodeAt(i))) i++;
      if (text[i] === '}') return this.take(Lexeme.Variable, i + 1);
    }
    return this.take(Lexeme.Unknown, start + 1);
  }

  /** The longest match wins. A number wins over a name of the same length: `1E3` is a number. */
  private number(): true {
    const { text, start } = this;
    let i = this.digits(start);
    let kind: Lexeme = Lexeme.Integer;
    const point = text.charCodeAt(i) === POINT;
    if (point) {
      i = this.digits(i + 1);
      kind = Lexeme.Decimal;
    }
    const e = text[i];
    if (e === 'e' || e === 'E') {
      const sign = text[i + 1];
      const first = sign === '+' || sign === '-' ? i + 2 : i + 1;
      if (isDigit(text.charCodeAt(first))) {
        i = this.digits(first);
        kind = Lexeme.Float;
      }
    }
    if (!point) {
      let j = start;
      while (isWordPart(text.charCodeAt(j))) j++;
      if (j > i) return this.take(Lexeme.DigitWord, j);
    }
    return this.take(kind, i);
  }

  private digits(from: number): number {
    let i = from;
    while (isDigit(this.text.charCodeAt(i))) i++;
    return i;
  }

  private countLines(from: number, to: number): void {
    let i = this.text.indexOf('\n', from);
    while (i !== -1 && i < to) {
      this.lineNow++;
      this.lineStart = i + 1;
      i = this.text.indexOf('\n', i + 1);
    }
  }
}
