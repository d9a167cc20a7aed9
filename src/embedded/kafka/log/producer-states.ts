import { KafkaError } from '../errors/error-codes.js';
import type { RecordBatch } from '../records/record-batch.js';

interface WrittenBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly timestamp: number;
}

interface ProducerState {
  epoch: number;
  /** The newest batches, oldest first. At most five, the limit of a client's in-flight requests. */
  batches: WrittenBatch[];
  /** The first offset of the producer's open transaction, or -1. */
  transactionStart: number;
  lastTimestamp: number;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** How a control record ends its transaction. */
export type ControlType = 'abort' | 'commit';

const rememberedBatches = 5;
const maxSequence = 0x7fffffff;

/**
 * A partition's idempotent and transactional producers (KIP-98): their newest sequences, the open transactions, which
 * determine the last stable offset, and the aborted transactions.
 */
export class ProducerStates {
  readonly #producers = new Map<number, ProducerState>();
  #aborted: AbortedTransaction[] = [];

  /**
   * Checks a client's batch before it is appended. If the batch is a duplicate, returns the base offset of the original.
   *
   * @throws KafkaError OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH
   */
  check(batch: RecordBatch): number | undefined {
    const producerId = batch.producerId;
    if (producerId < 0) return undefined;
    const state = this.#producers.get(producerId);
    const epoch = batch.producerEpoch;
    const first = batch.baseSequence;
    const last = addSequence(first, batch.lastOffsetDelta);
    if (state === undefined) return undefined;
    if (epoch < state.epoch) {
      throw new KafkaError(
        'INVALID_PRODUCER_EPOCH',
        `Producer ${producerId} wrote with epoch ${epoch}, the partition has seen ${state.epoch}`,
      );
    }
    if (epoch > state.epoch) {
      if (first !== 0) throw outOfOrder(producerId, first, 0);
      return undefined;
    }
    for (const written of state.batches) {
      if (written.firstSequence === first && written.lastSequence === last) return written.baseOffset;
    }
    const newest = state.batches.at(-1);
    if (newest === undefined) return undefined;
    const expected = addSequence(newest.lastSequence, 1);
    if (first !== expected) throw outOfOrder(producerId, first, expected);
    return undefined;
  }

  /** Throws INVALID_PRODUCER_EPOCH if a newer epoch of the producer has written here. */
  checkEpoch(producerId: number, epoch: number): void {
    const state = this.#producers.get(producerId);
    if (state !== undefined && epoch < state.epoch) {
      throw new KafkaError('INVALID_PRODUCER_EPOCH');
    }
  }

  /** Records an appended batch. `now` is the time of the append in milliseconds. */
  update(batch: RecordBatch, now: number): void {
    const producerId = batch.producerId;
    if (producerId < 0) return;
    let state = this.#producers.get(producerId);
    if (state === undefined) {
      state = { epoch: batch.producerEpoch, batches: [], transactionStart: -1, lastTimestamp: 0 };
      this.#producers.set(producerId, state);
    }
    if (batch.producerEpoch !== state.epoch) {
      state.epoch = batch.producerEpoch;
      state.batches = [];
    }
    state.lastTimestamp = now;
    const baseOffset = batch.baseOffset;
    if (batch.isControl) {
      const type = controlType(batch);
      if (type === 'abort' && state.transactionStart >= 0) {
        this.#aborted.push({ producerId, firstOffset: state.transactionStart, lastOffset: baseOffset });
      }
      if (type !== undefined) state.transactionStart = -1;
      return;
    }
    const firstSequence = batch.baseSequence;
    if (firstSequence >= 0) {
      state.batches.push({
        firstSequence,
        lastSequence: addSequence(firstSequence, batch.lastOffsetDelta),
        baseOffset,
        timestamp: batch.maxTimestamp,
      });
      if (state.batches.length > rememberedBatches) state.batches.shift();
    }
    if (batch.isTransactional && state.transactionStart < 0) state.transactionStart = baseOffset;
  }

  hasOpenTransaction(producerId: number): boolean {
    return (this.#producers.get(producerId)?.transactionStart ?? -1) >= 0;
  }

  /** The first offset of the oldest open transaction; undefined if none is open. */
  get firstUnstableOffset(): number | undefined {
    let first: number | undefined;
    for (const state of this.#producers.values()) {
      if (state.transactionStart >= 0 && (first === undefined || state.transactionStart < first)) {
        first = state.transactionStart;
      }
    }
    return first;
  }

  /** The aborted transactions that overlap the offsets from `from` up to `to` (exclusive). */
  abortedBetween(from: number, to: number): readonly AbortedTransaction[] {
    if (this.#aborted.length === 0) return this.#aborted;
    return this.#aborted.filter((aborted) => aborted.lastOffset >= from && aborted.firstOffset < to);
  }

  isAborted(producerId: number, offset: number): boolean {
    return this.#aborted.some(
      (aborted) =>
        aborted.producerId === producerId && aborted.firstOffset <= offset && offset <= aborted.lastOffset,
    );
  }

  /** Removes transactions before the log's start, and producers that were inactive since `before` (milliseconds). */
  expire(startOffset: number, before: number): void {
    this.#aborted = this.#aborted.filter((aborted) => aborted.lastOffset >= startOffset);
    for (const [id, state] of this.#producers) {
      if (state.lastTimestamp < before && state.transactionStart < 0) this.#producers.delete(id);
    }
  }

  /** The producers as DescribeProducers returns them: -1 if there is no sequence or transaction. */
  *entries(): Generator<{
    readonly producerId: number;
    readonly epoch: number;
    readonly lastSequence: number;
    readonly lastTimestamp: number;
    readonly transactionStart: number;
  }> {
    for (const [producerId, { epoch, batches, lastTimestamp, transactionStart }] of this.#producers) {
      const lastSequence = batches.at(-1)?.lastSequence ?? -1;
      yield { producerId, epoch, lastSequence, lastTimestamp, transactionStart };
    }
  }

  toJSON(): unknown {
    return { producers: [...this.#producers], aborted: this.#aborted };
  }

  /** Restores the result of `toJSON`. Returns undefined for anything else. */
  static fromJSON(json: unknown): ProducerStates | undefined {
    const saved = json as { producers?: [number, ProducerState][]; aborted?: AbortedTransaction[] } | null;
    if (!Array.isArray(saved?.producers) || !Array.isArray(saved.aborted)) return undefined;
    const states = new ProducerStates();
    for (const [id, state] of saved.producers) states.#producers.set(id, state);
    states.#aborted = saved.aborted;
    return states;
  }
}

/** The type of a control batch's marker; undefined for types that clients skip. */
export function controlType(batch: RecordBatch): ControlType | undefined {
  let type: ControlType | undefined;
  batch.forEachRecordRange((_offset, _timestamp, data, keyStart, keyEnd) => {
    if (keyStart < 0 || keyEnd - keyStart < 4) return;
    const number = data.readInt16BE(keyStart + 2);
    if (number === 0) type = 'abort';
    if (number === 1) type = 'commit';
  });
  return type;
}

/** Sequences wrap from 2^31 - 1 to 0. */
function addSequence(sequence: number, increment: number): number {
  return sequence > maxSequence - increment ? increment - (maxSequence - sequence) - 1 : sequence + increment;
}

function outOfOrder(producerId: number, got: number, expected: number): KafkaError {
  return new KafkaError(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `Producer ${producerId} sent sequence ${got} where ${expected} comes next`,
  );
}
