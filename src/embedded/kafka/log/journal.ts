import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { crc32c } from '../records/crc32c.js';
import { writeFully } from './segment-bytes.js';

/** A batch to be appended to a partition. Its base offset is already set. */
export interface JournalEntry {
  readonly topicId: string;
  readonly partition: number;
  readonly batch: Buffer;
}

const recordHead = 12;
const entryHead = 16 + 4 + 4;
const resetAt = 8 * 1024 * 1024;

/**
 * Makes appends to several partitions one: all of them are written here in one checksummed record before the
 * first partition is touched. After a crash, whole records are applied again to partitions that lack them.
 */
export class Journal {
  readonly #handle: number;
  readonly #fsync: boolean;
  #position: number;

  constructor(path: string, fsync: boolean) {
    this.#handle = openSync(path, constants.O_RDWR | constants.O_CREAT);
    this.#fsync = fsync;
    this.#position = fstatSync(this.#handle).size;
  }

  get needsReset(): boolean {
    return this.#position > resetAt;
  }

  write(entries: readonly JournalEntry[]): void {
    let size = recordHead;
    for (const entry of entries) size += entryHead + entry.batch.length;
    const record = Buffer.allocUnsafe(size);
    record.writeUInt32BE(size - 8, 0);
    record.writeUInt32BE(entries.length, 8);
    let at = recordHead;
    for (const entry of entries) {
      record.write(entry.topicId, at, 'hex');
      record.writeInt32BE(entry.partition, at + 16);
      record.writeUInt32BE(entry.batch.length, at + 20);
      at += entryHead;
      record.set(entry.batch, at);
      at += entry.batch.length;
    }
    record.writeUInt32BE(crc32c(record, 8), 4);
    writeFully(this.#handle, record, this.#position);
    this.#position += size;
    if (this.#fsync) fsyncSync(this.#handle);
  }

  /** Removes all records. The partitions must contain all of them, and with fsync have them on disk. */
  reset(): void {
    ftruncateSync(this.#handle, 0);
    this.#position = 0;
  }

  close(): void {
    closeSync(this.#handle);
  }

  /** Reads the complete records of a journal file, oldest first. Stops at a torn or corrupt one. */
  static *records(path: string): Generator<readonly JournalEntry[]> {
    let file: Buffer;
    try {
      file = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    let start = 0;
    while (start + recordHead <= file.length) {
      const end = start + 8 + file.readUInt32BE(start);
      if (end > file.length || crc32c(file, start + 8, end) !== file.readUInt32BE(start + 4)) return;
      const entries: JournalEntry[] = [];
      let at = start + recordHead;
      for (let n = file.readUInt32BE(start + 8); n > 0; n--) {
        const length = file.readUInt32BE(at + 20);
        entries.push({
          topicId: file.toString('hex', at, at + 16),
          partition: file.readInt32BE(at + 16),
          batch: file.subarray(at + entryHead, at + entryHead + length),
        });
        at += entryHead + length;
      }
      yield entries;
      start = end;
    }
  }
}
