import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maskCardNumbers } from './card-numbers.js';

it('masks card numbers in any text and keeps other numbers', () => {
  expect(maskCardNumbers('{"cardNo":"4111111111111111","trxId":1234567890123}')).toBe(
    '{"cardNo":"411111******1111","trxId":1234567890123}',
  );
  expect(maskCardNumbers("VALUES ('340000099900036')")).toBe("VALUES ('340000*****0036')");
  expect(maskCardNumbers('4111111111111112 411111111111')).toBe('4111111111111112 411111111111');
  expect(maskCardNumbers('4111111111111112', true)).toBe('411111******1112');
});

it('masks every number with a valid check digit', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^\d{12,18}$/), (digits) => {
      const card = [...'0123456789']
        .map((last) => digits + last)
        .find((number) => maskCardNumbers(number) !== number);
      expect(maskCardNumbers(`x${card}y`)).toMatch(/^x\d{6}\*+\d{4}y$/);
    }),
  );
});
