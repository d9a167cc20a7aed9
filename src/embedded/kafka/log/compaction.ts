import { encodeBatch, type RecordToEncode } from '../records/encode-batch.js';
import { attributeBits, type RecordBatch } from '../records/record-batch.js';
import type { PartitionLog, SegmentReplacement } from './partition-log.js';
import { controlType } from './producer-states.js';
import type { Segment } from './segment.js';

/** The most keys that one pass remembers. Later records are left to the next pass. */
const mostKeys = 1_000_000;
const mostKeyBytes = 64 * 1024 * 1024;
/** Yield to the event loop after this many milliseconds of work. */
const slice = 8;

/**
 * Compacts a partition: of each key only the newest record stays, at its offset; tombstones go
 * `delete.retention.ms` after the pass that first saw them (KIP-534), records of aborted transactions at once.
 *
 * Works on closed segments below the last stable offset only, which nobody writes to, and in slices, so that
 * clients are served in between; the result takes their place in one step. Returns whether anything was done.
 */
export async function compact(
  log: PartitionLog,
  now: number,
  isStopped: () => boolean = () => false,
): Promise<boolean> {
  const segments = cleanable(log, now);
  if (segments.length === 0) return false;
  const end = segments.at(-1)!.nextOffset;
  const pace = new Pace();
  const newest = new Map<string, number>();
  const upTo = await rememberNewest(log, segments, newest, end, pace, isStopped);
  if (isStopped() || log.isDeleted) return false;
  const pass: Pass = {
    log,
    newest,
    upTo,
    now,
    horizon: now + log.configs.deleteRetentionMs,
    // Producers with a retained transactional record whose marker has not been seen yet.
    needMarker: new Set(),
  };
  const limit = Math.min(log.configs.segmentBytes, log.segmentSizeLimit);
  let group: Segment[] = [];
  let replacement: SegmentReplacement | undefined;
  for (const segment of segments.filter(({ baseOffset }) => baseOffset < upTo)) {
    // Merge adjacent segments while they fit into one.
    if (replacement !== undefined && replacement.size + segment.size > limit) {
      if (!replacement.commit(group)) return false;
      replacement = undefined;
      group = [];
    }
    replacement ??= log.newReplacement(segment.baseOffset);
    group.push(segment);
    for (const batch of listBatches(segment)) {
      const kept = clean(batch, pass);
      if (kept !== undefined) replacement.append(kept);
      await pace.rest();
      if (isStopped() || log.isDeleted) return replacement.discard();
    }
  }
  if (replacement?.commit(group) !== true) return false;
  log.cleanedOffset = upTo;
  return true;
}

interface Pass {
  readonly log: PartitionLog;
  readonly newest: ReadonlyMap<string, number>;
  readonly upTo: number;
  readonly now: number;
  readonly horizon: number;
  readonly needMarker: Set<number>;
}

/** The closed segments to compact, oldest first. None if too little is new (min.cleanable.dirty.ratio). */
function cleanable(log: PartitionLog, now: number): readonly Segment[] {
  const { isCompacted, minCompactionLagMs, maxCompactionLagMs, minCleanableDirtyRatio } = log.configs;
  if (!isCompacted || log.isDeleted) return [];
  const due: Segment[] = [];
  for (const segment of log.segments.slice(0, -1)) {
    if (segment.nextOffset > log.lastStableOffset) break;
    if (minCompactionLagMs > 0 && segment.maxTimestamp > now - minCompactionLagMs) break;
    due.push(segment);
  }
  const dirty = due.filter((segment) => segment.nextOffset > log.cleanedOffset);
  if (dirty.length === 0) return [];
  const sizeOf = (list: readonly Segment[]) => list.reduce((sum, segment) => sum + segment.size, 0);
  const isOverdue = dirty.some((segment) => now - segment.firstTimestamp > maxCompactionLagMs);
  return isOverdue || sizeOf(dirty) / sizeOf(due) >= minCleanableDirtyRatio ? due : [];
}

/** Fills the map with the newest offset of each key. Returns the offset up to which it is complete. */
async function rememberNewest(
  log: PartitionLog,
  segments: readonly Segment[],
  newest: Map<string, number>,
  end: number,
  pace: Pace,
  isStopped: () => boolean,
): Promise<number> {
  let keyBytes = 0;
  for (const segment of segments) {
    if (segment.nextOffset <= log.cleanedOffset) continue;
    for (const batch of listBatches(segment)) {
      if (batch.nextOffset <= log.cleanedOffset) continue;
      if (newest.size > mostKeys || keyBytes > mostKeyBytes) return batch.baseOffset;
      if (batch.isControl || isAborted(log, batch)) continue;
      batch.forEachRecordRange((offset, _timestamp, data, keyStart, keyEnd) => {
        if (keyStart < 0) return;
        newest.set(data.toString('latin1', keyStart, keyEnd), offset);
        keyBytes += keyEnd - keyStart;
      });
      await pace.rest();
      if (isStopped() || log.isDeleted) return batch.baseOffset;
    }
  }
  return end;
}

/** Returns what remains of a batch: the batch itself, a smaller one, or undefined if nothing does. */
function clean(batch: RecordBatch, pass: Pass): Buffer | undefined {
  if (batch.baseOffset >= pass.upTo) return batch.bytes;
  if (batch.isControl) return cleanMarker(batch, pass);
  if (isAborted(pass.log, batch)) return undefined;
  const hasHorizon = (batch.attributes & attributeBits.deleteHorizon) !== 0;
  const isPastHorizon = hasHorizon && batch.baseTimestamp <= pass.now;
  const records: RecordToEncode[] = [];
  const deltas: number[] = [];
  let hasTombstone = false;
  batch.forEachRecord((offset, timestamp, key, value, headers) => {
    if (key === null || (pass.newest.get(key.toString('latin1')) ?? -1) > offset) return;
    if (value === null) {
      if (isPastHorizon) return;
      hasTombstone = true;
    }
    records.push({ key, value, timestamp, headers });
    deltas.push(offset - batch.baseOffset);
  });
  if (records.length === 0) return undefined;
  if (batch.isTransactional) pass.needMarker.add(batch.producerId);
  const needsHorizon = hasTombstone && !hasHorizon;
  if (records.length === batch.recordCount && !needsHorizon) return batch.bytes;
  const deleteHorizon = hasHorizon ? batch.baseTimestamp : pass.horizon;
  return encodeBatch(records, {
    compression: batch.compression,
    isTransactional: batch.isTransactional,
    isLogAppendTime: batch.isLogAppendTime,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    baseOffset: batch.baseOffset,
    offsetDeltas: deltas,
    lastOffsetDelta: batch.lastOffsetDelta,
    ...(hasTombstone ? { deleteHorizon } : {}),
  });
}

/** A marker is retained as long as a record of its transaction, and at least for `delete.retention.ms`. */
function cleanMarker(batch: RecordBatch, pass: Pass): Buffer | undefined {
  const isNeeded = controlType(batch) === undefined || pass.needMarker.delete(batch.producerId);
  const isFresh = batch.maxTimestamp > pass.now - pass.log.configs.deleteRetentionMs;
  return isNeeded || isFresh ? batch.bytes : undefined;
}

function isAborted(log: PartitionLog, batch: RecordBatch): boolean {
  return batch.isTransactional && log.producers.isAborted(batch.producerId, batch.baseOffset);
}

function* listBatches(segment: Segment): Generator<RecordBatch> {
  let position = 0;
  while (position < segment.size) {
    const found: RecordBatch[] = [];
    let bytes = 0;
    segment.scan(position, (batch) => {
      found.push(batch);
      bytes += batch.sizeInBytes;
      return bytes < batchWindow;
    });
    if (found.length === 0) return;
    yield* found;
    position += bytes;
  }
}

const batchWindow = 1024 * 1024;

/** Yields to the event loop periodically. */
class Pace {
  #since = performance.now();

  rest(): Promise<void> | undefined {
    if (performance.now() - this.#since < slice) return undefined;
    return new Promise((resolve) => {
      setImmediate(() => {
        this.#since = performance.now();
        resolve();
      });
    });
  }
}
