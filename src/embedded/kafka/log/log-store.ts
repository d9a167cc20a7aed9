import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PaystreamError } from '../../../errors/paystream-error.js';
import { KafkaError } from '../errors/error-codes.js';
import { readInt64 } from '../records/int64.js';
import { compact } from './compaction.js';
import { DirectoryLock } from './directory-lock.js';
import { FileHandles } from './file-handles.js';
import { Journal, type JournalEntry } from './journal.js';
import { type LogContext, PartitionLog } from './partition-log.js';
import { TailBudget } from './segment-bytes.js';
import { syncDirectory } from './sync-directory.js';
import { Topic, topicNameProblem } from './topic.js';
import { TopicConfigs } from './topic-configs.js';

export interface LogStoreOptions {
  /** The folder for all data; null keeps everything in memory. Only one process at a time may use a folder. */
  readonly dataDir: string | null;
  /** Force every append to disk before it is acknowledged. Survives power loss, but is slower. */
  readonly fsync?: boolean;
  /** The clock for LogAppendTime and retention, in milliseconds since 1970. */
  readonly now?: () => number;
}

export interface TopicSpec {
  readonly partitions: number;
  readonly configs?: Readonly<Record<string, string>>;
}

export interface AtomicAppend {
  readonly topic: string;
  readonly partition: number;
  /** One encoded record batch. Modified in place, as by PartitionLog.append. */
  readonly batch: Buffer;
  /** Lets the log keep the buffer instead of a copy. The caller must not use it again. */
  readonly isOwned?: boolean;
}

export type TopicChange = 'created' | 'deleted' | 'changed';

interface SavedTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

const tailCacheBytes = 32 * 1024 * 1024;
const mostPartitions = 10_000;
const topicFile = 'topic.json';
const deletedSuffix = '.deleted';

/** All topics of a broker. Every call is synchronous: its writes are in the page cache when it returns. */
export class LogStore {
  readonly dataDir: string | null;
  readonly #topics = new Map<string, Topic>();
  readonly #topicsById = new Map<string, Topic>();
  readonly #listeners = new Set<(topic: string, kind: TopicChange) => void>();
  readonly #context: LogContext;
  readonly #lock: DirectoryLock | null;
  readonly #journal: Journal | null;
  #isClosed = false;
  #compaction: Promise<void> | undefined;
  #failure: unknown;

  /** Opens the store and recovers from a crash. Throws PaystreamError DATA_DIR_IN_USE, DATA_DIR_BROKEN. */
  static open(options: LogStoreOptions): LogStore {
    return new LogStore(options);
  }

  private constructor(options: LogStoreOptions) {
    this.dataDir = options.dataDir;
    this.#context = {
      handles: new FileHandles(),
      budget: new TailBudget(tailCacheBytes),
      fsync: options.fsync ?? false,
      now: options.now ?? Date.now,
    };
    if (options.dataDir === null) {
      this.#lock = null;
      this.#journal = null;
      return;
    }
    mkdirSync(join(options.dataDir, 'topics'), { recursive: true });
    this.#lock = DirectoryLock.take(options.dataDir);
    try {
      this.#load(options.dataDir);
      const journalPath = join(options.dataDir, 'journal');
      this.#replay(journalPath);
      this.#journal = new Journal(journalPath, this.#context.fsync);
      this.#resetJournal(this.#journal, true);
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** Creates a topic. Throws KafkaError TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG. */
  createTopic(name: string, spec: TopicSpec): Topic {
    this.checkNewTopic(name, spec);
    const configs = new TopicConfigs({ ...spec.configs });
    const id = randomBytes(16).toString('hex');
    if (this.dataDir !== null) {
      mkdirSync(this.#topicDir(this.dataDir, name), { recursive: true });
      this.#saveTopic({ name, id, partitions: spec.partitions, configs: configs.overrides });
    }
    const topic = new Topic(name, id, this.#openPartitions(name, 0, spec.partitions, configs), configs);
    this.#add(topic);
    this.#tell(name, 'created');
    return topic;
  }

  /** Throws the errors of `createTopic` without creating the topic. */
  checkNewTopic(name: string, spec: TopicSpec): void {
    this.#checkOpen();
    const problem = topicNameProblem(name);
    if (problem !== undefined) throw new KafkaError('INVALID_TOPIC_EXCEPTION', problem);
    if (this.#topics.has(name)) {
      throw new KafkaError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`);
    }
    const twin = this.#collidingTopic(name);
    if (twin !== undefined) {
      throw new KafkaError(
        'INVALID_TOPIC_EXCEPTION',
        `Topic '${name}' collides with existing topic: ${twin} ('.' and '_' count as the same)`,
      );
    }
    checkPartitionCount(spec.partitions);
    new TopicConfigs({ ...spec.configs });
  }

  /** Deletes a topic. Throws KafkaError UNKNOWN_TOPIC_OR_PARTITION. */
  deleteTopic(name: string): void {
    this.#checkOpen();
    const topic = this.#existing(name);
    this.#topics.delete(name);
    this.#topicsById.delete(topic.id);
    for (const partition of topic.partitions) partition.markDeleted();
    if (this.dataDir !== null) {
      const gone = `${join(this.dataDir, 'topics', topic.id)}${deletedSuffix}`;
      renameSync(this.#topicDir(this.dataDir, name), gone);
      rmSync(gone, { recursive: true, force: true });
    }
    this.#tell(name, 'deleted');
  }

  topic(name: string): Topic | undefined {
    return this.#topics.get(name);
  }

  topicById(id: string): Topic | undefined {
    return this.#topicsById.get(id);
  }

  topics(): readonly Topic[] {
    return [...this.#topics.values()];
  }

  /** Returns the partition; undefined if the topic or the partition does not exist. */
  partition(topic: string, partition: number): PartitionLog | undefined {
    return this.#topics.get(topic)?.partitions[partition];
  }

  /** Adds partitions to a topic. Throws KafkaError INVALID_PARTITIONS unless `total` is an increase. */
  addPartitions(name: string, total: number, validateOnly = false): void {
    this.#checkOpen();
    const topic = this.#existing(name);
    checkPartitionCount(total);
    const count = topic.partitions.length;
    if (total <= count) {
      throw new KafkaError(
        'INVALID_PARTITIONS',
        `The topic ${name} currently has ${count} partition(s); ${total} would not be an increase.`,
      );
    }
    if (validateOnly) return;
    if (this.dataDir !== null) {
      this.#saveTopic({ name, id: topic.id, partitions: total, configs: topic.configs.overrides });
    }
    topic.partitions = [...topic.partitions, ...this.#openPartitions(name, count, total, topic.configs)];
    this.#tell(name, 'changed');
  }

  /** Replaces the topic's config overrides. Throws KafkaError INVALID_CONFIG. */
  configureTopic(name: string, overrides: Readonly<Record<string, string>>, validateOnly = false): void {
    this.#checkOpen();
    const topic = this.#existing(name);
    const configs = new TopicConfigs({ ...overrides });
    if (validateOnly) return;
    if (this.dataDir !== null) {
      this.#saveTopic({
        name,
        id: topic.id,
        partitions: topic.partitions.length,
        configs: configs.overrides,
      });
    }
    topic.configs = configs;
    for (const partition of topic.partitions) partition.configure(configs);
    this.#tell(name, 'changed');
  }

  /** Calls `listener` synchronously after a change. Returns how to unsubscribe. */
  onTopicChange(listener: (topic: string, kind: TopicChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Appends all batches or none, even if the process is killed. Returns their base offsets in order. Several batches
   * may go to one partition. Listeners are notified after the last append.
   *
   * @throws KafkaError UNKNOWN_TOPIC_OR_PARTITION (nothing is written), KAFKA_STORAGE_ERROR
   */
  appendAtomically(appends: readonly AtomicAppend[]): number[] {
    this.#checkOpen();
    const targets = appends.map(({ topic, partition }) => {
      const log = this.partition(topic, partition);
      if (log === undefined) {
        throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `There is no partition ${topic}-${partition}`);
      }
      return log;
    });
    if (appends.length === 1) return [targets[0]!.append(appends[0]!.batch, appends[0]!.isOwned)];
    const next = new Map<PartitionLog, number>();
    const bases = appends.map(({ batch }, i) => {
      const log = targets[i]!;
      const base = next.get(log) ?? log.endOffset;
      next.set(log, log.place(batch, base));
      return base;
    });
    if (this.#journal !== null) this.#writeJournal(this.#journal, appends);
    try {
      for (let i = 0; i < appends.length; i++)
        targets[i]!.appendPlaced(appends[i]!.batch, appends[i]!.isOwned);
    } catch (error) {
      // The journal contains batches that some partitions lack. Only a restart can complete them.
      this.#failure = error;
      throw this.#broken();
    }
    for (const log of next.keys()) log.notify();
    return bases;
  }

  /**
   * Runs retention and compaction on all topics. Compaction runs in the background, and the promise resolves when it
   * has finished. A call during a compaction waits for that one.
   */
  maintain(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    for (const topic of this.topics()) {
      for (const partition of topic.partitions) partition.applyRetention();
    }
    this.#compaction ??= this.#compactAll().finally(() => {
      this.#compaction = undefined;
    });
    return this.#compaction;
  }

  async #compactAll(): Promise<void> {
    for (const topic of this.topics()) {
      if (!topic.configs.isCompacted) continue;
      for (const partition of topic.partitions) {
        if (this.#isClosed || this.#failure !== undefined) return;
        await compact(partition, this.#context.now(), () => this.#isClosed);
      }
    }
  }

  /** Saves state that makes the next start quick, and unlocks the folder. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const topic of this.#topics.values()) {
      for (const partition of topic.partitions) partition.close();
    }
    if (this.#journal !== null) {
      if (this.#failure === undefined) this.#resetJournal(this.#journal, false);
      this.#journal.close();
    }
    this.#context.handles.closeAll();
    this.#lock?.release();
  }

  #writeJournal(journal: Journal, appends: readonly AtomicAppend[]): void {
    if (journal.needsReset) this.#resetJournal(journal, false);
    const entries = appends.map(
      ({ topic, partition, batch }): JournalEntry => ({
        topicId: this.#topics.get(topic)!.id,
        partition,
        batch,
      }),
    );
    journal.write(entries);
  }

  #resetJournal(journal: Journal, isStart: boolean): void {
    if (this.#context.fsync && !isStart) {
      for (const topic of this.#topics.values()) {
        for (const partition of topic.partitions) partition.sync();
      }
    }
    journal.reset();
  }

  #replay(path: string): void {
    for (const entries of Journal.records(path)) {
      for (const entry of entries) {
        const partition = this.#topicsById.get(entry.topicId)?.partitions[entry.partition];
        if (partition === undefined || readInt64(entry.batch, 0) < partition.endOffset) continue;
        partition.appendPlaced(entry.batch);
        if (this.#context.fsync) partition.sync();
      }
    }
  }

  #load(dataDir: string): void {
    const root = join(dataDir, 'topics');
    for (const entry of readdirSync(root)) {
      const dir = join(root, entry);
      if (entry.endsWith(deletedSuffix) || !existsSync(join(dir, topicFile))) {
        // A crash interrupted the topic's deletion or its creation, which was never acknowledged.
        rmSync(dir, { recursive: true, force: true });
        continue;
      }
      const saved = readTopic(join(dir, topicFile));
      const configs = new TopicConfigs(saved.configs);
      const partitions = this.#openPartitions(saved.name, 0, saved.partitions, configs);
      this.#add(new Topic(saved.name, saved.id, partitions, configs));
    }
  }

  #add(topic: Topic): void {
    this.#topics.set(topic.name, topic);
    this.#topicsById.set(topic.id, topic);
  }

  #openPartitions(name: string, from: number, to: number, configs: TopicConfigs): PartitionLog[] {
    const logs: PartitionLog[] = [];
    for (let n = from; n < to; n++) {
      const dir = this.dataDir === null ? null : join(this.#topicDir(this.dataDir, name), String(n));
      logs.push(new PartitionLog(name, n, dir, configs, this.#context));
    }
    return logs;
  }

  #topicDir(dataDir: string, name: string): string {
    // The prefix avoids clashes with names such as "x.deleted" and with device names on some systems.
    return join(dataDir, 'topics', `t-${name}`);
  }

  #saveTopic(topic: SavedTopic): void {
    const path = join(this.#topicDir(this.dataDir!, topic.name), topicFile);
    writeFileSync(`${path}.new`, JSON.stringify(topic), { flush: this.#context.fsync });
    renameSync(`${path}.new`, path);
    if (this.#context.fsync) {
      syncDirectory(this.#topicDir(this.dataDir!, topic.name));
      syncDirectory(join(this.dataDir!, 'topics'));
    }
  }

  #existing(name: string): Topic {
    const topic = this.#topics.get(name);
    if (topic === undefined) {
      throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic ${name}`);
    }
    return topic;
  }

  #collidingTopic(name: string): string | undefined {
    const folded = name.replaceAll('.', '_');
    if (folded === name && !name.includes('_')) return undefined;
    for (const other of this.#topics.keys()) {
      if (other.replaceAll('.', '_') === folded) return other;
    }
    return undefined;
  }

  #tell(topic: string, kind: TopicChange): void {
    for (const listener of this.#listeners) listener(topic, kind);
  }

  #checkOpen(): void {
    if (this.#failure !== undefined) throw this.#broken();
    if (this.#isClosed) throw new KafkaError('KAFKA_STORAGE_ERROR', 'The log store is closed');
  }

  #broken(): KafkaError {
    return new KafkaError('KAFKA_STORAGE_ERROR', 'A write to the data folder failed halfway', {
      hint: 'Free disk space or repair the folder, then restart. The restart completes the write.',
      cause: this.#failure,
    });
  }
}

function readTopic(path: string): SavedTopic {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as SavedTopic;
  } catch (cause) {
    throw new PaystreamError('DATA_DIR_BROKEN', 'The topic file cannot be read', {
      where: path,
      hint: 'Restore the file from a backup, or remove its folder to delete the topic.',
      cause,
    });
  }
}

function checkPartitionCount(count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new KafkaError('INVALID_PARTITIONS', 'Number of partitions must be larger than 0.');
  }
  if (count > mostPartitions) {
    throw new KafkaError('INVALID_PARTITIONS', `A topic may have at most ${mostPartitions} partitions here.`);
  }
}
