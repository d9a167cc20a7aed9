/** The names of months, days, eras and AM/PM, in English and in Java's neutral ROOT locale. */
export type Style = 'short' | 'full' | 'narrow';
export type TextField = 'MonthOfYear' | 'DayOfWeek' | 'AmPmOfDay' | 'Era' | 'QuarterOfYear';
export type Locale = 'en' | 'root';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

interface Names {
  /** The value that the first name stands for. */
  readonly first: number;
  readonly short: readonly string[];
  readonly full: readonly string[];
  readonly narrow: readonly string[];
}

const three = (name: string): string => name.slice(0, 3);
const one = (name: string): string => name.slice(0, 1);
const digits = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => String(from + i));

const ENGLISH: Readonly<Record<TextField, Names>> = {
  MonthOfYear: { first: 1, short: MONTHS.map(three), full: MONTHS, narrow: MONTHS.map(one) },
  DayOfWeek: { first: 1, short: DAYS.map(three), full: DAYS, narrow: DAYS.map(one) },
  AmPmOfDay: { first: 0, short: ['AM', 'PM'], full: ['AM', 'PM'], narrow: ['a', 'p'] },
  Era: { first: 0, short: ['BC', 'AD'], full: ['Before Christ', 'Anno Domini'], narrow: ['B', 'A'] },
  QuarterOfYear: {
    first: 1,
    short: ['Q1', 'Q2', 'Q3', 'Q4'],
    full: ['1st quarter', '2nd quarter', '3rd quarter', '4th quarter'],
    narrow: digits(1, 4),
  },
};

/** ROOT has no long names, so PARSE_TIMESTAMP parses `MMMM` as `Sep`, as a real server does. */
const ROOT: Readonly<Record<TextField, Names>> = {
  MonthOfYear: { first: 1, short: MONTHS.map(three), full: MONTHS.map(three), narrow: digits(1, 12) },
  DayOfWeek: { first: 1, short: DAYS.map(three), full: DAYS.map(three), narrow: DAYS.map(one) },
  AmPmOfDay: ENGLISH.AmPmOfDay,
  Era: { first: 0, short: ['BC', 'AD'], full: ['BCE', 'CE'], narrow: ['BCE', 'CE'] },
  QuarterOfYear: {
    first: 1,
    short: ENGLISH.QuarterOfYear.short,
    full: ENGLISH.QuarterOfYear.short,
    narrow: digits(1, 4),
  },
};

export function nameOf(locale: Locale, field: TextField, style: Style, value: number): string {
  const names = (locale === 'en' ? ENGLISH : ROOT)[field];
  return names[style][value - names.first]!;
}

interface Readable {
  readonly names: readonly { readonly lower: string; readonly value: number }[];
  readonly longest: number;
}

/** Sorted by length, longest first. Ambiguous names such as J cannot be parsed. */
function readableNames({ first, ...styles }: Names, style: Style): Readable {
  const list = styles[style].map((name) => name.toLowerCase());
  const names = list
    .map((lower, i) => ({ lower, value: i + first }))
    .filter(({ lower }) => list.indexOf(lower) === list.lastIndexOf(lower))
    .sort((a, b) => b.lower.length - a.lower.length);
  return { names, longest: names[0]?.lower.length ?? 0 };
}

const readable = new Map<string, Readable>();

function readableOf(locale: Locale, field: TextField, style: Style): Readable {
  const key = `${locale} ${field} ${style}`;
  let found = readable.get(key);
  if (found === undefined) {
    found = readableNames((locale === 'en' ? ENGLISH : ROOT)[field], style);
    readable.set(key, found);
  }
  return found;
}

/** Finds the longest name at `at`, ignoring case. Returns its value and length, or null. */
export function matchName(
  locale: Locale,
  field: TextField,
  style: Style,
  text: string,
  at: number,
): { value: number; length: number } | null {
  const { names, longest } = readableOf(locale, field, style);
  const there = text.slice(at, at + longest).toLowerCase();
  for (const { lower, value } of names) {
    if (there.startsWith(lower)) return { value, length: lower.length };
  }
  return null;
}
