import { createRequire } from 'node:module';
import { KafkaError } from '../protocol/error-codes.js';

/** The codecs by their number in a batch's attributes. */
export const compressionTypes = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type CompressionType = (typeof compressionTypes)[number];

const require = createRequire(import.meta.url);

/** Unpacks the record section of a batch. Throws CORRUPT_MESSAGE if it is broken or larger than `maxBytes`. */
export function decompress(type: CompressionType, packed: Buffer, maxBytes: number): Buffer {
  switch (type) {
    case 'none':
      return packed;
    case 'gzip':
      return zlib().gunzipSync(packed, { maxOutputLength: maxBytes });
    default:
      throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE', `The codec ${type} is not available`);
  }
}

export function compress(type: CompressionType, data: Buffer): Buffer {
  switch (type) {
    case 'none':
      return data;
    case 'gzip':
      return zlib().gzipSync(data);
    default:
      throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE', `The codec ${type} is not available`);
  }
}

function zlib(): typeof import('node:zlib') {
  return require('node:zlib') as typeof import('node:zlib');
}
