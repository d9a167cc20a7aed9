import type { LogStore } from '../../kafka/log/log-store.js';
import type { QueryInfo, QueryState } from '../engine/query-info.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { LogType, RawRecord } from '../operators/operator-env.js';
import type { PlannedQuery } from '../plan/command.js';
import { planText, topologyText } from '../plan/plan-text.js';
import type { CommitLog, CommittedPositions } from './commit-log.js';
import { operatorEnv } from './operator-env.js';
import type { ProcessingLog } from './processing-log.js';
import { QueryRuntime } from './query-runtime.js';
import type { Scheduler } from './scheduler.js';
import { type RecordProcessor, TopicReader } from './topic-reader.js';

export interface PersistentQueryOptions {
  readonly query: PlannedQuery;
  readonly store: LogStore;
  readonly scheduler: Scheduler;
  readonly functions: FunctionRegistry;
  readonly registry: RegistryClient | undefined;
  /** The server's properties, which the query's own override. */
  readonly config: ReadonlyMap<string, string>;
  readonly commits: CommitLog;
  readonly processingLog: ProcessingLog;
  readonly now: () => number;
}

/** Reads a Kafka Streams property, which can be set as `ksql.streams.x`, `streams.x` or `x`. */
export function streamsProperty(config: ReadonlyMap<string, string>, name: string): string | undefined {
  return config.get(`ksql.streams.${name}`) ?? config.get(`streams.${name}`) ?? config.get(name);
}

/** A running persistent query: reads, processes and commits. Its failure does not affect other queries. */
export class PersistentQuery implements RecordProcessor {
  readonly query: PlannedQuery;
  readonly runtime: QueryRuntime;
  readonly #options: PersistentQueryOptions;
  readonly #config: ReadonlyMap<string, string>;
  #reader: TopicReader | undefined;
  #state: QueryState = 'RUNNING';
  #error: QueryInfo['error'];
  #recordsOut = 0;
  #errors = 0;
  #lastOutput = 0;

  constructor(options: PersistentQueryOptions) {
    this.#options = options;
    this.query = options.query;
    this.#config = new Map([...options.config, ...options.query.overrides]);
    const { store, functions, registry, processingLog, now } = options;
    const env = operatorEnv({
      functions,
      registry,
      config: this.#config,
      partitionsOf: (topic) => store.topic(topic)?.partitions.length ?? 1,
      isCaching: cacheBytes(this.#config) > 0,
      now,
      log: (context: readonly string[], type: LogType, message: string, cause: unknown, topic?: string) => {
        this.#errors++;
        processingLog.add(this.query.id, context, type, message, cause, topic);
      },
    });
    this.runtime = new QueryRuntime(options.query, env);
  }

  /** Starts at `positions`. Without positions, auto.offset.reset decides. */
  start(positions: CommittedPositions | undefined): void {
    const { store, scheduler, query } = this.#options;
    const reset = streamsProperty(this.#config, 'auto.offset.reset');
    const from = reset === 'earliest' ? 'earliest' : 'latest';
    const options = {
      store,
      scheduler,
      query,
      from,
      commitAfterMs: commitAfter(this.#config),
      ...(positions === undefined ? {} : { positions }),
    } as const;
    try {
      this.#reader = new TopicReader(options, this);
    } catch (error) {
      // If a source topic no longer exists, only this query fails.
      this.failed(error);
      return;
    }
    // Commit the start positions, so that "latest" does not mean a later offset after a restart.
    if (positions === undefined) this.commit(this.#reader.positions());
    if (this.#state === 'RUNNING') this.#reader.start();
    else this.#reader.pause();
  }

  process(topic: string, record: RawRecord): void {
    this.runtime.process(topic, record);
  }

  commit(positions: CommittedPositions): void {
    this.runtime.compiled.flush();
    const outputs = this.runtime.takeOutputs();
    const { commits, query, now } = this.#options;
    const sinkTopic = query.plan.sink?.topic;
    const time = now();
    commits.write({
      queryId: query.id,
      positions,
      stores: this.runtime.compiled.stores,
      outputs,
      now: time,
      ...(sinkTopic === undefined ? {} : { sinkTopic }),
    });
    if (outputs.length > 0) {
      this.#recordsOut += outputs.length;
      this.#lastOutput = time;
    }
  }

  failed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#state = 'ERROR';
    this.#error = { time: this.#options.now(), type: 'UNKNOWN', message };
    this.#options.processingLog.add(this.query.id, [], 4, message, error);
  }

  pause(): void {
    if (this.#state !== 'RUNNING') return;
    this.#state = 'PAUSED';
    this.#reader?.pause();
  }

  resume(): void {
    if (this.#state !== 'PAUSED') return;
    this.#state = 'RUNNING';
    this.#reader?.resume();
  }

  /** Commits and stops. */
  stop(): void {
    this.#reader?.stop();
  }

  positions(): CommittedPositions {
    return this.#reader?.positions() ?? {};
  }

  get info(): QueryInfo {
    const { query } = this;
    const { sink, root, sources } = query.plan;
    return {
      id: query.id,
      statementText: query.statementText,
      type: query.type,
      sources: sources.map((source) => source.name),
      ...(sink === undefined ? {} : { sink: sink.name, sinkTopic: sink.topic }),
      schema: root.schema,
      ...(root.window === undefined ? {} : { window: root.window }),
      state: this.#state,
      ...(this.#error === undefined ? {} : { error: this.#error }),
      executionPlan: planText(query.plan, query.id),
      topology: topologyText(query.plan),
      overrides: query.overrides,
      offsets: this.#reader?.offsets() ?? [],
      metrics: {
        recordsIn: this.#reader?.recordsIn ?? 0,
        recordsOut: this.#recordsOut,
        errors: this.#errors,
        lastOutput: this.#lastOutput,
      },
    };
  }
}

/** In milliseconds. ksqlDB commits every 2 seconds by default. More frequent commits cost little within one process. */
const longestCommitInterval = 250;

function commitAfter(config: ReadonlyMap<string, string>): number {
  const interval = Number(streamsProperty(config, 'commit.interval.ms') ?? longestCommitInterval);
  return interval >= 0 && interval < longestCommitInterval ? interval : longestCommitInterval;
}

function cacheBytes(config: ReadonlyMap<string, string>): number {
  const value =
    streamsProperty(config, 'cache.max.bytes.buffering') ??
    streamsProperty(config, 'statestore.cache.max.bytes');
  return value === undefined ? 10_000_000 : Number(value);
}
