import { type CompiledPlan, compilePlan } from '../operators/compile-plan.js';
import type { OperatorEnv, RawRecord, SourceInput } from '../operators/operator-env.js';
import type { Next } from '../operators/record.js';
import { StreamsException } from '../operators/source.js';
import type { PlannedQuery } from '../plan/command.js';
import type { OutputRecord } from './output-record.js';
import { sinkWriter } from './sink-writer.js';

/** A persistent query compiled and ready for records; what drives it reads topics and writes what comes out. */
export class QueryRuntime {
  readonly query: PlannedQuery;
  readonly compiled: CompiledPlan;
  readonly #byTopic = new Map<string, SourceInput[]>();
  #outputs: OutputRecord[] = [];

  constructor(query: PlannedQuery, env: OperatorEnv) {
    this.query = query;
    const { sink } = query.plan;
    const next: Next =
      sink === undefined
        ? () => {}
        : sinkWriter(sink, env, (record) => {
            this.#outputs.push(record);
          });
    this.compiled = compilePlan(query.plan, next, env);
    for (const input of this.compiled.sources) {
      const { topic } = input.step.source;
      const inputs = this.#byTopic.get(topic);
      if (inputs === undefined) this.#byTopic.set(topic, [input]);
      else inputs.push(input);
    }
  }

  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  process(topic: string, record: RawRecord): void {
    try {
      for (const input of this.#byTopic.get(topic) ?? []) input.process(record);
    } catch (error) {
      if (error instanceof StreamsException) throw error;
      throw new StreamsException(
        `Exception caught in process. taskId=0_${record.partition}, topic=${topic}, partition=${record.partition}, ` +
          `offset=${record.offset}: ${error instanceof Error ? error.message : String(error)}`,
        error,
      );
    }
  }

  /** Forwards what caches hold back. */
  flush(): void {
    for (const flush of this.compiled.flushes) flush();
  }

  takeOutputs(): readonly OutputRecord[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  /** Goes on with the state of the query that this one replaces. */
  takeOver(older: QueryRuntime): void {
    for (const store of this.compiled.stores) {
      const before = older.compiled.stores.find((candidate) => candidate.name === store.name);
      if (before !== undefined) store.takeOver(before);
    }
    for (const restored of this.compiled.restored) restored();
  }
}
