import type { Expression, FunctionCall } from '../../../sql/ast.js';
import type { JoinType } from '../analysis/analysis.js';
import type { DataSource, SideFormat, TimestampColumn } from '../catalog/data-source.js';
import type { LogicalSchema, WindowInfo } from '../schema/schema.js';

/** What every step of a plan says about its output. */
interface StepBase {
  /** Where the step stands, as in logger names: `KsqlTopic`, `Source`. */
  readonly context: readonly string[];
  /** The key's columns and the row's. Rows of inner steps carry pseudo and key columns among the row's. */
  readonly schema: LogicalSchema;
  readonly output: 'STREAM' | 'TABLE';
  /** How the keys would be written: it decides partitions, and what a sink inherits. */
  readonly keyFormat: SideFormat;
  readonly window?: WindowInfo;
}

export interface SourceStep extends StepBase {
  readonly kind: 'source';
  readonly source: DataSource;
  readonly alias: string;
}

export interface FilterStep extends StepBase {
  readonly kind: 'filter';
  readonly input: Step;
  readonly condition: Expression;
}

export interface SelectItemPlan {
  readonly name: string;
  readonly expression: Expression;
}

/** Computes the row's columns anew; the key stays and may get other names. */
export interface SelectStep extends StepBase {
  readonly kind: 'select';
  readonly input: Step;
  readonly items: readonly SelectItemPlan[];
}

/** Gives a stream another key. No expressions: the key is dropped (PARTITION BY NULL). */
export interface PartitionByStep extends StepBase {
  readonly kind: 'partitionBy';
  readonly input: Step;
  readonly expressions: readonly Expression[];
  /** Which of the new key columns are appended to the row, since the row does not have them. */
  readonly appended: readonly boolean[];
}

/** Gives a table's key another format: its columns stay. */
export interface RekeyTableStep extends StepBase {
  readonly kind: 'rekeyTable';
  readonly input: Step;
}

export interface FlatMapStep extends StepBase {
  readonly kind: 'flatMap';
  readonly input: Step;
  readonly functions: readonly FunctionCall[];
}

export interface GroupByStep extends StepBase {
  readonly kind: 'groupBy';
  readonly input: Step;
  /** Empty: grouped by the key as it is. */
  readonly expressions: readonly Expression[];
}

export interface WindowPlan {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  /** Milliseconds; a session's gap. */
  readonly size: number;
  readonly advance: number;
  readonly grace: number;
  readonly retention: number;
  readonly emitFinal: boolean;
}

export interface AggregateStep extends StepBase {
  readonly kind: 'aggregate';
  readonly input: GroupByStep;
  /** Columns of the input's row that are kept as they are in the latest row of a group. */
  readonly keep: readonly string[];
  /** All columns of the input that the query names: what a replacing query must have in common. */
  readonly required: readonly string[];
  /** Arguments are columns of the input's row, then constants. */
  readonly functions: readonly FunctionCall[];
  readonly windowing?: WindowPlan;
}

export interface StreamStreamJoinStep extends StepBase {
  readonly kind: 'streamStreamJoin';
  readonly left: Step;
  readonly right: Step;
  readonly type: JoinType;
  readonly beforeMs: number;
  readonly afterMs: number;
  /** Absent: GRACE was not given, and outer results are emitted at once. */
  readonly graceMs?: number;
  readonly appendsKey: boolean;
}

export interface StreamTableJoinStep extends StepBase {
  readonly kind: 'streamTableJoin';
  readonly left: Step;
  readonly right: Step;
  readonly type: JoinType;
  readonly appendsKey: boolean;
}

export interface TableTableJoinStep extends StepBase {
  readonly kind: 'tableTableJoin';
  readonly left: Step;
  readonly right: Step;
  readonly type: JoinType;
  readonly appendsKey: boolean;
}

export interface ForeignKeyJoinStep extends StepBase {
  readonly kind: 'foreignKeyJoin';
  readonly left: Step;
  readonly right: Step;
  readonly type: 'INNER' | 'LEFT';
  /** Over the left row. */
  readonly foreignKey: Expression;
}

export type Step =
  | SourceStep
  | FilterStep
  | SelectStep
  | PartitionByStep
  | RekeyTableStep
  | FlatMapStep
  | GroupByStep
  | AggregateStep
  | StreamStreamJoinStep
  | StreamTableJoinStep
  | TableTableJoinStep
  | ForeignKeyJoinStep;

/** What a persistent query writes, and how. */
export interface SinkPlan {
  readonly name: string;
  readonly topic: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly schema: LogicalSchema;
  readonly keyFormat: SideFormat;
  readonly valueFormat: SideFormat;
  readonly window?: WindowInfo;
  readonly timestamp?: TimestampColumn;
  /** True: the query makes the sink; false: it inserts into one that exists. */
  readonly creates: boolean;
}

export interface QueryPlan {
  readonly root: Step;
  /** Absent for push queries. */
  readonly sink?: SinkPlan;
  readonly sources: readonly DataSource[];
  readonly limit?: number;
}

export function inputsOf(step: Step): readonly Step[] {
  switch (step.kind) {
    case 'source':
      return [];
    case 'streamStreamJoin':
    case 'streamTableJoin':
    case 'tableTableJoin':
    case 'foreignKeyJoin':
      return [step.left, step.right];
    default:
      return [step.input];
  }
}

/** The source steps below a step, from left to right. */
export function sourceSteps(step: Step): readonly SourceStep[] {
  return step.kind === 'source' ? [step] : inputsOf(step).flatMap(sourceSteps);
}
