const frameMagic = 0x184d2204;
const blockSizes: Readonly<Record<number, number>> = {
  4: 64 * 1024,
  5: 256 * 1024,
  6: 1024 * 1024,
  7: 4 * 1024 * 1024,
};

/**
 * Computes an upper bound of an LZ4 frame's decompressed size from its block list alone
 * (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Throws RangeError if the data is not an LZ4 frame.
 */
export function lz4FrameBound(packed: Buffer): number {
  if (packed.length < 7 || packed.readUInt32LE(0) !== frameMagic)
    throw new RangeError('it is not an LZ4 frame');
  const flags = packed[4]!;
  const largestBlock = blockSizes[(packed[5]! >>> 4) & 7];
  if (largestBlock === undefined) throw new RangeError('the LZ4 frame has no valid block size');
  const hasBlockChecksum = (flags & 0x10) !== 0;
  let at = 6 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0) + 1;
  let bound = 0;
  while (at + 4 <= packed.length) {
    const head = packed.readUInt32LE(at);
    if (head === 0) return bound;
    const size = head & 0x7fffffff;
    at += 4 + size + (hasBlockChecksum ? 4 : 0);
    // A block of n bytes decompresses to at most 255 * n bytes, so a small last block adds little.
    bound += Math.min(largestBlock, head < 0x80000000 ? size * 255 : size);
  }
  throw new RangeError('the LZ4 frame is cut short');
}
