import { compileExpression } from '../expressions/compile.js';
import type { BoundAggregate } from '../functions/function.js';
import { KsqlFunctionException } from '../functions/function-error.js';
import { bindAggregate } from '../plan/bind-aggregate.js';
import type { AggregateStep, GroupByStep } from '../plan/step.js';
import { keyIdOf } from '../state/key-id.js';
import { equalValues } from '../types/compare.js';
import type { Value } from '../types/value.js';
import { compileStep, type Demand } from './compile-step.js';
import type { OperatorEnv, TopologyBuilder } from './operator-env.js';
import { type Partitioner, partitionerOf } from './partition-by.js';
import { moveTo, type Next, type Rec, type Row, type TableView } from './record.js';
import { SessionAggregate } from './session-aggregate.js';
import { TableAggregate } from './table-aggregate.js';
import { WindowedAggregate } from './windowed-aggregate.js';

/** Groups and aggregates: see the classes for the kinds of windows. */
export function compileAggregate(
  step: AggregateStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView {
  const functions = new AggregateFunctions(step, builder);
  const group = step.input;
  const aggregate = makeAggregate(step, functions, next, demand, builder.env);
  builder.stores.push(aggregate.store);
  builder.flushes.unshift(() => aggregate.flush());
  if (group.output === 'TABLE') compileTableGroup(group, (record) => aggregate.process(record), builder);
  else compileStreamGroup(group, (record) => aggregate.process(record), builder);
  return aggregate;
}

function makeAggregate(
  step: AggregateStep,
  functions: AggregateFunctions,
  next: Next,
  demand: Demand,
  env: OperatorEnv,
): TableAggregate | WindowedAggregate | SessionAggregate {
  const idOf = keyIdOf(step.schema.key);
  if (step.windowing === undefined) return new TableAggregate(step, functions, idOf, next, demand.old, env);
  const Kind = step.windowing.type === 'SESSION' ? SessionAggregate : WindowedAggregate;
  return new Kind(step, functions, step.windowing, idOf, next, demand.old, env);
}

/** The functions of an aggregation over one state row: the kept columns, then each function's state. */
export class AggregateFunctions {
  readonly #keep: readonly number[];
  readonly #bound: readonly BoundAggregate[];
  readonly #args: readonly (readonly number[])[];
  readonly #width: number;
  readonly #keepCount: number;
  /** The types of a state row. */
  readonly stateTypes: readonly { readonly name: string; readonly type: BoundAggregate['stateType'] }[];

  constructor(step: AggregateStep, builder: TopologyBuilder) {
    const columns = step.input.schema.value;
    const slotOf = (name: string): number => columns.findIndex((column) => column.name === name);
    const scope = builder.scope(step.input, step.context);
    this.#keep = step.keep.map(slotOf);
    const bindings = step.functions.map((call) => bindAggregate(call, scope));
    this.#bound = bindings.map(({ bound }) => bound);
    this.#args = step.functions.map((call, i) =>
      call.args.slice(0, bindings[i]!.columns).map((arg) => slotOf(arg.kind === 'Column' ? arg.name : '')),
    );
    this.#keepCount = this.#keep.length;
    this.#width = this.#keepCount + this.#bound.length;
    this.stateTypes = [
      ...this.#keep.map((slot) => columns[slot]!),
      ...this.#bound.map((bound, i) => ({ name: `A${i}`, type: bound.stateType })),
    ];
  }

  initial(): Row {
    const state = new Array<Value>(this.#width).fill(null);
    for (let i = 0; i < this.#bound.length; i++) state[this.#keepCount + i] = this.#bound[i]!.initial();
    return state;
  }

  add(state: Row, row: Row): Row {
    const next = new Array<Value>(this.#width);
    const keepCount = this.#keepCount;
    for (let i = 0; i < keepCount; i++) next[i] = row[this.#keep[i]!]!;
    try {
      for (let i = 0; i < this.#bound.length; i++) {
        next[keepCount + i] = this.#bound[i]!.add(state[keepCount + i]!, this.#argsOf(i, row));
      }
    } catch (error) {
      // Other than a scalar function's, an aggregate's failure cannot be passed over: the query dies of it.
      throw new KsqlFunctionException(error instanceof Error ? error.message : String(error), error);
    }
    return next;
  }

  undo(state: Row, row: Row): Row {
    const next = new Array<Value>(this.#width);
    const keepCount = this.#keepCount;
    for (let i = 0; i < keepCount; i++) next[i] = row[this.#keep[i]!]!;
    for (let i = 0; i < this.#bound.length; i++) {
      next[keepCount + i] = this.#bound[i]!.undo!(state[keepCount + i]!, this.#argsOf(i, row));
    }
    return next;
  }

  merge(a: Row, b: Row): Row {
    const keepCount = this.#keepCount;
    return a.map((value, i) =>
      i < keepCount ? (value ?? b[i]!) : this.#bound[i - keepCount]!.merge(value, b[i]!),
    );
  }

  /** The row that the aggregation gives: kept columns, results, then the window's bounds. */
  result(state: Row, bounds: readonly Value[]): Row {
    const row = new Array<Value>(this.#width + bounds.length);
    const keepCount = this.#keepCount;
    for (let i = 0; i < keepCount; i++) row[i] = state[i]!;
    for (let i = 0; i < this.#bound.length; i++) {
      row[keepCount + i] = this.#bound[i]!.result(state[keepCount + i]!);
    }
    for (let i = 0; i < bounds.length; i++) row[this.#width + i] = bounds[i]!;
    return row;
  }

  #argsOf(index: number, row: Row): readonly Value[] {
    const slots = this.#args[index]!;
    const args = new Array<Value>(slots.length);
    for (let i = 0; i < slots.length; i++) args[i] = row[slots[i]!]!;
    return args;
  }
}

type Grouper = (row: Row) => readonly Value[] | null;

/** The grouping key of a row, or null where a part of it is NULL: the row belongs to no group then. */
function grouper(group: GroupByStep, builder: TopologyBuilder): Grouper {
  const scope = builder.scope(group.input, group.context);
  const evaluators = group.expressions.map(
    (expression, i) =>
      compileExpression(expression, scope, {
        purpose: 'Group By',
        errorMessage:
          `Error calculating group-by column with index ${i}. ` +
          'The source row will be excluded from the table.',
      }).evaluate,
  );
  return (row) => {
    const key = new Array<Value>(evaluators.length);
    for (let i = 0; i < evaluators.length; i++) {
      const value = evaluators[i]!(row);
      if (value === null) {
        scope.onError(
          `Group-by column with index ${i} resolved to null. The source row will be excluded from the table.`,
          undefined,
        );
        return null;
      }
      key[i] = value;
    }
    return key;
  };
}

function compileStreamGroup(group: GroupByStep, next: Next, builder: TopologyBuilder): void {
  const noDemand = { old: false, view: false };
  if (group.expressions.length === 0) {
    compileStep(
      group.input,
      (record) => {
        if (record.key !== null && record.row !== null) next(record);
      },
      noDemand,
      builder,
    );
    return;
  }
  const keyOf = grouper(group, builder);
  const partition = partitionerOf(group, group.schema.key, builder);
  compileStep(
    group.input,
    (record) => {
      if (record.row === null) return;
      const key = keyOf(record.row);
      if (key !== null) next(moveTo(record, key, null, partition(key, record.partition)));
    },
    noDemand,
    builder,
  );
}

/** A table's change takes the row before out of its group and puts the row into its own. */
function compileTableGroup(group: GroupByStep, next: Next, builder: TopologyBuilder): void {
  const keyOf = grouper(group, builder);
  const partition = partitionerOf(group, group.schema.key, builder);
  compileStep(
    group.input,
    (record) => regroup(record, keyOf, partition, next),
    { old: true, view: false },
    builder,
  );
}

function regroup(record: Rec, keyOf: Grouper, partition: Partitioner, next: Next): void {
  const { row, old } = record;
  if (row === null && old === null) return;
  const newKey = row === null ? null : keyOf(row);
  const oldKey = old === null ? null : keyOf(old);
  const moved = (key: readonly Value[]) => moveTo(record, key, null, partition(key, record.partition));
  if (newKey !== null && oldKey !== null && equalValues(newKey, oldKey)) {
    next(moved(newKey));
    return;
  }
  if (oldKey !== null) next({ ...moved(oldKey), row: null });
  if (newKey !== null) next({ ...moved(newKey), old: null });
}
