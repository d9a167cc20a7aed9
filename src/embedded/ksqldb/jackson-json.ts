/**
 * A JSON parser that keeps the digits of numbers and bounds the nesting depth. Its error messages are those of Jackson,
 * which ksqlDB uses, because clients show them.
 */

/** A number in its original notation. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get isInteger(): boolean {
    return !/[.eE]/.test(this.text);
  }
}

export type JsonNode = null | boolean | string | JsonNumber | JsonNode[] | JsonObject;
export type JsonObject = Map<string, JsonNode>;

/** Invalid JSON. The message says what was expected and where. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JsonSyntaxError';
  }
}

const mostNesting = 1000;

/**
 * Parses the first JSON value of a text and ignores the rest, as Jackson does by default.
 *
 * @throws JsonSyntaxError if the text does not start with a JSON value
 */
export function parseExactJson(text: string): JsonNode {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): JsonNode {
    this.#skipBlanks();
    if (this.#at >= this.#text.length) {
      throw new JsonSyntaxError(`No content to map due to end-of-input${this.#where(1)}`);
    }
    return this.#value();
  }

  #value(): JsonNode {
    const char = this.#text[this.#at];
    switch (char) {
      case '{':
        return this.#object();
      case '[':
        return this.#array();
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      case undefined:
        throw this.#ended();
      default:
        if (char === '-' || isDigit(char)) return this.#number();
        throw this.#unexpected(
          "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
        );
    }
  }

  #object(): JsonObject {
    this.#enter();
    const result: JsonObject = new Map();
    this.#at++;
    this.#skipBlanks();
    if (this.#text[this.#at] === '}') return this.#leave(result);
    for (;;) {
      if (this.#text[this.#at] !== '"') {
        throw this.#unexpected('was expecting double-quote to start field name');
      }
      const name = this.#string();
      this.#skipBlanks();
      if (this.#text[this.#at] !== ':') {
        throw this.#unexpected('was expecting a colon to separate field name and value');
      }
      this.#at++;
      this.#skipBlanks();
      result.set(name, this.#value());
      this.#skipBlanks();
      const next = this.#text[this.#at];
      if (next === '}') return this.#leave(result);
      if (next !== ',') throw this.#unexpected('was expecting comma to separate Object entries');
      this.#at++;
      this.#skipBlanks();
    }
  }

  #array(): JsonNode[] {
    this.#enter();
    const result: JsonNode[] = [];
    this.#at++;
    this.#skipBlanks();
    if (this.#text[this.#at] === ']') return this.#leave(result);
    for (;;) {
      result.push(this.#value());
      this.#skipBlanks();
      const next = this.#text[this.#at];
      if (next === ']') return this.#leave(result);
      if (next !== ',') throw this.#unexpected('was expecting comma to separate Array entries');
      this.#at++;
      this.#skipBlanks();
    }
  }

  #string(): string {
    const start = this.#at;
    let at = start + 1;
    for (;;) {
      const code = this.#text.charCodeAt(at);
      if (code === 34) break;
      if (code === 92) at++;
      else if (code < 32) {
        this.#at = at;
        throw new JsonSyntaxError(
          `Illegal unquoted character ((CTRL-CHAR, code ${code})): has to be escaped using backslash to be ` +
            `included in string value${this.#where(1)}`,
        );
      } else if (Number.isNaN(code)) {
        this.#at = this.#text.length;
        throw new JsonSyntaxError(
          `Unexpected end-of-input: was expecting closing quote for a string value${this.#where(1)}`,
        );
      }
      at++;
    }
    this.#at = at + 1;
    const quoted = this.#text.slice(start, at + 1);
    if (!quoted.includes('\\')) return quoted.slice(1, -1);
    try {
      return JSON.parse(quoted) as string;
    } catch {
      throw new JsonSyntaxError(`Unrecognized character escape in a string value${this.#where(0)}`);
    }
  }

  #number(): JsonNumber {
    const match = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    match.lastIndex = this.#at;
    const found = match.exec(this.#text);
    if (found === null) {
      this.#at++;
      throw this.#unexpected('expected digit (0-9) to follow minus sign, for valid numeric value');
    }
    this.#at += found[0].length;
    return new JsonNumber(found[0]);
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at) || isWordPart(this.#text[this.#at + word.length])) {
      let end = this.#at;
      while (isWordPart(this.#text[end]) && end - this.#at < 256) end++;
      const token = this.#text.slice(this.#at, end);
      this.#at = end;
      throw new JsonSyntaxError(
        `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', ` +
          `'true' or 'false')${this.#where(1)}`,
      );
    }
    this.#at += word.length;
    return value;
  }

  #enter(): void {
    if (++this.#depth > mostNesting) {
      throw new JsonSyntaxError(
        `Document nesting depth (${this.#depth}) exceeds the maximum allowed (${mostNesting}, from ` +
          '`StreamReadConstraints.getMaxNestingDepth()`)',
      );
    }
  }

  #leave<T>(result: T): T {
    this.#at++;
    this.#depth--;
    return result;
  }

  #skipBlanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.#at++;
    }
  }

  #unexpected(expected: string): JsonSyntaxError {
    const char = this.#text[this.#at];
    if (char === undefined) return this.#ended();
    return new JsonSyntaxError(
      `Unexpected character ('${char}' (code ${char.charCodeAt(0)})): ${expected}${this.#where(1)}`,
    );
  }

  #ended(): JsonSyntaxError {
    return new JsonSyntaxError(`Unexpected end-of-input${this.#where(1)}`);
  }

  #where(offset: number): string {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    const column = this.#at - (before.lastIndexOf('\n') + 1) + offset;
    return (
      '\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); ' +
      `line: ${line}, column: ${column}]`
    );
  }
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function isWordPart(char: string | undefined): boolean {
  return char !== undefined && /[A-Za-z0-9_$]/.test(char);
}
