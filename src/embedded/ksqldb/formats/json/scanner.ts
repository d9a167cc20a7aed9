import { isUtf8 } from 'node:buffer';
import { redactDigits } from '../redact.js';

/** The kind of a scanned value. */
export const PLAIN_STRING = 1;
/** A string with escapes or non-ASCII characters. */
export const CODED_STRING = 2;
export const INTEGER_NUMBER = 3;
export const DECIMAL_NUMBER = 4;
export const TRUE = 5;
export const FALSE = 6;
export const NULL = 7;
export const OBJECT = 8;
export const ARRAY = 9;
/** The text is blank. */
export const MISSING = 10;

export type ValueKind = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** Signals invalid JSON. The messages are those of ksqlDB's parser, without the payload that it quotes. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonSyntaxError';
  }
}

/** A method of Node's buffers that decodes without the checks of `toString`. The type definitions lack it. */
interface SlicedBuffer extends Buffer {
  latin1Slice(start: number, end: number): string;
}

const mostNesting = 1000;
const mostNumberLength = 1000;
const longestToken = 256;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** The class of each byte within a string: 0 plain, 1 closing quote, 2 backslash, 3 non-ASCII, 4 not allowed. */
const stringClass = new Uint8Array(256);
for (let i = 0; i < 0x20; i++) stringClass[i] = 4;
for (let i = 0x80; i < 0x100; i++) stringClass[i] = 3;
stringClass[QUOTE] = 1;
stringClass[BACKSLASH] = 2;

const tokens = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

/**
 * Locates the values of a JSON text directly in its bytes, and checks the whole syntax on the way.
 *
 * One instance can scan many texts in turn. Offsets are in bytes; `text` is the Latin-1 decoding of the bytes, so the
 * content of an ASCII string is `text.slice(start + 1, end - 1)`.
 */
export class JsonScanner {
  bytes: Buffer = Buffer.alloc(0);
  text = '';
  /** The offset after the last byte. */
  end = 0;
  /** The kind of the last scanned value. */
  kind: ValueKind = NULL;

  readonly #containers = new Uint8Array(mostNesting + 1);

  /** Sets the text to scan. Returns where its value begins, or -1 if it is blank. */
  start(bytes: Buffer, from = 0): number {
    this.bytes = bytes;
    this.end = bytes.length;
    this.text = (bytes as SlicedBuffer).latin1Slice(0, bytes.length);
    // A byte order mark is allowed before the text.
    const begin =
      this.end - from >= 3 && bytes[from] === 0xef && bytes[from + 1] === 0xbb && bytes[from + 2] === 0xbf
        ? from + 3
        : from;
    const at = this.skipBlanks(begin);
    return at === this.end ? -1 : at;
  }

  /** Returns the first non-blank offset from `at` on, or the end. */
  skipBlanks(at: number): number {
    const { bytes, end } = this;
    let i = at;
    while (i < end) {
      const c = bytes[i]!;
      if (c > 0x20) return i;
      if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) {
        throw new JsonSyntaxError(
          `Illegal character (${describe(c)}): only regular white space (\\r, \\n, \\t) is allowed between tokens`,
        );
      }
      i++;
    }
    return i;
  }

  /**
   * Scans the value at `at`, sets `kind`, and returns the offset after the value.
   *
   * @param depth the number of enclosing containers
   */
  scanValue(at: number, depth: number): number {
    const c = at < this.end ? this.bytes[at]! : 0;
    if (c === QUOTE) return this.scanString(at);
    if ((c >= 48 && c <= 57) || c === 45) return this.#scanNumber(at, depth === 0);
    if (c === OPEN_OBJECT || c === OPEN_ARRAY) return this.#scanContainer(at, depth);
    return this.#scanLiteral(at, depth);
  }

  /** Scans like `scanValue`, for a string or a member name. */
  scanString(at: number): number {
    const { bytes, end } = this;
    let kind: ValueKind = PLAIN_STRING;
    let beyondAscii = false;
    let i = at + 1;
    while (i < end) {
      const found = stringClass[bytes[i]!]!;
      if (found === 0) {
        i++;
      } else if (found === 1) {
        this.kind = kind;
        if (beyondAscii && !isUtf8(bytes.subarray(at + 1, i))) {
          throw new JsonSyntaxError('Invalid UTF-8 in a string');
        }
        return i + 1;
      } else if (found === 3) {
        kind = CODED_STRING;
        beyondAscii = true;
        i++;
      } else if (found === 2) {
        kind = CODED_STRING;
        i = this.#scanEscape(i + 1);
      } else {
        throw new JsonSyntaxError(
          `Illegal unquoted character (${describe(bytes[i]!)}): has to be escaped using backslash to be included in string value`,
        );
      }
    }
    throw new JsonSyntaxError('Unexpected end-of-input: was expecting closing quote for a string value');
  }

  /** Scans the name and colon of a member and returns where its value begins. Sets `nameEnd` to after the closing quote. */
  scanColon(nameEnd: number): number {
    let i = nameEnd;
    if (this.bytes[i] !== 0x3a) {
      i = this.skipBlanks(i);
      if (i >= this.end) throw new JsonSyntaxError('Unexpected end-of-input within/between Object entries');
      if (this.bytes[i] !== 0x3a) {
        this.#unexpected(i, 'was expecting a colon to separate field name and value');
      }
    }
    i++;
    return this.bytes[i]! > 0x20 ? i : this.skipBlanks(i);
  }

  /** Returns where the next member name begins, or -1 minus the offset after the closing brace. */
  nextMember(valueEnd: number): number {
    let i = valueEnd;
    if (!(this.bytes[i]! > 0x20)) i = this.skipBlanks(i);
    const c = this.bytes[i];
    if (c === 0x2c) {
      i++;
      return this.bytes[i] === QUOTE ? i : this.memberName(this.skipBlanks(i));
    }
    if (c === CLOSE_OBJECT) return -2 - i;
    return this.#notClosed(i, 'Object');
  }

  /** Returns where the first member name of the object at `at` begins, or -1 minus the offset after the closing brace. */
  firstMember(at: number): number {
    const i = this.skipBlanks(at + 1);
    return this.bytes[i] === CLOSE_OBJECT ? -2 - i : this.memberName(i);
  }

  /** Like `firstMember`, for the elements of an array. */
  firstElement(at: number): number {
    const i = this.skipBlanks(at + 1);
    return this.bytes[i] === CLOSE_ARRAY ? -2 - i : i;
  }

  /** Like `nextMember`, for the elements of an array. */
  nextElement(valueEnd: number): number {
    const i = this.skipBlanks(valueEnd);
    const c = this.bytes[i];
    if (c === 0x2c) return this.skipBlanks(i + 1);
    if (c === CLOSE_ARRAY) return -2 - i;
    return this.#notClosed(i, 'Array');
  }

  memberName(at: number): number {
    if (at >= this.end) this.#endOfContainer('Object');
    if (this.bytes[at] !== QUOTE) this.#unexpected(at, 'was expecting double-quote to start field name');
    return at;
  }

  /** Returns the content of a scanned string, with escapes resolved. */
  stringAt(start: number, end: number, kind: ValueKind): string {
    return kind === PLAIN_STRING ? this.text.slice(start + 1, end - 1) : this.#decode(start + 1, end - 1);
  }

  /** Decodes the bytes from `start` to `end` as UTF-8. */
  rawAt(start: number, end: number): string {
    return this.bytes.toString('utf8', start, end);
  }

  #decode(start: number, end: number): string {
    const raw = this.bytes.toString('utf8', start, end);
    let at = raw.indexOf('\\');
    if (at < 0) return raw;
    let out = '';
    let from = 0;
    while (at >= 0) {
      out += raw.slice(from, at);
      const c = raw[at + 1]!;
      from = at + 2;
      if (c === 'u') {
        out += String.fromCharCode(Number.parseInt(raw.slice(at + 2, at + 6), 16));
        from = at + 6;
      } else {
        out += escapes[c]!;
      }
      at = raw.indexOf('\\', from);
    }
    return out + raw.slice(from);
  }

  #scanEscape(at: number): number {
    const { bytes, end } = this;
    if (at >= end) {
      throw new JsonSyntaxError('Unexpected end-of-input in character escape sequence');
    }
    const c = bytes[at]!;
    if (c === 0x75) {
      for (let i = at + 1; i <= at + 4; i++) {
        if (i >= end) throw new JsonSyntaxError('Unexpected end-of-input in character escape sequence');
        const h = bytes[i]!;
        const isHex = (h >= 48 && h <= 57) || (h >= 65 && h <= 70) || (h >= 97 && h <= 102);
        if (!isHex) this.#unexpected(i, 'expected a hex-digit for character escape sequence');
      }
      return at + 5;
    }
    if (escapes[String.fromCharCode(c)] === undefined) {
      throw new JsonSyntaxError(`Unrecognized character escape ${describe(c)}`);
    }
    return at + 1;
  }

  #scanNumber(at: number, atRoot: boolean): number {
    const { bytes, end } = this;
    let i = at;
    if (bytes[i] === 45) {
      i++;
      if (i >= end) throw new JsonSyntaxError('Unexpected end-of-input in numeric value');
      if (!isDigit(bytes[i]!)) {
        throw new JsonSyntaxError(
          `Unexpected character (${describe(bytes[i]!)}) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value`,
        );
      }
    }
    if (bytes[i] === 48) {
      i++;
      if (i < end && isDigit(bytes[i]!)) {
        throw new JsonSyntaxError('Invalid numeric value: Leading zeroes not allowed');
      }
    } else {
      while (i < end && isDigit(bytes[i]!)) i++;
    }
    let kind: ValueKind = INTEGER_NUMBER;
    if (i < end && bytes[i] === 46) {
      kind = DECIMAL_NUMBER;
      i = this.#scanDigits(i + 1, 'Decimal point not followed by a digit');
    }
    if (i < end && (bytes[i]! | 0x20) === 0x65) {
      kind = DECIMAL_NUMBER;
      i++;
      if (i < end && (bytes[i] === 43 || bytes[i] === 45)) i++;
      i = this.#scanDigits(i, 'Exponent indicator not followed by a digit');
    }
    if (i - at > mostNumberLength) {
      throw new JsonSyntaxError(
        `Number value length (${i - at}) exceeds the maximum allowed (${mostNumberLength}, from \`StreamReadConstraints.getMaxNumberLength()\`)`,
      );
    }
    // Inside an object or array, the comma or bracket that must follow is checked anyway.
    if (atRoot && i < end && bytes[i]! > 0x20) {
      this.#unexpected(i, 'Expected space separating root-level values');
    }
    this.kind = kind;
    return i;
  }

  #scanDigits(at: number, problem: string): number {
    const { bytes, end } = this;
    let i = at;
    while (i < end && isDigit(bytes[i]!)) i++;
    if (i === at) {
      const found = i < end ? describe(bytes[i]!) : 'end-of-input';
      throw new JsonSyntaxError(`Unexpected character (${found}) in numeric value: ${problem}`);
    }
    return i;
  }

  #scanLiteral(at: number, depth: number): number {
    const { bytes, end } = this;
    if (at >= end) {
      throw new JsonSyntaxError(
        depth === 0 ? 'Unexpected end-of-input' : 'Unexpected end-of-input within/between entries',
      );
    }
    switch (bytes[at]) {
      case 0x74:
        return this.#literal(at, 'true', TRUE);
      case 0x66:
        return this.#literal(at, 'false', FALSE);
      case 0x6e:
        return this.#literal(at, 'null', NULL);
      case 0x2c:
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        return this.#unexpected(at, `expected a valid value ${tokens}`);
      default: {
        const text = this.#tokenAt(at);
        if (text === 'NaN' || text === 'Infinity') {
          throw new JsonSyntaxError(
            `Non-standard token '${text}': enable \`JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS\` to allow`,
          );
        }
        if (text !== '') {
          throw new JsonSyntaxError(`Unrecognized token '${redactDigits(text)}': was expecting ${tokens}`);
        }
        return this.#unexpected(at, `expected a valid value ${tokens}`);
      }
    }
  }

  #literal(at: number, word: string, kind: ValueKind): number {
    const after = at + word.length;
    if (this.text.startsWith(word, at) && !isTokenPart(this.text.charCodeAt(after))) {
      this.kind = kind;
      return after;
    }
    throw new JsonSyntaxError(
      `Unrecognized token '${redactDigits(this.#tokenAt(at))}': was expecting ${tokens}`,
    );
  }

  /** Returns the word at `at`, truncated to 256 characters; empty if there is none. */
  #tokenAt(at: number): string {
    const word = this.bytes.toString('utf8', at, Math.min(this.end, at + 4 * longestToken));
    const matched = /^[\p{L}\p{Nl}\p{Sc}\p{Pc}][\p{L}\p{Nl}\p{Nd}\p{Sc}\p{Pc}\p{M}]*/u.exec(word)?.[0] ?? '';
    return matched.length > longestToken ? `${matched.slice(0, longestToken)}...` : matched;
  }

  /** Scans an object or array without recursion, so that its depth is bounded by a limit and not by the stack. */
  #scanContainer(at: number, depth: number): number {
    const containers = this.#containers;
    let open = 0;
    let i = at;
    for (;;) {
      const c = this.bytes[i];
      if (c === OPEN_OBJECT || c === OPEN_ARRAY) {
        if (depth + open >= mostNesting) {
          throw new JsonSyntaxError(
            `Document nesting depth (${mostNesting + 1}) exceeds the maximum allowed (${mostNesting}, from \`StreamReadConstraints.getMaxNestingDepth()\`)`,
          );
        }
        containers[open++] = c;
        i = c === OPEN_OBJECT ? this.firstMember(i) : this.firstElement(i);
      } else {
        // The value of a member or an element.
        i = this.scanValue(i, 1);
        i = containers[open - 1] === OPEN_OBJECT ? this.nextMember(i) : this.nextElement(i);
      }
      while (i < 0) {
        i = -1 - i;
        open--;
        if (open === 0) {
          this.kind = this.bytes[at] === OPEN_OBJECT ? OBJECT : ARRAY;
          return i;
        }
        i = containers[open - 1] === OPEN_OBJECT ? this.nextMember(i) : this.nextElement(i);
      }
      if (containers[open - 1] === OPEN_OBJECT) i = this.scanColon(this.scanString(i));
    }
  }

  #notClosed(at: number, container: 'Object' | 'Array'): never {
    if (at >= this.end) this.#endOfContainer(container);
    const c = this.bytes[at];
    if (c === CLOSE_OBJECT || c === CLOSE_ARRAY) {
      const close = container === 'Object' ? '}' : ']';
      throw new JsonSyntaxError(
        `Unexpected close marker '${String.fromCharCode(c)}': expected '${close}' (for ${container})`,
      );
    }
    return this.#unexpected(at, `was expecting comma to separate ${container} entries`);
  }

  #endOfContainer(container: 'Object' | 'Array'): never {
    throw new JsonSyntaxError(`Unexpected end-of-input: expected close marker for ${container}`);
  }

  #unexpected(at: number, comment: string): never {
    if (at >= this.end) throw new JsonSyntaxError('Unexpected end-of-input');
    const char = this.bytes.toString('utf8', at, at + 4).codePointAt(0) ?? 0;
    throw new JsonSyntaxError(`Unexpected character (${describe(char)}): ${comment}`);
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

function isTokenPart(c: number): boolean {
  return (c >= 48 && c <= 57) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95 || c === 36;
}

function describe(c: number): string {
  if (c < 0x20) return `(CTRL-CHAR, code ${c})`;
  const char = String.fromCodePoint(c);
  return c > 255 ? `'${char}' (code ${c} / 0x${c.toString(16)})` : `'${char}' (code ${c})`;
}
