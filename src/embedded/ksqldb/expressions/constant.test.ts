import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../sql/parse.js';
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
  TIMESTAMP,
} from '../../../sql/sql-type.js';
import { Decimal } from '../types/decimal.js';
import type { Value } from '../types/value.js';
import { evaluateConstant } from './constant.js';
import { testFunctions } from './scope.test-util.js';

const context = { functions: testFunctions(), config: new Map<string, string>() };
const value = (text: string, type: SqlType) => evaluateConstant(parseExpression(text), type, 'COL', context);

describe('values of INSERT', () => {
  test.each([
    ['1', BIGINT, 1n],
    ['-1', DOUBLE, -1],
    ['1.5', decimalType(5, 3), Decimal.parse('1.500')],
    ['12', decimalType(5, 3), Decimal.parse('12.000')],
    ['1.5', DOUBLE, 1.5],
    ['NULL', INTEGER, null],
    ['1 + 2', INTEGER, 3],
    ["'2020-01-01'", DATE, 18_262],
    ["'1970-01-01T00:00:01'", TIMESTAMP, 1000],
    ["'AQI='", BYTES, Buffer.from([1, 2])],
    ['ARRAY[1, 2]', arrayType(BIGINT), [1n, 2n]],
    ["MAP('a' := 1)", mapType(STRING, DOUBLE), new Map([['a', 1]])],
    ['HALF(3)', DOUBLE, 1.5],
    [
      'STRUCT(B := 1)',
      structType([
        { name: 'A', type: STRING },
        { name: 'B', type: BIGINT },
      ]),
      [null, 1n],
    ],
  ] as [string, SqlType, Value][])('%s as %j', (text, type, expected) => {
    expect(value(text, type)).toEqual(expected);
  });

  test.each([
    ["'text'", INTEGER, 'Expected type INTEGER for field `COL` but got STRING(text)'],
    ['1', BOOLEAN, 'Expected type BOOLEAN for field `COL` but got INTEGER(1)'],
    ['1', STRING, 'Expected type STRING for field `COL` but got INTEGER(1)'],
    ['2147483648', INTEGER, 'Expected type INTEGER for field `COL` but got BIGINT(2147483648)'],
    ['12.345', decimalType(4, 2), 'Expected type DECIMAL(4, 2) for field `COL` but got DECIMAL(12.345)'],
    [
      "'soon'",
      TIMESTAMP,
      'Expected type TIMESTAMP for field `COL` but got STRING(soon). Timestamp format must be yyyy-mm-ddThh:mm:ss[.S]',
    ],
    ['X + 1', INTEGER, 'Unsupported column reference in insert value: (X + 1)'],
    ["CAST('x' AS INTEGER)", INTEGER, 'Error processing INTEGER'],
    ['1 / 0', INTEGER, '/ by zero'],
  ] as [string, SqlType, string][])('%s as %j is refused', (text, type, message) => {
    expect(() => value(text, type)).toThrow(message);
  });
});
