import type { BrokerLog } from '../errors/broker-log.js';
import { KafkaError, type KafkaErrorName } from '../errors/error-codes.js';
import { type GroupCoordinator, offsetsPartition, offsetsTopic } from '../groups/group-coordinator.js';
import type { LogStore } from '../log/log-store.js';
import { encodeBatch } from '../records/encode-batch.js';
import { batches } from '../records/record-batch.js';
import { ProducerIds } from './producer-ids.js';
import {
  decodeTransactionKey,
  decodeTransactionValue,
  encodeTransactionKey,
  encodeTransactionValue,
  type SavedTransaction,
  type TransactionState,
} from './transaction-records.js';

export interface TransactionSettings {
  readonly maxTimeoutMs: number;
  /** A transactional id expires after it was unused for this long. */
  readonly idExpirationMs: number;
}

export const defaultTransactionSettings: TransactionSettings = {
  maxTimeoutMs: 900_000,
  idExpirationMs: 7 * 24 * 3600 * 1000,
};

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Transaction {
  readonly transactionalId: string;
  producerId: number;
  producerEpoch: number;
  /** The epoch before a bump that the producer itself requested (KIP-360); -1 if a new instance took over. */
  epochBeforeBump: number;
  timeoutMs: number;
  state: TransactionState;
  /** Keyed by "partition topic". */
  partitions: ReadonlyMap<string, TopicPartition>;
  startedAt: number;
  updatedAt: number;
  timer: NodeJS.Timeout | undefined;
}

const transactionsTopic = '__transaction_state';
const highestEpoch = 32_766;
/** The longest delay that setTimeout supports. */
const longestTimer = 2_147_483_647;
/** How long to wait before another attempt to abort a timed-out transaction after a failed write. */
const retryAbortMs = 10_000;

/**
 * Coordinates transactions (KIP-98) and persists them in `__transaction_state`.
 *
 * The log store appends a transaction's new state and its markers in all partitions atomically. Kafka's prepared
 * states therefore never occur, and clients never see CONCURRENT_TRANSACTIONS.
 */
export class TransactionCoordinator {
  readonly #store: LogStore;
  readonly #groups: GroupCoordinator;
  readonly #settings: TransactionSettings;
  readonly #ids: ProducerIds;
  readonly #log: BrokerLog;
  readonly #transactions = new Map<string, Transaction>();

  constructor(
    store: LogStore,
    groups: GroupCoordinator,
    log: BrokerLog,
    settings: TransactionSettings = defaultTransactionSettings,
  ) {
    this.#store = store;
    this.#groups = groups;
    this.#log = log;
    this.#settings = settings;
    this.#ids = new ProducerIds(store.dataDir);
    this.#load();
  }

  /**
   * Assigns a producer id and epoch, and aborts an open transaction of an earlier instance.
   *
   * @param known the id and epoch that the client had before it lost its state (KIP-360); -1 for a new client
   * @throws KafkaError INVALID_REQUEST, INVALID_TRANSACTION_TIMEOUT, PRODUCER_FENCED
   */
  initProducerId(
    transactionalId: string | null,
    timeoutMs: number,
    known: { readonly producerId: number; readonly producerEpoch: number },
  ): { readonly producerId: number; readonly producerEpoch: number } {
    if (transactionalId === null) return { producerId: this.#ids.next(), producerEpoch: 0 };
    if (transactionalId === '') throw new KafkaError('INVALID_REQUEST', 'The transactional id is empty');
    if (timeoutMs <= 0 || timeoutMs > this.#settings.maxTimeoutMs) {
      throw new KafkaError('INVALID_TRANSACTION_TIMEOUT');
    }
    const existing = this.#transactions.get(transactionalId);
    if (existing === undefined) {
      const created: Transaction = {
        transactionalId,
        producerId: this.#ids.next(),
        producerEpoch: 0,
        epochBeforeBump: -1,
        timeoutMs,
        state: 'Empty',
        partitions: new Map(),
        startedAt: -1,
        updatedAt: Date.now(),
        timer: undefined,
      };
      this.#change(created, {});
      this.#transactions.set(transactionalId, created);
      return created;
    }
    const isBump = known.producerId >= 0;
    if (isBump) {
      const isSame = known.producerId === existing.producerId;
      // The client repeats the request because it never got the response.
      if (isSame && known.producerEpoch === existing.epochBeforeBump) return existing;
      if (!isSame || known.producerEpoch !== existing.producerEpoch) throw new KafkaError('PRODUCER_FENCED');
    }
    const epochBefore = existing.producerEpoch;
    if (existing.state === 'Ongoing') this.#end(existing, false, existing.producerEpoch + 1);
    const isExhausted = existing.producerEpoch >= highestEpoch;
    this.#change(existing, {
      producerId: isExhausted ? this.#ids.next() : existing.producerId,
      producerEpoch: isExhausted ? 0 : existing.producerEpoch + 1,
      epochBeforeBump: isBump && !isExhausted ? epochBefore : -1,
      timeoutMs,
      state: 'Empty',
    });
    return existing;
  }

  /**
   * Adds partitions to the producer's transaction. The first ones start it.
   *
   * @throws KafkaError INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED
   */
  addPartitions(
    transactionalId: string,
    producerId: number,
    producerEpoch: number,
    partitions: readonly TopicPartition[],
  ): void {
    const transaction = this.#owned(transactionalId, producerId, producerEpoch);
    const isOngoing = transaction.state === 'Ongoing';
    if (isOngoing && partitions.every((partition) => transaction.partitions.has(keyOf(partition)))) return;
    const all = new Map(isOngoing ? transaction.partitions : []);
    for (const partition of partitions) all.set(keyOf(partition), partition);
    if (isOngoing) {
      this.#change(transaction, { partitions: all });
    } else {
      this.#change(transaction, { state: 'Ongoing', startedAt: Date.now(), partitions: all });
      this.#startTimer(transaction);
    }
  }

  /** Adds the offsets topic to the transaction, which will commit offsets of a group. Throws as addPartitions. */
  addOffsets(transactionalId: string, producerId: number, producerEpoch: number): void {
    this.addPartitions(transactionalId, producerId, producerEpoch, [
      { topic: offsetsTopic, partition: offsetsPartition },
    ]);
  }

  /**
   * Commits or aborts the transaction. Repeating the request has no effect.
   *
   * @throws KafkaError INVALID_PRODUCER_ID_MAPPING, PRODUCER_FENCED, INVALID_TXN_STATE
   */
  end(transactionalId: string, producerId: number, producerEpoch: number, isCommit: boolean): void {
    const transaction = this.#owned(transactionalId, producerId, producerEpoch);
    if (transaction.state === (isCommit ? 'CompleteCommit' : 'CompleteAbort')) return;
    if (transaction.state !== 'Ongoing') {
      throw new KafkaError('INVALID_TXN_STATE', `The transaction is in state ${transaction.state}`);
    }
    this.#end(transaction, isCommit, producerEpoch);
  }

  /**
   * Checks that a partition belongs to the producer's open transaction.
   *
   * @throws KafkaError INVALID_PRODUCER_ID_MAPPING, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE
   */
  checkProduce(
    transactionalId: string | null,
    producerId: number,
    producerEpoch: number,
    topic: string,
    partition: number,
  ): void {
    if (transactionalId === null)
      throw new KafkaError('INVALID_TXN_STATE', 'The request has no transactional id');
    const transaction = this.#transactions.get(transactionalId);
    if (transaction === undefined || transaction.producerId !== producerId) {
      throw new KafkaError('INVALID_PRODUCER_ID_MAPPING');
    }
    if (transaction.producerEpoch !== producerEpoch) throw new KafkaError('INVALID_PRODUCER_EPOCH');
    if (transaction.state !== 'Ongoing' || !transaction.partitions.has(keyOf({ topic, partition }))) {
      throw new KafkaError('INVALID_TXN_STATE', `${topic}-${partition} is not part of an open transaction`);
    }
  }

  /** Checks that the producer's open transaction may commit offsets. Returns the error, if any. */
  checkOffsetCommit(
    transactionalId: string,
    producerId: number,
    producerEpoch: number,
  ): KafkaErrorName | undefined {
    try {
      this.checkProduce(transactionalId, producerId, producerEpoch, offsetsTopic, offsetsPartition);
      return undefined;
    } catch (error) {
      if (error instanceof KafkaError) return error.code;
      throw error;
    }
  }

  transaction(transactionalId: string): Transaction | undefined {
    return this.#transactions.get(transactionalId);
  }

  transactions(): readonly Transaction[] {
    return [...this.#transactions.values()];
  }

  /** Removes expired transactional ids. */
  maintain(): void {
    const before = Date.now() - this.#settings.idExpirationMs;
    for (const transaction of this.transactions()) {
      if (transaction.state === 'Ongoing' || transaction.updatedAt > before) continue;
      this.#transactions.delete(transaction.transactionalId);
      const key = encodeTransactionKey(transaction.transactionalId);
      this.#ensureTopic();
      const batch = encodeBatch([{ key, value: null, timestamp: Date.now() }]);
      this.#store.appendAtomically([{ topic: transactionsTopic, partition: 0, batch }]);
    }
  }

  close(): void {
    for (const transaction of this.#transactions.values()) clearTimeout(transaction.timer);
  }

  #owned(transactionalId: string, producerId: number, producerEpoch: number): Transaction {
    if (transactionalId === '') throw new KafkaError('INVALID_REQUEST', 'The transactional id is empty');
    const transaction = this.#transactions.get(transactionalId);
    if (transaction === undefined || transaction.producerId !== producerId) {
      throw new KafkaError('INVALID_PRODUCER_ID_MAPPING');
    }
    if (transaction.producerEpoch !== producerEpoch) throw new KafkaError('PRODUCER_FENCED');
    return transaction;
  }

  #end(transaction: Transaction, isCommit: boolean, markerEpoch: number): void {
    const touchesOffsets = transaction.partitions.has(
      keyOf({ topic: offsetsTopic, partition: offsetsPartition }),
    );
    const now = Date.now();
    const targets = [...transaction.partitions.values()].filter(
      ({ topic, partition }) => this.#store.partition(topic, partition) !== undefined,
    );
    const ended = {
      ...saved(transaction),
      state: isCommit ? ('CompleteCommit' as const) : ('CompleteAbort' as const),
      producerEpoch: markerEpoch,
      partitions: [],
      updatedAt: now,
    };
    this.#ensureTopic();
    this.#store.appendAtomically([
      ...targets.map(({ topic, partition }) => ({
        topic,
        partition,
        batch: encodeMarker(transaction.producerId, markerEpoch, isCommit, now),
      })),
      { topic: transactionsTopic, partition: 0, batch: this.#encode(transaction.transactionalId, ended) },
    ]);
    clearTimeout(transaction.timer);
    transaction.timer = undefined;
    transaction.state = ended.state;
    transaction.producerEpoch = markerEpoch;
    transaction.partitions = new Map();
    transaction.updatedAt = now;
    if (touchesOffsets) this.#groups.completeTransaction(transaction.producerId, isCommit);
  }

  #startTimer(transaction: Transaction): void {
    const left = transaction.startedAt + transaction.timeoutMs - Date.now();
    this.#expireIn(transaction, Math.max(left, 0));
  }

  #expireIn(transaction: Transaction, delayMs: number): void {
    clearTimeout(transaction.timer);
    transaction.timer = setTimeout(() => this.#expire(transaction), Math.min(delayMs, longestTimer));
    transaction.timer.unref();
  }

  /** Aborts a transaction that has timed out, and fences its producer with a new epoch. */
  #expire(transaction: Transaction): void {
    if (transaction.state !== 'Ongoing') return;
    this.#log('warn', `Transaction ${transaction.transactionalId} timed out and is aborted`);
    try {
      this.#end(transaction, false, Math.min(transaction.producerEpoch + 1, highestEpoch + 1));
    } catch (error) {
      this.#log('error', `Transaction ${transaction.transactionalId} could not be aborted: ${String(error)}`);
      // An open transaction hides all later records from read_committed consumers, so keep trying.
      this.#expireIn(transaction, retryAbortMs);
    }
  }

  /** Saves changes to a transaction and then applies them. If the write fails, nothing changes. */
  #change(transaction: Transaction, changes: Partial<Transaction>): void {
    const changed = { ...transaction, ...changes, updatedAt: Date.now() };
    this.#ensureTopic();
    const batch = this.#encode(transaction.transactionalId, saved(changed));
    this.#store.appendAtomically([{ topic: transactionsTopic, partition: 0, batch }]);
    Object.assign(transaction, changed);
  }

  #encode(transactionalId: string, transaction: SavedTransaction): Buffer {
    return encodeBatch([
      {
        key: encodeTransactionKey(transactionalId),
        value: encodeTransactionValue(transaction),
        timestamp: transaction.updatedAt,
      },
    ]);
  }

  #ensureTopic(): void {
    if (this.#store.topic(transactionsTopic) !== undefined) return;
    this.#store.createTopic(transactionsTopic, {
      partitions: 1,
      configs: { 'cleanup.policy': 'compact', 'segment.bytes': '16777216' },
    });
  }

  #load(): void {
    const log = this.#store.partition(transactionsTopic, 0);
    if (log === undefined) return;
    let offset = log.startOffset;
    while (offset < log.endOffset) {
      const data = log.read(offset, 1024 * 1024);
      if (data.length === 0) break;
      for (const batch of batches(data)) {
        offset = batch.nextOffset;
        batch.forEachRecord((_offset, _timestamp, key, value) => {
          if (key !== null) this.#restore(decodeTransactionKey(key), value);
        });
      }
    }
    for (const transaction of this.#transactions.values()) {
      if (transaction.state === 'Ongoing') this.#startTimer(transaction);
    }
  }

  #restore(transactionalId: string, value: Buffer | null): void {
    if (value === null) {
      this.#transactions.delete(transactionalId);
      return;
    }
    const { partitions, ...rest } = decodeTransactionValue(value);
    const list = partitions.flatMap(({ topic, partitions: numbers }) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    this.#transactions.set(transactionalId, {
      ...rest,
      epochBeforeBump: -1,
      transactionalId,
      partitions: new Map(list.map((partition) => [keyOf(partition), partition])),
      timer: undefined,
    });
  }
}

/** Encodes the control batch that ends a producer's transaction in one partition. */
function encodeMarker(
  producerId: number,
  producerEpoch: number,
  isCommit: boolean,
  timestamp: number,
): Buffer {
  const key = Buffer.from([0, 0, 0, isCommit ? 1 : 0]);
  const value = Buffer.alloc(6);
  return encodeBatch([{ key, value, timestamp }], {
    isControl: true,
    isTransactional: true,
    producerId,
    producerEpoch,
  });
}

function saved(transaction: Transaction): SavedTransaction {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of transaction.partitions.values()) {
    const list = byTopic.get(topic);
    if (list === undefined) byTopic.set(topic, [partition]);
    else list.push(partition);
  }
  return {
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    timeoutMs: transaction.timeoutMs,
    state: transaction.state,
    partitions: [...byTopic].map(([topic, partitions]) => ({ topic, partitions })),
    updatedAt: transaction.updatedAt,
    startedAt: transaction.startedAt,
  };
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}
