/**
 * Time zones by java.time.ZoneId: regions of the tz database, offsets (`+07:00`), and UTC, GMT or UT with an offset. The
 * rules of regions come from the runtime's tz data (Intl), and are cached by day.
 */
import { civilFromDays, DAY_MS, daysFromCivil } from '../../types/civil.js';
import { DateTimeError } from './fields.js';

export interface Zone {
  readonly id: string;
  /** The offset in seconds, if it never changes. */
  readonly fixed: number | null;
  /** Returns the seconds east of UTC at an instant (milliseconds since the epoch). */
  readonly offsetAt: (millis: number) => number;
}

/**
 * Returns the instant of a local time (in milliseconds, as if it were UTC). A time in a gap of a clock change is moved
 * forward by the gap. For a time that occurs twice, the first one is used.
 */
export function instantOf(zone: Zone, local: number): number {
  if (zone.fixed !== null) return local - zone.fixed * 1000;
  const before = zone.offsetAt(local - DAY_MS);
  const first = local - before * 1000;
  if (zone.offsetAt(first) === before) return first;
  const after = zone.offsetAt(local + DAY_MS);
  const second = local - after * 1000;
  return zone.offsetAt(second) === after ? second : first;
}

function fixedZone(id: string, seconds: number): Zone {
  return { id, fixed: seconds, offsetAt: () => seconds };
}

/** Reads two digits at `at`; returns -1 if there are none. */
function twoDigits(text: string, at: number): number {
  return /^[0-9]{2}$/.test(text.slice(at, at + 2)) ? Number(text.slice(at, at + 2)) : -1;
}

/** Parses `+h`, `+hh`, `+hhmm`, `+hh:mm`, `+hhmmss` or `+hh:mm:ss` to seconds. */
function parseOffset(id: string): number {
  const invalid = () => new DateTimeError(`Invalid ID for ZoneOffset, invalid format: ${id}`);
  const shape = /^[+-](?:[0-9]{1,2}|[0-9]{4}|[0-9]{6}|[0-9]{2}:[0-9]{2}(?::[0-9]{2})?)$/;
  if (!shape.test(id)) throw invalid();
  const digits = id.slice(1).replaceAll(':', '').padStart(2, '0');
  const hours = twoDigits(digits, 0);
  const minutes = digits.length > 2 ? twoDigits(digits, 2) : 0;
  const seconds = digits.length > 4 ? twoDigits(digits, 4) : 0;
  if (minutes > 59 || seconds > 59 || hours > 18 || (hours === 18 && minutes + seconds > 0)) {
    throw new DateTimeError(`Zone offset not in valid range: -18:00 to +18:00`);
  }
  const total = (hours * 60 + minutes) * 60 + seconds;
  return id[0] === '-' ? 0 - total : total;
}

/** Formats an offset as `+07:00`, or `Z` for 0. */
export function offsetId(seconds: number): string {
  if (seconds === 0) return 'Z';
  const size = Math.abs(seconds);
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0');
  const text = `${seconds < 0 ? '-' : '+'}${two(size / 3600)}:${two((size / 60) % 60)}`;
  return size % 60 === 0 ? text : `${text}:${two(size % 60)}`;
}

const SINGLE_NAMES = new Set(
  (
    'CET CST6CDT Cuba EET EST5EDT Egypt Eire GB GB-Eire GMT GMT0 Greenwich Hongkong Iceland Iran Israel Jamaica ' +
    'Japan Kwajalein Libya MET MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROK Singapore Turkey UCT UTC ' +
    'Universal W-SU WET Zulu'
  ).split(' '),
);

/** Java's ids are case-sensitive and exclude three-letter names, unlike Intl's. */
function looksLikeRegion(id: string): boolean {
  if (!id.includes('/')) return SINGLE_NAMES.has(id);
  return id
    .split(/[/_-]/)
    .every((part) => /^(?:[A-Z0-9+]|of$|es$|au$|in$|la$|d'|m$)/.test(part) || part === '');
}

function regionFormat(id: string): Intl.DateTimeFormat {
  if (!/^[A-Za-z][A-Za-z0-9~/._+-]+$/.test(id)) {
    throw new DateTimeError(`Invalid ID for region-based ZoneId, invalid format: ${id}`);
  }
  const unknown = () => new DateTimeError(`Unknown time-zone ID: ${id}`);
  if (!looksLikeRegion(id)) throw unknown();
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone: id,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw unknown();
  }
}

/** Intl formats years before 1 only with an era, and fails beyond these instants. Offsets do not change there. */
const FIRST_INSTANT = daysFromCivil(2, 1, 1) * DAY_MS;
const LAST_INSTANT = 8_640_000_000_000_000 - DAY_MS;
const DAYS_KEPT = 4096;

/** The offsets of a day. `after` applies from `change` (milliseconds since the epoch) on. */
interface DayRule {
  readonly before: number;
  readonly change: number;
  readonly after: number;
}

function regionZone(id: string): Zone {
  const format = regionFormat(id);
  const ask = (millis: number): number => {
    const instant = Math.floor(Math.min(Math.max(millis, FIRST_INSTANT), LAST_INSTANT) / 1000) * 1000;
    const parts = new Map<string, number>();
    for (const { type, value } of format.formatToParts(instant)) parts.set(type, Number(value));
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name)!;
    const local =
      daysFromCivil(part('year'), part('month'), part('day')) * DAY_MS +
      ((part('hour') * 60 + part('minute')) * 60 + part('second')) * 1000;
    return (local - instant) / 1000;
  };
  const ruleOf = (day: number): DayRule => {
    const start = day * DAY_MS;
    const before = ask(start);
    const after = ask(start + DAY_MS - 1000);
    if (before === after) return { before, change: start, after };
    let low = start;
    let high = start + DAY_MS - 1000;
    while (high - low > 1000) {
      const middle = low + Math.floor((high - low) / 2000) * 1000;
      if (ask(middle) === before) low = middle;
      else high = middle;
    }
    return { before, change: high, after };
  };
  const rules = new Map<number, DayRule>();
  let lastDay = Number.NaN;
  let lastRule: DayRule | null = null;
  const offsetAt = (millis: number): number => {
    const day = Math.floor(millis / DAY_MS);
    let rule = lastRule;
    if (day !== lastDay || rule === null) {
      rule = rules.get(day) ?? null;
      if (rule === null) {
        rule = ruleOf(day);
        if (rules.size >= DAYS_KEPT) rules.clear();
        rules.set(day, rule);
      }
      lastDay = day;
      lastRule = rule;
    }
    return millis < rule.change ? rule.before : rule.after;
  };
  return { id, fixed: null, offsetAt };
}

function makeZone(id: string): Zone {
  if (id === 'Z') return fixedZone('Z', 0);
  if (id.length === 1) throw new DateTimeError(`Invalid zone: ${id}`);
  if (id.startsWith('+') || id.startsWith('-')) {
    const seconds = parseOffset(id);
    return fixedZone(offsetId(seconds), seconds);
  }
  const prefix = /^(UTC|GMT|UT)(?:([+-].*))?$/.exec(id);
  if (prefix !== null) {
    const name = prefix[1]!;
    if (prefix[2] === undefined) return fixedZone(id, 0);
    const seconds = parseOffset(prefix[2]);
    return fixedZone(seconds === 0 ? name : name + offsetId(seconds), seconds);
  }
  return regionZone(id);
}

const zones = new Map<string, Zone>();

/** @throws DateTimeError with Java's message for an unknown id */
export function zoneOf(id: string): Zone {
  let zone = zones.get(id);
  if (zone === undefined) {
    zone = makeZone(id);
    if (zones.size >= 1000) zones.clear();
    zones.set(id, zone);
  }
  return zone;
}

export const UTC: Zone = fixedZone('UTC', 0);

/** The local date and time of an instant, with the fields that patterns use. */
export interface LocalTime {
  readonly epochDay: number;
  readonly milliOfDay: number;
}

export function localTime(millis: number): LocalTime {
  const epochDay = Math.floor(millis / DAY_MS);
  return { epochDay, milliOfDay: millis - epochDay * DAY_MS };
}

/** From 1 (Monday) to 7. */
export function dayOfWeek(epochDay: number): number {
  return ((((epochDay + 3) % 7) + 7) % 7) + 1;
}

export function dayOfYear(epochDay: number): number {
  return epochDay - daysFromCivil(civilFromDays(epochDay).year, 1, 1) + 1;
}
