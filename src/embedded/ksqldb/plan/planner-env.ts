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

/** What planning a query needs of its surroundings. */
export interface PlannerEnv {
  readonly catalog: Catalog;
  readonly functions: FunctionRegistry;
  /** The server's properties with the session's over them. */
  readonly config: ReadonlyMap<string, string>;
  /** How many partitions a topic has; undefined where it does not exist. */
  readonly partitionsOf: (topic: string) => number | undefined;
}

/** A logical plan under construction: a step, and how names are resolved on top of it. */
export interface PlanNode {
  readonly step: Step;
  /** The columns that `*` or `alias.*` stand for. */
  readonly selectStar: (alias: string | undefined) => readonly string[];
  /** The select item's expression over this node's row. */
  readonly resolveSelect: (index: number, expression: Expression) => Expression;
  /** Throws where the projection of a persistent query lacks the key. */
  readonly checkKey: (sink: string, projection: Projection) => void;
}

/** What a SELECT list holds, before its stars are expanded. */
export interface Projection {
  contains(expression: Expression): boolean;
}

/** The scope of a row with these columns; expressions name them without source. */
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

/** The type of an expression over a row; null for NULL. */
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

/** The sink's name for messages, and the schema it must have where it exists already. */
export interface PlanTarget {
  readonly name: string;
  readonly schema?: LogicalSchema;
}

/** What a step on top of a node takes over where it does not change it. */
export function commonOf({ step }: PlanNode): Pick<Step, 'schema' | 'output' | 'keyFormat' | 'window'> {
  return {
    schema: step.schema,
    output: step.output,
    keyFormat: step.keyFormat,
    ...(step.window === undefined ? {} : { window: step.window }),
  };
}
