import { KsqlFunctionException } from '../function-error.js';
import { type Translated, translateJavaRegex } from './translate.js';

/** A match: its position and its groups (0 is the whole match). */
export interface Match {
  readonly start: number;
  readonly end: number;
  readonly group: (index: number) => string | null;
}

/** A compiled pattern with the semantics of java.util.regex.Pattern. */
export class JavaRegex {
  readonly #translated: Translated;
  readonly #regex: RegExp;

  /** @throws KsqlFunctionException */
  constructor(pattern: string) {
    this.#translated = translateJavaRegex(pattern);
    try {
      this.#regex = new RegExp(this.#translated.source, 'gv');
    } catch (error) {
      throw new KsqlFunctionException(`Invalid regular expression pattern: ${pattern}`, error);
    }
  }

  get groupCount(): number {
    return this.#translated.groupCount;
  }

  #find(text: string, from: number): Match | null {
    this.#regex.lastIndex = from;
    const found = this.#regex.exec(text);
    if (found === null) return null;
    const { named } = this.#translated;
    return {
      start: found.index,
      end: found.index + found[0].length,
      group: (index) => (named && index > 0 ? found.groups?.[`g${index}`] : found[index]) ?? null,
    };
  }

  find(text: string): Match | null {
    return this.#find(text, 0);
  }

  /** Returns all matches in order. After an empty match, the search continues one character later. */
  findAll(text: string): readonly Match[] {
    const matches: Match[] = [];
    let from = 0;
    while (from <= text.length) {
      const match = this.#find(text, from);
      if (match === null) break;
      matches.push(match);
      from =
        match.end > match.start
          ? match.end
          : match.end + ((text.codePointAt(match.end) ?? 0) > 0xffff ? 2 : 1);
    }
    return matches;
  }

  matches(text: string): boolean {
    const match = this.#find(text, 0);
    return match !== null && match.start === 0 && match.end === text.length;
  }

  /** Returns the pieces between the matches, including empty ones. */
  pieces(text: string): readonly string[] {
    const pieces: string[] = [];
    let from = 0;
    for (const match of this.findAll(text)) {
      pieces.push(text.slice(from, match.start));
      from = match.end;
    }
    pieces.push(text.slice(from));
    return pieces;
  }

  /** Splits like Java's Pattern.split: without an empty leading piece from an empty match and without empty trailing pieces. */
  split(text: string): readonly string[] {
    const pieces: string[] = [];
    let from = 0;
    for (const match of this.findAll(text)) {
      if (match.end === 0) continue;
      pieces.push(text.slice(from, match.start));
      from = match.end;
    }
    if (from === 0) return [text];
    pieces.push(text.slice(from));
    while (pieces.at(-1) === '') pieces.pop();
    return pieces;
  }

  /** Replaces like Java's replaceAll: `$1` and `${name}` refer to groups, and a backslash escapes the next character. */
  replaceAll(text: string, replacement: string): string {
    let result = '';
    let from = 0;
    for (const match of this.findAll(text)) {
      result += text.slice(from, match.start) + this.#expand(match, replacement);
      from = match.end;
    }
    return result + text.slice(from);
  }

  #expand(match: Match, replacement: string): string {
    let result = '';
    for (let at = 0; at < replacement.length; at++) {
      const char = replacement[at]!;
      if (char === '\\') {
        at++;
        if (at === replacement.length) throw new KsqlFunctionException('character to be escaped is missing');
        result += replacement[at];
      } else if (char !== '$') result += char;
      else {
        const { index, length } = this.#groupReference(replacement.slice(at + 1));
        result += match.group(index) ?? '';
        at += length;
      }
    }
    return result;
  }

  #groupReference(text: string): { index: number; length: number } {
    const named = /^\{([a-zA-Z][a-zA-Z0-9]*)\}/.exec(text);
    if (named !== null) {
      const index = this.#translated.names.get(named[1]!);
      if (index === undefined) throw new KsqlFunctionException(`No group with name {${named[1]}}`);
      return { index, length: named[0].length };
    }
    if (!/^[0-9]/.test(text)) throw new KsqlFunctionException('Illegal group reference');
    let index = Number(text[0]);
    if (index > this.groupCount) throw new KsqlFunctionException(`No group ${index}`);
    let length = 1;
    while (/[0-9]/.test(text[length] ?? '') && index * 10 + Number(text[length]) <= this.groupCount) {
      index = index * 10 + Number(text[length++]);
    }
    return { index, length };
  }
}

const CACHE_LIMIT = 1000;
const cache = new Map<string, JavaRegex>();

/** Returns the compiled pattern, cached for the next call. @throws KsqlFunctionException */
export function javaRegex(pattern: string): JavaRegex {
  let regex = cache.get(pattern);
  if (regex === undefined) {
    regex = new JavaRegex(pattern);
    if (cache.size >= CACHE_LIMIT) cache.clear();
    cache.set(pattern, regex);
  }
  return regex;
}
