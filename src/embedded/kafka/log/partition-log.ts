import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KafkaError } from '../errors/error-codes.js';
import { writeInt64 } from '../records/int64.js';
import { attributeBits, batchLayout, batchSizeAt, RecordBatch } from '../records/record-batch.js';
import type { FileHandles } from './file-handles.js';
import {
  finishCompaction,
  loadPartitionState,
  type PartitionState,
  padded,
  savePartitionState,
} from './partition-folder.js';
import { ProducerStates } from './producer-states.js';
import { Segment } from './segment.js';
import { FileBytes, MemoryBytes, type TailBudget } from './segment-bytes.js';
import { syncDirectory } from './sync-directory.js';
import type { TopicConfigs } from './topic-configs.js';

/** Resources that all partitions of a store share. */
export interface LogContext {
  readonly handles: FileHandles;
  readonly budget: TailBudget;
  /** Whether every append is forced to disk before it returns. */
  readonly fsync: boolean;
  readonly now: () => number;
}

/** Segments are rolled at this size at the latest. It bounds recovery after a crash, and memory. */
const largestFileSegment = 128 * 1024 * 1024;
const largestMemorySegment = 16 * 1024 * 1024;
/** Only closed segments are compacted, so in-memory segments stay small. */
const largestCompactedMemorySegment = 2 * 1024 * 1024;
/** Kafka: producer.id.expiration.ms. */
const producerExpirationMs = 86_400_000;
const leaderEpoch = 0;

const empty = Buffer.alloc(0);

/** A segment under construction (compaction). `commit` returns false if the old segments are gone. */
export interface SegmentReplacement {
  readonly size: number;
  append(batch: Buffer): void;
  /** Replaces `old`, which must be adjacent segments. */
  commit(old: readonly Segment[]): boolean;
  /** Removes the new segment. Returns false because nothing was replaced. */
  discard(): false;
}

/** One partition: an ordered, append-only log of record batches. Offsets are numbers below 2^53. */
export class PartitionLog {
  readonly topicName: string;
  readonly partition: number;
  /** Sequences and transactions of the producers that write to this partition. */
  producers = new ProducerStates();
  /** The offset up to which the log is compacted. */
  cleanedOffset = 0;
  readonly #dir: string | null;
  readonly #context: LogContext;
  #configs: TopicConfigs;
  #segments: Segment[] = [];
  #startOffset = 0;
  #endOffset = 0;
  #isDeleted = false;
  readonly #listeners = new Set<() => void>();

  /** Opens the partition, and repairs its folder. `dir` is null for a partition in memory. */
  constructor(
    topicName: string,
    partition: number,
    dir: string | null,
    configs: TopicConfigs,
    context: LogContext,
  ) {
    this.topicName = topicName;
    this.partition = partition;
    this.#dir = dir;
    this.#configs = configs;
    this.#context = context;
    if (dir !== null) this.#open(dir);
  }

  get startOffset(): number {
    return this.#startOffset;
  }

  /** The offset of the next record. Also the high watermark, since there are no other replicas. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** The offset up to which every transaction has ended, and read_committed consumers may read. */
  get lastStableOffset(): number {
    return this.producers.firstUnstableOffset ?? this.#endOffset;
  }

  get leaderEpoch(): number {
    return leaderEpoch;
  }

  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** The log's size in bytes. */
  get size(): number {
    let size = 0;
    for (const segment of this.#segments) size += segment.size;
    return size;
  }

  /** Oldest first. The last segment is the active one. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  get configs(): TopicConfigs {
    return this.#configs;
  }

  /**
   * Appends one encoded batch and returns its base offset. Sets the batch's base offset and leader epoch in place, and
   * the timestamp on a topic with LogAppendTime. With `isOwned`, the log keeps the buffer instead of a copy, and the
   * caller must not use it again. The batch is not validated here (see validate-batch.ts).
   */
  append(batch: Buffer, isOwned = false): number {
    this.#checkAlive();
    const baseOffset = this.#endOffset;
    this.place(batch, baseOffset);
    this.appendPlaced(batch, isOwned);
    if (this.#context.fsync) this.sync();
    this.notify();
    return baseOffset;
  }

  /** Sets the fields of the batch that the leader assigns. Returns the offset after the batch. */
  place(bytes: Buffer, baseOffset: number): number {
    const batch = new RecordBatch(bytes, 0, bytes.length);
    batch.place(baseOffset, leaderEpoch);
    if (this.#configs.usesAppendTime && !batch.isLogAppendTime) {
      bytes.writeInt16BE(batch.attributes | attributeBits.logAppendTime, batchLayout.attributes);
      writeInt64(bytes, this.#context.now(), batchLayout.maxTimestamp);
      batch.seal();
    }
    return baseOffset + batch.lastOffsetDelta + 1;
  }

  /** Appends a batch that already has its offset, without fsync and without notifying listeners. */
  appendPlaced(bytes: Buffer, isOwned = false): void {
    this.#checkAlive();
    const batch = new RecordBatch(bytes, 0, bytes.length);
    const segment = this.#segmentFor(bytes.length, batch);
    segment.append(batch, bytes, isOwned);
    this.#endOffset = segment.nextOffset;
    this.producers.update(batch, this.#context.now());
  }

  /** Forces appended data to disk. */
  sync(): void {
    this.#segments.at(-1)?.bytes.sync();
  }

  /**
   * Reads whole batches from the one that contains `offset`: at most `maxBytes`, but at least one batch. Returns an
   * empty buffer at the end of the log or at `limit` (default: the end). The result is a view and must not be changed.
   *
   * @throws KafkaError OFFSET_OUT_OF_RANGE before the start and after the end
   */
  read(offset: number, maxBytes: number, limit = this.#endOffset): Buffer {
    if (offset >= limit && offset <= this.#endOffset) return empty;
    this.#checkAlive();
    if (offset < this.#startOffset || offset > this.#endOffset) {
      throw new KafkaError(
        'OFFSET_OUT_OF_RANGE',
        `Offset ${offset} is not within ${this.#startOffset} to ${this.#endOffset}`,
        { where: `${this.topicName}-${this.partition}` },
      );
    }
    for (let i = this.#segmentIndexOf(offset); i < this.#segments.length; i++) {
      const data = this.#segments[i]!.read(offset, maxBytes, limit);
      if (data.length > 0) return data;
    }
    return empty;
  }

  /**
   * Whether read_committed consumers see this batch. Only valid for batches below the last stable offset, because the
   * later ones are undecided.
   */
  isCommitted(batch: RecordBatch): boolean {
    if (batch.isControl) return false;
    return !batch.isTransactional || !this.producers.isAborted(batch.producerId, batch.baseOffset);
  }

  /** Reads like `read`, but in several pieces if needed to fill `maxBytes`. */
  readMany(offset: number, maxBytes: number, limit = this.#endOffset): readonly Buffer[] {
    const first = this.read(offset, maxBytes, limit);
    if (first.length === 0) return [];
    const pieces = [first];
    let left = maxBytes - first.length;
    let last = first;
    while (left > 0) {
      let next = 0;
      for (let at = 0; at < last.length; at += batchSizeAt(last, at)) next = at;
      const piece = this.read(new RecordBatch(last, next).nextOffset, left, limit);
      if (piece.length === 0 || piece.length > left) break;
      pieces.push(piece);
      left -= piece.length;
      last = piece;
    }
    return pieces;
  }

  /** Calls `listener` synchronously after every append. It must be quick and must not throw. Returns how to unsubscribe. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  notify(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Finds the first record whose timestamp is `timestamp` or later. Returns null if there is none. */
  offsetForTimestamp(timestamp: number): { readonly offset: number; readonly timestamp: number } | null {
    let found: { offset: number; timestamp: number } | null = null;
    for (const segment of this.#segments) {
      if (segment.maxTimestamp < timestamp) continue;
      segment.scanFromTimestamp(timestamp, (batch) => {
        if (batch.maxTimestamp < timestamp || batch.nextOffset <= this.#startOffset) return true;
        batch.forEachRecordRange((offset, recordTimestamp) => {
          if (found === null && recordTimestamp >= timestamp && offset >= this.#startOffset) {
            found = { offset, timestamp: recordTimestamp };
          }
        });
        return found === null;
      });
      if (found !== null) break;
    }
    return found;
  }

  /** Finds the record with the largest timestamp (ListOffsets -3, KIP-734). Returns null if the log is empty. */
  offsetOfMaxTimestamp(): { readonly offset: number; readonly timestamp: number } | null {
    let best: Segment | undefined;
    for (const segment of this.#segments) {
      if (segment.size > 0 && (best === undefined || segment.maxTimestamp > best.maxTimestamp))
        best = segment;
    }
    return best === undefined ? null : this.offsetForTimestamp(best.maxTimestamp);
  }

  /** Moves the start of the log forward (DeleteRecords), and removes whole segments before it. */
  deleteRecordsBefore(offset: number): void {
    if (offset <= this.#startOffset) return;
    if (offset > this.#endOffset) throw new KafkaError('OFFSET_OUT_OF_RANGE');
    this.#startOffset = offset;
    if (this.#dir !== null) this.#saveState();
    while (this.#segments.length > 1 && this.#segments[1]!.baseOffset <= offset) {
      this.#segments.shift()!.remove();
    }
    const only = this.#segments[0];
    if (offset === this.#endOffset && only !== undefined && only.size > 0) {
      this.roll();
      this.#segments.shift()!.remove();
    }
    this.producers.expire(offset, 0);
  }

  /** Closes the active segment and starts a new one at the end offset. */
  roll(): void {
    const active = this.#segments.at(-1);
    if (active !== undefined) {
      if (active.size === 0) return;
      active.saveIndex();
      if (this.#dir !== null) {
        // Syncing a whole segment is slow, so it happens only with fsync.
        if (this.#context.fsync) active.bytes.sync();
        this.#saveState();
      }
    }
    this.#segments.push(this.#newSegment(this.#endOffset));
  }

  /** The most bytes in a segment, regardless of the topic's configs. */
  get segmentSizeLimit(): number {
    if (this.#dir !== null) return largestFileSegment;
    return this.#configs.isCompacted ? largestCompactedMemorySegment : largestMemorySegment;
  }

  /** Starts a segment that will replace closed segments, the first of which starts at `base`. */
  newReplacement(base: number): SegmentReplacement {
    const path = this.#dir === null ? null : join(this.#dir, `${padded(base)}.cleaned`);
    if (path !== null) rmSync(path, { force: true });
    const fresh =
      path === null
        ? new Segment(base, new MemoryBytes(), null, this.#configs.indexIntervalBytes)
        : this.#fileSegment(base, path);
    return {
      get size() {
        return fresh.size;
      },
      append: (batch) => fresh.append(new RecordBatch(batch, 0, batch.length), batch),
      commit: (old) => this.#replace(old, fresh, path),
      discard: () => {
        fresh.bytes.remove();
        return false;
      },
    };
  }

  /** Swaps segments so that a crash at any point leaves either the old ones or the new one. */
  #replace(old: readonly Segment[], fresh: Segment, path: string | null): boolean {
    const at = this.#segments.indexOf(old[0]!);
    const isStillThere = at >= 0 && old.every((segment, i) => this.#segments[at + i] === segment);
    if (this.#isDeleted || !isStillThere) {
      fresh.bytes.remove();
      return false;
    }
    fresh.nextOffset = old.at(-1)!.nextOffset;
    if (path === null) {
      this.#segments.splice(at, old.length, fresh);
      return true;
    }
    const swap = join(this.#dir!, `${padded(fresh.baseOffset)}-${padded(fresh.nextOffset)}.swap`);
    if (fresh.size === 0) writeFileSync(path, '');
    else if (this.#context.fsync) fresh.bytes.sync();
    fresh.close();
    renameSync(path, swap);
    for (const segment of old) segment.remove();
    const final = join(this.#dir!, `${padded(fresh.baseOffset)}.log`);
    renameSync(swap, final);
    if (this.#context.fsync) syncDirectory(this.#dir!);
    const segment = this.#fileSegment(fresh.baseOffset, final);
    segment.recover();
    segment.nextOffset = fresh.nextOffset;
    segment.saveIndex();
    this.#segments.splice(at, old.length, segment);
    return true;
  }

  /**
   * Removes segments whose records are all beyond retention, by age and by size, and expires producers that were
   * inactive for a day. Returns the number of removed segments.
   */
  applyRetention(): number {
    this.producers.expire(this.#startOffset, this.#context.now() - producerExpirationMs);
    const { isDeleted, retentionMs, retentionBytes } = this.#configs;
    if (!isDeleted) return 0;
    const now = this.#context.now();
    let size = this.size;
    let removed = 0;
    while (this.#segments.length > 0) {
      const oldest = this.#segments[0]!;
      if (oldest.size === 0) break;
      const tooOld = retentionMs >= 0 && oldest.maxTimestamp >= 0 && now - oldest.maxTimestamp > retentionMs;
      const tooMuch = retentionBytes >= 0 && size - oldest.size >= retentionBytes;
      if ((!tooOld && !tooMuch) || oldest.nextOffset > this.lastStableOffset) break;
      // The active segment is removed only because of its age.
      if (this.#segments.length === 1 && !tooOld) break;
      size -= oldest.size;
      this.deleteRecordsBefore(this.#segments[1]?.baseOffset ?? this.#endOffset);
      removed++;
    }
    return removed;
  }

  configure(configs: TopicConfigs): void {
    this.#configs = configs;
  }

  /** Saves the index and the producers, which makes the next start quick, and closes the files. */
  close(): void {
    const active = this.#segments.at(-1);
    if (this.#dir !== null && active !== undefined && !this.#isDeleted) {
      active.saveIndex();
      this.#saveState();
    }
    for (const segment of this.#segments) segment.close();
  }

  /** Marks the topic as deleted: later reads and appends throw UNKNOWN_TOPIC_OR_PARTITION. Notifies listeners. */
  markDeleted(): void {
    this.#isDeleted = true;
    for (const segment of this.#segments) segment.close();
    this.#segments = [];
    this.notify();
  }

  #checkAlive(): void {
    if (this.#isDeleted) {
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `Topic ${this.topicName} was deleted`);
    }
  }

  #segmentFor(bytes: number, batch: RecordBatch): Segment {
    const active = this.#segments.at(-1);
    if (active === undefined) {
      this.roll();
      return this.#segments.at(-1)!;
    }
    if (active.size === 0) return active;
    const isFull = active.size + bytes > Math.min(this.#configs.segmentBytes, this.segmentSizeLimit);
    const isOld =
      active.firstTimestamp >= 0 && batch.maxTimestamp - active.firstTimestamp > this.#configs.segmentMs;
    if (!isFull && !isOld) return active;
    this.roll();
    return this.#segments.at(-1)!;
  }

  #segmentIndexOf(offset: number): number {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#segments[middle]!.baseOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #newSegment(baseOffset: number): Segment {
    const interval = this.#configs.indexIntervalBytes;
    if (this.#dir === null) return new Segment(baseOffset, new MemoryBytes(), null, interval);
    const path = join(this.#dir, `${padded(baseOffset)}.log`);
    // Create the file right away: the name of an empty segment preserves the end offset.
    this.#context.handles.get(path);
    if (this.#context.fsync) syncDirectory(this.#dir);
    return this.#fileSegment(baseOffset, path);
  }

  #fileSegment(baseOffset: number, path: string): Segment {
    const bytes = new FileBytes(path, this.#context.handles, this.#context.budget);
    return new Segment(baseOffset, bytes, path.replace(/\.\w+$/, '.index'), this.#configs.indexIntervalBytes);
  }

  #open(dir: string): void {
    mkdirSync(dir, { recursive: true });
    finishCompaction(dir);
    const names = readdirSync(dir).filter((name) => name.endsWith('.log'));
    const bases = names.map((name) => Number(name.slice(0, -4))).sort((a, b) => a - b);
    this.#segments = bases.map((base) => this.#fileSegment(base, join(dir, `${padded(base)}.log`)));
    const saved = loadPartitionState(dir);
    const last = this.#segments.at(-1);
    for (const segment of this.#segments) {
      if (segment.loadIndex()) continue;
      segment.recover();
      if (segment !== last) segment.saveIndex();
    }
    this.#endOffset = Math.max(last?.nextOffset ?? 0, 0);
    this.#startOffset = Math.min(
      Math.max(saved?.startOffset ?? 0, this.#segments[0]?.baseOffset ?? 0),
      this.#endOffset,
    );
    this.cleanedOffset = Math.min(saved?.cleanedOffset ?? 0, this.#endOffset);
    this.#restoreProducers(saved);
  }

  #restoreProducers(saved: PartitionState | undefined): void {
    let from = 0;
    const producers = saved === undefined ? undefined : ProducerStates.fromJSON(saved.producers);
    if (saved !== undefined && producers !== undefined && saved.producersOffset <= this.#endOffset) {
      this.producers = producers;
      from = saved.producersOffset;
    }
    for (const segment of this.#segments) {
      if (segment.nextOffset <= from) continue;
      segment.scanFromOffset(from, (batch) => {
        this.producers.update(batch, this.#context.now());
        return true;
      });
    }
  }

  #saveState(): void {
    savePartitionState(this.#dir!, {
      startOffset: this.#startOffset,
      producersOffset: this.#endOffset,
      producers: this.producers.toJSON(),
      cleanedOffset: this.cleanedOffset,
    });
  }
}
