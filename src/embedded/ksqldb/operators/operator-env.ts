import type { SideFormat } from '../catalog/data-source.js';
import type { Scope } from '../expressions/scope.js';
import type { Serde } from '../formats/format.js';
import { columnScope, type PlannerEnv } from '../plan/planner-env.js';
import { type SourceStep, type Step, sourceSteps } from '../plan/step.js';
import type { Column } from '../schema/schema.js';
import type { StateStore } from '../state/state-store.js';
import type { Demand } from './demand.js';
import type { Next, Rec, TableView } from './record.js';

/** Types of a processing log entry: deserialisation, record processing, production, serialisation. */
export type LogType = 0 | 1 | 2 | 3;

/** A record of a source topic, as bytes. */
export interface RawRecord {
  readonly partition: number;
  readonly offset: number;
  readonly time: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Rec['headers'];
}

/** What operators need of the query that they belong to. */
export interface OperatorEnv extends Pick<PlannerEnv, 'functions' | 'config'> {
  /** Writes to the processing log. */
  log(context: readonly string[], type: LogType, message: string, cause: unknown, topic?: string): void;
  keySerde(format: SideFormat, columns: readonly Column[], topic: string): Serde;
  valueSerde(format: SideFormat, columns: readonly Column[], topic: string): Serde;
  partitionsOf(topic: string): number;
  /** Updates of an aggregate may be merged until the next flush. */
  readonly isCaching: boolean;
  /** How many milliseconds must pass between two emissions of closed windows; 0 for no limit. */
  readonly now: () => number;
}

/** The parts of a compiled query that its runtime drives. */
export interface Topology {
  readonly sources: readonly SourceInput[];
  /** From the sources' side on: all must be flushed in this order. */
  readonly flushes: readonly (() => void)[];
  readonly stores: readonly StateStore[];
  readonly restored: readonly (() => void)[];
}

export interface SourceInput {
  readonly step: SourceStep;
  readonly process: (record: RawRecord) => void;
}

/** Compiles one step and the steps below it. */
export type CompileStep = (
  step: Step,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
) => TableView | undefined;

/** Collects the parts while steps are compiled. */
export class TopologyBuilder {
  readonly env: OperatorEnv;
  readonly #compileStep: CompileStep;
  readonly sources: SourceInput[] = [];
  readonly flushes: (() => void)[] = [];
  readonly stores: StateStore[] = [];
  /** Called once all stores are restored. */
  readonly restored: (() => void)[] = [];

  constructor(env: OperatorEnv, compileStep: CompileStep) {
    this.env = env;
    this.#compileStep = compileStep;
  }

  /** Compiles an operator's input, whose records go to `next`. Returns a table's view. */
  compile(step: Step, next: Next, demand: Demand): TableView | undefined {
    return this.#compileStep(step, next, demand, this);
  }

  /** Over how many partitions a step's rows are spread. */
  partitionCount(step: Step): number {
    return Math.max(...sourceSteps(step).map(({ source }) => this.env.partitionsOf(source.topic)));
  }

  /** The scope of a step's row; failures go to the processing log under `context`. */
  scope(step: Step, context: readonly string[]): Scope {
    return columnScope(step.schema.value, this.env, (message, cause) => {
      this.env.log(context, 1, message, cause);
    });
  }
}
