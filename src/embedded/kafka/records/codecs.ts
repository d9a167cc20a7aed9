import { createRequire } from 'node:module';
import { KafkaError } from '../errors/error-codes.js';
import { lz4FrameBound } from './lz4-frame.js';
import { library } from './optional-library.js';
import { packXerial, unpackSnappy } from './xerial-snappy.js';
import { storeZstd, unpackZstd } from './zstd.js';

/** The compression types, indexed by their number in a batch's attributes. */
export const compressionTypes = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type CompressionType = (typeof compressionTypes)[number];

const require = createRequire(import.meta.url);

/**
 * Decompresses the record section of a batch. Libraries are loaded on first use.
 *
 * @throws KafkaError CORRUPT_MESSAGE if the data is broken or exceeds `maxBytes`, before that much memory is
 * allocated; UNSUPPORTED_COMPRESSION_TYPE if the codec's library is not installed
 */
export function decompress(type: CompressionType, packed: Buffer, maxBytes: number): Buffer {
  if (type === 'none') return packed;
  try {
    switch (type) {
      case 'gzip':
        return zlib().gunzipSync(packed, { maxOutputLength: maxBytes });
      case 'snappy':
        return unpackSnappy(packed, maxBytes);
      case 'lz4': {
        const bound = lz4FrameBound(packed);
        if (bound > maxBytes) throw new RangeError(`it may unpack to ${bound} bytes`);
        return library<typeof import('lz4-napi')>('lz4-napi').decompressFrameSync(packed);
      }
      case 'zstd':
        return unpackZstd(packed, maxBytes);
    }
  } catch (cause) {
    if (cause instanceof KafkaError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new KafkaError('CORRUPT_MESSAGE', `The ${type} data of a record batch cannot be unpacked: ${why}`, {
      cause,
    });
  }
}

/** Compresses a record section in the formats of Java clients: snappy with xerial's framing, lz4 frames. */
export function compress(type: CompressionType, data: Buffer): Buffer {
  switch (type) {
    case 'none':
      return data;
    case 'gzip':
      return zlib().gzipSync(data);
    case 'snappy':
      return packXerial(data);
    case 'lz4':
      return library<typeof import('lz4-napi')>('lz4-napi').compressFrameSync(data);
    case 'zstd':
      return storeZstd(data);
  }
}

function zlib(): typeof import('node:zlib') {
  return require('node:zlib') as typeof import('node:zlib');
}
