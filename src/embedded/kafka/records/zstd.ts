import { createRequire } from 'node:module';
import { library } from './optional-library.js';

/** Node's built-in zstd (since 22.15 and 23.8). */
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
  // Feed small parts, so that the output is counted before the next part is decompressed.
  for (let at = 0; at < packed.length; at += feedSize) {
    stream.push(packed.subarray(at, at + feedSize), at + feedSize >= packed.length);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, total);
}

/**
 * Encodes `data` as a zstd frame (RFC 8878). Without Node's built-in zstd, the frame contains uncompressed blocks:
 * every reader accepts them, and for development and tests no compressor is needed.
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
