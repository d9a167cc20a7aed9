import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  decimalType,
  INTEGER,
  mapType,
  type SqlType,
  STRING,
  structType,
  TIME,
  TIMESTAMP,
} from '../../../sql/sql-type.js';
import { castFunction } from './cast.js';
import { Decimal } from './decimal.js';
import type { Value } from './value.js';

const MONEY = decimalType(6, 2);
const dec = (text: string) => Decimal.parse(text);

const accepted: [SqlType, SqlType, Value, Value][] = [
  [INTEGER, BIGINT, -7, -7n],
  [INTEGER, DOUBLE, 7, 7],
  [INTEGER, MONEY, 7, dec('7.00')],
  [INTEGER, STRING, -7, '-7'],
  [BIGINT, INTEGER, 2147483648n, -2147483648],
  [BIGINT, DOUBLE, 9007199254740993n, 9007199254740992],
  [BIGINT, STRING, 9223372036854775807n, '9223372036854775807'],
  [BIGINT, MONEY, 1234n, dec('1234.00')],
  [MONEY, INTEGER, dec('-12.99'), -12],
  [decimalType(25, 0), BIGINT, dec('9223372036854775808'), -9223372036854775808n],
  [MONEY, DOUBLE, dec('12.30'), 12.3],
  [MONEY, STRING, dec('12.30'), '12.30'],
  [MONEY, decimalType(6, 1), dec('12.35'), dec('12.4')],
  [DOUBLE, INTEGER, 1e20, 2147483647],
  [DOUBLE, INTEGER, Number.NaN, 0],
  [DOUBLE, BIGINT, -1e30, -9223372036854775808n],
  [DOUBLE, BIGINT, 1.9, 1n],
  [DOUBLE, MONEY, 12.345, dec('12.35')],
  [DOUBLE, STRING, 1e7, '1.0E7'],
  [STRING, BOOLEAN, ' Yes ', true],
  [STRING, BOOLEAN, 't', true],
  [STRING, BOOLEAN, 'maybe', false],
  [STRING, INTEGER, ' +12 ', 12],
  [STRING, BIGINT, '-9223372036854775808', -9223372036854775808n],
  [STRING, DOUBLE, '1e3', 1000],
  [STRING, MONEY, ' 1.005 ', dec('1.01')],
  [STRING, TIMESTAMP, '1970-01-02', 86_400_000],
  [STRING, DATE, '1970-01-02', 1],
  [STRING, TIME, '00:00:01', 1000],
  [STRING, BYTES, 'AQI=', Buffer.from([1, 2])],
  [BOOLEAN, STRING, true, 'true'],
  [TIMESTAMP, STRING, -1, '1969-12-31T23:59:59.999'],
  [TIMESTAMP, DATE, -1, -1],
  [TIMESTAMP, TIME, -1, 86_399_999],
  [DATE, TIMESTAMP, 2, 172_800_000],
  [DATE, STRING, 18_262, '2020-01-01'],
  [TIME, STRING, 3_600_000, '01:00'],
  [arrayType(INTEGER), arrayType(STRING), [1, null], ['1', null]],
  [arrayType(DOUBLE), STRING, [1, null, 2.5], '[1.0, null, 2.5]'],
  [mapType(STRING, INTEGER), mapType(STRING, BIGINT), new Map([['a', 1]]), new Map([['a', 1n]])],
  [mapType(STRING, INTEGER), STRING, new Map([['this', 1]]), '{this=1}'],
];

describe('casts', () => {
  test.each(accepted)('%j to %j', (from, to, value, expected) => {
    const cast = castFunction(from, to);
    expect(cast(value)).toEqual(expected);
    expect(cast(null)).toBeNull();
  });

  test('match structs by field names', () => {
    const from = structType([
      { name: 'F0', type: INTEGER },
      { name: 'f1', type: INTEGER },
    ]);
    const to = structType([
      { name: 'F3', type: STRING },
      { name: 'F0', type: STRING },
    ]);
    expect(castFunction(from, to)([1, 3])).toEqual([null, '1']);
    expect(castFunction(from, STRING)([1, 3])).toBe('Struct{F0=1,f1=3}');
    expect(castFunction(from, STRING)([null, 3])).toBe('Struct{f1=3}');
  });

  test.each([
    [BOOLEAN, INTEGER, 'Cast of BOOLEAN to INTEGER is not supported'],
    [BYTES, STRING, 'Cast of BYTES to STRING is not supported'],
    [STRING, mapType(STRING, INTEGER), 'Cast of STRING to MAP<STRING, INTEGER> is not supported'],
    [arrayType(BOOLEAN), arrayType(DATE), 'Cast of ARRAY<BOOLEAN> to ARRAY<DATE> is not supported'],
    [TIME, TIMESTAMP, 'Cast of TIME to TIMESTAMP is not supported'],
  ] as [SqlType, SqlType, string][])('%j to %j is refused', (from, to, message) => {
    expect(() => castFunction(from, to)).toThrow(message);
  });

  test.each([
    [STRING, INTEGER, '2147483648', 'For input string: "2147483648"'],
    [STRING, INTEGER, '1.5', 'For input string: "1.5"'],
    [STRING, BIGINT, '', 'For input string: ""'],
    [STRING, DOUBLE, 'NaN', 'Invalid double value: NaN'],
    [STRING, MONEY, '10000', 'Numeric field overflow'],
    [STRING, MONEY, 'ten', 'Not a decimal number'],
    [STRING, BYTES, '***', 'base64'],
  ] as [SqlType, SqlType, string, string][])('%j to %j fails for "%s"', (from, to, text, message) => {
    expect(() => castFunction(from, to)(text)).toThrow(message);
  });

  test('integers survive conversion to text and to any wider type', () => {
    const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    fc.assert(
      fc.property(long, (value) => {
        expect(castFunction(STRING, BIGINT)(castFunction(BIGINT, STRING)(value))).toBe(value);
        const wide = decimalType(20, 1);
        expect(castFunction(wide, BIGINT)(castFunction(BIGINT, wide)(value))).toBe(value);
      }),
    );
  });
});
