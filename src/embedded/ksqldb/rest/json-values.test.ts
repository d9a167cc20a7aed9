import { describe, expect, it } from 'vitest';
import {
  arrayType,
  BIGINT,
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
import { Decimal } from '../types/decimal.js';
import type { Value } from '../types/value.js';
import { rowWriter } from './json-values.js';

const row = structType([
  { name: 'D', type: DATE },
  { name: 'N', type: STRING },
  { name: 'X', type: decimalType(4, 2) },
]);

describe('rowWriter', () => {
  it.each<[SqlType, Value, string]>([
    [BIGINT, 9223372036854775807n, '9223372036854775807'],
    [
      decimalType(38, 2),
      Decimal.parse('123456789012345678901234567890.10'),
      '123456789012345678901234567890.10',
    ],
    [decimalType(10, 8), Decimal.parse('0.00000001'), '0.00000001'],
    [DOUBLE, 1e7, '1.0E7'],
    [DOUBLE, 1, '1.0'],
    [DOUBLE, Number.NaN, '"NaN"'],
    [DOUBLE, Number.NEGATIVE_INFINITY, '"-Infinity"'],
    [STRING, 'a"\n\u2028', '"a\\"\\n\u2028"'],
    [BYTES, Buffer.from([0, 255]), '"AP8="'],
    [DATE, 19724, '"2024-01-02"'],
    [TIME, 37_805_000, '"10:30:05"'],
    [TIME, 37_800_999, '"10:30"'],
    [TIMESTAMP, 1767323045678, '"2026-01-02T03:04:05.678"'],
    [arrayType(decimalType(4, 2)), [Decimal.parse('7.00'), null], '[7.00,null]'],
    [
      mapType(STRING, DOUBLE),
      new Map<Value, Value>([
        ['b', null],
        ['a', 1.5],
      ]),
      '{"a":1.5,"b":null}',
    ],
    [row, [1, null, Decimal.parse('1.50')], '{"D":1,"N":null,"X":1.50}'],
    [INTEGER, null, 'null'],
  ])('writes a %o exactly', (type, value, expected) => {
    expect(rowWriter([type])([value])).toBe(`[${expected}]`);
  });
});
