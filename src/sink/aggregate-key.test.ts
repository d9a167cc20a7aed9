import { describe, expect, it } from 'vitest';
import { decodeAggregateKey } from './aggregate-key.js';

describe('decodeAggregateKey', () => {
  it('reads 64-bit ids exactly, with and without a window', () => {
    const plain = Buffer.from('7fffffffffffffff', 'hex');
    expect(decodeAggregateKey(plain)).toEqual({ customerId: 9_223_372_036_854_775_807n, windowStart: null });
    const windowed = Buffer.from('ffffffffffffffff0000019a00000000', 'hex');
    expect(decodeAggregateKey(windowed)).toEqual({ customerId: -1n, windowStart: 0x19a00000000n });
  });

  it('rejects every other length', () => {
    for (const length of [0, 1, 4, 7, 9, 15, 17, 24])
      expect(decodeAggregateKey(Buffer.alloc(length))).toBeUndefined();
    expect(decodeAggregateKey(null)).toBeUndefined();
  });
});
