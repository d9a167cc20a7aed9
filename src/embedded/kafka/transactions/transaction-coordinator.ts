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
  /** A transactional id that is not used for this long is forgotten. */
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
  /** The epoch that the producer itself asked to leave (KIP-360); -1 if a new instance took over. */
  epochBeforeBump: number;
  timeoutMs: number;
  state: TransactionState;
  /** Keyed by "partition topic". */
  readonly partitions: Map<string, TopicPartition>;
  startedAt: number;
  updatedAt: number;
  timer: NodeJS.Timeout | undefined;
}

const transactionsTopic = '__transaction_state';
const highestEpoch = 32_766;
const longestTimer = 2_147_483_647;

/**
 * Transactions (KIP-98), kept in `__transaction_state`. The end of a transaction, its markers in all
 * partitions and the new state, is one atomic append of the log store: there is no time in between, so
 * Kafka's prepared states never occur and clients never meet CONCURRENT_TRANSACTIONS.
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
   * Gives a producer its id and epoch; an open transaction of an earlier instance is aborted. `known` is what
   * a client that lost its state had before (KIP-360), ids of -1 if nothing.
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
      this.#transactions.set(transactionalId, created);
      this.#save(created);
      return created;
    }
    const isBump = known.producerId >= 0;
    if (isBump) {
      const isSame = known.producerId === existing.producerId;
      // The answer to this very request was lost.
      if (isSame && known.producerEpoch === existing.epochBeforeBump) return existing;
      if (!isSame || known.producerEpoch !== existing.producerEpoch) throw new KafkaError('PRODUCER_FENCED');
    }
    const epochBefore = existing.producerEpoch;
    if (existing.state === 'Ongoing') this.#end(existing, false, existing.producerEpoch + 1);
    if (existing.producerEpoch >= highestEpoch) {
      existing.producerId = this.#ids.next();
      existing.producerEpoch = 0;
      existing.epochBeforeBump = -1;
    } else {
      existing.producerEpoch++;
      existing.epochBeforeBump = isBump ? epochBefore : -1;
    }
    existing.timeoutMs = timeoutMs;
    existing.state = 'Empty';
    this.#save(existing);
    return existing;
  }

  /** Adds partitions to the producer's transaction, beginning it with the first. Throws KafkaError. */
  addPartitions(
    transactionalId: string,
    producerId: number,
    producerEpoch: number,
    partitions: readonly TopicPartition[],
  ): void {
    const transaction = this.#owned(transactionalId, producerId, producerEpoch);
    const added = partitions.filter((partition) => !transaction.partitions.has(keyOf(partition)));
    if (transaction.state === 'Ongoing' && added.length === 0) return;
    if (transaction.state !== 'Ongoing') {
      transaction.partitions.clear();
      transaction.state = 'Ongoing';
      transaction.startedAt = Date.now();
      this.#startTimer(transaction);
    }
    for (const partition of added) transaction.partitions.set(keyOf(partition), partition);
    this.#save(transaction);
  }

  /** Announces that the transaction will commit offsets of a group. Throws KafkaError. */
  addOffsets(transactionalId: string, producerId: number, producerEpoch: number): void {
    this.addPartitions(transactionalId, producerId, producerEpoch, [
      { topic: offsetsTopic, partition: offsetsPartition },
    ]);
  }

  /** Commits or aborts; a repeated request is answered as the first one. Throws KafkaError. */
  end(transactionalId: string, producerId: number, producerEpoch: number, isCommit: boolean): void {
    const transaction = this.#owned(transactionalId, producerId, producerEpoch);
    if (transaction.state === (isCommit ? 'CompleteCommit' : 'CompleteAbort')) return;
    if (transaction.state !== 'Ongoing') {
      throw new KafkaError('INVALID_TXN_STATE', `The transaction is in state ${transaction.state}`);
    }
    this.#end(transaction, isCommit, producerEpoch);
  }

  /** Is this partition part of the producer's open transaction? Throws KafkaError if not. */
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

  /** Forgets transactional ids that were not used for long. */
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
    clearTimeout(transaction.timer);
    transaction.timer = undefined;
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
    transaction.state = ended.state;
    transaction.producerEpoch = markerEpoch;
    transaction.partitions.clear();
    transaction.updatedAt = now;
    if (touchesOffsets) this.#groups.completeTransaction(transaction.producerId, isCommit);
  }

  #startTimer(transaction: Transaction): void {
    clearTimeout(transaction.timer);
    const rest = transaction.startedAt + transaction.timeoutMs - Date.now();
    transaction.timer = setTimeout(
      () => this.#expire(transaction),
      Math.min(Math.max(rest, 0), longestTimer),
    );
    transaction.timer.unref();
  }

  /** The producer is silent for too long: abort, and shut it out with a new epoch. */
  #expire(transaction: Transaction): void {
    if (transaction.state !== 'Ongoing') return;
    this.#log('warn', `Transaction ${transaction.transactionalId} timed out and is aborted`);
    try {
      this.#end(transaction, false, Math.min(transaction.producerEpoch + 1, highestEpoch + 1));
    } catch (error) {
      this.#log('error', `Transaction ${transaction.transactionalId} could not be aborted: ${String(error)}`);
    }
  }

  #save(transaction: Transaction): void {
    transaction.updatedAt = Date.now();
    this.#ensureTopic();
    const batch = this.#encode(transaction.transactionalId, saved(transaction));
    this.#store.appendAtomically([{ topic: transactionsTopic, partition: 0, batch }]);
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

/** A control batch that ends a producer's transaction in one partition. */
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
