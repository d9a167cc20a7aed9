import { compilePlan } from '../operators/compile-plan.js';
import type { OperatorEnv, RawRecord } from '../operators/operator-env.js';
import type { Next, TableView } from '../operators/record.js';
import type { QueryPlan } from '../plan/step.js';
import type { StateStore } from '../state/state-store.js';

type Process = (record: RawRecord) => void;

/** A query's compiled plan: takes the records of the source topics, hands the resulting rows to `next`. */
export class CompiledQuery {
  readonly stores: readonly StateStore[];
  /** The rows of the plan's last step if it is a table. */
  readonly view: TableView | undefined;
  readonly #byTopic = new Map<string, Process[]>();
  readonly #flushes: readonly (() => void)[];
  readonly #onRestored: readonly (() => void)[];

  constructor(plan: QueryPlan, next: Next, env: OperatorEnv) {
    const { sources, flushes, stores, restored, view } = compilePlan(plan, next, env);
    this.stores = stores;
    this.view = view;
    this.#flushes = flushes;
    this.#onRestored = restored;
    for (const { step, process } of sources) {
      const inputs = this.#byTopic.get(step.source.topic);
      if (inputs === undefined) this.#byTopic.set(step.source.topic, [process]);
      else inputs.push(process);
    }
  }

  get topics(): readonly string[] {
    return [...this.#byTopic.keys()];
  }

  process(topic: string, record: RawRecord): void {
    for (const process of this.#byTopic.get(topic) ?? []) process(record);
  }

  /** Forwards the updates that caches hold back. */
  flush(): void {
    for (const flush of this.#flushes) flush();
  }

  /** Tells the operators that all stores have been restored. */
  restored(): void {
    for (const restored of this.#onRestored) restored();
  }

  /** Takes over the state of the query that this one replaces, store by store of the same name. */
  takeOver(older: CompiledQuery): void {
    for (const store of this.stores) {
      const before = older.stores.find((candidate) => candidate.name === store.name);
      if (before !== undefined) store.takeOver(before);
    }
    this.restored();
  }
}
