/** The fields of java.time that patterns can refer to, by their Java names. */
export type Field =
  | 'Era'
  | 'YearOfEra'
  | 'Year'
  | 'QuarterOfYear'
  | 'MonthOfYear'
  | 'AlignedWeekOfMonth'
  | 'DayOfWeek'
  | 'AlignedDayOfWeekInMonth'
  | 'DayOfMonth'
  | 'DayOfYear'
  | 'EpochDay'
  | 'ModifiedJulianDay'
  | 'WeekBasedYear'
  | 'WeekOfWeekBasedYear'
  | 'WeekOfMonth'
  | 'LocalizedDayOfWeek'
  | 'AmPmOfDay'
  | 'HourOfAmPm'
  | 'ClockHourOfAmPm'
  | 'HourOfDay'
  | 'ClockHourOfDay'
  | 'MinuteOfHour'
  | 'SecondOfMinute'
  | 'MilliOfDay'
  | 'NanoOfSecond'
  | 'NanoOfDay'
  | 'OffsetSeconds';

interface Range {
  readonly min: number;
  readonly max: number;
  /** The range, as in error messages. */
  readonly shown: string;
}

const range = (min: number, max: number, shown = `${min} - ${max}`): Range => ({ min, max, shown });

/** The valid ranges of parsed values. */
export const RANGES: Readonly<Partial<Record<Field, Range>>> = {
  Era: range(0, 1),
  YearOfEra: range(1, 1_000_000_000, '1 - 999999999/1000000000'),
  Year: range(-999_999_999, 999_999_999),
  QuarterOfYear: range(1, 4),
  MonthOfYear: range(1, 12),
  AlignedWeekOfMonth: range(1, 5, '1 - 4/5'),
  DayOfWeek: range(1, 7),
  AlignedDayOfWeekInMonth: range(1, 7),
  DayOfMonth: range(1, 31, '1 - 28/31'),
  DayOfYear: range(1, 366, '1 - 365/366'),
  LocalizedDayOfWeek: range(1, 7),
  AmPmOfDay: range(0, 1),
  HourOfAmPm: range(0, 11),
  ClockHourOfAmPm: range(1, 12),
  HourOfDay: range(0, 23),
  ClockHourOfDay: range(1, 24),
  MinuteOfHour: range(0, 59),
  SecondOfMinute: range(0, 59),
  MilliOfDay: range(0, 86_399_999),
  NanoOfSecond: range(0, 999_999_999),
  NanoOfDay: range(0, 86_399_999_999_999),
};

const DATE_FIELDS: ReadonlySet<Field> = new Set<Field>([
  'Era',
  'YearOfEra',
  'Year',
  'MonthOfYear',
  'AlignedWeekOfMonth',
  'DayOfWeek',
  'AlignedDayOfWeekInMonth',
  'DayOfMonth',
  'DayOfYear',
  'EpochDay',
]);

/** Tests for the date fields of Java's ChronoField, which do not include quarters and weeks. */
export function isDateField(field: Field): boolean {
  return DATE_FIELDS.has(field);
}

/** Corresponds to java.time's DateTimeException: an invalid pattern, zone, text or value. */
export class DateTimeError extends Error {}

/** @throws DateTimeError if the value is out of the field's range */
export function checkRange(field: Field, value: number): void {
  const valid = RANGES[field];
  if (valid !== undefined && (value < valid.min || value > valid.max)) {
    throw new DateTimeError(`Invalid value for ${field} (valid values ${valid.shown}): ${value}`);
  }
}
