import type { QueryPlan } from '../plan/step.js';
import { compileStep } from './compile-step.js';
import { type OperatorEnv, type Topology, TopologyBuilder } from './operator-env.js';
import type { Next, TableView } from './record.js';

export interface CompiledPlan extends Topology {
  /** The rows of the plan's last step, if it is a table. */
  readonly view?: TableView;
}

/** Compiles a query plan into functions. `sink` receives the records of the last step. */
export function compilePlan(plan: QueryPlan, sink: Next, env: OperatorEnv): CompiledPlan {
  const builder = new TopologyBuilder(env, compileStep);
  const view = builder.compile(plan.root, sink, { old: false, view: true });
  const { sources, flushes, stores, restored } = builder;
  return { sources, flushes, stores, restored, ...(view === undefined ? {} : { view }) };
}
