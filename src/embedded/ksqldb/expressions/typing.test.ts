import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../sql/parse.js';
import { formatSqlType } from '../types/format-type.js';
import { testScope } from './scope.test-util.js';
import { typeOf } from './typing.js';

function typed(text: string): string | null {
  const type = typeOf(parseExpression(text), testScope());
  return type === null ? null : formatSqlType(type);
}

test.each([
  ['1', 'INTEGER'],
  ['2147483648', 'BIGINT'],
  ['1.10', 'DECIMAL(3, 2)'],
  ['1E3', 'DOUBLE'],
  ['I + B', 'BIGINT'],
  ['B + M', 'DECIMAL(22, 2)'],
  ['M + D', 'DOUBLE'],
  ['NOT YES', 'BOOLEAN'],
  ['ARRAY[1, 2.5, B]', 'ARRAY<DECIMAL(20, 1)>'],
  ["ARRAY[1, '2.50']", 'ARRAY<DECIMAL(12, 2)>'],
  ["ARRAY['a', 1]", 'ARRAY<STRING>'],
  ['ARRAY[1, 1E0]', 'ARRAY<DOUBLE>'],
  ['ARRAY[ARRAY[1], ARRAY[B]]', 'ARRAY<ARRAY<BIGINT>>'],
  ['ARRAY[STRUCT(A := 1), STRUCT(B := S)]', 'ARRAY<STRUCT<`B` STRING, `A` INTEGER>>'],
  ["MAP('k' := 1, 'l' := NULL)", 'MAP<STRING, INTEGER>'],
  ['STRUCT(A := 1, `b` := S)', 'STRUCT<`A` INTEGER, `b` STRING>'],
  ["CASE WHEN YES THEN NULL ELSE 'x' END", 'STRING'],
  ['EACH(A, x => CAST(x AS STRING))', 'ARRAY<STRING>'],
  ['FOLD(A, 1.5E0, (s, x) => s + x)', 'DOUBLE'],
  ['NULL', null],
])('%s is %s', (text, type) => {
  expect(typed(text)).toBe(type);
});

describe('mismatches are reported in ksqlDB’s words', () => {
  test.each([
    ['I + S', 'Error processing expression: (I + S). Unsupported arithmetic types. INTEGER STRING'],
    ['I + NULL', 'Arithmetic on types INTEGER and null are not supported.'],
    ["I >= 'not an int'", "Cannot compare I (INTEGER) to 'not an int' (STRING) with GREATER_THAN_OR_EQUAL."],
    ['MP < MP', 'Cannot compare MP (MAP<STRING, INTEGER>) to MP (MAP<STRING, INTEGER>) with LESS_THAN.'],
    [
      'NULL = I',
      "Comparison with NULL not supported: NULL = INTEGER\nUse 'IS NULL' or 'IS NOT NULL' instead.",
    ],
    ['ST->Z', "Could not find field 'Z' in 'ST'."],
    ['I->Z', 'Expected STRUCT type, got: INTEGER'],
    [
      "ST['X']",
      "Subscript expression (ST['X']) do not apply to STRUCT<`X` INTEGER, `Y` STRING>." +
        " Use the dereference operator for STRUCTS: ST->'X'",
    ],
    ['CASE WHEN YES THEN NULL END', 'Invalid Case expression. All case branches have NULL type'],
    [
      "CASE WHEN YES THEN 1 WHEN NO THEN 'x' END",
      "Invalid Case expression. Type for all 'THEN' clauses should be the same.\n" +
        "THEN expression 'WHEN NO THEN 'x'' has type: STRING.\nPrevious THEN expression(s) type: INTEGER.",
    ],
    [
      'CASE WHEN YES THEN 1 ELSE 2.0 END',
      "Type for the default clause should be the same as for 'THEN' clauses.\nTHEN type: INTEGER.\nDEFAULT type: DECIMAL(2, 1).",
    ],
    ['CASE WHEN I THEN 1 END', "WHEN operand type should be boolean.\nType for 'I' is INTEGER"],
    ['ARRAY[NULL]', 'Cannot construct an array with all NULL elements'],
    ["ARRAY[1, 'not a number']", 'invalid input syntax for type INTEGER: "not a number".'],
    ["MAP('a' := NULL)", 'Cannot construct a map with all NULL values'],
    ['MAP(NULL := 1)', 'Cannot construct a map with all NULL keys'],
    [
      'ARRAY[I, S]',
      'operator does not exist: INTEGER = STRING (S)\nHint: You might need to add explicit type casts.',
    ],
    ['STRUCT(F0 := 1, F0 := S)', "Duplicate field names found in STRUCT: '`F0` INTEGER' and '`F0` STRING'"],
    ['NOPE(1)', "Can't find any functions with the name 'NOPE'"],
    ['EACH(A, (x, y) => x)', 'does not accept parameters (ARRAY<BIGINT>, LAMBDA)'],
    [
      'FOLD(A, NULL, (s, x) => s)',
      'Could not resolve type for generic U. The generic mapping so far: {T=BIGINT}',
    ],
    ["FOLD(A, 0, (s, x) => 'text')", 'Cannot map U to both INTEGER and STRING'],
    [
      'EACH(AA, x => EACH(x, x => 1))',
      'Could not map type BIGINT to lambda variable X, X was already mapped to ARRAY<BIGINT>',
    ],
  ])('%s', (text, message) => {
    expect(() => typed(text)).toThrow(message);
  });
});
