import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BIGINT, decimalType, STRING } from '../../../../../sql/sql-type.js';
import { Decimal } from '../../../types/decimal.js';
import type { Value } from '../../../types/value.js';
import { type Argument, bindScalar, call, double, typed } from '../../call.test-util.js';

const decimal = (text: string): Decimal => Decimal.parse(text);

const CASES: readonly (readonly [string, readonly Argument[], Value])[] = [
  ['ABS', [-5], 5],
  ['ABS', [-2147483648], -2147483648],
  ['ABS', [-9223372036854775808n], -9223372036854775808n],
  ['ABS', [decimal('-1.50')], decimal('1.50')],
  ['SIGN', [double(-0.5)], -1],
  ['SIGN', [0n], 0],
  ['CEIL', [double(1.2)], 2],
  ['CEIL', [decimal('-1.50')], decimal('-1.00')],
  ['FLOOR', [decimal('-1.50')], decimal('-2.00')],
  ['FLOOR', [7n], 7n],
  ['ROUND', [double(1.5)], 2n],
  ['ROUND', [double(-1.5)], -1n],
  ['ROUND', [double(-1.6)], -2n],
  ['ROUND', [7], 7n],
  ['ROUND', [double(Number.NaN)], 0n],
  ['ROUND', [double(1e30)], 9223372036854775807n],
  ['ROUND', [double(1.235), 2], 1.24],
  ['ROUND', [double(-1.235), 2], -1.23],
  ['ROUND', [double(1234.5), -2], 1200],
  ['ROUND', [decimal('1.235'), 2], decimal('1.240')],
  ['ROUND', [decimal('-1.235'), 2], decimal('-1.230')],
  ['ROUND', [decimal('12.5')], decimal('13')],
  ['TRUNC', [double(-1.9)], -1n],
  ['TRUNC', [double(1.239), 2], 1.23],
  ['TRUNC', [decimal('-1.99')], decimal('-1')],
  ['TRUNC', [decimal('12.345'), 1], decimal('12.300')],
  ['GREATEST', [1, 3, 2], 3],
  ['LEAST', ['b', typed(STRING, null), 'a'], 'a'],
  ['GREATEST', [decimal('1.5'), decimal('1.25')], decimal('1.5')],
  ['GREATEST', [typed(BIGINT, null), typed(BIGINT, null)], null],
  ['LEAST', [Buffer.of(0x80), Buffer.of(0x00)], Buffer.of(0x80)],
  ['SQRT', [16], 4],
  ['CBRT', [27n], 3],
  ['EXP', [0], 1],
  ['LN', [double(Math.E)], 1],
  ['LN', [3], 1.0986122886681098],
  ['LN', [double(0)], Number.NEGATIVE_INFINITY],
  ['LN', [-1], Number.NaN],
  ['LOG', [double(Math.E)], 1],
  ['LOG', [2, 8], 3],
  ['LOG', [1, 8], Number.NaN],
  ['POWER', [2, 10], 1024],
  ['ATAN2', [double(1), double(1)], Math.PI / 4],
  ['COT', [double(Math.PI / 4)], 1.0000000000000002],
  ['DEGREES', [double(Math.PI)], 180],
  ['RADIANS', [180], Math.PI],
  ['PI', [], Math.PI],
  ['INT_FROM_BYTES', [Buffer.from('00000001', 'hex')], 1],
  ['INT_FROM_BYTES', [Buffer.from('01000000', 'hex'), 'little_endian'], 1],
  ['BIGINT_FROM_BYTES', [Buffer.from('ffffffffffffffff', 'hex')], -1n],
  ['DOUBLE_FROM_BYTES', [Buffer.from('40019fbe76c8b439', 'hex')], 2.203],
];

describe('mathematical functions', () => {
  it.each(CASES)('%s %o is %o', (name, args, expected) => {
    expect(call(name, ...args)).toStrictEqual(expected);
  });

  it('computes the types of decimals', () => {
    expect(bindScalar('ROUND', [decimal('123.45')]).returnType).toStrictEqual(decimalType(3, 0));
    expect(bindScalar('ROUND', [decimal('123.45'), 1]).returnType).toStrictEqual(decimalType(5, 2));
    expect(bindScalar('GREATEST', [decimal('1.5'), decimal('12.25')]).returnType).toStrictEqual(
      decimalType(4, 2),
    );
    expect(() => bindScalar('ROUND', [decimal('.45')])).toThrow('DECIMAL precision must be >= 1');
  });

  it('rounds doubles to integers like floor(x + 1/2)', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 9), max: 10 ** 9 }), (quarters) => {
        const value = quarters / 4;
        expect(call('ROUND', double(value))).toBe(BigInt(Math.floor(value + 0.5)));
      }),
    );
  });

  it('measures great-circle distances', () => {
    const points = [37.4439, -122.1663, 51.5257, -0.1122].map(double);
    expect(call('GEO_DISTANCE', ...points)).toBeCloseTo(8634.6598, 3);
    expect(call('GEO_DISTANCE', ...points, ' Miles ')).toBeCloseTo(5365.6597, 3);
    expect(() => call('GEO_DISTANCE', ...[91, 0, 0, 0].map(double))).toThrow('valid latitude values');
    expect(() => call('GEO_DISTANCE', ...points, 'feet')).toThrow(
      'one of mi, mile, miles, km, kilometer, kilometers, kilometre or kilometres',
    );
  });

  it('refuses bytes with another length or order', () => {
    expect(() => call('INT_FROM_BYTES', Buffer.of(1))).toThrow(
      'Number of bytes must be equal to 4, but found 1',
    );
    expect(() => call('INT_FROM_BYTES', Buffer.of(1), 'MIDDLE')).toThrow("Unknown byte order 'MIDDLE'");
  });
});
