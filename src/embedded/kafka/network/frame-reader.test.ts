import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from './frame-reader.js';

const accept = () => {};

function frame(body: Uint8Array): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

describe('FrameReader', () => {
  it('returns the same frames however the bytes are split', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        (bodies, cuts) => {
          const bytes = Buffer.concat(bodies.map(frame));
          const reader = new FrameReader();
          const frames: Buffer[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const length = cuts[i % cuts.length]!;
            reader.push(bytes.subarray(at, at + length));
            at += length;
            for (let next = reader.next(accept); next !== undefined; next = reader.next(accept))
              frames.push(next);
          }
          expect(frames.map((one) => [...one])).toEqual(bodies.map((one) => [...one]));
          expect(reader.buffered).toBe(0);
          expect(reader.isPartial).toBe(false);
        },
      ),
    );
  });

  it.each([
    ['nothing', [], { buffered: 0, isPartial: false }],
    ['part of a length', [0, 0], { buffered: 2, isPartial: true }],
    ['a length without its frame', [0, 0, 0, 2], { buffered: 0, isPartial: true }],
    ['part of a frame', [0, 0, 0, 2, 7], { buffered: 1, isPartial: true }],
    ['a frame and part of the next', [0, 0, 0, 1, 7, 0], { buffered: 1, isPartial: true }],
  ])('knows that it holds %s', (_what, bytes, expected) => {
    const reader = new FrameReader();
    if (bytes.length > 0) reader.push(Buffer.from(bytes));
    while (reader.next(accept) !== undefined);
    expect({ buffered: reader.buffered, isPartial: reader.isPartial }).toEqual(expected);
  });

  it('checks each length once, before it waits for the frame or takes memory for it', () => {
    const reader = new FrameReader();
    const sizes: number[] = [];
    const check = (size: number) => void sizes.push(size);
    reader.push(Buffer.from([0x7f, 0xff, 0xff, 0xff]));
    expect(reader.next(check)).toBeUndefined();
    expect(reader.next(check)).toBeUndefined();
    expect(sizes).toEqual([0x7fffffff]);
    expect(reader.buffered).toBe(0);
  });

  it.each([
    ['too large', [0, 0, 1, 0], 256],
    ['negative', [0xff, 0xff, 0xff, 0xff], -1],
  ])('lets the caller reject a length that is %s', (_what, bytes, size) => {
    const reader = new FrameReader();
    reader.push(Buffer.from(bytes));
    const check = (found: number) => {
      throw new RangeError(`refused ${found}`);
    };
    expect(() => reader.next(check)).toThrow(`refused ${size}`);
  });
});
