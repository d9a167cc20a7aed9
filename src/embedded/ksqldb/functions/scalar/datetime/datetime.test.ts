import { describe, expect, it } from 'vitest';
import { DATE, type SqlType, TIME, TIMESTAMP } from '../../../../../sql/sql-type.js';
import type { Value } from '../../../types/value.js';
import { type Argument, call, typed } from '../../call.test-util.js';

const timestamp = (value: number) => typed(TIMESTAMP, value);
const date = (value: number) => typed(DATE, value);
const time = (value: number) => typed(TIME, value);
const unit = (name: string) => typed({ base: 'INTERVALUNIT' }, name);
const none = (type: SqlType) => typed(type, null);
const HOUR = 3_600_000;

const CASES: readonly (readonly [string, readonly Argument[], Value])[] = [
  ['PARSE_TIMESTAMP', ['2021-12-01T12:10:11.123', "yyyy-MM-dd'T'HH:mm:ss[.SSS]"], 1638360611123],
  ['PARSE_TIMESTAMP', ['2021-12-01T12:10:11', "yyyy-MM-dd'T'HH:mm:ss[.SSS]"], 1638360611000],
  ['PARSE_TIMESTAMP', ['2021-02-30', 'yyyy-MM-dd'], Date.UTC(2021, 1, 28)],
  ['PARSE_TIMESTAMP', ['2021-12-01 07', 'yyyy-MM-dd HH', 'Asia/Jakarta'], Date.UTC(2021, 11, 1)],
  ['PARSE_TIMESTAMP', ['2021-12-01T07Z', "yyyy-MM-dd'T'HHX", 'Asia/Jakarta'], Date.UTC(2021, 11, 1, 7)],
  [
    'PARSE_TIMESTAMP',
    ['2021-03-14 02:30', 'yyyy-MM-dd HH:mm', 'America/New_York'],
    Date.UTC(2021, 2, 14, 7, 30),
  ],
  [
    'PARSE_TIMESTAMP',
    ['2021-11-07 01:30', 'yyyy-MM-dd HH:mm', 'America/New_York'],
    Date.UTC(2021, 10, 7, 5, 30),
  ],
  ['PARSE_TIMESTAMP', ['10:20', 'HH:mm'], 10 * HOUR + 20 * 60_000],
  ['PARSE_TIMESTAMP', ['1-dec-2021', 'd-MMM-yyyy'], Date.UTC(2021, 11, 1)],
  ['FORMAT_TIMESTAMP', [timestamp(1638360611123), "yyyy-MM-dd'T'HH:mm:ss.SSS"], '2021-12-01T12:10:11.123'],
  [
    'FORMAT_TIMESTAMP',
    [timestamp(1638360611123), "dd MMM yy 'at' h a XXX", 'Asia/Tokyo'],
    '01 Dec 21 at 9 PM +09:00',
  ],
  ['FORMAT_TIMESTAMP', [timestamp(-1), 'yyyy-MM-dd HH:mm:ss.SSSSSS'], '1969-12-31 23:59:59.999000'],
  ['STRINGTOTIMESTAMP', ['2021-12-01', 'yyyy-MM-dd'], BigInt(Date.UTC(2021, 11, 1))],
  ['STRINGTOTIMESTAMP', ['2021-12-01', 'yyyy-MM-dd', 'UTC+7'], BigInt(Date.UTC(2021, 10, 30, 17))],
  ['TIMESTAMPTOSTRING', [1638360611123n, 'yyyy-MM-dd HH:mm:ss.SSS'], '2021-12-01 12:10:11.123'],
  ['TIMESTAMPTOSTRING', [0n, 'yyyy-MM-dd HH:mm', 'America/Los_Angeles'], '1969-12-31 16:00'],
  ['PARSE_DATE', ['2021-12-01', 'yyyy-MM-dd'], 18962],
  ['PARSE_DATE', ['2021-02-30', 'yyyy-MM-dd'], 18688],
  ['PARSE_DATE', ['01 Dec 2021 and more', 'dd MMM yyyy'], 18962],
  ['FORMAT_DATE', [date(18962), 'EEEE, d MMMM yyyy'], 'Wednesday, 1 December 2021'],
  ['DATETOSTRING', [18962, 'yyyy-MM-dd'], '2021-12-01'],
  ['STRINGTODATE', ['2021-12-01', 'yyyy-MM-dd'], 18962],
  ['PARSE_TIME', ['12:10:11.5', 'HH:mm:ss.S'], 12 * HOUR + 611_500],
  ['FORMAT_TIME', [time(12 * HOUR + 611_500), 'HH:mm:ss.SSS'], '12:10:11.500'],
  ['CONVERT_TZ', [timestamp(0), 'UTC', 'Asia/Jakarta'], 7 * HOUR],
  ['CONVERT_TZ', [timestamp(Date.UTC(2021, 6, 1)), 'America/Los_Angeles', 'UTC'], Date.UTC(2021, 6, 1, 7)],
  ['DATEADD', [unit('DAYS'), 5, date(10)], 15],
  ['DATEADD', [unit('HOURS'), 47, date(10)], 11],
  ['DATESUB', [unit('DAYS'), 5, date(3)], -2],
  ['DATESUB', [unit('HOURS'), 1, date(0)], 0],
  ['TIMEADD', [unit('HOURS'), 25, time(HOUR)], 2 * HOUR],
  ['TIMESUB', [unit('MINUTES'), 61, time(HOUR)], 24 * HOUR - 60_000],
  // An interval of more than 292 years is capped.
  ['TIMESUB', [unit('DAYS'), 2147483647, time(HOUR)], 4_363_145],
  ['TIMESTAMPADD', [unit('MILLISECONDS'), -5, timestamp(0)], -5],
  ['TIMESTAMPSUB', [unit('SECOND'), 5, timestamp(0)], -5000],
  ['TIMESTAMPADD', [unit('DAY'), 1, none(TIMESTAMP)], null],
  ['FROM_UNIXTIME', [1638360611123n], 1638360611123],
  ['UNIX_TIMESTAMP', [timestamp(1638360611123)], 1638360611123n],
  ['UNIX_TIMESTAMP', [timestamp(2 ** 63)], 2n ** 63n - 1n],
  ['UNIX_DATE', [date(7)], 7],
  ['UNIX_DATE', [date(2 ** 31)], -(2 ** 31)],
  ['FROM_DAYS', [7], 7],
];

describe('date and time functions', () => {
  it.each(CASES)('%s %o is %o', (name, args, expected) => {
    expect(call(name, ...args)).toStrictEqual(expected);
  });

  it('reads the clock', () => {
    const before = BigInt(Date.now());
    const now = call('UNIX_TIMESTAMP') as bigint;
    expect(now >= before && now <= BigInt(Date.now())).toBe(true);
    expect(call('UNIX_DATE')).toBe(Math.floor(Date.now() / 86_400_000));
  });

  it.each([
    [
      'PARSE_TIMESTAMP',
      ['2021-13-01', 'yyyy-MM-dd'],
      "Failed to parse timestamp '2021-13-01' at timezone 'GMT' with formatter 'yyyy-MM-dd': Text '2021-13-01' could " +
        'not be parsed: Invalid value for MonthOfYear (valid values 1 - 12): 13',
    ],
    ['PARSE_TIMESTAMP', ['2021', 'yyyy', 'Mars/Base'], 'Unknown time-zone ID: Mars/Base'],
    ['PARSE_TIMESTAMP', ['2021', 'yyyy', 'PST'], 'Unknown time-zone ID: PST'],
    ['PARSE_TIMESTAMP', ['2021', 'jjjj'], 'Unknown pattern letter: j'],
    ['STRINGTOTIMESTAMP', ['x', 'yyyy'], "Failed to parse timestamp 'x' with formatter 'yyyy'"],
    ['PARSE_DATE', ['2021-12-01 10', 'yyyy-MM-dd HH'], 'Date format contains time field.'],
    ['PARSE_DATE', ['nonsense', 'yyyy-MM-dd'], 'Unparseable date: "nonsense"'],
    ['PARSE_TIME', ['2021 10', 'yyyy HH'], 'Time format contains date field.'],
    ['STRINGTODATE', ['2021', 'yyyy'], 'Unable to obtain LocalDate'],
    ['FORMAT_DATE', [date(0), 'HH'], 'Unsupported field: HourOfDay'],
    ['FORMAT_TIME', [time(0), 'yyyy'], 'Unsupported field: YearOfEra'],
    ['CONVERT_TZ', [timestamp(0), 'UTC', 'Nowhere'], 'Invalid time zone: Unknown time-zone ID: Nowhere'],
  ] satisfies readonly (readonly [string, readonly Argument[], string])[])(
    '%s %o refuses',
    (name, args, message) => {
      expect(() => call(name, ...args)).toThrow(message);
    },
  );
});
