import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatJavaDouble, parseJavaDouble } from './java-double.js';

test.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [0.001, '0.001'],
  [0.00099, '9.9E-4'],
  [9999999, '9999999.0'],
  [1e7, '1.0E7'],
  [123456789.5, '1.234567895E8'],
  [-1.5e-10, '-1.5E-10'],
  // Not the shortest digits, but those that Java printed before version 19.
  [2 ** 62, '4.6116860184273879E18'],
  [Number.MIN_VALUE, '4.9E-324'],
  [2 * Number.MIN_VALUE, '1.0E-323'],
  [2 ** -44, '5.6843418860808015E-14'],
  [8.6324e21, '8.632399999999999E21'],
  [-3.8189059803482717e25, '-3.8189059803482716E25'],
  [2 ** 57 + 32, '1.44115188075855904E17'],
  [Number.MAX_VALUE, '1.7976931348623157E308'],
  [Number.NaN, 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Infinity'],
])('%d is written %s', (value, text) => {
  expect(formatJavaDouble(value)).toBe(text);
});

test('texts are parsed back', () => {
  fc.assert(
    fc.property(fc.double(), (value) => {
      expect(parseJavaDouble(formatJavaDouble(value))).toBe(value);
    }),
  );
});

test.each(['', '-', 'e1', '1e', '1.2.3', '1_0', 'abc', '--1', '.'])('"%s" is not a number', (text) => {
  expect(parseJavaDouble(text)).toBeNull();
});

test('suffixes and blanks are allowed', () => {
  expect(parseJavaDouble(' 1.5f ')).toBe(1.5);
  expect(parseJavaDouble('2D')).toBe(2);
});
