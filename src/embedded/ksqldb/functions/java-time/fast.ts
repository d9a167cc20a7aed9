/**
 * A fast path for patterns of digits and punctuation, such as yyyy-MM-dd'T'HH:mm:ss[.SSS], without fields and objects.
 * It handles only the common cases. Everything else takes the slow path, which also creates the errors.
 */
import { civilFromDays, DAY_MS, daysFromCivil, daysInMonth } from '../../types/civil.js';
import type { Element } from './pattern.js';
import { instantOf, type Zone } from './zone.js';

const YEAR = 0;
const MONTH = 1;
const DAY = 2;
const HOUR = 3;
const MINUTE = 4;
const SECOND = 5;
const NANO = 6;
const LITERAL = 7;
const OFFSET = 8;

/** A piece: `width` digits of a part, the character `code`, or an offset of form `code`, with `zero` for none. */
interface Step {
  readonly part: number;
  readonly width: number;
  readonly code: number;
  readonly zero?: string;
}

interface Steps {
  readonly steps: readonly Step[];
  /** Where a text may end early: the starts of optional sections at the end of the pattern. */
  readonly ends: ReadonlySet<number>;
}

const PARTS: Readonly<Partial<Record<string, number>>> = {
  YearOfEra: YEAR,
  Year: YEAR,
  MonthOfYear: MONTH,
  DayOfMonth: DAY,
  HourOfDay: HOUR,
  MinuteOfHour: MINUTE,
  SecondOfMinute: SECOND,
};

function stepOf(element: Element): readonly Step[] | null {
  if (element.kind === 'literal') {
    // Letters match case-insensitively, which the fast path does not support.
    return [...element.text].map((char) => ({ part: LITERAL, width: 1, code: char.charCodeAt(0) }));
  }
  if (element.kind === 'offset') return [{ part: OFFSET, width: 0, code: element.form, zero: element.zero }];
  if (element.kind === 'fraction') return [{ part: NANO, width: element.width, code: 0 }];
  if (element.kind !== 'number' || element.reduced) return null;
  const part = PARTS[element.field];
  const width = part === YEAR ? 4 : 2;
  return part === undefined || element.min !== width ? null : [{ part, width, code: 0 }];
}

function stepsOf(elements: readonly Element[]): Steps | null {
  const steps: Step[] = [];
  const ends = new Set<number>();
  let list = elements;
  for (let i = 0; i < list.length; i++) {
    const element = list[i]!;
    if (element.kind === 'optional') {
      // Only at the end is an optional section equivalent to an alternative end of the text.
      if (i !== list.length - 1) return null;
      ends.add(steps.length);
      list = element.elements;
      i = -1;
      continue;
    }
    const next = stepOf(element);
    if (next === null) return null;
    steps.push(...next);
  }
  const parts = steps.filter((step) => step.part !== LITERAL).map((step) => step.part);
  if (new Set(parts).size !== parts.length) return null;
  return { steps, ends };
}

/** Parses a text to milliseconds since the epoch; returns NaN if it needs the slow path. */
export type FastParse = (text: string, zone: Zone) => number;

/** Reads two digits at `at`; returns NaN if there are none. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Compiles the parser; returns undefined if the pattern does not support the fast path. */
export function fastParser(elements: readonly Element[]): FastParse | undefined {
  const found = stepsOf(elements);
  if (found === null) return undefined;
  const parts = new Set(found.steps.map((step) => step.part));
  // Dates without a year and times with a missing unit have special rules.
  const whole = [YEAR, MONTH, DAY].every((part) => parts.has(part));
  const timed = [HOUR, MINUTE, SECOND, NANO].map((part) => parts.has(part));
  if (!whole || timed.lastIndexOf(true) !== timed.filter(Boolean).length - 1) return undefined;
  const { steps, ends } = found;
  const kinds = Uint8Array.from(steps, (step) => step.part);
  const widths = Uint8Array.from(steps, (step) => step.width);
  const codes = Uint16Array.from(steps, (step) => step.code);
  const mayEnd = Uint8Array.from(steps, (_, i) => (ends.has(i) ? 1 : 0));
  const firstEnd = Math.min(steps.length, ...ends);
  // A part that may be missing must not be one that the date requires.
  const needed = steps.slice(firstEnd).every((step) => step.part > DAY);
  if (!needed) return undefined;
  const zero = steps.find((step) => step.part === OFFSET)?.zero ?? '';
  return (text, zone) => {
    let year = 0;
    let month = 0;
    let day = 0;
    let hour = 0;
    let minute = 0;
    let second = 0;
    let milli = 0;
    let offset = Number.NaN;
    let at = 0;
    for (let i = 0; i < kinds.length; i++) {
      if (at === text.length && mayEnd[i] === 1) break;
      if (kinds[i] === LITERAL) {
        if (text.charCodeAt(at++) !== codes[i]) return Number.NaN;
        continue;
      }
      if (kinds[i] === OFFSET) {
        if (text.startsWith(zero, at)) {
          offset = 0;
          at += zero.length;
          continue;
        }
        const sign = text.charCodeAt(at);
        if (sign !== 43 && sign !== 45) return Number.NaN;
        const form = codes[i]!;
        const hours = twoDigits(text, at + 1);
        const colon = form === 4 || form === 6 ? 1 : 0;
        const bare = form === 1 && at + 3 === text.length;
        if (colon === 1 && text.charCodeAt(at + 3) !== 58) return Number.NaN;
        const minutes = bare ? 0 : twoDigits(text, at + 3 + colon);
        if (!(hours < 18 && minutes < 60)) return Number.NaN;
        offset = (hours * 60 + minutes) * (sign === 43 ? 60_000 : -60_000);
        at += bare ? 3 : 5 + colon;
        continue;
      }
      const width = widths[i]!;
      let value = 0;
      for (let n = 0; n < width; n++) {
        const digit = text.charCodeAt(at++) - 48;
        if (!(digit >= 0 && digit <= 9)) return Number.NaN;
        value = value * 10 + digit;
      }
      switch (kinds[i]) {
        case YEAR:
          year = value;
          break;
        case MONTH:
          month = value;
          break;
        case DAY:
          day = value;
          break;
        case HOUR:
          hour = value;
          break;
        case MINUTE:
          minute = value;
          break;
        case SECOND:
          second = value;
          break;
        default:
          milli = width >= 3 ? Math.floor(value / 10 ** (width - 3)) : value * 10 ** (3 - width);
      }
    }
    if (at !== text.length) return Number.NaN;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > 31) return Number.NaN;
    if (hour > 23 || minute > 59 || second > 59) return Number.NaN;
    const last = day > 28 ? Math.min(day, daysInMonth(year, month)) : day;
    const local =
      daysFromCivil(year, month, last) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + milli;
    return Number.isNaN(offset) ? instantOf(zone, local) : local - offset;
  };
}

/** Formats local milliseconds. Returns undefined if the slow path is needed. */
export type FastFormat = (local: number) => string | undefined;

const TWO = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

export function fastFormatter(elements: readonly Element[]): FastFormat | undefined {
  const flat: Element[] = [];
  const flatten = (list: readonly Element[]): void => {
    for (const element of list) {
      // A timestamp has all fields, so optional sections are always written.
      if (element.kind === 'optional') flatten(element.elements);
      else flat.push(element);
    }
  };
  flatten(elements);
  const found = stepsOf(flat);
  if (found === null || found.steps.some((step) => step.part === OFFSET)) return undefined;
  const pieces: { readonly part: number; readonly width: number; text: string }[] = [];
  for (const step of found.steps) {
    const last = pieces.at(-1);
    const char = String.fromCharCode(step.code);
    if (step.part !== LITERAL) pieces.push({ part: step.part, width: step.width, text: '' });
    else if (last?.part === LITERAL) last.text += char;
    else pieces.push({ part: LITERAL, width: 0, text: char });
  }
  return (local) => {
    const days = Math.floor(local / DAY_MS);
    const inDay = local - days * DAY_MS;
    const { year, month, day } = civilFromDays(days);
    if (year < 1 || year > 9999) return undefined;
    const seconds = Math.floor(inDay / 1000);
    let text = '';
    for (let i = 0; i < pieces.length; i++) {
      const piece = pieces[i]!;
      switch (piece.part) {
        case YEAR:
          text += year >= 1000 ? year : String(year).padStart(4, '0');
          break;
        case MONTH:
          text += TWO[month];
          break;
        case DAY:
          text += TWO[day];
          break;
        case HOUR:
          text += TWO[Math.floor(seconds / 3600)];
          break;
        case MINUTE:
          text += TWO[Math.floor(seconds / 60) % 60];
          break;
        case SECOND:
          text += TWO[seconds % 60];
          break;
        case NANO: {
          const millis = String(inDay % 1000).padStart(3, '0');
          text += piece.width > 3 ? millis.padEnd(piece.width, '0') : millis.slice(0, piece.width);
          break;
        }
        default:
          text += piece.text;
      }
    }
    return text;
  };
}
