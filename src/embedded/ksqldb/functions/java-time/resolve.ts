/**
 * Resolves parsed fields by the rules of java.time's SMART resolver: 30 February is the last day of February, 24:00 is
 * the next midnight, and contradictions are errors.
 */
import { civilFromDays, daysFromCivil, daysInMonth, isLeapYear } from '../../types/civil.js';
import { checkRange, DateTimeError, type Field } from './fields.js';
import { type ParsedFields, shownText } from './parse.js';
import { dayOfWeek, dayOfYear, instantOf, offsetId, type Zone, zoneOf } from './zone.js';

const MONTH_NAMES =
  'JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER'.split(' ');
const DAY_NANOS = 86_400_000_000_000;

export interface Resolved {
  /** Days since 1970-01-01, if the fields determine a date. */
  readonly epochDay: number | null;
  /** Present if the fields determine a time. */
  readonly nanoOfDay: number | null;
  /** The fields that are part of neither. */
  readonly rest: ReadonlyMap<Field, number>;
  /** The zone in the text. An offset is among the remaining fields. */
  readonly zone: Zone | null;
}

type Fields = Map<Field, number>;

function take(fields: Fields, field: Field): number | undefined {
  const value = fields.get(field);
  fields.delete(field);
  return value;
}

/** Derives a field from another one. Both may be present if they agree. */
function put(fields: Fields, field: Field, value: number): void {
  const before = fields.get(field);
  if (before !== undefined && before !== value) {
    throw new DateTimeError(`Conflict found: ${field} ${before} differs from ${field} ${value}`);
  }
  fields.set(field, value);
}

function resolveYear(fields: Fields): void {
  const ofEra = take(fields, 'YearOfEra');
  if (ofEra === undefined) {
    const era = fields.get('Era');
    if (era !== undefined) checkRange('Era', era);
    return;
  }
  checkRange('YearOfEra', ofEra);
  const era = take(fields, 'Era');
  if (era === undefined) {
    const year = fields.get('Year');
    put(fields, 'Year', year === undefined || year > 0 ? ofEra : 1 - ofEra);
  } else put(fields, 'Year', era === 1 ? ofEra : 1 - ofEra);
}

/** The week fields of the pattern letters Y, w and e, with US weeks: they start on Sunday, and week 1 contains 1 January. */
function resolveWeeks(fields: Fields): number | null {
  const localized = take(fields, 'LocalizedDayOfWeek');
  if (localized !== undefined) {
    checkRange('LocalizedDayOfWeek', localized);
    put(fields, 'DayOfWeek', ((localized + 5) % 7) + 1);
  }
  const day = fields.get('DayOfWeek');
  const year = fields.get('WeekBasedYear');
  const week = fields.get('WeekOfWeekBasedYear');
  if (day === undefined || year === undefined || week === undefined) return null;
  for (const field of ['DayOfWeek', 'WeekBasedYear', 'WeekOfWeekBasedYear'] as const) fields.delete(field);
  const first = daysFromCivil(year, 1, 1);
  const sunday = first - (dayOfWeek(first) % 7);
  return sunday + (week - 1) * 7 + (day % 7);
}

function resolveDate(fields: Fields): number | null {
  const modified = take(fields, 'ModifiedJulianDay');
  if (modified !== undefined) return modified - 40_587;
  resolveYear(fields);
  const byWeek = resolveWeeks(fields);
  if (byWeek !== null) return byWeek;
  const year = fields.get('Year');
  if (year === undefined) return null;
  const month = fields.get('MonthOfYear');
  const day = fields.get('DayOfMonth');
  if (month !== undefined && day !== undefined) {
    for (const field of ['Year', 'MonthOfYear', 'DayOfMonth'] as const) fields.delete(field);
    checkRange('Year', year);
    checkRange('MonthOfYear', month);
    checkRange('DayOfMonth', day);
    return daysFromCivil(year, month, Math.min(day, daysInMonth(year, month)));
  }
  const ofYear = fields.get('DayOfYear');
  if (ofYear !== undefined) {
    fields.delete('Year');
    fields.delete('DayOfYear');
    checkRange('Year', year);
    checkRange('DayOfYear', ofYear);
    if (ofYear === 366 && !isLeapYear(year)) {
      throw new DateTimeError(`Invalid date 'DayOfYear 366' as '${year}' is not a leap year`);
    }
    return daysFromCivil(year, 1, 1) + ofYear - 1;
  }
  return null;
}

function resolveHour(fields: Fields): void {
  const clock = take(fields, 'ClockHourOfDay');
  if (clock !== undefined) {
    // SMART allows 0 for 24.
    if (clock !== 0) checkRange('ClockHourOfDay', clock);
    put(fields, 'HourOfDay', clock === 24 ? 0 : clock);
  }
  const clockHalf = take(fields, 'ClockHourOfAmPm');
  if (clockHalf !== undefined) {
    if (clockHalf !== 0) checkRange('ClockHourOfAmPm', clockHalf);
    put(fields, 'HourOfAmPm', clockHalf === 12 ? 0 : clockHalf);
  }
  const half = fields.get('AmPmOfDay');
  const hour = fields.get('HourOfAmPm');
  if (half !== undefined && hour !== undefined) {
    fields.delete('AmPmOfDay');
    fields.delete('HourOfAmPm');
    checkRange('HourOfAmPm', hour);
    put(fields, 'HourOfDay', half * 12 + hour);
  }
}

function resolveTime(fields: Fields): { nanoOfDay: number | null; extraDay: number } {
  resolveHour(fields);
  const nanoOfDay = take(fields, 'NanoOfDay');
  const milliOfDay = take(fields, 'MilliOfDay');
  if (nanoOfDay !== undefined) checkRange('NanoOfDay', nanoOfDay);
  if (milliOfDay !== undefined) checkRange('MilliOfDay', milliOfDay);
  if (nanoOfDay !== undefined) return { nanoOfDay, extraDay: 0 };
  if (milliOfDay !== undefined) return { nanoOfDay: milliOfDay * 1_000_000, extraDay: 0 };
  const hour = fields.get('HourOfDay');
  const minute = fields.get('MinuteOfHour');
  const second = fields.get('SecondOfMinute');
  const nano = fields.get('NanoOfSecond');
  const gap =
    (minute === undefined && (second !== undefined || nano !== undefined)) ||
    (minute !== undefined && second === undefined && nano !== undefined);
  const nextMidnight = hour === 24 && !minute && !second && !nano;
  if (hour !== undefined && !nextMidnight) checkRange('HourOfDay', hour);
  for (const [field, value] of fields) checkTime(field, value);
  const half = fields.get('AmPmOfDay');
  if (half !== undefined && [hour, minute, second, nano].every((part) => part === undefined)) {
    // AM or PM alone means the middle of that half of the day.
    fields.delete('AmPmOfDay');
    return { nanoOfDay: (half * 12 + 6) * 3600 * 1_000_000_000, extraDay: 0 };
  }
  if (hour === undefined || gap) return { nanoOfDay: null, extraDay: 0 };
  for (const field of ['HourOfDay', 'MinuteOfHour', 'SecondOfMinute', 'NanoOfSecond'] as const) {
    fields.delete(field);
  }
  if (nextMidnight) return { nanoOfDay: 0, extraDay: 1 };
  const seconds = (hour * 60 + (minute ?? 0)) * 60 + (second ?? 0);
  return { nanoOfDay: seconds * 1_000_000_000 + (nano ?? 0), extraDay: 0 };
}

function checkTime(field: Field, value: number): void {
  switch (field) {
    case 'MinuteOfHour':
    case 'SecondOfMinute':
    case 'NanoOfSecond':
    case 'HourOfAmPm':
    case 'AmPmOfDay':
      checkRange(field, value);
  }
}

/** Returns a field of a date; undefined for fields that a date does not have. */
export function dateField(epochDay: number, field: Field): number | undefined {
  const { year, month, day } = civilFromDays(epochDay);
  switch (field) {
    case 'Era':
      return year > 0 ? 1 : 0;
    case 'YearOfEra':
      return year > 0 ? year : 1 - year;
    case 'Year':
      return year;
    case 'QuarterOfYear':
      return Math.floor((month - 1) / 3) + 1;
    case 'MonthOfYear':
      return month;
    case 'DayOfMonth':
      return day;
    case 'AlignedDayOfWeekInMonth':
      return ((day - 1) % 7) + 1;
    case 'AlignedWeekOfMonth':
      return Math.floor((day - 1) / 7) + 1;
    case 'DayOfWeek':
      return dayOfWeek(epochDay);
    case 'LocalizedDayOfWeek':
      return (dayOfWeek(epochDay) % 7) + 1;
    case 'DayOfYear':
      return dayOfYear(epochDay);
    case 'EpochDay':
      return epochDay;
    case 'ModifiedJulianDay':
      return epochDay + 40_587;
    case 'WeekOfMonth': {
      const first = dayOfWeek(epochDay - day + 1) % 7;
      return Math.floor((day - 1 + first) / 7) + 1;
    }
    case 'WeekBasedYear':
      return weekBased(epochDay).year;
    case 'WeekOfWeekBasedYear':
      return weekBased(epochDay).week;
    default:
      return undefined;
  }
}

function weekBased(epochDay: number): { year: number; week: number } {
  const { year } = civilFromDays(epochDay);
  const next = daysFromCivil(year + 1, 1, 1);
  if (epochDay >= next - (dayOfWeek(next) % 7)) return { year: year + 1, week: 1 };
  const first = daysFromCivil(year, 1, 1);
  return { year, week: Math.floor((epochDay - first + (dayOfWeek(first) % 7)) / 7) + 1 };
}

/** Returns a field of a time; undefined for fields that a time does not have. */
export function timeField(nanoOfDay: number, field: Field): number | undefined {
  const second = Math.floor(nanoOfDay / 1_000_000_000);
  const hour = Math.floor(second / 3600);
  switch (field) {
    case 'AmPmOfDay':
      return hour < 12 ? 0 : 1;
    case 'HourOfAmPm':
      return hour % 12;
    case 'ClockHourOfAmPm':
      return hour % 12 === 0 ? 12 : hour % 12;
    case 'HourOfDay':
      return hour;
    case 'ClockHourOfDay':
      return hour === 0 ? 24 : hour;
    case 'MinuteOfHour':
      return Math.floor(second / 60) % 60;
    case 'SecondOfMinute':
      return second % 60;
    case 'MilliOfDay':
      return Math.floor(nanoOfDay / 1_000_000);
    case 'NanoOfSecond':
      return nanoOfDay % 1_000_000_000;
    case 'NanoOfDay':
      return nanoOfDay;
    default:
      return undefined;
  }
}

/** Checks that redundant fields agree with the date or time. */
function crossCheck(fields: Fields, actualOf: (field: Field) => number | undefined, what: string): void {
  for (const [field, value] of fields) {
    const actual = actualOf(field);
    if (actual === undefined) continue;
    if (actual !== value) {
      throw new DateTimeError(
        `Conflict found: Field ${field} ${actual} differs from ${field} ${value} derived from ${what}`,
      );
    }
    fields.delete(field);
  }
}

/** @throws DateTimeError with Java's message for contradictory fields */
export function resolve(parsed: ParsedFields, text: string): Resolved {
  try {
    const fields = parsed.fields;
    const date = resolveDate(fields);
    const { nanoOfDay, extraDay } = resolveTime(fields);
    const epochDay = date === null ? null : nanoOfDay === null ? date : date + extraDay;
    if (date !== null) crossCheck(fields, (field) => dateField(date, field), String(date));
    if (nanoOfDay !== null) crossCheck(fields, (field) => timeField(nanoOfDay, field), String(nanoOfDay));
    return { epochDay, nanoOfDay, rest: fields, zone: parsed.zone };
  } catch (error) {
    if (!(error instanceof DateTimeError)) throw error;
    throw new DateTimeError(`Text '${shownText(text)}' could not be parsed: ${error.message}`);
  }
}

/** Returns 1970-01-01 with the given fields replaced, in java.time's order. */
function datePart(rest: ReadonlyMap<Field, number>): number {
  let year = rest.get('Year') ?? 1970;
  if (rest.get('Era') === 0 && year > 0) year = 1 - year;
  const month = rest.get('MonthOfYear') ?? 1;
  checkRange('MonthOfYear', month);
  let date = daysFromCivil(year, month, 1);
  const ofWeek = rest.get('DayOfWeek');
  if (ofWeek !== undefined) {
    checkRange('DayOfWeek', ofWeek);
    date += ofWeek - dayOfWeek(date);
  }
  const aligned = rest.get('AlignedDayOfWeekInMonth');
  if (aligned !== undefined) {
    checkRange('AlignedDayOfWeekInMonth', aligned);
    date += aligned - dateField(date, 'AlignedDayOfWeekInMonth')!;
  }
  const ofMonth = rest.get('DayOfMonth');
  if (ofMonth !== undefined) {
    checkRange('DayOfMonth', ofMonth);
    const reached = civilFromDays(date);
    if (ofMonth > daysInMonth(reached.year, reached.month)) {
      throw new DateTimeError(`Invalid date '${MONTH_NAMES[reached.month - 1]} ${ofMonth}'`);
    }
    date = daysFromCivil(reached.year, reached.month, ofMonth);
  }
  const ofYear = rest.get('DayOfYear');
  if (ofYear !== undefined) {
    checkRange('DayOfYear', ofYear);
    if (ofYear === 366) throw new DateTimeError('Leap day cannot be parsed without supplying the year field');
    date = daysFromCivil(civilFromDays(date).year, 1, 1) + ofYear - 1;
  }
  return date;
}

function timePart(rest: ReadonlyMap<Field, number>): number {
  const half = rest.get('AmPmOfDay') ?? 0;
  const hour = rest.get('HourOfDay') ?? half * 12 + (rest.get('HourOfAmPm') ?? 0);
  const seconds = (hour * 60 + (rest.get('MinuteOfHour') ?? 0)) * 60 + (rest.get('SecondOfMinute') ?? 0);
  return seconds * 1_000_000_000 + (rest.get('NanoOfSecond') ?? 0);
}

/**
 * Returns milliseconds since the epoch. Missing fields default to those of 1970-01-01T00:00. The zone of the text takes
 * precedence over `zone`, as in ksqlDB.
 */
export function toInstant(resolved: Resolved, zone: Zone): number {
  const { rest } = resolved;
  const day = resolved.epochDay ?? datePart(rest);
  const nanos = resolved.nanoOfDay ?? timePart(rest);
  const extra = Math.floor(nanos / DAY_NANOS);
  const local = (day + extra) * 86_400_000 + Math.floor((nanos - extra * DAY_NANOS) / 1_000_000);
  const offset = rest.get('OffsetSeconds');
  const own = resolved.zone ?? (offset === undefined ? zone : zoneOf(offsetId(offset)));
  return instantOf(own, local);
}
