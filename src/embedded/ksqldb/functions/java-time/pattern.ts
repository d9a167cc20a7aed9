/**
 * Parses patterns of java.time.format.DateTimeFormatter.
 *
 * Source of the rules: the documentation of DateTimeFormatter and DateTimeFormatterBuilder (Java 17).
 */
import { DateTimeError, type Field } from './fields.js';
import type { Style, TextField } from './names.js';

export type SignStyle = 'NORMAL' | 'EXCEEDS_PAD' | 'NOT_NEGATIVE';

export interface NumberElement {
  readonly kind: 'number';
  readonly field: Field;
  readonly min: number;
  readonly max: number;
  readonly sign: SignStyle;
  /** A two-digit year, relative to 2000. */
  readonly reduced: boolean;
  /** The number of digits that the adjacent numbers after this one need; -1 if this one has a fixed width. */
  reserved: number;
}

export interface FractionElement {
  readonly kind: 'fraction';
  readonly width: number;
}

export type Element =
  | { readonly kind: 'literal'; readonly text: string }
  | NumberElement
  | FractionElement
  | { readonly kind: 'text'; readonly field: TextField; readonly style: Style }
  /** `form` is the index in Java's list of offset patterns: 1 +HHmm, 3 +HHMM, 4 +HH:MM, 5 +HHMMss, 6 +HH:MM:ss. */
  | { readonly kind: 'offset'; readonly form: number; readonly zero: string }
  | { readonly kind: 'gmtOffset'; readonly full: boolean }
  | { readonly kind: 'zoneId' }
  | { readonly kind: 'zoneName'; readonly full: boolean; readonly generic: boolean }
  | { readonly kind: 'optional'; readonly elements: readonly Element[] }
  | { readonly kind: 'pad'; readonly width: number; readonly element: Element };

const FIELDS: Readonly<Record<string, Field>> = {
  G: 'Era',
  y: 'YearOfEra',
  u: 'Year',
  Q: 'QuarterOfYear',
  q: 'QuarterOfYear',
  M: 'MonthOfYear',
  L: 'MonthOfYear',
  D: 'DayOfYear',
  d: 'DayOfMonth',
  F: 'AlignedDayOfWeekInMonth',
  E: 'DayOfWeek',
  g: 'ModifiedJulianDay',
  a: 'AmPmOfDay',
  H: 'HourOfDay',
  k: 'ClockHourOfDay',
  K: 'HourOfAmPm',
  h: 'ClockHourOfAmPm',
  m: 'MinuteOfHour',
  s: 'SecondOfMinute',
  A: 'MilliOfDay',
  n: 'NanoOfSecond',
  N: 'NanoOfDay',
  Y: 'WeekBasedYear',
  w: 'WeekOfWeekBasedYear',
  W: 'WeekOfMonth',
  e: 'LocalizedDayOfWeek',
  c: 'LocalizedDayOfWeek',
};

const STYLES: readonly Style[] = ['short', 'short', 'short', 'full', 'narrow'];

/** A list of elements under construction: for the whole pattern or an optional section. */
class Section {
  readonly elements: Element[] = [];
  /** The number that reserves digits for the adjacent ones after it. */
  open: NumberElement | null = null;
  padWidth = 0;

  add(element: Element): void {
    this.open = null;
    this.push(element);
  }

  push(element: Element): void {
    if (this.padWidth > 0) {
      this.elements.push({ kind: 'pad', width: this.padWidth, element });
      this.padWidth = 0;
    } else {
      this.elements.push(element);
    }
  }

  addNumber(element: NumberElement): void {
    const open = this.open;
    const fixed = element.min === element.max && element.sign === 'NOT_NEGATIVE';
    if (open === null) this.open = element;
    else if (fixed) {
      if (open.reserved >= 0) open.reserved += element.max;
      element.reserved = -1;
    } else {
      open.reserved = -1;
      this.open = element;
    }
    this.push(element);
  }

  addFraction(width: number): void {
    if (this.open !== null && this.open.reserved >= 0) this.open.reserved += width;
    this.push({ kind: 'fraction', width });
  }
}

function number(field: Field, min: number, max: number, sign: SignStyle, reduced = false): NumberElement {
  return { kind: 'number', field, min, max, sign, reduced, reserved: 0 };
}

function tooMany(letter: string): DateTimeError {
  return new DateTimeError(`Too many pattern letters: ${letter}`);
}

function addField(section: Section, letter: string, count: number): void {
  const field = FIELDS[letter]!;
  switch (letter) {
    case 'u':
    case 'y':
    case 'Y':
      if (count === 2) section.addNumber(number(field, 2, 2, 'NOT_NEGATIVE', true));
      else section.addNumber(number(field, count, 19, count < 4 ? 'NORMAL' : 'EXCEEDS_PAD'));
      return;
    case 'M':
    case 'L':
    case 'Q':
    case 'q':
      if (count > 5) throw tooMany(letter);
      if (count === 1) section.addNumber(number(field, 1, 19, 'NORMAL'));
      else if (count === 2) section.addNumber(number(field, 2, 2, 'NOT_NEGATIVE'));
      else section.add({ kind: 'text', field: field as TextField, style: STYLES[count - 1]! });
      return;
    case 'e':
    case 'c':
      if (count > 5) throw tooMany(letter);
      if (letter === 'c' && count === 2) throw new DateTimeError('Invalid pattern "cc"');
      if (count <= 2) section.addNumber(number(field, count, count, 'NOT_NEGATIVE'));
      else section.add({ kind: 'text', field: 'DayOfWeek', style: STYLES[count - 1]! });
      return;
    case 'E':
    case 'G':
      if (count > 5) throw tooMany(letter);
      section.add({ kind: 'text', field: field as TextField, style: STYLES[count - 1]! });
      return;
    case 'a':
      if (count > 1) throw tooMany(letter);
      section.add({ kind: 'text', field: 'AmPmOfDay', style: 'short' });
      return;
    case 'd':
    case 'h':
    case 'H':
    case 'k':
    case 'K':
    case 'm':
    case 's':
      if (count > 2) throw tooMany(letter);
      section.addNumber(count === 1 ? number(field, 1, 19, 'NORMAL') : number(field, 2, 2, 'NOT_NEGATIVE'));
      return;
    case 'w':
    case 'W':
      if (count > (letter === 'w' ? 2 : 1)) throw tooMany(letter);
      section.addNumber(number(field, count, letter === 'w' ? 2 : 1, 'NOT_NEGATIVE'));
      return;
    case 'F':
      if (count > 1) throw tooMany(letter);
      section.addNumber(number(field, 1, 19, 'NORMAL'));
      return;
    case 'D':
      if (count > 3) throw tooMany(letter);
      section.addNumber(
        count === 1 ? number(field, 1, 19, 'NORMAL') : number(field, count, 3, 'NOT_NEGATIVE'),
      );
      return;
    case 'g':
      section.addNumber(number(field, count, 19, 'NORMAL'));
      return;
    default:
      section.addNumber(number(field, count, 19, 'NOT_NEGATIVE'));
  }
}

function addZone(section: Section, letter: string, count: number): boolean {
  switch (letter) {
    case 'z':
      if (count > 4) throw tooMany(letter);
      section.add({ kind: 'zoneName', full: count === 4, generic: false });
      return true;
    case 'v':
      if (count !== 1 && count !== 4) throw new DateTimeError(`Wrong number of pattern letters: ${letter}`);
      section.add({ kind: 'zoneName', full: count === 4, generic: true });
      return true;
    case 'V':
      if (count !== 2) throw new DateTimeError(`Pattern letter count must be 2: ${letter}`);
      section.add({ kind: 'zoneId' });
      return true;
    case 'Z':
      if (count > 5) throw tooMany(letter);
      if (count === 4) section.add({ kind: 'gmtOffset', full: true });
      else section.add({ kind: 'offset', form: count === 5 ? 6 : 3, zero: count === 5 ? 'Z' : '+0000' });
      return true;
    case 'O':
      if (count !== 1 && count !== 4)
        throw new DateTimeError(`Pattern letter count must be 1 or 4: ${letter}`);
      section.add({ kind: 'gmtOffset', full: count === 4 });
      return true;
    case 'X':
    case 'x': {
      if (count > 5) throw tooMany(letter);
      const zero = letter === 'X' ? 'Z' : count === 1 ? '+00' : count % 2 === 0 ? '+0000' : '+00:00';
      section.add({ kind: 'offset', form: count + (count === 1 ? 0 : 1), zero });
      return true;
    }
    default:
      return false;
  }
}

const LETTER = /^[A-Za-z]$/;

/** Counts the repetitions of the letter at `at`. */
function runLength(pattern: string, at: number): number {
  let end = at + 1;
  while (end < pattern.length && pattern[end] === pattern[at]) end++;
  return end - at;
}

/** Returns the index of the closing quote of the literal that starts at `at`. */
function literalEnd(pattern: string, at: number): number {
  for (let i = at + 1; i < pattern.length; i++) {
    if (pattern[i] !== "'") continue;
    if (pattern[i + 1] !== "'") return i;
    i++;
  }
  throw new DateTimeError(`Pattern ends with an incomplete string literal: ${pattern}`);
}

/** @throws DateTimeError with Java's message for an invalid pattern */
export function parsePattern(pattern: string): readonly Element[] {
  const sections: Section[] = [new Section()];
  const closeOptional = () => {
    const closed = sections.pop()!;
    if (closed.elements.length > 0) sections.at(-1)!.add({ kind: 'optional', elements: closed.elements });
    else sections.at(-1)!.open = null;
  };
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at]!;
    const section = sections.at(-1)!;
    if (LETTER.test(char)) {
      let letter = char;
      let count = runLength(pattern, at);
      at += count - 1;
      if (letter === 'p') {
        const next = pattern[at + 1] ?? '';
        if (!LETTER.test(next)) {
          throw new DateTimeError(`Pad letter 'p' must be followed by valid pad pattern: ${pattern}`);
        }
        section.padWidth = count;
        section.open = null;
        letter = next;
        count = runLength(pattern, at + 1);
        at += count;
      }
      if (letter === 'S') {
        if (count > 9) {
          throw new DateTimeError(`Minimum width must be from 0 to 9 inclusive but was ${count}`);
        }
        section.addFraction(count);
      } else if (letter in FIELDS) addField(section, letter, count);
      else if (!addZone(section, letter, count)) throw new DateTimeError(`Unknown pattern letter: ${letter}`);
    } else if (char === "'") {
      const end = literalEnd(pattern, at);
      const text = pattern.slice(at + 1, end).replaceAll("''", "'");
      section.add({ kind: 'literal', text: text === '' ? "'" : text });
      at = end;
    } else if (char === '[') {
      section.open = null;
      sections.push(new Section());
    } else if (char === ']') {
      if (sections.length === 1) {
        throw new DateTimeError('Pattern invalid as it contains ] without previous [');
      }
      closeOptional();
    } else if (char === '{' || char === '}' || char === '#') {
      throw new DateTimeError(`Pattern includes reserved character: '${char}'`);
    } else {
      section.add({ kind: 'literal', text: char });
    }
  }
  while (sections.length > 1) closeOptional();
  return sections[0]!.elements;
}
