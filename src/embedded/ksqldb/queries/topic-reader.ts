import type { LogStore } from '../../kafka/log/log-store.js';
import type { RawRecord } from '../operators/operator-env.js';
import type { PlannedQuery } from '../plan/command.js';
import type { CommittedPositions } from './commit-log.js';
import { PartitionCursor } from './partition-cursor.js';
import type { SourceOffset } from './query-info.js';
import type { Scheduler, Worker } from './scheduler.js';

/** What a running query does with the records that it reads. */
export interface RecordProcessor {
  process(topic: string, record: RawRecord): void;
  /** Called after each slice: what was processed takes effect, all of it or nothing. */
  commit(positions: CommittedPositions): void;
  failed(error: unknown): void;
  /** All that was in the topics has been processed. Called after a commit. */
  caughtUp?(): void;
}

export interface ReaderOptions {
  readonly store: LogStore;
  readonly scheduler: Scheduler;
  readonly query: Pick<PlannedQuery, 'id' | 'plan'>;
  /** Where to start in a stream's topic that was never read: its end or its beginning. */
  readonly from: 'earliest' | 'latest';
  readonly positions?: CommittedPositions;
  /** Read up to the ends of the topics as they are now. */
  readonly untilEnd?: boolean;
}

const checkEvery = 64;

/**
 * Reads a query's source topics: within a partition's number, records of several topics in the order of their times, as
 * Kafka Streams' tasks do. Wakes up on every append, works in slices, commits after each.
 */
export class TopicReader implements Worker {
  readonly #options: ReaderOptions;
  readonly #processor: RecordProcessor;
  /** The cursors by partition number. */
  #tasks: PartitionCursor[][] = [];
  readonly #limits = new Map<PartitionCursor, number>();
  #unsubscribe: (() => void)[] = [];
  #isPaused = false;
  #isStopped = false;
  #nextTask = 0;
  recordsIn = 0;

  constructor(options: ReaderOptions, processor: RecordProcessor) {
    this.#options = options;
    this.#processor = processor;
    for (const topic of this.#topics()) this.#open(topic);
    this.#unsubscribe.push(
      options.store.onTopicChange((topic, kind) => {
        if (!this.#topics().has(topic)) return;
        if (kind === 'changed') this.#open(topic);
        else if (kind === 'deleted') this.#fail(new Error(`Source topic ${topic} was deleted`));
      }),
    );
  }

  start(): void {
    this.#options.scheduler.wake(this);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#options.scheduler.wake(this);
  }

  stop(): void {
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
      const count = this.#slice(performance.now() + budgetMs);
      if (count > 0) this.#processor.commit(this.positions());
      if (this.#isStopped) return false;
      const isMore = this.hasMore;
      if (!isMore) this.#processor.caughtUp?.();
      return isMore && !this.#isPaused && !this.#isStopped;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  #fail(error: unknown): void {
    if (this.#isStopped) return;
    this.stop();
    this.#processor.failed(error);
  }

  #slice(end: number): number {
    let count = 0;
    for (let i = 0; i < this.#tasks.length; i++) {
      // Each slice begins with another partition, so that a long backlog of one does not hold up the others.
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

  /** The cursor whose next record has the smallest time; at the same time the first topic's. */
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
