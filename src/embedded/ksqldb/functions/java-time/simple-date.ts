/**
 * Parses by patterns of java.text.SimpleDateFormat, like Apache Commons' FastDateFormat in GMT: leniently (the 32nd of a
 * month is the 1st of the next), and ignoring anything after the date.
 */
import { DAY_MS, daysFromCivil } from '../../types/civil.js';
import { DateTimeError } from './fields.js';
import { matchName, type Style, type TextField } from './names.js';
import { dayOfWeek, instantOf, UTC, type Zone, zoneOf } from './zone.js';

/** Returns milliseconds since the epoch. @throws DateTimeError */
export type SimpleDateParser = (text: string) => number;

/** The fields of the calendar, which are set one by one. */
interface Calendar {
  era: number;
  year: number;
  month: number;
  day: number;
  dayOfYear: number | null;
  weekday: number | null;
  hour: number | null;
  hourOfHalf: number | null;
  half: number | null;
  minute: number;
  second: number;
  milli: number;
  zone: Zone;
}

/** Parses at an index and returns the index after it, or -1. */
type Step = (text: string, at: number, calendar: Calendar) => number;

type Setter = (calendar: Calendar, value: number) => void;

const SETTERS: Readonly<Record<string, Setter>> = {
  d: (c, v) => {
    c.day = v;
  },
  D: (c, v) => {
    c.dayOfYear = v;
  },
  H: (c, v) => {
    c.hour = v;
  },
  k: (c, v) => {
    c.hour = v === 24 ? 0 : v;
  },
  h: (c, v) => {
    c.hourOfHalf = v === 12 ? 0 : v;
  },
  K: (c, v) => {
    c.hourOfHalf = v;
  },
  m: (c, v) => {
    c.minute = v;
  },
  s: (c, v) => {
    c.second = v;
  },
  S: (c, v) => {
    c.milli = v;
  },
  u: (c, v) => {
    c.weekday = v;
  },
};

/** If `width` is 0, it takes all digits, after optional blanks. */
function numberStep(width: number, set: Setter): Step {
  return (text, from, calendar) => {
    let start = from;
    if (width === 0) while (start < text.length && /\s/.test(text[start]!)) start++;
    const end = width === 0 ? text.length : Math.min(start + width, text.length);
    let at = start;
    while (at < end && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
    if (at === start) return -1;
    const value = Number(text.slice(start, at));
    if (value > 0x7fffffff) throw new DateTimeError(`For input string: "${text.slice(start, at)}"`);
    set(calendar, value);
    return at;
  };
}

function textStep(field: TextField, set: Setter): Step {
  return (text, at, calendar) => {
    for (const style of ['full', 'short'] satisfies Style[]) {
      const found = matchName('en', field, style, text, at);
      if (found !== null) {
        set(calendar, found.value);
        return at + found.length;
      }
    }
    return -1;
  };
}

function literalStep(literal: string): Step {
  return (text, at) => (text.startsWith(literal, at) ? at + literal.length : -1);
}

function zoneStep(shape: RegExp): Step {
  return (text, at, calendar) => {
    const found = shape.exec(text.slice(at))?.[0];
    if (found === undefined || found === '') return -1;
    const offset = /^(?:GMT)?([+-].*)$/.exec(found)?.[1];
    calendar.zone = zoneOf(offset === undefined ? (found === 'Z' ? 'Z' : found) : offset);
    return at + found.length;
  };
}

const setYear: Setter = (calendar, value) => {
  calendar.year = value;
};

/** A two-digit year lies between 80 years ago and 20 years from now. */
const setShortYear: Setter = (calendar, value) => {
  if (value >= 100) {
    calendar.year = value;
    return;
  }
  const start = new Date().getUTCFullYear() - 80;
  const trial = Math.floor(start / 100) * 100 + value;
  calendar.year = value >= start % 100 ? trial : trial + 100;
};

interface Piece {
  readonly letter: string | null;
  readonly text: string;
}

function piecesOf(pattern: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < pattern.length) {
    const char = pattern[at]!;
    if (/[A-Za-z]/.test(char)) {
      let end = at + 1;
      while (pattern[end] === char) end++;
      pieces.push({ letter: char, text: pattern.slice(at, end) });
      at = end;
      continue;
    }
    let literal = '';
    let quoted = false;
    while (at < pattern.length) {
      const next = pattern[at]!;
      if (!quoted && /[A-Za-z]/.test(next)) break;
      if (next === "'" && pattern[at + 1] !== "'") quoted = !quoted;
      else {
        if (next === "'") at++;
        literal += pattern[at]!;
      }
      at++;
    }
    if (quoted) throw new DateTimeError('Unterminated quote');
    if (literal !== '') pieces.push({ letter: null, text: literal });
  }
  return pieces;
}

function isNumber({ letter, text }: Piece): boolean {
  if (letter === null) return false;
  return letter === 'M' || letter === 'L' ? text.length < 3 : letter === 'y' || letter in SETTERS;
}

const setMonth: Setter = (calendar, value) => {
  calendar.month = value;
};

function stepOf(piece: Piece, next: Piece | undefined): Step {
  const { letter, text } = piece;
  if (letter === null) return literalStep(text);
  // If two numbers are adjacent, the first has as many digits as its pattern has letters.
  const width = next !== undefined && isNumber(next) ? text.length : 0;
  switch (letter) {
    case 'y':
      return numberStep(width, text.length > 2 ? setYear : setShortYear);
    case 'M':
    case 'L':
      return text.length < 3 ? numberStep(width, setMonth) : textStep('MonthOfYear', setMonth);
    case 'E':
      return textStep('DayOfWeek', (calendar, value) => {
        calendar.weekday = value;
      });
    case 'a':
      return textStep('AmPmOfDay', (calendar, value) => {
        calendar.half = value;
      });
    case 'G':
      return textStep('Era', (calendar, value) => {
        calendar.era = value;
      });
    case 'X':
      return zoneStep(/^(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)/);
    case 'Z':
    case 'z':
      return zoneStep(/^(?:(?:GMT)?[+-][0-9]{1,2}:?[0-9]{2}|[A-Za-z][A-Za-z/_]*)/);
    default: {
      const set = SETTERS[letter];
      if (set === undefined) throw new DateTimeError(`Format '${letter}' not supported`);
      return numberStep(width, set);
    }
  }
}

/** 15 October 1582, the first day of the Gregorian calendar. */
const GREGORIAN_CUTOVER = -141_427;

/** Returns the days since 1970-01-01 of the first of a month in the Julian calendar. */
function daysFromJulian(year: number, month: number): number {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5);
  return y * 365 + Math.floor(y / 4) + dayOfYear - 719_470;
}

/** Java's calendar is Julian before the Gregorian cutover. */
function daysOf(year: number, month: number, day: number): number {
  const months = year * 12 + (month - 1);
  const y = Math.floor(months / 12);
  const m = months - y * 12 + 1;
  const days = daysFromCivil(y, m, 1) + day - 1;
  return days >= GREGORIAN_CUTOVER ? days : daysFromJulian(y, m) + day - 1;
}

function hourOf({ hour, hourOfHalf, half }: Calendar): number {
  if (hour !== null && (hourOfHalf === null || half === null)) return hour;
  return (half ?? 0) * 12 + (hourOfHalf ?? 0);
}

function instant(calendar: Calendar): number {
  const year = calendar.era === 0 ? 1 - calendar.year : calendar.year;
  let days = daysOf(year, calendar.month, calendar.day);
  if (calendar.dayOfYear !== null) days = daysOf(year, 1, calendar.dayOfYear);
  else if (calendar.weekday !== null && calendar.day === 1) {
    days += (calendar.weekday - dayOfWeek(days) + 7) % 7;
  }
  const seconds = (hourOf(calendar) * 60 + calendar.minute) * 60 + calendar.second;
  return instantOf(calendar.zone, days * DAY_MS + seconds * 1000 + calendar.milli);
}

/** @throws DateTimeError for a pattern that is not supported */
export function simpleDateParser(pattern: string): SimpleDateParser {
  const pieces = piecesOf(pattern);
  const steps = pieces.map((piece, i) => stepOf(piece, pieces[i + 1]));
  return (text) => {
    const calendar: Calendar = {
      era: 1,
      year: 1970,
      month: 1,
      day: 1,
      dayOfYear: null,
      weekday: null,
      hour: null,
      hourOfHalf: null,
      half: null,
      minute: 0,
      second: 0,
      milli: 0,
      zone: UTC,
    };
    let at = 0;
    for (const step of steps) {
      at = step(text, at, calendar);
      if (at < 0) throw new DateTimeError(`Unparseable date: "${text}"`);
    }
    return instant(calendar);
  };
}
