import { describe, expect, it } from 'vitest';
import { FormatGuess } from './print-format.js';

const bigint = (n: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(n);
  return bytes;
};

describe('FormatGuess', () => {
  it('drops formats that a record rules out', () => {
    const values = new FormatGuess(false);
    expect(values.names).toEqual(['¯\\_(ツ)_/¯ - no data processed']);
    expect(values.format(null)).toBe('<null>');
    expect(values.format(Buffer.from('{"a":1}'))).toBe('{"a":1}');
    expect(values.names).toEqual(['JSON', 'KAFKA_STRING']);
    expect(values.format(Buffer.from('plain'))).toBe('plain');
    expect(values.names).toEqual(['KAFKA_STRING']);
    expect(values.format(Buffer.from([0xff, 0x41]))).toBe('\\xFFA');
    expect(values.names).toEqual([]);
  });

  it('recognizes windowed keys', () => {
    const keys = new FormatGuess(true);
    const key = Buffer.concat([Buffer.from('ann'), bigint(1766016000000n)]);
    expect(keys.format(key)).toBe('[ann@1766016000000/-]');
    expect(keys.names.slice(0, 2)).toEqual(['HOPPING(KAFKA_STRING)', 'TUMBLING(KAFKA_STRING)']);
  });

  it('recognizes session keys', () => {
    const keys = new FormatGuess(true);
    const key = Buffer.concat([Buffer.from([0, 0, 0, 7]), bigint(2000n), bigint(1000n)]);
    expect(keys.format(key)).toBe('[7@1000/2000]');
    expect(keys.names[0]).toBe('SESSION(KAFKA_INT)');
  });

  it('prefers a number for eight bytes', () => {
    const keys = new FormatGuess(true);
    expect(keys.format(bigint(42n))).toBe('42');
    expect(keys.names).toEqual(expect.arrayContaining(['KAFKA_BIGINT', 'KAFKA_DOUBLE']));
  });
});
