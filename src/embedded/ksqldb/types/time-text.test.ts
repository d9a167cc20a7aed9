import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatDate,
  formatTime,
  formatTimestamp,
  parseDate,
  parseTime,
  parseTimestamp,
} from './time-text.js';

const instants = fc.integer({ min: Date.UTC(1, 0, 1) * 1, max: Date.UTC(9999, 11, 31) });

describe('timestamps', () => {
  test("are formatted like JavaScript's in UTC, and parsed back", () => {
    fc.assert(
      fc.property(instants, (millis) => {
        const date = new Date(millis);
        if (date.getUTCFullYear() < 1) return;
        const text = formatTimestamp(millis);
        expect(text).toBe(date.toISOString().slice(0, 23));
        expect(parseTimestamp(text)).toBe(millis);
      }),
    );
  });

  test.each([
    ['2020', '2020-01-01T00:00:00.000'],
    ['2020-05', '2020-05-01T00:00:00.000'],
    ['2020-05-26', '2020-05-26T00:00:00.000'],
    ['2020-05-26T', '2020-05-26T00:00:00.000'],
    ['2020-05-26T10', '2020-05-26T10:00:00.000'],
    ['2020-05-26T10:20:30', '2020-05-26T10:20:30.000'],
    ['2020-05-26T10:20:30.1', '2020-05-26T10:20:30.100'],
    ['2020-05-26T10:20:30Z', '2020-05-26T10:20:30.000'],
    ['2020-05-26T10:20+0200', '2020-05-26T08:20:00.000'],
    ['2020-05-26T10:20-05:30', '2020-05-26T15:50:00.000'],
    ['2020-02-30', '2020-02-29T00:00:00.000'],
    ['2020-12-31T24:00', '2021-01-01T00:00:00.000'],
  ])('%s means %s', (text, full) => {
    expect(formatTimestamp(parseTimestamp(text))).toBe(full);
  });

  test.each([
    ['2020-13-01', 'Invalid value for MonthOfYear (valid values 1 - 12): 13'],
    ['2020-01-01T25:00', 'Invalid value for HourOfDay (valid values 0 - 23): 25'],
    ['20-01-01', "Text '20-01-01T00:00:00.000' could not be parsed at index 0"],
    ['2020-01-01T00:00+9999', 'hours not in valid range'],
    ['2020-01-01T00:00:00.1234', 'unparsed text found at index 23'],
  ])('%s is refused', (text, why) => {
    expect(() => parseTimestamp(text)).toThrow(`Failed to parse timestamp '${text}'`);
    expect(() => parseTimestamp(text)).toThrow(why);
    expect(() => parseTimestamp(text)).toThrow('Partials are also supported, for example "2020-05-26"');
  });
});

describe('dates', () => {
  test('convert to texts and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (days) => {
        expect(parseDate(formatDate(days))).toBe(days);
        expect(formatDate(days)).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10));
      }),
    );
  });

  test('partial and impossible ones', () => {
    expect(formatDate(parseDate('2021-03'))).toBe('2021-03-01');
    expect(() => parseDate('2021-02-29')).toThrow(
      "Failed to parse date '2021-02-29': Text '2021-02-29' could not be parsed: " +
        "Invalid date 'February 29' as '2021' is not a leap year",
    );
    expect(() => parseDate('2021-04-31')).toThrow("Invalid date 'APRIL 31'");
    expect(() => parseDate('today')).toThrow("Text 'today-01-01' could not be parsed at index 0");
  });
});

describe('times', () => {
  test.each([
    ['10:20', 37_200_000, '10:20'],
    ['10:20:30', 37_230_000, '10:20:30'],
    ['10:20:30.987654321', 37_230_987, '10:20:30'],
    ['00:00', 0, '00:00'],
  ])('%s', (text, millis, written) => {
    expect(parseTime(text)).toBe(millis);
    expect(formatTime(millis)).toBe(written);
  });

  test.each(['24:00', '1:20', '10:60', '10-20', ''])('%s is refused', (text) => {
    expect(() => parseTime(text)).toThrow(`Failed to parse time '${text}'`);
  });
});
