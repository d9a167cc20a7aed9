import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';

/** A codec as kafkajs expects it. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(packed: Buffer): Promise<Buffer>;
}

const require = createRequire(import.meta.url);
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = 16;

function readOnly(decompress: (packed: Buffer) => Buffer): () => Codec {
  return () => ({
    compress: () => Promise.reject(new Error('compression is not supported: Paystream writes plain batches')),
    decompress: async (packed) => decompress(packed),
  });
}

/** Decompresses Snappy. Java clients, and so ksqlDB, frame it in xerial blocks; librdkafka sends one bare block. */
export function decompressSnappy(packed: Buffer): Buffer {
  const snappy = require('snappy') as typeof import('snappy');
  const decompress = (block: Buffer) => snappy.uncompressSync(block, { asBuffer: true }) as Buffer;
  if (!packed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return decompress(packed);
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER; at + 4 <= packed.length; ) {
    const length = packed.readUInt32BE(at);
    blocks.push(decompress(packed.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

/**
 * Registers the codecs that kafkajs lacks. Without them its consumer crashes on the first Snappy batch from ksqlDB
 * and does not restart. Each library is loaded with the first batch that needs it.
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = readOnly(decompressSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = readOnly((packed) =>
    (require('lz4-napi') as typeof import('lz4-napi')).decompressFrameSync(packed),
  );
  CompressionCodecs[CompressionTypes.ZSTD] = readOnly((packed) =>
    Buffer.from((require('fzstd') as typeof import('fzstd')).decompress(packed)),
  );
}
