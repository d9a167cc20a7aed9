import { createRequire } from 'node:module';
import { library } from './optional-library.js';

/** Node's own zstd, since 22.15 and 23.8. */
interface NodeZstd {
  zstdDecompressSync?: (data: Buffer, options: { maxOutputLength: number }) => Buffer;
  zstdCompressSync?: (data: Buffer) => Buffer;
}

const require = createRequire(import.meta.url);
const frameMagic = 0xfd2fb528;
const largestBlock = 128 * 1024;
const feedSize = 64 * 1024;

export function unpackZstd(packed: Buffer, maxBytes: number): Buffer {
  const native = (require('node:zlib') as NodeZstd).zstdDecompressSync;
  if (native !== undefined) return native(packed, { maxOutputLength: maxBytes });
  const { Decompress } = library<typeof import('fzstd')>('fzstd');
  const parts: Buffer[] = [];
  let total = 0;
  const stream = new Decompress((part) => {
    total += part.length;
    if (total > maxBytes) throw new RangeError(`it unpacks to more than ${maxBytes} bytes`);
    parts.push(Buffer.from(part));
  });
  // Fed in small parts: what a part unpacks to is counted before the next one is looked at.
  for (let at = 0; at < packed.length; at += feedSize) {
    stream.push(packed.subarray(at, at + feedSize), at + feedSize >= packed.length);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, total);
}

/**
 * A zstd frame of `data` (RFC 8878). Without Node's own zstd the frame holds the data as it is, in raw
 * blocks: every reader takes it, and this side needs no compressor for what is development and tests.
 */
export function storeZstd(data: Buffer): Buffer {
  const native = (require('node:zlib') as NodeZstd).zstdCompressSync;
  if (native !== undefined) return native(data);
  const blocks = Math.max(1, Math.ceil(data.length / largestBlock));
  const frame = Buffer.allocUnsafe(9 + blocks * 3 + data.length);
  frame.writeUInt32LE(frameMagic, 0);
  // Single segment, content size in four bytes, no checksum.
  frame[4] = 0b1010_0000;
  frame.writeUInt32LE(data.length, 5);
  let at = 9;
  for (let block = 0; block < blocks; block++) {
    const part = data.subarray(block * largestBlock, (block + 1) * largestBlock);
    const isLast = block === blocks - 1 ? 1 : 0;
    frame.writeUIntLE(part.length * 8 + isLast, at, 3);
    frame.set(part, at + 3);
    at += 3 + part.length;
  }
  return frame;
}
