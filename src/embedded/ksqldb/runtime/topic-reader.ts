import type { LogStore } from '../../kafka/log/log-store.js';
import type { SourceOffset } from '../engine/query-info.js';
import type { RawRecord } from '../operators/operator-env.js';
import type { PlannedQuery } from '../plan/command.js';
import type { CommittedPositions } from './commit-log.js';
import { PartitionCursor } from './partition-cursor.js';
import type { Scheduler, Worker } from './scheduler.js';

/** Processes the records that a reader reads. */
export interface RecordProcessor {
  process(topic: string, record: RawRecord): void;
  /** Atomically commits everything that was processed since the last call. */
  commit(positions: CommittedPositions): void;
  failed(error: unknown): void;
  /** Called after a commit when all records of the topics have been processed. */
  caughtUp?(): void;
}

export interface ReaderOptions {
  readonly store: LogStore;
  readonly scheduler: Scheduler;
  readonly query: Pick<PlannedQuery, 'id' | 'plan'>;
  /** Where to start in a stream's topic without a committed position. */
  readonly from: 'earliest' | 'latest';
  readonly positions?: CommittedPositions;
  /** Read only up to the current ends of the topics. */
  readonly untilEnd?: boolean;
  /** The longest time between two commits within a backlog, in milliseconds (default: 0, after each slice). */
  readonly commitAfterMs?: number;
}

const checkEvery = 64;
/** The most records in one commit. Bounds its memory and the size of its append. */
const mostUncommitted = 8192;

/**
 * Reads a query's source topics. Merges the partitions of the same number by record time, as Kafka Streams' tasks do.
 * Wakes up on every append and works in slices. Commits when it has caught up. In a backlog, it commits less often, so
 * that caches merge more updates of the same key.
 */
export class TopicReader implements Worker {
  readonly #options: ReaderOptions;
  readonly #processor: RecordProcessor;
  /** The cursors of all topics, by partition number. */
  #tasks: PartitionCursor[][] = [];
  readonly #limits = new Map<PartitionCursor, number>();
  #unsubscribe: (() => void)[] = [];
  #isPaused = false;
  #isStopped = false;
  #nextTask = 0;
  #uncommitted = 0;
  #uncommittedSince = 0;
  recordsIn = 0;

  constructor(options: ReaderOptions, processor: RecordProcessor) {
    this.#options = options;
    this.#processor = processor;
    for (const topic of this.#topics()) this.#open(topic);
    this.#unsubscribe.push(
      options.store.onTopicChange((topic, kind) => {
        if (!this.#topics().has(topic)) return;
        if (kind === 'changed') this.#open(topic);
        else if (kind === 'deleted') {
          this.#settle();
          this.#fail(new Error(`Source topic ${topic} was deleted`));
        }
      }),
    );
  }

  start(): void {
    this.#options.scheduler.wake(this);
  }

  pause(): void {
    this.#isPaused = true;
    this.#settle();
  }

  resume(): void {
    this.#isPaused = false;
    this.#options.scheduler.wake(this);
  }

  /** Commits and stops. */
  stop(): void {
    this.#settle();
    this.#halt();
  }

  #halt(): void {
    this.#isStopped = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.#options.scheduler.forget(this);
  }

  get hasMore(): boolean {
    return this.#tasks.some((cursors) => cursors.some((cursor) => this.#peek(cursor) !== undefined));
  }

  offsets(): readonly SourceOffset[] {
    return this.#tasks.flat().map(({ topic, log, position }) => ({
      topic,
      partition: log.partition,
      position,
      end: log.endOffset,
    }));
  }

  positions(): CommittedPositions {
    const positions: Record<string, number[]> = {};
    for (const { topic, log, position } of this.#tasks.flat()) {
      positions[topic] ??= [];
      positions[topic][log.partition] = position;
    }
    return positions;
  }

  run(budgetMs: number): boolean {
    if (this.#isPaused || this.#isStopped) return false;
    try {
      const now = performance.now();
      if (this.#uncommitted === 0) this.#uncommittedSince = now;
      // Count after the slice, so that a pause or stop within it does not commit a partly processed record.
      this.#uncommitted += this.#slice(now + budgetMs);
      const isMore = this.hasMore;
      if (!isMore || this.#isDue(now)) this.#commit();
      if (this.#isStopped) return false;
      if (!isMore) this.#processor.caughtUp?.();
      return isMore && !this.#isPaused && !this.#isStopped;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #isDue(now: number): boolean {
    const { commitAfterMs = 0 } = this.#options;
    return (
      this.#isPaused ||
      this.#isStopped ||
      this.#uncommitted >= mostUncommitted ||
      now - this.#uncommittedSince >= commitAfterMs
    );
  }

  #commit(): void {
    if (this.#uncommitted === 0) return;
    this.#uncommitted = 0;
    this.#processor.commit(this.positions());
  }

  #settle(): void {
    try {
      this.#commit();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.#uncommitted = 0;
    this.#halt();
    this.#processor.failed(error);
  }

  #slice(end: number): number {
    let count = 0;
    for (let i = 0; i < this.#tasks.length; i++) {
      // Start each slice at another partition, so that the backlog of one does not delay the others.
      const cursors = this.#tasks[(this.#nextTask + i) % this.#tasks.length]!;
      for (;;) {
        const cursor = cursors.length === 1 ? cursors[0]! : this.#earliest(cursors);
        const record = cursor === undefined ? undefined : this.#peek(cursor);
        if (cursor === undefined || record === undefined) break;
        cursor.take();
        this.#processor.process(cursor.topic, record);
        count++;
        if (this.#isPaused || this.#isStopped) break;
        if (count % checkEvery === 0 && performance.now() >= end) {
          this.recordsIn += count;
          this.#nextTask = (this.#nextTask + i) % this.#tasks.length;
          return count;
        }
      }
      if (this.#isPaused || this.#isStopped) break;
    }
    this.recordsIn += count;
    this.#nextTask++;
    return count;
  }

  /** Returns the cursor with the earliest next record. Equal times are resolved by the order of topics. */
  #earliest(cursors: readonly PartitionCursor[]): PartitionCursor | undefined {
    let best: PartitionCursor | undefined;
    let bestTime = Number.POSITIVE_INFINITY;
    for (const cursor of cursors) {
      const record = this.#peek(cursor);
      if (record !== undefined && record.time < bestTime) {
        best = cursor;
        bestTime = record.time;
      }
    }
    return best;
  }

  #peek(cursor: PartitionCursor): ReturnType<PartitionCursor['peek']> {
    return cursor.peek(this.#limits.get(cursor));
  }

  #topics(): Set<string> {
    return new Set(this.#options.query.plan.sources.map((source) => source.topic));
  }

  #open(topicName: string): void {
    const topic = this.#options.store.topic(topicName);
    if (topic === undefined) throw new Error(`Topic ${topicName} does not exist`);
    const isTable = this.#options.query.plan.sources.some(
      (source) => source.topic === topicName && source.kind === 'TABLE',
    );
    const fromStart = isTable || this.#options.from === 'earliest';
    topic.partitions.forEach((log, partition) => {
      while (this.#tasks.length <= partition) this.#tasks.push([]);
      const cursors = this.#tasks[partition]!;
      if (cursors.some((cursor) => cursor.topic === topicName)) return;
      const saved = this.#options.positions?.[topicName]?.[partition];
      const cursor = new PartitionCursor(
        topicName,
        log,
        saved ?? (fromStart ? log.startOffset : log.endOffset),
      );
      if (this.#options.untilEnd === true) this.#limits.set(cursor, log.endOffset);
      cursors.push(cursor);
      this.#unsubscribe.push(
        log.subscribe(() => {
          if (!this.#isPaused) this.#options.scheduler.wake(this);
        }),
      );
    });
  }
}
