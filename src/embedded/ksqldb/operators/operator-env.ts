import type { SideFormat } from '../catalog/data-source.js';
import type { Scope } from '../expressions/scope.js';
import type { Serde } from '../formats/format.js';
import { columnScope, type PlannerEnv } from '../plan/planner-env.js';
import { type SourceStep, type Step, sourceSteps } from '../plan/step.js';
import type { Column } from '../schema/schema.js';
import type { StateStore } from '../state/state-store.js';
import type { Demand } from './demand.js';
import type { Next, Rec, TableView } from './record.js';

/** The type of a processing log entry: 0 deserialization, 1 record processing, 2 production, 3 serialization. */
export type LogType = 0 | 1 | 2 | 3;

/** An undecoded record of a source topic. */
export interface RawRecord {
  readonly partition: number;
  readonly offset: number;
  readonly time: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Rec['headers'];
}

/** What operators need to know about their query. */
export interface OperatorEnv extends Pick<PlannerEnv, 'functions' | 'config'> {
  /** Writes to the processing log. */
  log(context: readonly string[], type: LogType, message: string, cause: unknown, topic?: string): void;
  keySerde(format: SideFormat, columns: readonly Column[], topic: string): Serde;
  valueSerde(format: SideFormat, columns: readonly Column[], topic: string): Serde;
  partitionsOf(topic: string): number;
  /** If true, updates of an aggregate may be merged until the next flush. */
  readonly isCaching: boolean;
  /** Returns the wall-clock time in milliseconds since the epoch. */
  readonly now: () => number;
}

/** The parts of a compiled query that the runtime calls. */
export interface Topology {
  readonly sources: readonly SourceInput[];
  /** Must be called in this order, which starts at the sources. */
  readonly flushes: readonly (() => void)[];
  readonly stores: readonly StateStore[];
  readonly restored: readonly (() => void)[];
}

export interface SourceInput {
  readonly step: SourceStep;
  readonly process: (record: RawRecord) => void;
}

/** Compiles a step and its inputs. */
export type CompileStep = (
  step: Step,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
) => TableView | undefined;

/** Collects the parts of a topology while its steps are compiled. */
export class TopologyBuilder {
  readonly env: OperatorEnv;
  readonly #compileStep: CompileStep;
  readonly sources: SourceInput[] = [];
  readonly flushes: (() => void)[] = [];
  readonly stores: StateStore[] = [];
  /** Called once all stores have been restored. */
  readonly restored: (() => void)[] = [];

  constructor(env: OperatorEnv, compileStep: CompileStep) {
    this.env = env;
    this.#compileStep = compileStep;
  }

  /** Compiles the input of an operator, whose records go to `next`. Returns the view of a table. */
  compile(step: Step, next: Next, demand: Demand): TableView | undefined {
    return this.#compileStep(step, next, demand, this);
  }

  /** Returns the number of partitions of a step's rows. */
  partitionCount(step: Step): number {
    return Math.max(...sourceSteps(step).map(({ source }) => this.env.partitionsOf(source.topic)));
  }

  /** Returns the scope of a step's rows. Failures go to the processing log under `context`. */
  scope(step: Step, context: readonly string[]): Scope {
    return columnScope(step.schema.value, this.env, (message, cause) => {
      this.env.log(context, 1, message, cause);
    });
  }
}
