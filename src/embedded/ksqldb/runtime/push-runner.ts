import type { LogStore } from '../../kafka/log/log-store.js';
import type { TransientListener, TransientOptions, TransientQuery, TransientRow } from '../engine/engine.js';
import type { QueryInfo } from '../engine/query-info.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { RawRecord } from '../operators/operator-env.js';
import type { QueryPlan } from '../plan/step.js';
import { CompiledQuery } from './compiled-query.js';
import { operatorEnv } from './operator-env.js';
import { streamsProperty } from './persistent-query.js';
import type { ProcessingLog } from './processing-log.js';
import type { Scheduler } from './scheduler.js';
import { type RecordProcessor, TopicReader } from './topic-reader.js';

export interface PushRunnerOptions {
  readonly id: string;
  readonly plan: QueryPlan;
  readonly info: () => QueryInfo;
  readonly config: ReadonlyMap<string, string>;
  readonly store: LogStore;
  readonly scheduler: Scheduler;
  readonly functions: FunctionRegistry;
  readonly registry: RegistryClient | undefined;
  readonly processingLog: ProcessingLog;
  readonly listener: TransientListener;
  readonly options: TransientOptions;
  readonly now: () => number;
  readonly onStop: () => void;
}

/** A running push query. Sends its rows to a listener and keeps its state in memory. */
export class PushRunner implements TransientQuery, RecordProcessor {
  readonly #options: PushRunnerOptions;
  readonly #compiled: CompiledQuery;
  readonly #reader: TopicReader;
  #isOver = false;

  constructor(options: PushRunnerOptions) {
    this.#options = options;
    const { plan, store, scheduler, functions, registry, config, processingLog, listener, now } = options;
    const env = operatorEnv({
      functions,
      registry,
      config,
      partitionsOf: (topic) => store.topic(topic)?.partitions.length ?? 1,
      isCaching: false,
      now,
      log: (context, type, message, cause, topic) =>
        processingLog.add(options.id, context, type, message, cause, topic),
    });
    const { root } = plan;
    const isTable = root.output === 'TABLE';
    const keySlots = root.schema.value.map(({ name }) =>
      root.schema.key.findIndex((key) => key.name === name),
    );
    this.#compiled = new CompiledQuery(
      plan,
      ({ key, window, row, time }) => {
        if (this.#isOver) return;
        const shared = { time, ...(window === null ? {} : { window }) };
        let next: TransientRow;
        if (row !== null) next = { values: row, tombstone: false, ...shared };
        else if (!isTable) return;
        else
          next = {
            values: keySlots.map((slot) => (slot < 0 ? null : (key?.[slot] ?? null))),
            tombstone: true,
            ...shared,
          };
        listener.row(next);
      },
      env,
    );
    const reset = options.options.from ?? streamsProperty(config, 'auto.offset.reset');
    this.#reader = new TopicReader(
      {
        store,
        scheduler,
        query: { id: options.id, plan },
        from: reset === 'earliest' ? 'earliest' : 'latest',
        ...(options.options.untilEnd === true ? { untilEnd: true } : {}),
      },
      this,
    );
  }

  get info(): QueryInfo {
    return { ...this.#options.info(), offsets: this.#reader.offsets() };
  }

  start(): void {
    this.#reader.start();
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reader.stop();
    this.#options.onStop();
  }

  pause(): void {
    this.#reader.pause();
  }

  resume(): void {
    if (!this.#isOver) this.#reader.resume();
  }

  process(topic: string, record: RawRecord): void {
    if (!this.#isOver) this.#compiled.process(topic, record);
  }

  commit(): void {
    this.#compiled.flush();
    for (const store of this.#compiled.stores) store.forgetChanges();
  }

  caughtUp(): void {
    if (this.#options.options.untilEnd !== true || this.#isOver) return;
    this.stop();
    this.#options.listener.end?.();
  }

  failed(error: unknown): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.listener.error(error instanceof Error ? error : new Error(String(error)));
  }
}
