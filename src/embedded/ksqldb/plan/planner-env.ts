import type { Duration, Expression } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import type { Catalog } from '../catalog/catalog.js';
import type { SideFormat } from '../catalog/data-source.js';
import { KsqlException } from '../errors.js';
import type { Scope } from '../expressions/scope.js';
import { typeOf } from '../expressions/typing.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { Column, LogicalSchema } from '../schema/schema.js';
import type { Step } from './step.js';

/** The surroundings in which a query is planned. */
export interface PlannerEnv {
  readonly catalog: Catalog;
  readonly functions: FunctionRegistry;
  /** The server's properties, overridden by the session's. */
  readonly config: ReadonlyMap<string, string>;
  /** The number of a topic's partitions. Undefined if the topic does not exist. */
  readonly partitionsOf: (topic: string) => number | undefined;
}

/** A logical plan under construction: a step, and the rules that resolve names over its output. */
export interface PlanNode {
  readonly step: Step;
  /** Expands `*` or `alias.*`. */
  readonly selectStar: (alias: string | undefined) => readonly string[];
  /** Rewrites a select item's expression to use the columns of this node's rows. */
  readonly resolveSelect: (index: number, expression: Expression) => Expression;
  /** @throws KsqlException if the projection of a persistent query lacks the key */
  readonly checkKey: (sink: string, projection: Projection) => void;
}

/** A SELECT list whose stars are not expanded. */
export interface Projection {
  contains(expression: Expression): boolean;
}

/** The scope of a row with these columns, which expressions name without a source. */
export function columnScope(
  columns: readonly Column[],
  env: Pick<PlannerEnv, 'functions' | 'config'>,
  onError: Scope['onError'] = () => {},
): Scope {
  const slots = new Map(columns.map(({ name, type }, slot) => [name, { slot, type }]));
  return {
    resolve: ({ name }) => {
      const column = slots.get(name);
      if (column === undefined) throw new KsqlException(`Unknown column ${name}.`);
      return column;
    },
    functions: env.functions,
    config: env.config,
    onError,
  };
}

/** The type of an expression over a row. Null if the expression is NULL. */
export function typeIn(expression: Expression, schema: LogicalSchema, env: PlannerEnv): SqlType | null {
  return typeOf(expression, columnScope(schema.value, env));
}

const unitMs: Readonly<Record<Duration['unit'], number>> = {
  NANOSECOND: 1e-6,
  MICROSECOND: 1e-3,
  MILLISECOND: 1,
  SECOND: 1000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  MONTH: 2_592_000_000,
  YEAR: 31_536_000_000,
};

export function durationMs(duration: Duration): number {
  return Math.trunc(Number(duration.value) * unitMs[duration.unit]);
}

export function sameSideFormat(a: SideFormat, b: SideFormat): boolean {
  const names = new Set([...Object.keys(a.properties), ...Object.keys(b.properties)]);
  return (
    a.format === b.format &&
    a.wrapSingle === b.wrapSingle &&
    [...names].every((name) => a.properties[name] === b.properties[name])
  );
}

/** The sink's name, and its schema if it exists already. */
export interface PlanTarget {
  readonly name: string;
  readonly schema?: LogicalSchema;
}

/** The properties that a step inherits from its input by default. */
export function commonOf({ step }: PlanNode): Pick<Step, 'schema' | 'output' | 'keyFormat' | 'window'> {
  return {
    schema: step.schema,
    output: step.output,
    keyFormat: step.keyFormat,
    ...(step.window === undefined ? {} : { window: step.window }),
  };
}
