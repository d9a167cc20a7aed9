/**
 * Translates patterns of java.util.regex to JavaScript's (flag v): possessive quantifiers and atomic groups, \Q...\E,
 * inline flags, unions and intersections of classes, POSIX classes, Java's line terminators.
 *
 * Not supported: \G, \X, \N{...} and Unicode blocks. Flags are expanded (`a` becomes `[aA]`), for ASCII only, as in Java
 * without its flag u.
 */
import { KsqlFunctionException } from '../function-error.js';
import { propertyClass } from './properties.js';

export interface Translated {
  readonly source: string;
  readonly groupCount: number;
  readonly names: ReadonlyMap<string, number>;
  /** The groups are named g1, g2, ..., because there are helper groups between them. */
  readonly named: boolean;
}

interface Flags {
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
  readonly multiline: boolean;
  readonly comments: boolean;
  readonly unixLines: boolean;
}

const NO_FLAGS: Flags = {
  ignoreCase: false,
  dotAll: false,
  multiline: false,
  comments: false,
  unixLines: false,
};

const FLAG_NAMES: Readonly<Record<string, keyof Flags | null>> = {
  i: 'ignoreCase',
  s: 'dotAll',
  m: 'multiline',
  x: 'comments',
  d: 'unixLines',
  u: null,
  U: null,
};

const LINE_ENDS = '\\n\\r\\x85\\u2028\\u2029';
const LINE_END = '(?:\\r\\n|(?<!\\r)\\n|[\\r\\x85\\u2028\\u2029])';

/** The word characters for \b, which are more than those of the ASCII-only \w. */
const WORD = '[\\p{L}\\p{Nd}\\p{Mn}_]';

/** Predefined classes, as the content of a class. */
const CLASS_ESCAPES: Readonly<Record<string, string>> = {
  d: '0-9',
  w: 'a-zA-Z_0-9',
  s: '\\x20\\t\\n\\x0b\\f\\r',
  h: '\\x20\\xa0\\t\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000',
  v: '\\n\\x0b\\f\\r\\x85\\u2028\\u2029',
};

const CONTROL_ESCAPES: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };

/** Escapes a code point so that it is valid both inside and outside of a class. */
function literal(code: number): string {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
    ? String.fromCharCode(code)
    : `\\u{${code.toString(16)}}`;
}

/** Returns the other case of an ASCII letter, or the code itself. */
function otherCase(code: number): number {
  if (code >= 65 && code <= 90) return code + 32;
  return code >= 97 && code <= 122 ? code - 32 : code;
}

class Translator {
  private at = 0;
  private groups = 0;
  private helpers = 0;
  private readonly names = new Map<string, number>();
  usesHelpers = false;

  constructor(
    private readonly pattern: string,
    private readonly named: boolean,
  ) {}

  translate(): Translated {
    const source = this.alternatives(NO_FLAGS);
    if (this.at < this.pattern.length) throw this.error('Unmatched closing )');
    return { source, groupCount: this.groups, names: this.names, named: this.named };
  }

  private error(what: string): KsqlFunctionException {
    return new KsqlFunctionException(
      `Invalid regular expression pattern: ${this.pattern} (${what} near index ${this.at})`,
    );
  }

  private peek(text: string): boolean {
    return this.pattern.startsWith(text, this.at);
  }

  private eat(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += text.length;
    return true;
  }

  private code(): number {
    const code = this.pattern.codePointAt(this.at);
    if (code === undefined) throw this.error('Unexpected end');
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  private alternatives(flags: Flags): string {
    let current = flags;
    let source = '';
    for (;;) {
      const branch = this.sequence(current);
      source += branch.source;
      // A flag that is set in a branch also applies to the later branches of the group.
      current = branch.flags;
      if (!this.eat('|')) return source;
      source += '|';
    }
  }

  private sequence(flags: Flags): { source: string; flags: Flags } {
    let current = flags;
    let source = '';
    while (this.at < this.pattern.length && !this.peek('|') && !this.peek(')')) {
      if (current.comments && this.skipComment()) continue;
      if (this.eat('\\Q')) {
        const end = this.pattern.indexOf('\\E', this.at);
        const quoted = this.pattern.slice(this.at, end < 0 ? undefined : end);
        this.at = end < 0 ? this.pattern.length : end + 2;
        const atoms = [...quoted].map((char) => this.char(char.codePointAt(0)!, current));
        const last = atoms.pop();
        source += atoms.join('') + (last === undefined ? '' : this.quantified(last));
        continue;
      }
      const changed = this.inlineFlags(current);
      if (changed !== null) {
        current = changed;
        continue;
      }
      source += this.quantified(this.atom(current));
    }
    return { source, flags: current };
  }

  private skipComment(): boolean {
    if (/\s/.test(this.pattern[this.at]!)) {
      this.at++;
      return true;
    }
    if (!this.peek('#')) return false;
    while (this.at < this.pattern.length && this.pattern[this.at] !== '\n') this.at++;
    return true;
  }

  /** Parses `(?i)`, which sets the flags from here on. Returns null if there are none here. */
  private inlineFlags(flags: Flags): Flags | null {
    const found = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?\)/.exec(this.pattern.slice(this.at, this.at + 24));
    if (found === null) return null;
    this.at += found[0].length;
    return this.changedFlags(flags, found[1]!, found[2] ?? '');
  }

  private changedFlags(flags: Flags, on: string, off: string): Flags {
    const changed = { ...flags };
    for (const [letters, value] of [
      [on, true],
      [off, false],
    ] as const) {
      for (const letter of letters) {
        const name = FLAG_NAMES[letter];
        if (name === undefined) throw this.error('Unknown inline modifier');
        if (name !== null) changed[name] = value;
      }
    }
    return changed;
  }

  private quantified(atom: string): string {
    let source = atom;
    for (;;) {
      const rest = this.pattern.slice(this.at, this.at + 32);
      const found = /^(?:[?*+]|\{[0-9]+(?:,[0-9]*)?\})([?+]?)/.exec(rest);
      if (found === null) {
        if (rest.startsWith('{')) throw this.error('Illegal repetition');
        return source;
      }
      this.at += found[0].length;
      if (found[1] === '+') source = this.atomic(source + found[0].slice(0, -1));
      else source += found[0];
      if (!/^[?*+{]/.test(this.pattern.slice(this.at, this.at + 1))) return source;
      // Java allows quantifying a quantified atom, but JavaScript requires a group.
      source = `(?:${source})`;
    }
  }

  /** Returns an atomic group: a lookahead, followed by a reference to its text. */
  private atomic(inner: string): string {
    this.usesHelpers = true;
    this.helpers++;
    return `(?:(?=(?<h${this.helpers}>${inner}))\\k<h${this.helpers}>)`;
  }

  private char(code: number, flags: Flags): string {
    const other = otherCase(code);
    return flags.ignoreCase && other !== code ? `[${literal(code)}${literal(other)}]` : literal(code);
  }

  private atom(flags: Flags): string {
    const { pattern } = this;
    switch (pattern[this.at]) {
      case '(':
        return this.group(flags);
      case '[':
        this.at++;
        return this.charClass(flags);
      case '\\':
        return this.escape(flags);
      case '.':
        this.at++;
        if (flags.dotAll) return '[^]';
        return flags.unixLines ? '[^\\n]' : `[^${LINE_ENDS}]`;
      case '^':
        this.at++;
        if (!flags.multiline) return '(?:^)';
        return flags.unixLines
          ? '(?:^|(?<=\\n))(?!$)'
          : '(?:^|(?<=\\n|\\r(?!\\n)|[\\x85\\u2028\\u2029]))(?!$)';
      case '$': {
        this.at++;
        const end = flags.unixLines ? '\\n' : LINE_END;
        return flags.multiline ? `(?=${end}|$)` : `(?=${end}?$)`;
      }
      case '?':
      case '*':
      case '+':
        throw this.error(`Dangling meta character '${pattern[this.at]}'`);
      case '{':
        throw this.error('Illegal repetition');
      default:
        return this.char(this.code(), flags);
    }
  }

  private group(flags: Flags): string {
    let open: string;
    let inner = flags;
    let isAtomic = false;
    if (this.eat('(?:')) open = '(?:';
    else if (this.eat('(?=')) open = '(?=';
    else if (this.eat('(?!')) open = '(?!';
    else if (this.eat('(?<=')) open = '(?<=';
    else if (this.eat('(?<!')) open = '(?<!';
    else if (this.eat('(?>')) {
      open = '';
      isAtomic = true;
    } else {
      const flagged = /^\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?:/.exec(this.pattern.slice(this.at, this.at + 24));
      const name = /^\(\?<([a-zA-Z][a-zA-Z0-9]*)>/.exec(this.pattern.slice(this.at));
      if (flagged !== null) {
        this.at += flagged[0].length;
        inner = this.changedFlags(flags, flagged[1]!, flagged[2] ?? '');
        open = '(?:';
      } else {
        if (name === null && this.peek('(?')) throw this.error('Unknown inline modifier');
        this.at += name === null ? 1 : name[0].length;
        this.groups++;
        if (name !== null) {
          if (this.names.has(name[1]!))
            throw this.error(`Named capturing group <${name[1]}> is already defined`);
          this.names.set(name[1]!, this.groups);
        }
        open = this.named ? `(?<g${this.groups}>` : '(';
      }
    }
    const content = this.alternatives(inner);
    if (!this.eat(')')) throw this.error('Unclosed group');
    return isAtomic ? this.atomic(content) : `${open}${content})`;
  }

  private escape(flags: Flags): string {
    this.at++;
    const letter = this.pattern[this.at];
    if (letter === undefined) throw this.error('Unexpected internal error');
    switch (letter) {
      case 'b':
        this.at++;
        return `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`;
      case 'B':
        this.at++;
        return `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`;
      case 'A':
        this.at++;
        return '(?:^)';
      case 'z':
        this.at++;
        return '(?:$)';
      case 'Z':
        this.at++;
        return `(?=${LINE_END}?$)`;
      case 'R':
        this.at++;
        return `(?:\\r\\n|[\\n\\x0b\\f\\r\\x85\\u2028\\u2029])`;
      case 'k': {
        const found = /^k<([a-zA-Z][a-zA-Z0-9]*)>/.exec(this.pattern.slice(this.at));
        const index = found === null ? undefined : this.names.get(found[1]!);
        if (found === null || index === undefined) throw this.error('Unknown group name');
        this.at += found[0].length;
        return this.reference(index);
      }
      default:
        break;
    }
    if (letter >= '1' && letter <= '9') return this.backReference();
    const inside = this.classEscape(flags);
    if (inside !== null) return `[${inside}]`;
    return this.char(this.escapedCode(), flags);
  }

  private backReference(): string {
    let index = Number(this.pattern[this.at++]);
    // More digits belong to the number only if that many groups exist.
    while (/[0-9]/.test(this.pattern[this.at] ?? '')) {
      const next = index * 10 + Number(this.pattern[this.at]);
      if (next > this.groups) break;
      index = next;
      this.at++;
    }
    // A group that does not exist (yet) never matches.
    return index > this.groups ? '(?!)' : this.reference(index);
  }

  private reference(index: number): string {
    return this.named ? `\\k<g${index}>` : `(?:\\${index})`;
  }

  /** Returns the content of a class for \d, \p{...} and similar; null for other escapes. */
  private classEscape(flags: Flags): string | null {
    const letter = this.pattern[this.at]!;
    const known = CLASS_ESCAPES[letter.toLowerCase()];
    if (known !== undefined) {
      this.at++;
      return letter === letter.toLowerCase() ? known : `[^${known}]`;
    }
    if (letter !== 'p' && letter !== 'P') return null;
    const found = /^[pP](?:\{\^?([A-Za-z_=0-9 ]+)\}|([A-Za-z]))/.exec(this.pattern.slice(this.at));
    const name = found?.[1] ?? found?.[2] ?? '';
    let property = found === null ? undefined : propertyClass(name);
    if (found === null || property === undefined)
      throw this.error(`Unknown character property name {${name}}`);
    this.at += found[0].length;
    if (flags.ignoreCase && (name === 'Lower' || name === 'Upper')) property = 'a-zA-Z';
    return letter === 'p' ? property : `[^${property}]`;
  }

  /** Returns the code point of an escape for a single character. */
  private escapedCode(): number {
    const letter = this.pattern[this.at]!;
    const rest = this.pattern.slice(this.at, this.at + 12);
    const take = (found: RegExpExecArray | null, digits: string | undefined, radix: number): number => {
      if (found === null || digits === undefined) throw this.error('Illegal escape sequence');
      this.at += found[0].length;
      return Number.parseInt(digits, radix);
    };
    switch (letter) {
      case 'x': {
        const found = /^x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/.exec(rest);
        return take(found, found?.[1] ?? found?.[2], 16);
      }
      case 'u': {
        const found = /^u([0-9a-fA-F]{4})/.exec(rest);
        return take(found, found?.[1], 16);
      }
      case '0': {
        const found = /^0([0-3][0-7]{2}|[0-7]{1,2})/.exec(rest);
        return take(found, found?.[1], 8);
      }
      case 'c':
        this.at++;
        return this.code() ^ 64;
      default: {
        const control = CONTROL_ESCAPES[letter];
        if (control !== undefined) {
          this.at++;
          return control;
        }
        if (/[A-Za-z]/.test(letter)) throw this.error('Illegal/unsupported escape sequence');
        return this.code();
      }
    }
  }

  /** Parses a class after its `[`: unions of items, with `&&` between operands. */
  private charClass(flags: Flags): string {
    const negated = this.eat('^');
    const operands: string[] = [];
    let union = '';
    for (let first = true; ; first = false) {
      if (this.at >= this.pattern.length) throw this.error('Unclosed character class');
      if (this.peek(']') && !(first && operands.length === 0)) {
        this.at++;
        break;
      }
      if (flags.comments && this.skipComment()) continue;
      if (this.eat('&&')) {
        if (union !== '') operands.push(union);
        union = '';
      } else if (this.eat('[')) union += this.charClass(flags);
      else if (this.eat('\\Q')) {
        const end = this.pattern.indexOf('\\E', this.at);
        for (const char of this.pattern.slice(this.at, end < 0 ? undefined : end)) {
          union += this.rangeOf(char.codePointAt(0)!, char.codePointAt(0)!, flags);
        }
        this.at = end < 0 ? this.pattern.length : end + 2;
      } else union += this.classItem(flags);
    }
    if (union !== '') operands.push(union);
    const open = negated ? '[^' : '[';
    if (operands.length < 2) return `${open}${operands[0] ?? ''}]`;
    return `${open}${operands.map((operand) => `[${operand}]`).join('&&')}]`;
  }

  private classItem(flags: Flags): string {
    if (this.eat('\\')) {
      const inside = this.classEscape(flags);
      if (inside !== null) return inside;
      return this.classRange(this.escapedCode(), flags);
    }
    return this.classRange(this.code(), flags);
  }

  private classRange(from: number, flags: Flags): string {
    const next = this.pattern[this.at + 1];
    if (!this.peek('-') || next === undefined || next === ']' || next === '[')
      return this.rangeOf(from, from, flags);
    this.at++;
    const to = this.eat('\\') ? this.escapedCode() : this.code();
    if (to < from) throw this.error('Illegal character range');
    return this.rangeOf(from, to, flags);
  }

  private rangeOf(from: number, to: number, flags: Flags): string {
    const range = (a: number, b: number) => (a === b ? literal(a) : `${literal(a)}-${literal(b)}`);
    let source = range(from, to);
    if (!flags.ignoreCase) return source;
    for (const [low, high] of [
      [65, 90],
      [97, 122],
    ] as const) {
      const a = Math.max(from, low);
      const b = Math.min(to, high);
      if (a <= b) source += range(otherCase(a), otherCase(b));
    }
    return source;
  }
}

/** @throws KsqlFunctionException for a pattern that Java rejects or that cannot be translated */
export function translateJavaRegex(pattern: string): Translated {
  const plain = new Translator(pattern, false);
  const translated = plain.translate();
  return plain.usesHelpers ? new Translator(pattern, true).translate() : translated;
}
