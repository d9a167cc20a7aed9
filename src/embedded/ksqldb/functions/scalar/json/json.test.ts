import { describe, expect, it } from 'vitest';
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
  STRING,
  structType,
  TIME,
  TIMESTAMP,
} from '../../../../../sql/sql-type.js';
import { Decimal } from '../../../types/decimal.js';
import type { Value } from '../../../types/value.js';
import { type Argument, call, double, typed } from '../../call.test-util.js';

const LOG =
  '{"log": {"cloud": "gcp36", "app name": "x", "instances": [{"v": 1.50}, 6, null], "é": true}, "n": null}';

const CASES: readonly (readonly [string, readonly Argument[], Value])[] = [
  ['EXTRACTJSONFIELD', [LOG, '$.log.cloud'], 'gcp36'],
  ['EXTRACTJSONFIELD', [LOG, '$.log["app name"]'], 'x'],
  ['EXTRACTJSONFIELD', [LOG, '$.log.instances[0]'], '{"v":1.50}'],
  ['EXTRACTJSONFIELD', [LOG, '$["log"].instances[1]'], '6'],
  ['EXTRACTJSONFIELD', [LOG, '$.log.instances[2]'], 'null'],
  ['EXTRACTJSONFIELD', [LOG, '$.log.instances[9]'], null],
  ['EXTRACTJSONFIELD', [LOG, '$.log.instances.first'], null],
  ['EXTRACTJSONFIELD', [LOG, '$.log.é'], 'true'],
  ['EXTRACTJSONFIELD', [LOG, '$.missing.deep'], null],
  ['EXTRACTJSONFIELD', [LOG, '$.n'], 'null'],
  ['EXTRACTJSONFIELD', ['{"a":1,"a":2}', '$.a'], '2'],
  ['EXTRACTJSONFIELD', ['{"\\u0061":"q\\"\\n"}', '$.a'], 'q"\n'],
  ['EXTRACTJSONFIELD', ['[1e3, 12345678901234567890.10]', '$[1]'], '12345678901234567890.10'],
  ['EXTRACTJSONFIELD', ['[1e3]', '$'], '[1E+3]'],
  ['IS_JSON_STRING', ['[1, 2]'], true],
  ['IS_JSON_STRING', ['{"a"}'], false],
  ['IS_JSON_STRING', [''], false],
  ['IS_JSON_STRING', ['abc'], false],
  ['IS_JSON_STRING', [typed(STRING, null)], false],
  ['JSON_ARRAY_LENGTH', ['[1, [2, 3], {}]'], 3],
  ['JSON_ARRAY_LENGTH', ['{}'], null],
  ['JSON_ARRAY_CONTAINS', ['[1, 2, 3]', 3], true],
  ['JSON_ARRAY_CONTAINS', ['[1, 2, 3]', 3n], true],
  ['JSON_ARRAY_CONTAINS', ['[1.0]', 1], false],
  ['JSON_ARRAY_CONTAINS', ['[1.5]', double(1.5)], true],
  ['JSON_ARRAY_CONTAINS', ['["a", null]', 'a'], true],
  ['JSON_ARRAY_CONTAINS', ['["a", null]', typed(STRING, null)], true],
  ['JSON_ARRAY_CONTAINS', ['[[1]]', 1], false],
  ['JSON_ARRAY_CONTAINS', ['[true, broken', true], true],
  ['JSON_ARRAY_CONTAINS', ['[broken, true]', true], false],
  ['JSON_ARRAY_CONTAINS', ['{"a": 1}', 1], false],
  ['JSON_ITEMS', ['[{"a": 1}, "b", 2.0]'], ['{"a":1}', '"b"', '2.0']],
  ['JSON_KEYS', ['{"b": 1, "a": 2, "b": 3}'], ['b', 'a']],
  ['JSON_KEYS', ['[]'], null],
  [
    'JSON_RECORDS',
    ['{"a": "x", "b": [1, 2]}'],
    new Map([
      ['a', 'x'],
      ['b', '[1,2]'],
    ]),
  ],
  ['JSON_CONCAT', ['{"a": 1}', '{"b": 2, "a": 3}'], '{"a":3,"b":2}'],
  ['JSON_CONCAT', ['[1, 2]', '3', '{"a": 1e2}'], '[1,2,3,{"a":100}]'],
  ['JSON_CONCAT', ['"x"'], '"x"'],
  ['JSON_CONCAT', ['{}', typed(STRING, null)], null],
  ['JSON_CONCAT', ['{}', ''], null],
];

describe('JSON functions', () => {
  it.each(CASES)('%s %o is %o', (name, args, expected) => {
    expect(call(name, ...args)).toStrictEqual(expected);
  });

  it.each([
    [1, '1'],
    [9223372036854775807n, '9223372036854775807'],
    [double(1e7), '1.0E7'],
    [double(Number.NaN), '"NaN"'],
    [typed(decimalType(5, 2), new Decimal(100n, 2)), '1.00'],
    ['a"\\\n\u0001é', '"a\\"\\\\\\n\\u0001é"'],
    [true, 'true'],
    [null, 'null'],
    [typed(BYTES, Buffer.of(1, 2)), '"AQI="'],
    [typed(DATE, 0), '"1970-01-01"'],
    [typed(TIME, 3_661_000), '"01:01:01"'],
    [typed(TIMESTAMP, 1), '"1970-01-01T00:00:00.001"'],
    [typed(arrayType(STRING), ['a', null]), '["a",null]'],
    [
      typed(
        mapType(STRING, BIGINT),
        new Map([
          ['b', 1n],
          ['a', 2n],
        ]),
      ),
      '{"a":2,"b":1}',
    ],
    [
      typed(
        mapType(INTEGER, BOOLEAN),
        new Map([
          [10, true],
          [9, false],
        ]),
      ),
      '{"10":true,"9":false}',
    ],
    [
      typed(
        structType([
          { name: 'b', type: DOUBLE },
          { name: 'A', type: STRING },
        ]),
        [0.5, null],
      ),
      '{"A":null,"b":0.5}',
    ],
  ] satisfies readonly (readonly [Argument, string])[])('TO_JSON_STRING(%o) is %s', (value, expected) => {
    expect(call('TO_JSON_STRING', value)).toBe(expected);
  });

  it.each([
    ['EXTRACTJSONFIELD', ['{"a": }', '$.a'], 'Invalid JSON'],
    ['EXTRACTJSONFIELD', ['{"a": 1}', 'a'], "Invalid JSON path: 'a'"],
    ['EXTRACTJSONFIELD', ['{"a": 1}', '$.'], "Invalid JSON path: '$.'"],
    ['JSON_ITEMS', ['{}'], 'JSON array'],
    ['JSON_CONCAT', ['{}', 'x'], 'Invalid JSON'],
  ] as const)('%s %o refuses', (name, args, message) => {
    expect(() => call(name, ...args)).toThrow(message);
  });

  it('does not quote the text in its errors', () => {
    expect(() => call('EXTRACTJSONFIELD', '{"card": 4111111111111111 x}', '$.card')).toThrow(
      /^(?!.*4111).*Invalid JSON/,
    );
  });

  it('reads what it wrote', () => {
    const type = structType([
      { name: 'text', type: STRING },
      { name: 'n', type: decimalType(20, 4) },
    ]);
    const json = call('TO_JSON_STRING', typed(type, ['"x"\t\\', new Decimal(123456789012345678901n, 4)]));
    expect(call('EXTRACTJSONFIELD', json, '$.text')).toBe('"x"\t\\');
    expect(call('EXTRACTJSONFIELD', json, '$.n')).toBe('12345678901234567.8901');
  });
});
