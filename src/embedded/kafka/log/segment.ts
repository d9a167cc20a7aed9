import { unlinkSync } from 'node:fs';
import { KafkaError } from '../errors/error-codes.js';
import { readInt64 } from '../records/int64.js';
import { batchLayout, batchLogOverhead, RecordBatch } from '../records/record-batch.js';
import type { SegmentBytes } from './segment-bytes.js';
import { SegmentIndex, type SegmentSummary } from './segment-index.js';

const empty = Buffer.alloc(0);
const headerBytes = batchLayout.records;
const scanWindow = 1024 * 1024;

/** A part of a partition's log from `baseOffset` on: its bytes, its index, and the data for retention. */
export class Segment {
  readonly baseOffset: number;
  readonly bytes: SegmentBytes;
  readonly #indexPath: string | null;
  readonly #indexInterval: number;
  #index = new SegmentIndex();
  #lastIndexed = 0;
  nextOffset: number;
  maxTimestamp = -1;
  maxTimestampOffset = -1;
  /** The timestamp of the first batch, from which `segment.ms` runs; -1 if empty. */
  firstTimestamp = -1;

  /** `indexPath` is null for a segment in memory. */
  constructor(baseOffset: number, bytes: SegmentBytes, indexPath: string | null, indexInterval: number) {
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
    this.bytes = bytes;
    this.#indexPath = indexPath;
    this.#indexInterval = indexInterval;
  }

  get size(): number {
    return this.bytes.size;
  }

  append(batch: RecordBatch, bytes: Buffer, isOwned = false): void {
    const position = this.bytes.size;
    this.bytes.append(bytes, isOwned);
    this.#note(batch, position);
  }

  #note(batch: RecordBatch, position: number): void {
    const maxTimestamp = batch.maxTimestamp;
    if (position === 0) this.firstTimestamp = maxTimestamp;
    if (position - this.#lastIndexed >= this.#indexInterval) {
      this.#index.add(batch.baseOffset, position, this.maxTimestamp);
      this.#lastIndexed = position;
    }
    if (maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = maxTimestamp;
      this.maxTimestampOffset = batch.lastOffset;
    }
    this.nextOffset = batch.nextOffset;
  }

  /**
   * Whole batches from the one that holds `offset` (or follows it, where compaction left a gap), at most
   * `maxBytes` but at least one, none that starts at `limit` or later.
   */
  read(offset: number, maxBytes: number, limit: number): Buffer {
    let position = this.#index.positionOf(offset);
    const window = Math.max(maxBytes, 16 * 1024);
    while (position < this.bytes.size) {
      const data = this.bytes.read(position, window);
      let at = 0;
      while (at + headerBytes <= data.length && nextOffsetAt(data, at) <= offset) at += sizeAt(data, at);
      if (at + headerBytes > data.length) {
        if (at === 0) return empty;
        position += at;
        continue;
      }
      const first = sizeAt(data, at);
      if (readInt64(data, at) >= limit) return empty;
      if (at + first > data.length) {
        const whole = this.bytes.read(position + at, first);
        return whole.length < first ? empty : whole;
      }
      let end = at + first;
      while (end + headerBytes <= data.length) {
        const next = end + sizeAt(data, end);
        if (next > data.length || next - at > maxBytes || readInt64(data, end) >= limit) break;
        end = next;
      }
      return data.subarray(at, end);
    }
    return empty;
  }

  /** Visits the batches from `position` on; stops when `visit` returns false. */
  scan(position: number, visit: (batch: RecordBatch, position: number) => boolean): void {
    let at = position;
    while (at < this.bytes.size) {
      let data = this.bytes.read(at, scanWindow);
      if (data.length < headerBytes) return;
      const first = batchLogOverhead + data.readInt32BE(batchLayout.length);
      if (first < headerBytes || first > this.bytes.size - at) return;
      if (first > data.length) {
        data = this.bytes.read(at, first);
        if (data.length < first) return;
      }
      let start = 0;
      while (start + headerBytes <= data.length) {
        const size = batchLogOverhead + data.readInt32BE(start + batchLayout.length);
        if (size < headerBytes || start + size > data.length) break;
        if (!visit(new RecordBatch(data, start, start + size), at + start)) return;
        start += size;
      }
      if (start === 0) return;
      at += start;
    }
  }

  /** Visits the batches in order from the first one that may contain a timestamp of `timestamp` or later. */
  scanFromTimestamp(timestamp: number, visit: (batch: RecordBatch) => boolean): void {
    this.scan(this.#index.positionOfTimestamp(timestamp), visit);
  }

  scanFromOffset(offset: number, visit: (batch: RecordBatch) => boolean): void {
    this.scan(this.#index.positionOf(offset), (batch) => (batch.nextOffset <= offset ? true : visit(batch)));
  }

  /**
   * Rebuilds index and bounds by reading all batches, and cuts off what is torn or broken at the end.
   * Returns how many bytes were cut.
   */
  recover(visit?: (batch: RecordBatch) => void): number {
    this.#index = new SegmentIndex();
    this.#lastIndexed = 0;
    this.nextOffset = this.baseOffset;
    this.maxTimestamp = -1;
    this.maxTimestampOffset = -1;
    this.firstTimestamp = -1;
    let good = 0;
    this.scan(0, (batch, position) => {
      if (batch.magic !== 2 || batch.baseOffset < this.nextOffset || !batch.isIntact()) return false;
      this.#note(batch, position);
      good = position + batch.sizeInBytes;
      visit?.(batch);
      return true;
    });
    const cut = this.bytes.size - good;
    if (cut > 0) this.bytes.truncate(good);
    return cut;
  }

  /** Loads the index file if it matches the segment's bytes. Returns whether it did. */
  loadIndex(): boolean {
    if (this.#indexPath === null) return false;
    const loaded = SegmentIndex.load(this.#indexPath);
    if (loaded === undefined || loaded.summary.size !== this.bytes.size) return false;
    this.#index = loaded.index;
    this.#lastIndexed = this.bytes.size;
    this.nextOffset = loaded.summary.nextOffset;
    this.maxTimestamp = loaded.summary.maxTimestamp;
    this.maxTimestampOffset = loaded.summary.maxTimestampOffset;
    this.firstTimestamp = loaded.summary.firstTimestamp;
    return true;
  }

  saveIndex(): void {
    if (this.#indexPath === null || this.bytes.size === 0) return;
    const summary: SegmentSummary = {
      size: this.bytes.size,
      nextOffset: this.nextOffset,
      maxTimestamp: this.maxTimestamp,
      maxTimestampOffset: this.maxTimestampOffset,
      firstTimestamp: this.firstTimestamp,
    };
    this.#index.save(this.#indexPath, summary);
  }

  close(): void {
    this.bytes.close();
  }

  remove(): void {
    this.bytes.remove();
    if (this.#indexPath === null) return;
    try {
      unlinkSync(this.#indexPath);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
}

function sizeAt(data: Buffer, at: number): number {
  const size = batchLogOverhead + data.readInt32BE(at + batchLayout.length);
  if (size < headerBytes) throw new KafkaError('CORRUPT_MESSAGE', 'A segment holds a batch without a header');
  return size;
}

function nextOffsetAt(data: Buffer, at: number): number {
  return readInt64(data, at) + data.readInt32BE(at + batchLayout.lastOffsetDelta) + 1;
}
