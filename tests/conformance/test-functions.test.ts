import { describe, expect, it } from 'vitest';
import { createRegistry } from '../../src/embedded/ksqldb/functions/builtin.js';
import {
  aggregateOf,
  bindAggregate,
  bindScalar,
  callTable,
  fold,
  typed,
} from '../../src/embedded/ksqldb/functions/call.test-util.js';
import { Decimal } from '../../src/embedded/ksqldb/types/decimal.js';
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DOUBLE,
  decimalType,
  INTEGER,
  STRING,
  structType,
} from '../../src/sql/sql-type.js';
import { TEST_FUNCTIONS } from './test-functions.js';

const registry = createRegistry(TEST_FUNCTIONS);
const STRUCT = structType([{ name: 'A', type: STRING }]);

describe('functions of a user of the engine', () => {
  it('are chosen by the types of their arguments, as the built-in ones are', () => {
    const call = (...args: Parameters<typeof bindScalar>[1][number][]) =>
      bindScalar('TEST_UDF', args, registry).call();
    expect(call(1, 'a')).toBe('doStuffIntString');
    expect(call(1n, 'a')).toBe('doStuffLongString');
    expect(call(1n, 2n, 'a')).toBe('doStuffLongLongString');
    expect(call(1n, 2n, 3n)).toBe('doStuffLongVarargs');
    expect(call(typed(STRUCT, ['x']))).toBe('x');
    expect(call()).toStrictEqual(['foo']);
  });

  it('may throw', () => {
    const bad = (flag: boolean) => bindScalar('BAD_UDF', [flag], registry).call();
    expect(bad(false)).toBe(0);
    expect(() => bad(true)).toThrow('You asked me to throw...');
    expect(() => callTable('THROWING_UDTF', [true], registry)).toThrow('You asked me to throw...');
  });

  it('may make rows', () => {
    const seven = [
      typed(INTEGER, 1),
      typed(BIGINT, 2n),
      typed(DOUBLE, 3.1),
      typed(BOOLEAN, true),
      typed(STRING, 'foo'),
      typed(decimalType(5, 3), new Decimal(12_345n, 3)),
      typed(STRUCT, ['bar']),
    ];
    const texts = ['1', '2', '3.1', 'true', 'foo', '12.345', 'Struct{A=bar}'];
    expect(callTable('TEST_UDTF', seven, registry)).toStrictEqual(texts);
    const arrays = seven.map(({ type, value }) => typed(arrayType(type as typeof STRUCT), [value as string]));
    expect(callTable('TEST_UDTF', arrays, registry)).toStrictEqual(texts);
  });

  it('may aggregate, with constants and any number of columns', () => {
    const options = { registry };
    const strings = bindAggregate('TEST_UDAF', [STRING], ['1234'], options);
    expect(aggregateOf(strings, ['ab', null, 'c'])).toBe(7n);
    const multi = bindAggregate('MULTI_ARG', [BIGINT, STRING], [5, '10', '20', '3'], options);
    expect(multi.result(fold(multi, [[6n, 'hi']]))).toBe(18n);
    const middle = bindAggregate('MID_VAR_ARG', [BIGINT, STRING, STRING], [7, 3], options);
    expect(
      middle.result(
        fold(middle, [
          [6n, 'hi', 'hello'],
          [1n, null, 'a'],
        ]),
      ),
    ).toBe(25n);
    const generic = bindAggregate('GENERIC_VAR_ARG', [DOUBLE, INTEGER, STRING, STRING], [], options);
    expect(
      generic.result(
        fold(generic, [
          [1.5, 1, 'a', 'b'],
          [2.5, 1, 'a', null],
        ]),
      ),
    ).toStrictEqual([1.5]);
  });

  it('may take rows back, so that tables can be aggregated', () => {
    const sum = bindAggregate('TEST_UDAF', [BIGINT], [], { registry });
    expect(sum.undo?.(fold(sum, [[1n], [2n]]), [2n])).toBe(1n);
  });
});
