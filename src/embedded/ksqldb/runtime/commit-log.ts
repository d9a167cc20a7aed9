import type { AtomicAppend, LogStore } from '../../kafka/log/log-store.js';
import { encodeBatch, type RecordToEncode } from '../../kafka/records/encode-batch.js';
import { batches } from '../../kafka/records/record-batch.js';
import type { StateStore } from '../state/state-store.js';
import type { OutputRecord } from './output-record.js';

/** The next offset to read, by topic and partition. */
export type CommittedPositions = Readonly<Record<string, readonly number[]>>;

interface SavedCommit {
  readonly positions: CommittedPositions;
  /** The stream times of each store. */
  readonly times: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

export interface Commit {
  readonly queryId: string;
  readonly positions: CommittedPositions;
  readonly stores: readonly StateStore[];
  readonly sinkTopic?: string;
  readonly outputs: readonly OutputRecord[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Keeps batches smaller than the default fetch size of consumers. */
const batchBytes = 256 * 1024;

/**
 * Commits a query's progress in one atomic append: its output records, the changes of its state and its positions.
 * If topics are in memory only, state and positions are not logged.
 */
export class CommitLog {
  readonly #store: LogStore;
  readonly #serviceId: string;
  readonly #topic: string;
  readonly #isDurable: boolean;

  constructor(store: LogStore, serviceId: string) {
    this.#store = store;
    this.#serviceId = serviceId;
    this.#topic = `_confluent-ksql-${serviceId}query_positions`;
    this.#isDurable = store.dataDir !== null;
    if (this.#isDurable && store.topic(this.#topic) === undefined) {
      store.createTopic(this.#topic, { partitions: 1, configs: { 'cleanup.policy': 'compact' } });
    }
  }

  changelogTopic(queryId: string, storeName: string): string {
    return `_confluent-ksql-${this.#serviceId}query_${queryId}-${storeName}-changelog`;
  }

  /** Creates the changelog topics of a query's stores. */
  prepare(queryId: string, stores: readonly StateStore[], partitions: number): void {
    if (!this.#isDurable) return;
    for (const { name } of stores) {
      const topic = this.changelogTopic(queryId, name);
      if (this.#store.topic(topic) !== undefined) continue;
      this.#store.createTopic(topic, { partitions, configs: { 'cleanup.policy': 'compact' } });
    }
  }

  write({ queryId, positions, stores, sinkTopic, outputs, now }: Commit): void {
    const appends: AtomicAppend[] = [];
    if (sinkTopic !== undefined) addOutputs(appends, sinkTopic, outputs);
    if (this.#isDurable) {
      for (const store of stores) this.#addChanges(appends, queryId, store);
      const times = Object.fromEntries(stores.map((store) => [store.name, store.saveTimes()]));
      appends.push(this.#positionsBatch(queryId, { positions, times }, now));
    } else {
      for (const store of stores) store.forgetChanges();
    }
    if (appends.length > 0) this.#store.appendAtomically(appends);
  }

  /** Restores the stores of a query from their changelogs. */
  restore(queryId: string, stores: readonly StateStore[], saved: SavedCommit | undefined): void {
    for (const store of stores) {
      const topic = this.#store.topic(this.changelogTopic(queryId, store.name));
      for (const log of topic?.partitions ?? []) {
        readAll(log, (time, key, value) => store.restore(log.partition, Buffer.from(key!), value, time));
      }
      const times = saved?.times[store.name];
      if (times !== undefined) store.restoreTimes(times);
    }
  }

  /** Reads the last commit of each query, by the query's id. */
  savedCommits(): ReadonlyMap<string, SavedCommit> {
    const saved = new Map<string, SavedCommit>();
    for (const log of this.#store.topic(this.#topic)?.partitions ?? []) {
      readAll(log, (_, key, value) => {
        const id = key!.toString('utf8');
        if (value === null) saved.delete(id);
        else saved.set(id, JSON.parse(value.toString('utf8')) as SavedCommit);
      });
    }
    return saved;
  }

  /** Deletes the positions and changelogs of a terminated query. */
  remove(queryId: string, stores: readonly StateStore[]): void {
    if (!this.#isDurable) return;
    const key = Buffer.from(queryId, 'utf8');
    const batch = encodeBatch([{ key, value: null, timestamp: Date.now() }]);
    this.#store.appendAtomically([{ topic: this.#topic, partition: 0, batch }]);
    for (const { name } of stores) {
      const topic = this.changelogTopic(queryId, name);
      if (this.#store.topic(topic) !== undefined) this.#store.deleteTopic(topic);
    }
  }

  #addChanges(appends: AtomicAppend[], queryId: string, store: StateStore): void {
    const byPartition: RecordToEncode[][] = [];
    for (const { partition, key, value, time } of store.takeChanges()) {
      byPartition[partition] ??= [];
      byPartition[partition].push({ key, value, timestamp: time });
    }
    const topic = this.changelogTopic(queryId, store.name);
    byPartition.forEach((records, partition) => {
      addBatches(appends, topic, partition, records);
    });
  }

  #positionsBatch(queryId: string, saved: SavedCommit, now: number): AtomicAppend {
    const record = {
      key: Buffer.from(queryId, 'utf8'),
      value: Buffer.from(JSON.stringify(saved), 'utf8'),
      timestamp: now,
    };
    return { topic: this.#topic, partition: 0, batch: encodeBatch([record]) };
  }
}

function addOutputs(appends: AtomicAppend[], topic: string, outputs: readonly OutputRecord[]): void {
  const byPartition: OutputRecord[][] = [];
  for (const record of outputs) {
    byPartition[record.partition] ??= [];
    byPartition[record.partition]!.push(record);
  }
  byPartition.forEach((records, partition) => {
    addBatches(appends, topic, partition, records);
  });
}

function addBatches(
  appends: AtomicAppend[],
  topic: string,
  partition: number,
  records: readonly RecordToEncode[],
): void {
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < records.length; i++) {
    bytes += (records[i]!.key?.length ?? 0) + (records[i]!.value?.length ?? 0) + 16;
    if (bytes < batchBytes && i < records.length - 1) continue;
    appends.push({ topic, partition, batch: encodeBatch(records.slice(from, i + 1)), isOwned: true });
    from = i + 1;
    bytes = 0;
  }
}

type ReadableLog = NonNullable<ReturnType<LogStore['partition']>>;

function readAll(
  log: ReadableLog,
  visit: (time: number, key: Buffer | null, value: Buffer | null) => void,
): void {
  let offset = log.startOffset;
  while (offset < log.endOffset) {
    const bytes = log.read(offset, 1024 * 1024);
    if (bytes.length === 0) return;
    for (const batch of batches(bytes)) {
      offset = batch.nextOffset;
      if (batch.isControl) continue;
      batch.forEachRecord((_, time, key, value) => visit(time, key, value));
    }
  }
}
