import { compileExpression } from '../expressions/compile.js';
import type { AggregateStep, GroupByStep } from '../plan/step.js';
import { keyIdOf } from '../state/key-id.js';
import { equalValues } from '../types/compare.js';
import type { Value } from '../types/value.js';
import { AggregateFunctions } from './aggregate-functions.js';
import type { Demand } from './demand.js';
import type { OperatorEnv, TopologyBuilder } from './operator-env.js';
import { type Partitioner, partitionerOf } from './partition-by.js';
import { moveTo, type Next, type Rec, type Row, type TableView } from './record.js';
import { SessionAggregate } from './session-aggregate.js';
import { TableAggregate } from './table-aggregate.js';
import { WindowedAggregate } from './windowed-aggregate.js';

/** Compiles GROUP BY and its aggregation. There is one class for each kind of window. */
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

type Grouper = (row: Row) => readonly Value[] | null;

/** Returns the grouping key of a row, or null if any part of it is NULL: such a row belongs to no group. */
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
    builder.compile(
      group.input,
      (record) => {
        if (record.key !== null && record.row !== null) next(record);
      },
      noDemand,
    );
    return;
  }
  const keyOf = grouper(group, builder);
  const partition = partitionerOf(group, group.schema.key, builder);
  builder.compile(
    group.input,
    (record) => {
      if (record.row === null) return;
      const key = keyOf(record.row);
      if (key !== null) next(moveTo(record, key, null, partition(key, record.partition)));
    },
    noDemand,
  );
}

/** Moves a changed row of a table: removes the old row from its group and adds the new row to its own. */
function compileTableGroup(group: GroupByStep, next: Next, builder: TopologyBuilder): void {
  const keyOf = grouper(group, builder);
  const partition = partitionerOf(group, group.schema.key, builder);
  builder.compile(group.input, (record) => regroup(record, keyOf, partition, next), {
    old: true,
    view: false,
  });
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
