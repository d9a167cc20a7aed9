import { compressSync } from 'snappy';
import { expect, it } from 'vitest';
import { decompressSnappy } from './codecs.js';

const block = (text: string) => {
  const packed = compressSync(Buffer.from(text));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(packed.length);
  return Buffer.concat([length, packed]);
};
const xerialHeader = Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');

it('decompresses a bare Snappy block', () => {
  expect(decompressSnappy(compressSync(Buffer.from('payment'))).toString()).toBe('payment');
});

it('decompresses the xerial framing of Java clients, with any number of blocks', () => {
  const framed = Buffer.concat([xerialHeader, block('pay'), block('ment')]);
  expect(decompressSnappy(framed).toString()).toBe('payment');
  expect(decompressSnappy(xerialHeader)).toHaveLength(0);
});
