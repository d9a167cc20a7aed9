import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { crc32c } from '../records/crc32c.js';

/** The summary of a segment in its index file. */
export interface SegmentSummary {
  /** The number of segment bytes that the index covers. */
  readonly size: number;
  readonly nextOffset: number;
  readonly maxTimestamp: number;
  readonly maxTimestampOffset: number;
  /** The timestamp of the first batch, from which `segment.ms` runs. */
  readonly firstTimestamp: number;
}

const fileVersion = 0x50534932;
const headerNumbers = 6;

/**
 * The sparse index of a segment: every few kilobytes an offset, the position of the batch that holds it,
 * and the largest timestamp up to there. Lookups by offset and by time then read on from that position.
 */
export class SegmentIndex {
  #offsets: number[] = [];
  #positions: number[] = [];
  #timestamps: number[] = [];

  get length(): number {
    return this.#offsets.length;
  }

  /** Adds an entry. `maxTimestampBefore` is the largest timestamp of all batches before the position. */
  add(offset: number, position: number, maxTimestampBefore: number): void {
    this.#offsets.push(offset);
    this.#positions.push(position);
    this.#timestamps.push(maxTimestampBefore);
  }

  /** A position at or before the batch that contains `offset`. */
  positionOf(offset: number): number {
    const at = lastAtMost(this.#offsets, offset);
    return at < 0 ? 0 : this.#positions[at]!;
  }

  /** A position at or before the first batch with a timestamp of `timestamp` or later. */
  positionOfTimestamp(timestamp: number): number {
    const at = lastAtMost(this.#timestamps, timestamp - 1);
    return at < 0 ? 0 : this.#positions[at]!;
  }

  save(path: string, summary: SegmentSummary): void {
    const count = this.#offsets.length;
    const numbers = new Float64Array(headerNumbers + count * 3);
    const { size, nextOffset, maxTimestamp, maxTimestampOffset, firstTimestamp } = summary;
    numbers.set([count, size, nextOffset, maxTimestamp, maxTimestampOffset, firstTimestamp]);
    numbers.set(this.#offsets, headerNumbers);
    numbers.set(this.#positions, headerNumbers + count);
    numbers.set(this.#timestamps, headerNumbers + count * 2);
    const body = Buffer.from(numbers.buffer);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(fileVersion, 0);
    head.writeUInt32BE(crc32c(body), 4);
    writeFileSync(`${path}.new`, Buffer.concat([head, body]));
    renameSync(`${path}.new`, path);
  }

  /** Returns undefined if the file is missing or incomplete. The segment must then be scanned. */
  static load(path: string): { index: SegmentIndex; summary: SegmentSummary } | undefined {
    let file: Buffer;
    try {
      file = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    if (file.length < 8 + headerNumbers * 8 || file.readUInt32BE(0) !== fileVersion) return undefined;
    if (crc32c(file, 8) !== file.readUInt32BE(4)) return undefined;
    const numbers = new Float64Array((file.length - 8) >>> 3);
    Buffer.from(numbers.buffer).set(file.subarray(8));
    const count = numbers[0]!;
    if (numbers.length !== headerNumbers + count * 3) return undefined;
    const column = (n: number): number[] =>
      Array.from(numbers.subarray(headerNumbers + count * n, headerNumbers + count * (n + 1)));
    const index = new SegmentIndex();
    index.#offsets = column(0);
    index.#positions = column(1);
    index.#timestamps = column(2);
    return {
      index,
      summary: {
        size: numbers[1]!,
        nextOffset: numbers[2]!,
        maxTimestamp: numbers[3]!,
        maxTimestampOffset: numbers[4]!,
        firstTimestamp: numbers[5]!,
      },
    };
  }
}

/** The index of the last element that is at most `limit` in an ascending list; -1 if there is none. */
function lastAtMost(list: readonly number[], limit: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
