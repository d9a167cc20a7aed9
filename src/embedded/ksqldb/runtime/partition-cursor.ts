import type { PartitionLog } from '../../kafka/log/partition-log.js';
import { batches } from '../../kafka/records/record-batch.js';
import type { RawRecord } from '../operators/operator-env.js';

const readBytes = 256 * 1024;

/**
 * Reads the committed records of one partition, one at a time (KIP-98). Waits for open transactions to end and skips
 * the records of aborted ones.
 */
export class PartitionCursor {
  readonly topic: string;
  readonly log: PartitionLog;
  /** The offset of the next record to process. */
  position: number;
  #records: RawRecord[] = [];
  #next = 0;
  /** The offset of the next read from the log. It is ahead of `position` by the buffered records. */
  #readAt: number;

  constructor(topic: string, log: PartitionLog, position: number) {
    this.topic = topic;
    this.log = log;
    this.position = position;
    this.#readAt = position;
  }

  /** Returns the next record without consuming it. Undefined at the end of the log or at `limit`. */
  peek(limit = Number.POSITIVE_INFINITY): RawRecord | undefined {
    if (this.#next >= this.#records.length) this.#fill();
    const record = this.#records[this.#next];
    return record === undefined || record.offset >= limit ? undefined : record;
  }

  take(): void {
    this.position = this.#records[this.#next]!.offset + 1;
    this.#next++;
    // After the last record, there may be offsets of control batches or compacted records.
    if (this.#next >= this.#records.length) this.position = this.#readAt;
  }

  get hasMore(): boolean {
    return this.#next < this.#records.length || this.#readAt < this.log.lastStableOffset;
  }

  #fill(): void {
    this.#records = [];
    this.#next = 0;
    if (this.log.isDeleted) return;
    if (this.#readAt < this.log.startOffset) this.#readAt = this.log.startOffset;
    const end = this.log.lastStableOffset;
    while (this.#records.length === 0 && this.#readAt < end) {
      const bytes = this.log.read(this.#readAt, readBytes, end);
      if (bytes.length === 0) return;
      const from = this.#readAt;
      for (const batch of batches(bytes)) {
        this.#readAt = batch.nextOffset;
        if (batch.isControl || !this.log.isCommitted(batch)) continue;
        const { partition } = this.log;
        batch.forEachRecord((offset, time, key, value, headers) => {
          if (offset >= from) this.#records.push({ partition, offset, time, key, value, headers });
        });
      }
      if (this.#records.length === 0) this.position = this.#readAt;
    }
  }
}
