import { KafkaError } from '../errors/error-codes.js';
import { type CompressionType, compressionTypes, decompress } from './codecs.js';
import { crc32c } from './crc32c.js';
import { readInt64, writeInt64 } from './int64.js';

/** Where the fields of a record batch of format 2 stand (https://kafka.apache.org/documentation/#recordbatch). */
export const batchLayout = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
  records: 61,
} as const;

/** Bytes of a batch before and with its length field: what the length does not count. */
export const batchLogOverhead = 12;

export const attributeBits = {
  compression: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  deleteHorizon: 0x40,
} as const;

export interface RecordHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/** Key, value and header values are views into the batch: copy what outlives it. */
export type RecordVisitor = (
  offset: number,
  timestamp: number,
  key: Buffer | null,
  value: Buffer | null,
  headers: readonly RecordHeader[],
) => void;

/**
 * Positions instead of views, for loops where even a view is too dear: `data` from `keyStart` to before
 * `keyEnd`; a start of -1 is null. `headersStart` is where `readHeaders` begins.
 */
export type RecordRangeVisitor = (
  offset: number,
  timestamp: number,
  data: Buffer,
  keyStart: number,
  keyEnd: number,
  valueStart: number,
  valueEnd: number,
  headersStart: number,
) => void;

const noHeaders: readonly RecordHeader[] = Object.freeze([]);

/** Most bytes that one batch may unpack to; a batch that is larger unpacked is refused as corrupt. */
export const maxUnpackedBytes = 64 * 1024 * 1024;

/** One record batch, read in place. `start` and `end` are its bounds in `buffer`. */
export class RecordBatch {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;

  constructor(buffer: Buffer, start = 0, end = start + batchSizeAt(buffer, start)) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
  }

  get baseOffset(): number {
    return readInt64(this.buffer, this.start);
  }
  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta;
  }
  /** The offset after the batch. */
  get nextOffset(): number {
    return this.baseOffset + this.lastOffsetDelta + 1;
  }
  get lastOffsetDelta(): number {
    return this.buffer.readInt32BE(this.start + batchLayout.lastOffsetDelta);
  }
  get leaderEpoch(): number {
    return this.buffer.readInt32BE(this.start + batchLayout.leaderEpoch);
  }
  get magic(): number {
    return this.buffer[this.start + batchLayout.magic]!;
  }
  get crc(): number {
    return this.buffer.readUInt32BE(this.start + batchLayout.crc);
  }
  get attributes(): number {
    return this.buffer.readInt16BE(this.start + batchLayout.attributes);
  }
  get compression(): CompressionType {
    const type = compressionTypes[this.attributes & attributeBits.compression];
    if (type === undefined) throw new KafkaError('UNSUPPORTED_COMPRESSION_TYPE');
    return type;
  }
  get isLogAppendTime(): boolean {
    return (this.attributes & attributeBits.logAppendTime) !== 0;
  }
  get isTransactional(): boolean {
    return (this.attributes & attributeBits.transactional) !== 0;
  }
  get isControl(): boolean {
    return (this.attributes & attributeBits.control) !== 0;
  }
  get baseTimestamp(): number {
    return readInt64(this.buffer, this.start + batchLayout.baseTimestamp);
  }
  get maxTimestamp(): number {
    return readInt64(this.buffer, this.start + batchLayout.maxTimestamp);
  }
  get producerId(): number {
    return readInt64(this.buffer, this.start + batchLayout.producerId);
  }
  get producerEpoch(): number {
    return this.buffer.readInt16BE(this.start + batchLayout.producerEpoch);
  }
  get baseSequence(): number {
    return this.buffer.readInt32BE(this.start + batchLayout.baseSequence);
  }
  get recordCount(): number {
    return this.buffer.readInt32BE(this.start + batchLayout.recordCount);
  }
  get sizeInBytes(): number {
    return this.end - this.start;
  }
  /** The batch's own bytes, as a view. */
  get bytes(): Buffer {
    return this.buffer.subarray(this.start, this.end);
  }

  isIntact(): boolean {
    return crc32c(this.buffer, this.start + batchLayout.attributes, this.end) === this.crc;
  }

  /** Computes the checksum anew, after attributes or timestamps were changed. */
  seal(): void {
    const crc = crc32c(this.buffer, this.start + batchLayout.attributes, this.end);
    this.buffer.writeUInt32BE(crc, this.start + batchLayout.crc);
  }

  /** What the leader sets in a batch on append; the checksum does not cover these two. */
  place(baseOffset: number, leaderEpoch: number): void {
    writeInt64(this.buffer, baseOffset, this.start);
    this.buffer.writeInt32BE(leaderEpoch, this.start + batchLayout.leaderEpoch);
  }

  /** The section with the records, unpacked. */
  recordBytes(): Buffer {
    const packed = this.buffer.subarray(this.start + batchLayout.records, this.end);
    const type = this.compression;
    return type === 'none' ? packed : decompress(type, packed, maxUnpackedBytes);
  }

  /** Visits the records in order. Throws KafkaError CORRUPT_MESSAGE where the structure is broken. */
  forEachRecord(visit: RecordVisitor): void {
    this.forEachRecordRange((offset, timestamp, data, keyStart, keyEnd, valueStart, valueEnd, headersStart) =>
      visit(
        offset,
        timestamp,
        keyStart < 0 ? null : data.subarray(keyStart, keyEnd),
        valueStart < 0 ? null : data.subarray(valueStart, valueEnd),
        readHeaders(data, headersStart),
      ),
    );
  }

  forEachRecordRange(visit: RecordRangeVisitor): void {
    const compressed = (this.attributes & attributeBits.compression) !== 0;
    const data = compressed ? this.recordBytes() : this.buffer;
    const end = compressed ? data.length : this.end;
    const count = this.recordCount;
    const baseOffset = this.baseOffset;
    const baseTimestamp = this.baseTimestamp;
    const appendTime = this.isLogAppendTime ? this.maxTimestamp : -1;
    cursor = compressed ? 0 : this.start + batchLayout.records;
    for (let i = 0; i < count; i++) {
      const length = readVarint(data);
      const recordStart = cursor;
      const recordEnd = recordStart + length;
      if (!(length > 0 && recordEnd <= end)) throw corrupt(i, count);
      cursor++;
      const timestamp = baseTimestamp + readVarint(data);
      const offset = baseOffset + readVarint(data);
      const keyLength = readVarint(data);
      const keyStart = keyLength < 0 ? -1 : cursor;
      if (keyLength > 0) cursor += keyLength;
      const keyEnd = cursor;
      if (keyEnd > recordEnd) throw corrupt(i, count);
      const valueLength = readVarint(data);
      const valueStart = valueLength < 0 ? -1 : cursor;
      if (valueLength > 0) cursor += valueLength;
      if (cursor > recordEnd) throw corrupt(i, count);
      const valueEnd = cursor;
      visit(
        offset,
        appendTime < 0 ? timestamp : appendTime,
        data,
        keyStart,
        keyEnd,
        valueStart,
        valueEnd,
        valueEnd,
      );
      cursor = recordEnd;
    }
    if (cursor !== end) throw corrupt(count, count);
  }
}

function corrupt(index: number, count: number): KafkaError {
  return new KafkaError('CORRUPT_MESSAGE', `The record batch is broken at record ${index} of ${count}`);
}

/** The headers of a record, from where the range visitor says they start. */
export function readHeaders(data: Buffer, headersStart: number): readonly RecordHeader[] {
  if (data[headersStart] === 0) return noHeaders;
  cursor = headersStart;
  const count = readVarint(data);
  if (count < 0 || count > data.length)
    throw new KafkaError('CORRUPT_MESSAGE', 'A record has broken headers');
  const headers: RecordHeader[] = [];
  for (let i = 0; i < count; i++) {
    const keyLength = readVarint(data);
    if (keyLength < 0 || cursor + keyLength > data.length) {
      throw new KafkaError('CORRUPT_MESSAGE', 'A record has a header with a broken key');
    }
    const key = data.toString('utf8', cursor, cursor + keyLength);
    cursor += keyLength;
    const valueLength = readVarint(data);
    if (cursor + valueLength > data.length) {
      throw new KafkaError('CORRUPT_MESSAGE', 'A record has a header with a broken value');
    }
    const value = valueLength < 0 ? null : data.subarray(cursor, cursor + valueLength);
    if (valueLength > 0) cursor += valueLength;
    headers.push({ key, value });
  }
  return headers;
}

/** Where `readVarint` goes on. Module state: a visitor that starts another iteration inside is guarded by recordEnd. */
let cursor = 0;

function readVarint(data: Uint8Array): number {
  let byte = data[cursor++]!;
  if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
  let value = byte & 0x7f;
  let scale = 0x80;
  for (let i = 1; i < 10; i++) {
    byte = data[cursor++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    scale *= 0x80;
  }
  throw new KafkaError('CORRUPT_MESSAGE', 'A record batch has a number of more than 10 bytes');
}

/** Bytes of the batch that starts at `start`, by its length field. */
export function batchSizeAt(buffer: Buffer, start: number): number {
  return batchLogOverhead + buffer.readInt32BE(start + batchLayout.length);
}

/**
 * The whole batches in `buffer`, one after the other; an unfinished last one is left out, as a fetch may
 * end in one. Throws KafkaError where a length cannot be true or the format is not 2.
 */
export function* batches(buffer: Buffer): Generator<RecordBatch, void, undefined> {
  let start = 0;
  while (start + batchLogOverhead <= buffer.length) {
    const size = batchSizeAt(buffer, start);
    if (size < batchLayout.records) {
      throw new KafkaError('CORRUPT_MESSAGE', `A record batch says it has ${size} bytes`);
    }
    if (start + size > buffer.length) return;
    if (buffer[start + batchLayout.magic] !== 2) {
      throw new KafkaError('UNSUPPORTED_FOR_MESSAGE_FORMAT');
    }
    yield new RecordBatch(buffer, start, start + size);
    start += size;
  }
}
