import type { Expression, FunctionCall } from '../../../sql/ast.js';
import type { JoinType } from '../analysis/analysis.js';
import type { DataSource, SideFormat, TimestampColumn } from '../catalog/data-source.js';
import type { LogicalSchema, WindowInfo } from '../schema/schema.js';

/** The properties of every step of a plan. */
interface StepBase {
  /** The step's path in logger names, such as `KsqlTopic`, `Source`. */
  readonly context: readonly string[];
  /** The columns of the key and of the row. The rows of inner steps include pseudo columns and key columns. */
  readonly schema: LogicalSchema;
  readonly output: 'STREAM' | 'TABLE';
  /** The serialization of the keys, which determines partitions and the default of a sink. */
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

/** Computes new columns of the row. Key columns may be renamed. */
export interface SelectStep extends StepBase {
  readonly kind: 'select';
  readonly input: Step;
  readonly items: readonly SelectItemPlan[];
}

/** Gives a stream a new key. Without expressions, it removes the key (PARTITION BY NULL). */
export interface PartitionByStep extends StepBase {
  readonly kind: 'partitionBy';
  readonly input: Step;
  readonly expressions: readonly Expression[];
  /** Whether each new key column is appended to the row because the row does not have it. */
  readonly appended: readonly boolean[];
}

/** Changes the format of a table's key. */
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
  /** Empty if the rows are grouped by their current key. */
  readonly expressions: readonly Expression[];
}

export interface WindowPlan {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  /** The size in milliseconds. For sessions, the inactivity gap. */
  readonly size: number;
  readonly advance: number;
  readonly grace: number;
  readonly retention: number;
  readonly emitFinal: boolean;
}

export interface AggregateStep extends StepBase {
  readonly kind: 'aggregate';
  readonly input: GroupByStep;
  /** Input columns whose values are taken from the latest row of a group. */
  readonly keep: readonly string[];
  /** All input columns that the query names. CREATE OR REPLACE must not change them. */
  readonly required: readonly string[];
  /** The arguments are input columns followed by constants. */
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
  /** Absent without GRACE PERIOD. Unmatched rows of outer joins are then emitted immediately. */
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
  /** An expression over the left row. */
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

/** The topic that a persistent query writes to, and the formats of its records. */
export interface SinkPlan {
  readonly name: string;
  readonly topic: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly schema: LogicalSchema;
  readonly keyFormat: SideFormat;
  readonly valueFormat: SideFormat;
  readonly window?: WindowInfo;
  readonly timestamp?: TimestampColumn;
  /** True for CREATE ... AS SELECT, false for INSERT INTO. */
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
