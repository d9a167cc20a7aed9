import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalType } from '../../../sql/sql-type.js';
import { Decimal, type RoundingMode } from './decimal.js';
import {
  castDecimal,
  castIntegerToDecimal,
  castNumberToDecimal,
  decimalResultType,
  decimalTypeOf,
  fitDecimal,
  widestDecimalType,
} from './decimal-type.js';

const unscaled = fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n });
const decimal = fc
  .tuple(unscaled, fc.integer({ min: 0, max: 20 }))
  .map(([n, scale]) => new Decimal(n, scale));

/** Converts a decimal to an integer multiple of 10^-40, which is exact for every scale used here. */
const model = (d: Decimal) => d.unscaled * 10n ** BigInt(40 - d.scale);

describe('arithmetic against a model of big integers', () => {
  test('add, subtract, compare', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(model(a.add(b))).toBe(model(a) + model(b));
        expect(model(a.subtract(b))).toBe(model(a) - model(b));
        expect(a.compare(b)).toBe(model(a) < model(b) ? -1 : model(a) > model(b) ? 1 : 0);
      }),
    );
  });

  test('multiply, and divide as its inverse', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const product = a.multiply(b);
        expect(product.scale).toBe(a.scale + b.scale);
        if (b.unscaled === 0n) return;
        expect(product.divide(b, a.scale, 'UNNECESSARY').equals(a)).toBe(true);
      }),
    );
  });

  test('a remainder complements the integer quotient and has the sign of the dividend', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        if (b.unscaled === 0n) return;
        const rest = a.remainder(b);
        const whole = a.divide(b, 0, 'DOWN');
        expect(model(whole.multiply(b).add(rest))).toBe(model(a));
        expect(rest.abs().compare(b.abs())).toBe(-1);
        if (rest.unscaled !== 0n) expect(rest.signum()).toBe(a.signum());
      }),
    );
  });

  test('rounding stays within one unit, in the direction of its mode', () => {
    const modes: RoundingMode[] = ['UP', 'DOWN', 'CEILING', 'FLOOR', 'HALF_UP', 'HALF_DOWN', 'HALF_EVEN'];
    fc.assert(
      fc.property(decimal, fc.integer({ min: 0, max: 20 }), fc.constantFrom(...modes), (a, scale, mode) => {
        const rounded = a.setScale(scale, mode);
        const unit = 10n ** BigInt(40 - scale);
        const error = model(rounded) - model(a);
        const size = error < 0n ? -error : error;
        expect(size < unit).toBe(true);
        if (mode.startsWith('HALF')) expect(size * 2n <= unit).toBe(true);
        if (mode === 'CEILING') expect(error >= 0n).toBe(true);
        if (mode === 'FLOOR') expect(error <= 0n).toBe(true);
        if (mode === 'DOWN') expect(rounded.abs().compare(a.abs())).toBeLessThanOrEqual(0);
        if (mode === 'UP') expect(rounded.abs().compare(a.abs())).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  test('ties', () => {
    const round = (text: string, mode: RoundingMode) => Decimal.parse(text).setScale(0, mode).toString();
    expect(['2.5', '-2.5', '3.5'].map((text) => round(text, 'HALF_UP'))).toEqual(['3', '-3', '4']);
    expect(['2.5', '-2.5', '3.5'].map((text) => round(text, 'HALF_DOWN'))).toEqual(['2', '-2', '3']);
    expect(['2.5', '-2.5', '3.5'].map((text) => round(text, 'HALF_EVEN'))).toEqual(['2', '-2', '4']);
    expect(() => round('2.5', 'UNNECESSARY')).toThrow('Rounding necessary');
  });

  test('division by zero fails', () => {
    const [one, zero] = [Decimal.parse('1'), Decimal.parse('0.00')];
    expect(() => one.divide(zero, 2, 'HALF_UP')).toThrow('Division by zero');
    expect(() => zero.divide(zero, 2, 'HALF_UP')).toThrow('Division undefined');
    expect(() => one.remainder(zero)).toThrow('Division by zero');
  });
});

describe('texts', () => {
  test('texts are parsed back, including the scale', () => {
    fc.assert(
      fc.property(decimal, (a) => {
        expect(Decimal.parse(a.toString()).equals(a)).toBe(true);
        expect(Decimal.parse(a.toScientificString()).equals(a)).toBe(true);
      }),
    );
  });

  test.each([
    ['1.50', '1.50', '1.50'],
    ['-.5', '-0.5', '-0.5'],
    ['1.', '1', '1'],
    ['1E+3', '1000', '1E+3'],
    ['0.0000001', '0.0000001', '1E-7'],
    ['-0.00', '0.00', '0.00'],
    ['+00012.30', '12.30', '12.30'],
    [
      '123456789012345678901234567890.12',
      '123456789012345678901234567890.12',
      '123456789012345678901234567890.12',
    ],
  ])('%s', (text, plain, scientific) => {
    expect(Decimal.parse(text).toString()).toBe(plain);
    expect(Decimal.parse(text).toScientificString()).toBe(scientific);
  });

  test.each(['', '-', '.', '1.2.3', ' 1', '1 ', '1e', 'e1', '0x10', '1_0', 'NaN', '1E99999999999'])(
    '"%s" is not a number',
    (text) => {
      expect(Decimal.tryParse(text)).toBeNull();
      expect(() => Decimal.parse(text)).toThrow();
    },
  );
});

describe('doubles', () => {
  test('doubles survive conversion to decimal and back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Decimal.fromNumber(value).toNumber()).toBe(value + 0);
        expect(Decimal.fromNumberExactly(value).toNumber()).toBe(value + 0);
      }),
    );
  });

  test('by its shortest text, or by its binary value', () => {
    expect(Decimal.fromNumber(0.1).toString()).toBe('0.1');
    expect(Decimal.fromNumberExactly(0.1).toString()).toBe(
      '0.1000000000000000055511151231257827021181583404541015625',
    );
    expect(() => Decimal.fromNumber(Number.NaN)).toThrow('Infinite or NaN');
  });
});

describe('types', () => {
  test('of results', () => {
    const [l, r] = [decimalType(10, 2), decimalType(5, 3)];
    expect(decimalResultType('+', l, r)).toEqual(decimalType(12, 3));
    expect(decimalResultType('-', l, r)).toEqual(decimalType(12, 3));
    expect(decimalResultType('*', l, r)).toEqual(decimalType(16, 5));
    expect(decimalResultType('/', l, r)).toEqual(decimalType(19, 8));
    expect(decimalResultType('%', l, r)).toEqual(decimalType(5, 3));
    expect(widestDecimalType({ base: 'BIGINT' }, decimalType(5, 3))).toEqual(decimalType(22, 3));
  });

  test('of literals: the zero before the point counts', () => {
    const typeOf = (text: string) => decimalTypeOf(Decimal.parse(text));
    expect(typeOf('12.30')).toEqual(decimalType(4, 2));
    expect(typeOf('0.005')).toEqual(decimalType(4, 3));
    expect(typeOf('0.8')).toEqual(decimalType(2, 1));
    expect(typeOf('0')).toEqual(decimalType(1, 0));
  });

  test('a value that does not fit its column is an error, never another value', () => {
    expect(fitDecimal(Decimal.parse('1.50'), 3, 1).toString()).toBe('1.5');
    expect(() => fitDecimal(Decimal.parse('12.345'), 18, 2)).toThrow(
      "Cannot fit decimal '12.345' into DECIMAL(18, 2) without rounding. (Requires 5,3)",
    );
    expect(() => fitDecimal(Decimal.parse('100'), 4, 2)).toThrow(
      'Numeric field overflow: A field with precision 4 and scale 2 must round to an absolute value less than 10^2. Got 100',
    );
  });

  test('casts round half up', () => {
    expect(castDecimal(Decimal.parse('1.005'), 4, 2).toString()).toBe('1.01');
    expect(castDecimal(Decimal.parse('-1.005'), 4, 2).toString()).toBe('-1.01');
    expect(castIntegerToDecimal(7n, 4, 2).toString()).toBe('7.00');
    expect(() => castIntegerToDecimal(100n, 4, 2)).toThrow('Numeric field overflow');
    // The double nearest to 1.005 is slightly smaller; ksqlDB rounds it to the precision first.
    expect(castNumberToDecimal(1.005, 4, 2).toString()).toBe('1.01');
    expect(castNumberToDecimal(1.005, 10, 2).toString()).toBe('1.01');
    expect(castNumberToDecimal(1.005, 30, 2).toString()).toBe('1.00');
  });
});
