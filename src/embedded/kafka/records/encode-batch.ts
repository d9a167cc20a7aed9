import { type CompressionType, compress, compressionTypes } from './codecs.js';
import { writeInt64 } from './int64.js';
import {
  attributeBits,
  batchLayout,
  batchLogOverhead,
  RecordBatch,
  type RecordHeader,
} from './record-batch.js';
import { varintSize, writeVarint } from './varint.js';

export interface RecordToEncode {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly headers?: readonly RecordHeader[];
}

export interface EncodeOptions {
  readonly compression?: CompressionType;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  /** The records' offsets relative to the first one, increasing from 0 (default: 0, 1, 2...). */
  readonly offsetDeltas?: readonly number[];
  /** The batch's last offset relative to the first, if records at the end were removed. */
  readonly lastOffsetDelta?: number;
  readonly baseOffset?: number;
  readonly isLogAppendTime?: boolean;
  /** When the batch's tombstones may be removed (KIP-534). Stored in the base timestamp field. */
  readonly deleteHorizon?: number;
}

/**
 * Encodes records as one batch of format 2, including the checksum. `records` must not be empty.
 */
export function encodeBatch(records: readonly RecordToEncode[], options: EncodeOptions = {}): Buffer {
  const count = records.length;
  const baseTimestamp = options.deleteHorizon ?? records[0]!.timestamp;
  const deltas = options.offsetDeltas;
  let maxTimestamp = records[0]!.timestamp;
  const sizes = new Int32Array(count);
  let total: number = batchLayout.records;
  for (let i = 0; i < count; i++) {
    const record = records[i]!;
    if (record.timestamp > maxTimestamp) maxTimestamp = record.timestamp;
    const size = recordSize(record, record.timestamp - baseTimestamp, deltas === undefined ? i : deltas[i]!);
    sizes[i] = size;
    total += varintSize(size) + size;
  }
  let data = Buffer.allocUnsafe(total);
  let at: number = batchLayout.records;
  for (let i = 0; i < count; i++) {
    const record = records[i]!;
    at = writeVarint(data, sizes[i]!, at);
    at = writeRecord(
      data,
      at,
      record,
      record.timestamp - baseTimestamp,
      deltas === undefined ? i : deltas[i]!,
    );
  }
  const compression = options.compression ?? 'none';
  if (compression !== 'none') {
    const packed = compress(compression, data.subarray(batchLayout.records));
    const whole = Buffer.allocUnsafe(batchLayout.records + packed.length);
    packed.copy(whole, batchLayout.records);
    data = whole;
  }
  const lastDelta = options.lastOffsetDelta ?? (deltas === undefined ? count - 1 : deltas[count - 1]!);
  writeInt64(data, options.baseOffset ?? 0, batchLayout.baseOffset);
  data.writeInt32BE(data.length - batchLogOverhead, batchLayout.length);
  data.writeInt32BE(0, batchLayout.leaderEpoch);
  data[batchLayout.magic] = 2;
  data.writeInt16BE(
    compressionTypes.indexOf(compression) |
      (options.isTransactional === true ? attributeBits.transactional : 0) |
      (options.isControl === true ? attributeBits.control : 0) |
      (options.isLogAppendTime === true ? attributeBits.logAppendTime : 0) |
      (options.deleteHorizon === undefined ? 0 : attributeBits.deleteHorizon),
    batchLayout.attributes,
  );
  data.writeInt32BE(lastDelta, batchLayout.lastOffsetDelta);
  writeInt64(data, baseTimestamp, batchLayout.baseTimestamp);
  writeInt64(data, maxTimestamp, batchLayout.maxTimestamp);
  writeInt64(data, options.producerId ?? -1, batchLayout.producerId);
  data.writeInt16BE(options.producerEpoch ?? -1, batchLayout.producerEpoch);
  data.writeInt32BE(options.baseSequence ?? -1, batchLayout.baseSequence);
  data.writeInt32BE(count, batchLayout.recordCount);
  new RecordBatch(data, 0, data.length).seal();
  return data;
}

function recordSize(record: RecordToEncode, timestampDelta: number, offsetDelta: number): number {
  let size = 1 + varintSize(timestampDelta) + varintSize(offsetDelta);
  size += record.key === null ? 1 : varintSize(record.key.length) + record.key.length;
  size += record.value === null ? 1 : varintSize(record.value.length) + record.value.length;
  const headers = record.headers;
  if (headers === undefined || headers.length === 0) return size + 1;
  size += varintSize(headers.length);
  for (const header of headers) {
    const keyLength = Buffer.byteLength(header.key);
    size += varintSize(keyLength) + keyLength;
    size += header.value === null ? 1 : varintSize(header.value.length) + header.value.length;
  }
  return size;
}

function writeRecord(
  data: Buffer,
  start: number,
  record: RecordToEncode,
  timestampDelta: number,
  offsetDelta: number,
): number {
  let at = start;
  data[at++] = 0;
  at = writeVarint(data, timestampDelta, at);
  at = writeVarint(data, offsetDelta, at);
  at = writeBytes(data, at, record.key);
  at = writeBytes(data, at, record.value);
  const headers = record.headers;
  if (headers === undefined || headers.length === 0) {
    data[at++] = 0;
    return at;
  }
  at = writeVarint(data, headers.length, at);
  for (const header of headers) {
    at = writeVarint(data, Buffer.byteLength(header.key), at);
    at += data.write(header.key, at, 'utf8');
    at = writeBytes(data, at, header.value);
  }
  return at;
}

function writeBytes(data: Buffer, start: number, bytes: Buffer | null): number {
  if (bytes === null) {
    data[start] = 1;
    return start + 1;
  }
  const at = writeVarint(data, bytes.length, start);
  data.set(bytes, at);
  return at + bytes.length;
}
