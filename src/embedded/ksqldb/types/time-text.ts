/**
 * Parses and formats DATE, TIME and TIMESTAMP as CAST and comparisons with string literals do.
 *
 * Source: https://docs.ksqldb.io/en/latest/reference/sql/time/ and ksqlDB's SqlTimeTypes.
 */
import { KsqlException } from '../errors.js';
import { civilFromDays, DAY_MS, daysFromCivil, daysInMonth, isLeapYear } from './civil.js';

const TIME_PATTERN = 'HH:mm:ss.SSS';

const TIMESTAMP_HELP =
  '\nRequired format is: "yyyy-MM-dd\'T\'HH:mm:ss.SSS", with an optional numeric 4-digit timezone, for example: ' +
  "'2020-05-26T23:59:58.000' or with tz: '2020-05-26T23:59:58.000+0200'. " +
  "A trailing 'Z' instead of tz indicates the zero UTC offset. " +
  'Partials are also supported, for example "2020-05-26"';
const TIME_HELP =
  "\nRequired format is: \"HH:mm:ss.SSS\", for example: '01:34:20.123' or '01:34:20'. " +
  "Partials are also supported, for example '01:34'";
const DATE_HELP =
  '\nRequired format is: "yyyy-MM-dd", for example \'2020-05-26\'. ' +
  "Partials are also supported, for example '2020-05'";

const PADDED: readonly string[] = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
const PAIRS: readonly string[] = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, '0'));

function pad2(n: number): string {
  return PAIRS[n]!;
}

/** Formats a year with at least four digits, and with a plus sign from 10000 on. */
function formatYear(year: number): string {
  if (year > 9999) return `+${year}`;
  if (year >= 1000) return String(year);
  return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
}

/** Formats days since 1970-01-01 as `2020-05-26`. */
export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${formatYear(year)}-${pad2(month)}-${pad2(day)}`;
}

/** Formats milliseconds since midnight as `23:59:58`, without seconds if they are 0 and always without milliseconds. */
export function formatTime(millis: number): string {
  const seconds = Math.trunc(millis / 1000);
  const text = `${pad2(Math.floor(seconds / 3600))}:${pad2(Math.floor(seconds / 60) % 60)}`;
  return seconds % 60 === 0 ? text : `${text}:${pad2(seconds % 60)}`;
}

// Most records are from the same day, so the text of its date is cached.
let cachedDay = Number.NaN;
let cachedDate = '';

/** Formats milliseconds since the epoch in UTC, as `2020-05-26T23:59:58.000`. */
export function formatTimestamp(millis: number): string {
  const days = Math.floor(millis / DAY_MS);
  const inDay = millis - days * DAY_MS;
  if (days !== cachedDay) {
    const { year, month, day } = civilFromDays(days);
    // The year of the pattern is the year of the era, which starts at 1.
    cachedDate = `${formatYear(year > 0 ? year : 1 - year)}-${pad2(month)}-${pad2(day)}T`;
    cachedDay = days;
  }
  const seconds = Math.floor(inDay / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return (
    `${cachedDate}${PAIRS[hours]!}:${PAIRS[minutes - hours * 60]!}:` +
    `${PAIRS[seconds - minutes * 60]!}.${PADDED[inDay - seconds * 1000]!}`
  );
}

/** Signals a text that does not match the format. */
class TextMismatch extends Error {
  constructor(message: string) {
    // It is always caught right away, so a stack trace would be wasted.
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = limit;
  }
}

/** @param index the position, as java.time counts it */
function mismatch(text: string, index: number): TextMismatch {
  const shown = text.length > 64 ? `${text.slice(0, 64)}...` : text;
  return new TextMismatch(`Text '${shown}' could not be parsed at index ${index}`);
}

function outOfRange(text: string, field: string, range: string, value: number): TextMismatch {
  return new TextMismatch(
    `Text '${text}' could not be parsed: Invalid value for ${field} (valid values ${range}): ${value}`,
  );
}

/** Reads a number of `width` digits at `at`; returns -1 if there is none. */
function digitsAt(text: string, at: number, width: number): number {
  if (at + width > text.length) return -1;
  let value = 0;
  for (let i = at; i < at + width; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return -1;
    value = value * 10 + (code - 48);
  }
  return value;
}

/** Reads a year of four digits, or a signed one of up to `maxDigits`. Returns its value and the index after it. */
function yearAt(text: string, maxDigits: number): { value: number; end: number } {
  let at = 0;
  const sign = text.charCodeAt(0);
  const signed = sign === 43 || sign === 45;
  if (signed) at = 1;
  let end = at;
  while (end < text.length && end - at < maxDigits) {
    const code = text.charCodeAt(end);
    if (code < 48 || code > 57) break;
    end++;
  }
  const digits = end - at;
  if (digits < 4 || (!signed && digits > 4) || (sign === 43 && digits === 4)) throw mismatch(text, 0);
  const value = Number(text.slice(at, end));
  return { value: sign === 45 ? -value : value, end };
}

function numberAt(text: string, at: number): number {
  const value = digitsAt(text, at, 2);
  if (value < 0) throw mismatch(text, at);
  return value;
}

function expectChar(text: string, at: number, char: string): void {
  if (text[at] !== char) throw mismatch(text, at);
}

const MONTHS = [
  'JANUARY',
  'FEBRUARY',
  'MARCH',
  'APRIL',
  'MAY',
  'JUNE',
  'JULY',
  'AUGUST',
  'SEPTEMBER',
  'OCTOBER',
  'NOVEMBER',
  'DECEMBER',
];

/** Completes `2020` to 2020-01-01 and `2020-05` to 2020-05-01; leaves everything else alone. */
function completeDate(text: string): string {
  // Trailing empty parts are ignored, as in Java's split.
  const parts = text.split('-');
  while (parts.length > 1 && parts.at(-1) === '') parts.pop();
  if (parts.length === 1) return `${text}-01-01`;
  return parts.length === 2 ? `${text}-01` : text;
}

/**
 * Parses `yyyy-MM-dd`, `yyyy-MM` or `yyyy` to days since 1970-01-01.
 *
 * @throws KsqlException
 */
export function parseDate(text: string): number {
  try {
    return parseIsoDate(completeDate(text));
  } catch (error) {
    if (!(error instanceof TextMismatch)) throw error;
    throw new KsqlException(`Failed to parse date '${text}': ${error.message}${DATE_HELP}`, error);
  }
}

function parseIsoDate(text: string): number {
  const { value: year, end } = yearAt(text, 10);
  expectChar(text, end, '-');
  const month = numberAt(text, end + 1);
  expectChar(text, end + 3, '-');
  const day = numberAt(text, end + 4);
  if (text.length > end + 6) {
    throw new TextMismatch(`Text '${text}' could not be parsed, unparsed text found at index ${end + 6}`);
  }
  if (month < 1 || month > 12) throw outOfRange(text, 'MonthOfYear', '1 - 12', month);
  if (day < 1 || day > 31) throw outOfRange(text, 'DayOfMonth', '1 - 28/31', day);
  if (day > daysInMonth(year, month)) {
    const why =
      day === 29 && !isLeapYear(year)
        ? `Invalid date 'February 29' as '${year}' is not a leap year`
        : `Invalid date '${MONTHS[month - 1]} ${day}'`;
    throw new TextMismatch(`Text '${text}' could not be parsed: ${why}`);
  }
  return daysFromCivil(year, month, day);
}

/**
 * Parses `HH:mm`, `HH:mm:ss` or `HH:mm:ss.S` (up to nine decimal places) to milliseconds since midnight.
 *
 * @throws KsqlException
 */
export function parseTime(text: string): number {
  try {
    return parseIsoTime(text);
  } catch (error) {
    if (!(error instanceof TextMismatch)) throw error;
    throw new KsqlException(`Failed to parse time '${text}': ${error.message}${TIME_HELP}`, error);
  }
}

function parseIsoTime(text: string): number {
  const hour = numberAt(text, 0);
  expectChar(text, 2, ':');
  const minute = numberAt(text, 3);
  let at = 5;
  let second = 0;
  let millis = 0;
  if (text[at] === ':' && digitsAt(text, at + 1, 2) >= 0) {
    second = numberAt(text, 6);
    at = 8;
    if (text[at] === '.') {
      let end = at + 1;
      while (end < text.length && end < at + 10 && digitsAt(text, end, 1) >= 0) end++;
      millis = Number(
        text
          .slice(at + 1, end)
          .padEnd(3, '0')
          .slice(0, 3),
      );
      at = end;
    }
  }
  if (at < text.length) {
    throw new TextMismatch(`Text '${text}' could not be parsed, unparsed text found at index ${at}`);
  }
  if (hour > 23) throw outOfRange(text, 'HourOfDay', '0 - 23', hour);
  if (minute > 59) throw outOfRange(text, 'MinuteOfHour', '0 - 59', minute);
  if (second > 59) throw outOfRange(text, 'SecondOfMinute', '0 - 59', second);
  return ((hour * 60 + minute) * 60 + second) * 1000 + millis;
}

/**
 * Parses `yyyy-MM-ddTHH:mm:ss.SSS` to milliseconds since the epoch. It may be truncated (`2020-05-26T10:20`) and have an
 * offset (`+0200`, `+02:00`, `Z`); without one it is UTC.
 *
 * @throws KsqlException
 */
export function parseTimestamp(text: string): number {
  try {
    const mark = text.indexOf('T');
    if (mark < 0) return parseFullTimestamp(`${completeDate(text)}T00:00:00.000`);
    const rest = text.slice(mark + 1);
    const zoneAt = rest.includes('+') ? rest.indexOf('+') : rest.indexOf('-');
    const zone = zoneAt < 0 ? '' : rest.slice(zoneAt);
    let time = zoneAt < 0 ? rest : rest.slice(0, zoneAt);
    if (time.endsWith('Z')) time = time.slice(0, -1);
    if (time.length < TIME_PATTERN.length) {
      time += TIME_PATTERN.slice(time.length).replace(/[a-zA-Z]/g, '0');
    }
    const local = parseFullTimestamp(`${text.slice(0, mark)}T${time}`);
    return zone === '' ? local : local - parseOffset(zone);
  } catch (error) {
    if (!(error instanceof TextMismatch)) throw error;
    throw new KsqlException(`Failed to parse timestamp '${text}': ${error.message}${TIMESTAMP_HELP}`, error);
  }
}

function parseFullTimestamp(text: string): number {
  const { value: year, end } = yearAt(text, 19);
  if (year < 1) throw outOfRange(text, 'YearOfEra', '1 - 999999999/1000000000', year);
  expectChar(text, end, '-');
  const month = numberAt(text, end + 1);
  expectChar(text, end + 3, '-');
  const day = numberAt(text, end + 4);
  if (text[end + 6] !== 'T' && text[end + 6] !== 't') throw mismatch(text, end + 6);
  const hour = numberAt(text, end + 7);
  expectChar(text, end + 9, ':');
  const minute = numberAt(text, end + 10);
  expectChar(text, end + 12, ':');
  const second = numberAt(text, end + 13);
  expectChar(text, end + 15, '.');
  const millis = digitsAt(text, end + 16, 3);
  if (millis < 0) throw mismatch(text, end + 16);
  if (text.length > end + 19) {
    throw new TextMismatch(`Text '${text}' could not be parsed, unparsed text found at index ${end + 19}`);
  }
  if (month < 1 || month > 12) throw outOfRange(text, 'MonthOfYear', '1 - 12', month);
  if (day < 1 || day > 31) throw outOfRange(text, 'DayOfMonth', '1 - 28/31', day);
  // 24:00 is the end of the day, which is the start of the next one.
  const endOfDay = hour === 24 && minute === 0 && second === 0 && millis === 0;
  if (hour > 23 && !endOfDay) throw outOfRange(text, 'HourOfDay', '0 - 23', hour);
  if (minute > 59) throw outOfRange(text, 'MinuteOfHour', '0 - 59', minute);
  if (second > 59) throw outOfRange(text, 'SecondOfMinute', '0 - 59', second);
  // 30 February becomes the last day of the month, as in java.time's SMART resolver.
  const days = daysFromCivil(year, month, Math.min(day, daysInMonth(year, month)));
  return days * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + millis;
}

/** Parses `+h`, `+hh`, `+hhmm`, `+hh:mm`, `+hhmmss` or `+hh:mm:ss` to milliseconds. */
function parseOffset(zone: string): number {
  const failed = (why: string) => new TextMismatch(`Failed to parse timezone '${zone}': ${why}`);
  const invalid = (why: string) => failed(`Invalid ID for ZoneOffset, ${why}: ${zone}`);
  const id = zone.length === 2 ? `${zone[0]}0${zone[1]}` : zone;
  const colons = id.length === 6 || id.length === 9;
  if (!colons && id.length !== 3 && id.length !== 5 && id.length !== 7) throw invalid('invalid format');
  const part = (index: number): number => {
    const at = 1 + index * (colons ? 3 : 2);
    if (at >= id.length) return 0;
    if (colons && index > 0 && id[at - 1] !== ':') throw invalid('colon not found when expected');
    const value = digitsAt(id, at, 2);
    if (value < 0) throw invalid('non numeric characters found');
    return value;
  };
  const hours = part(0);
  const minutes = part(1);
  const seconds = part(2);
  if (hours > 18) {
    throw failed(`Zone offset hours not in valid range: value ${hours} is not in the range -18 to 18`);
  }
  for (const [name, value] of [
    ['minutes', minutes],
    ['seconds', seconds],
  ] as const) {
    if (value > 59) {
      throw failed(`Zone offset ${name} not in valid range: value ${value} is not in the range -59 to 59`);
    }
  }
  if (hours === 18 && minutes + seconds > 0) {
    throw failed('Zone offset not in valid range: -18:00 to +18:00');
  }
  const millis = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return zone[0] === '-' ? -millis : millis;
}
