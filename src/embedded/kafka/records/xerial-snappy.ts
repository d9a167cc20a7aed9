import { library } from './optional-library.js';

/**
 * Snappy in the framing of Kafka's Java clients (xerial): a 16-byte header and length-prefixed blocks. librdkafka and
 * other clients also send a single block without the header.
 */
const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const headerSize = 16;
const blockSize = 32 * 1024;

export function unpackSnappy(packed: Buffer, maxBytes: number): Buffer {
  const snappy = library<typeof import('snappy')>('snappy');
  const unpackBlock = (block: Buffer): Buffer => snappy.uncompressSync(block, { asBuffer: true }) as Buffer;
  if (packed.length < headerSize || packed.compare(magic, 0, magic.length, 0, magic.length) !== 0) {
    checkSize(declaredSize(packed), maxBytes);
    return unpackBlock(packed);
  }
  const blocks: Buffer[] = [];
  let total = 0;
  let at = headerSize;
  while (at + 4 <= packed.length) {
    const length = packed.readUInt32BE(at);
    at += 4;
    if (at + length > packed.length) throw new RangeError('a block exceeds the data');
    const block = packed.subarray(at, at + length);
    total += declaredSize(block);
    checkSize(total, maxBytes);
    blocks.push(unpackBlock(block));
    at += length;
  }
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks, total);
}

export function packXerial(data: Buffer): Buffer {
  const snappy = library<typeof import('snappy')>('snappy');
  const header = Buffer.alloc(headerSize);
  magic.copy(header);
  header.writeUInt32BE(1, 8);
  header.writeUInt32BE(1, 12);
  const parts: Buffer[] = [header];
  for (let at = 0; at < data.length; at += blockSize) {
    const block = snappy.compressSync(data.subarray(at, at + blockSize));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** Reads a block's decompressed size from its start, so that a decompression bomb is detected in time. */
function declaredSize(block: Buffer): number {
  let size = 0;
  let scale = 1;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    size += (byte & 0x7f) * scale;
    if (byte < 0x80) return size;
    scale *= 0x80;
  }
  throw new RangeError('a block has no size');
}

function checkSize(size: number, maxBytes: number): void {
  if (size > maxBytes) throw new RangeError(`it unpacks to ${size} bytes, the limit is ${maxBytes}`);
}
