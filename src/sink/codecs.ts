import { createRequire } from 'node:module';
import kafkajs from 'kafkajs';

/** What kafkajs expects of a codec; the sink only reads, so packing is refused. */
interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
  decompress(packed: Buffer): Promise<Buffer>;
}

const require = createRequire(import.meta.url);
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = 16;

function readOnly(decompress: (packed: Buffer) => Buffer): () => Codec {
  return () => ({
    compress: () => Promise.reject(new Error('the sink writes uncompressed batches')),
    decompress: async (packed) => decompress(packed),
  });
}

/** Java's snappy (and so ksqlDB's) is framed in blocks by the xerial library; librdkafka's is one bare block. */
function unpackSnappy(packed: Buffer): Buffer {
  const snappy = require('snappy') as typeof import('snappy');
  const unpack = (block: Buffer) => snappy.uncompressSync(block, { asBuffer: true }) as Buffer;
  if (!packed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return unpack(packed);
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER; at + 4 <= packed.length; ) {
    const length = packed.readUInt32BE(at);
    blocks.push(unpack(packed.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

/**
 * Gives kafkajs the codecs that it lacks. Without them its consumer crashes on ksqlDB's first snappy batch and does
 * not restart. The libraries are loaded with the first batch that needs them.
 */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.Snappy] = readOnly(unpackSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = readOnly((packed) =>
    (require('lz4-napi') as typeof import('lz4-napi')).decompressFrameSync(packed),
  );
  CompressionCodecs[CompressionTypes.ZSTD] = readOnly((packed) =>
    Buffer.from((require('fzstd') as typeof import('fzstd')).decompress(packed)),
  );
}
