import { DateTimeFormatter, LocalDateTime, ZonedDateTime, ZoneId } from '@js-joda/core';
import '@js-joda/timezone';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastParser } from './fast.js';
import { formatterOf } from './formatter.js';
import { parsePattern } from './pattern.js';
import { instantOf, UTC, zoneOf } from './zone.js';

const ZONES = ['UTC', 'Asia/Jakarta', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', '+05:30'];

/** From 1972, when zones with offsets in seconds had disappeared, to 2037. */
const instants = fc.integer({ min: 63_072_000, max: 2_145_916_800 }).map((seconds) => seconds * 1000);
const fields = {
  year: fc.integer({ min: 1, max: 9999 }),
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 31 }),
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
  second: fc.integer({ min: 0, max: 59 }),
  milli: fc.integer({ min: 0, max: 999 }),
};
const pad = (value: number, width: number) => String(value).padStart(width, '0');

describe('patterns of java.time', () => {
  it('agree with js-joda about local dates and times of zones', () => {
    fc.assert(
      fc.property(instants, fc.constantFrom(...ZONES), (millis, id) => {
        const zoned = ZonedDateTime.ofInstant(
          LocalDateTime.ofEpochSecond(
            millis / 1000,
            0,
            ZoneId.of('UTC').rules().offset(LocalDateTime.MIN) as never,
          )
            .atZone(ZoneId.of('UTC'))
            .toInstant(),
          ZoneId.of(id),
        );
        const expected = zoned.toLocalDateTime().format(DateTimeFormatter.ofPattern('yyyy-MM-dd HH:mm:ss'));
        expect(formatterOf('yyyy-MM-dd HH:mm:ss', 'en').formatTimestamp(millis, zoneOf(id))).toBe(expected);
      }),
    );
  });

  it('agree with js-joda about the instants of local times, including gaps and overlaps', () => {
    const local = fc.tuple(instants, fc.constantFrom(...ZONES));
    fc.assert(
      fc.property(local, ([wall, id]) => {
        const text = new Date(wall).toISOString().slice(0, 19);
        const expected = LocalDateTime.parse(text).atZone(ZoneId.of(id)).toInstant().toEpochMilli();
        expect(instantOf(zoneOf(id), wall)).toBe(expected);
      }),
      {
        examples: [
          [[Date.UTC(2021, 2, 14, 2, 30), 'America/New_York']],
          [[Date.UTC(2021, 10, 7, 1, 30), 'America/New_York']],
          [[Date.UTC(2021, 9, 3, 2, 15), 'Australia/Lord_Howe']],
          [[Date.UTC(2021, 3, 4, 1, 45), 'Australia/Lord_Howe']],
        ],
      },
    );
  });

  it('parse the same on the fast path and the slow one', () => {
    const pattern = "yyyy-MM-dd'T'HH:mm:ss[.SSS]";
    const fast = fastParser(parsePattern(pattern))!;
    // The same pattern, with something that the fast path does not support.
    const slow = formatterOf(`${pattern}['Z'X]`, 'root');
    const texts = fc.record(fields).chain(({ year, month, day, hour, minute, second, milli }) => {
      const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
      const time = `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}`;
      return fc.constantFrom(`${date}T${time}`, `${date}T${time}.${pad(milli, 3)}`);
    });
    fc.assert(
      fc.property(texts, (text) => {
        expect(fast(text, UTC)).toBe(slow.parseTimestamp(text, UTC));
      }),
    );
  });

  it.each(['X', 'XX', 'XXX', 'XXXX', 'XXXXX', 'x', 'xx', 'xxx', 'Z', 'ZZZZZ'])(
    'parse offsets by %s on both paths',
    (letters) => {
      const pattern = `yyyy-MM-dd HH:mm${letters}`;
      const fast = fastParser(parsePattern(pattern))!;
      const slow = formatterOf(`${pattern}['slow'a]`, 'root');
      fc.assert(
        fc.property(instants, fc.integer({ min: -17 * 60, max: 17 * 60 }), (millis, minutes) => {
          const whole = letters === 'X' || letters === 'x' ? Math.round(minutes / 60) * 60 : minutes;
          const zone = zoneOf(
            `${whole < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(whole) / 60), 2)}${pad(Math.abs(whole) % 60, 2)}`,
          );
          const text = formatterOf(pattern, 'en').formatTimestamp(millis, zone);
          expect(fast(text, UTC)).toBe(slow.parseTimestamp(text, UTC));
        }),
      );
    },
  );

  it('leave everything else to the slow path', () => {
    const fast = fastParser(parsePattern("yyyy-MM-dd'T'HH:mm:ss[.SSS]"))!;
    for (const text of [
      '2021-12-01t10:11:12',
      '2021-12-01T10:11:12.1234',
      '2021-13-01T10:11:12',
      '2021-12-01T24:00:00',
      '+12021-12-01T10:11:12',
      '2021-12-01T10:11:12.',
      '2021-12-01T10:11',
      '',
    ]) {
      expect(fast(text, UTC)).toBeNaN();
    }
    for (const pattern of ['yy-MM-dd', 'yyyy-MM', 'MMM d yyyy', 'yyyy[-MM-dd]', 'yyyy-MM-dd[ HH]:mm']) {
      expect(fastParser(parsePattern(pattern))).toBeUndefined();
    }
  });

  it('format and parse the same instant', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }),
        fc.constantFrom(
          "yyyy-MM-dd'T'HH:mm:ss.SSS",
          'yyyyMMddHHmmssSSS',
          'dd/MM/yyyy hh:mm:ss a SSS',
          'yyyy-DDD A',
          'EEE, d MMM uuuu HH:mm:ss.SSSSSS',
        ),
        (millis, pattern) => {
          const text = formatterOf(pattern, 'en').formatTimestamp(millis, UTC);
          expect(formatterOf(pattern, 'root').parseTimestamp(text, UTC)).toBe(millis);
        },
      ),
    );
  });

  it.each([
    ['2024-02-30 24:00', 'yyyy-MM-dd HH:mm', Date.UTC(2024, 2, 1)],
    ['12:00 AM', 'hh:mm a', 0],
    ['2024 pm', 'yyyy a', Date.UTC(2024, 0, 1, 18)],
    ['366', 'DDD', 'Leap day cannot be parsed without supplying the year field'],
    ['2024-366', 'yyyy-DDD', Date.UTC(2024, 11, 31)],
    ['Fri 2024-02-29', 'EEE yyyy-MM-dd', 'Conflict found: Field DayOfWeek 4 differs from DayOfWeek 5'],
    ['20240229101112345', 'yyyyMMddHHmmssSSS', Date.UTC(2024, 1, 29, 10, 11, 12, 345)],
    ['+12024', 'yyyy', Date.UTC(12024, 0, 1)],
    ['12024', 'yyyy', "Text '12024' could not be parsed at index 0"],
    ['68', 'yy', Date.UTC(2068, 0, 1)],
    ['2024-01-01 europe/paris', 'yyyy-MM-dd VV', Date.UTC(2023, 11, 31, 23)],
    ['2024-01-01 GMT+7', 'yyyy-MM-dd O', Date.UTC(2023, 11, 31, 17)],
    ['2024-01-01 +0730', 'yyyy-MM-dd XX', Date.UTC(2023, 11, 31, 16, 30)],
    ["it's 2024", "'it''s' yyyy", Date.UTC(2024, 0, 1)],
    ['2024-01-01x', 'yyyy-MM-dd', 'could not be parsed, unparsed text found at index 10'],
    ['2024', 'yyyy-', 'could not be parsed at index 4'],
    ['  7', 'pppH', Date.UTC(1970, 0, 1, 7)],
  ] as const)('reads %s by %s', (text, pattern, expected) => {
    const read = () => formatterOf(pattern, 'root').parseTimestamp(text, UTC);
    if (typeof expected === 'number') expect(read()).toBe(expected);
    else expect(read).toThrow(expected);
  });

  it.each([
    ['Europe/London', Date.UTC(2018, 4, 11), 'BST', 'British Summer Time'],
    ['Europe/London', Date.UTC(2018, 0, 11), 'GMT', 'Greenwich Mean Time'],
    ['Asia/Jakarta', 0, 'WIB', 'Western Indonesia Time'],
    ['America/Los_Angeles', 0, 'PST', 'Pacific Standard Time'],
    ['UTC', 0, 'UTC', 'Coordinated Universal Time'],
    ['+07:00', 0, '+07:00', '+07:00'],
  ])('names the zone %s at %d', (id, millis, short, long) => {
    expect(formatterOf('z|zzzz|VV', 'en').formatTimestamp(millis, zoneOf(id))).toBe(`${short}|${long}|${id}`);
  });

  it.each([
    ['ddd', 'Too many pattern letters: d'],
    ['yyyy]', 'Pattern invalid as it contains ] without previous ['],
    ["yyyy'", "Pattern ends with an incomplete string literal: yyyy'"],
    ['{', "Pattern includes reserved character: '{'"],
    ['b', 'Unknown pattern letter: b'],
    ['p', "Pad letter 'p' must be followed by valid pad pattern: p"],
  ])('refuses the pattern %s', (pattern, message) => {
    expect(() => formatterOf(pattern, 'en')).toThrow(message);
  });
});
