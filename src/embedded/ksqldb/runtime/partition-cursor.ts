import type { PartitionLog } from '../../kafka/log/partition-log.js';
import { batches } from '../../kafka/records/record-batch.js';
import type { RawRecord } from '../operators/operator-env.js';

const readBytes = 256 * 1024;

/**
 * Reads one partition of a source topic record by record: committed records only, as exactly-once processing does
 * (KIP-98). What an open transaction holds is waited for, what was aborted is passed over.
 */
export class PartitionCursor {
  readonly topic: string;
  readonly log: PartitionLog;
  /** The offset of the next record to process. */
  position: number;
  #records: RawRecord[] = [];
  #next = 0;
  /** Where reading goes on; ahead of `position` by the records at hand. */
  #readAt: number;

  constructor(topic: string, log: PartitionLog, position: number) {
    this.topic = topic;
    this.log = log;
    this.position = position;
    this.#readAt = position;
  }

  /** The next record without taking it; undefined at the end of the log, or at `limit`. */
  peek(limit = Number.POSITIVE_INFINITY): RawRecord | undefined {
    if (this.#next >= this.#records.length) this.#fill();
    const record = this.#records[this.#next];
    return record === undefined || record.offset >= limit ? undefined : record;
  }

  take(): void {
    this.position = this.#records[this.#next]!.offset + 1;
    this.#next++;
    // Behind the last record may stand offsets without one: of control batches, or compacted away.
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
