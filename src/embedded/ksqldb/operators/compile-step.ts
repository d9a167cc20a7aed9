import type { Expression } from '../../../sql/ast.js';
import { compileExpression } from '../expressions/compile.js';
import { expressionText } from '../expressions/expression-text.js';
import { columnsOf } from '../expressions/rewrite.js';
import { resolveTableCall } from '../expressions/typing.js';
import type { FilterStep, FlatMapStep, SelectStep, Step } from '../plan/step.js';
import type { Value } from '../types/value.js';
import { compileAggregate } from './aggregate.js';
import { compileForeignKeyJoin } from './foreign-key-join.js';
import type { TopologyBuilder } from './operator-env.js';
import { compilePartitionBy, compileRekeyTable } from './partition-by.js';
import type { Next, TableRow, TableView } from './record.js';
import { compileSource } from './source.js';
import { compileStreamStreamJoin } from './stream-stream-join.js';
import { compileStreamTableJoin } from './stream-table-join.js';
import { compileTableTableJoin } from './table-table-join.js';

/** What the operator above asks of the ones below. */
export interface Demand {
  /** Changes must carry the row before. */
  readonly old: boolean;
  /** Rows must be looked up: a join above, or pull queries. */
  readonly view: boolean;
  /** The columns of the row that are read above; all of them, if absent. */
  readonly columns?: ReadonlySet<string>;
}

/** The demand of a step that reads only what its expressions name. */
export function demandFor(demand: Demand, expressions: readonly Expression[]): Demand {
  const columns = new Set(expressions.flatMap(columnsOf).map((column) => column.name));
  return { old: demand.old, view: demand.view, columns };
}

/** The demand of a step that hands the row on, and reads what its expressions name. */
export function demandAlso(demand: Demand, expressions: readonly Expression[]): Demand {
  const { columns } = demand;
  if (columns === undefined) return demand;
  return {
    ...demand,
    columns: new Set([...columns, ...expressions.flatMap(columnsOf).map((column) => column.name)]),
  };
}

/**
 * Compiles a step and those below it into functions that push records to `next`. Gives a table's view.
 *
 * @throws KsqlException for expressions that ksqlDB's code generation refuses
 */
export function compileStep(
  step: Step,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView | undefined {
  switch (step.kind) {
    case 'source':
      return compileSource(step, next, demand, builder);
    case 'filter':
      return compileFilter(step, next, demand, builder);
    case 'select':
      return compileSelect(step, next, demand, builder);
    case 'flatMap':
      return compileFlatMap(step, next, demand, builder);
    case 'partitionBy':
      return compilePartitionBy(step, next, demand, builder);
    case 'rekeyTable':
      return compileRekeyTable(step, next, demand, builder);
    case 'groupBy':
      throw new Error('A GROUP BY step stands below an aggregation only');
    case 'aggregate':
      return compileAggregate(step, next, demand, builder);
    case 'streamStreamJoin':
      return compileStreamStreamJoin(step, next, builder);
    case 'streamTableJoin':
      return compileStreamTableJoin(step, next, builder);
    case 'tableTableJoin':
      return compileTableTableJoin(step, next, demand, builder);
    case 'foreignKeyJoin':
      return compileForeignKeyJoin(step, next, builder);
  }
}

function compileFilter(
  step: FilterStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView | undefined {
  const { evaluate } = compileExpression(step.condition, builder.scope(step.input, step.context), {
    purpose: 'Predicate',
    errorMessage: `Error evaluating predicate ${expressionText(step.condition)}`,
    defaultValue: false,
  });
  const below = demandAlso(demand, [step.condition]);
  if (step.output === 'STREAM') {
    return compileStep(
      step.input,
      (record) => {
        if (record.row !== null && evaluate(record.row) === true) next(record);
      },
      below,
      builder,
    );
  }
  const view = compileStep(
    step.input,
    (record) => {
      const row = record.row !== null && evaluate(record.row) === true ? record.row : null;
      const old = record.old !== null && evaluate(record.old) === true ? record.old : null;
      // Kafka Streams asks for the row before, to spare tombstones for rows that never passed (KAFKA-10077).
      if (row === null && old === null) return;
      next(row === record.row && old === record.old ? record : { ...record, row, old });
    },
    { ...below, old: true },
    builder,
  );
  return view && mapView(view, ({ row, ...rest }) => (evaluate(row) === true ? { row, ...rest } : undefined));
}

function compileSelect(
  step: SelectStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView | undefined {
  const scope = builder.scope(step.input, step.context);
  const evaluators = step.items.map(
    ({ name, expression }, i) =>
      compileExpression(expression, scope, {
        purpose: 'Select',
        errorMessage: `Error computing expression ${expressionText(expression)} for column ${name} with index ${i}`,
      }).evaluate,
  );
  const count = evaluators.length;
  const project = (row: readonly Value[]): readonly Value[] => {
    const result = new Array<Value>(count);
    for (let i = 0; i < count; i++) result[i] = evaluators[i]!(row);
    return result;
  };
  const isTable = step.output === 'TABLE';
  const view = compileStep(
    step.input,
    (record) => {
      const { row, old } = record;
      next({
        key: record.key,
        window: record.window,
        row: row === null ? null : project(row),
        old: isTable && demand.old && old !== null ? project(old) : null,
        time: record.time,
        partition: record.partition,
        headers: record.headers,
      });
    },
    demandFor(
      demand,
      step.items.map((item) => item.expression),
    ),
    builder,
  );
  return view && mapView(view, (found) => ({ ...found, row: project(found.row) }));
}

function compileFlatMap(step: FlatMapStep, next: Next, demand: Demand, builder: TopologyBuilder): undefined {
  const scope = builder.scope(step.input, step.context);
  const calls = step.functions.map((call) => {
    const { signature, argumentTypes, returnType, constants } = resolveTableCall(call, scope);
    const run = signature.bind({ argumentTypes, returnType, constants, config: scope.config });
    const args = call.args.map(
      (arg) => compileExpression(arg, scope, { purpose: 'Table function' }).evaluate,
    );
    const message = `Table function ${call.name} threw an exception`;
    return (row: readonly Value[]): readonly Value[] => {
      try {
        return run(...args.map((evaluate) => evaluate(row))) ?? [];
      } catch (error) {
        scope.onError(message, error);
        return [];
      }
    };
  });
  compileStep(
    step.input,
    (record) => {
      const { row } = record;
      if (row === null) return;
      const columns = calls.map((call) => call(row));
      const length = Math.max(...columns.map((column) => column.length));
      for (let i = 0; i < length; i++) {
        next({ ...record, row: [...row, ...columns.map((column) => column[i] ?? null)] });
      }
    },
    demandAlso(demand, step.functions),
    builder,
  );
  return undefined;
}

/** A view through a function of its rows. */
export function mapView(view: TableView, map: (found: TableRow) => TableRow | undefined): TableView {
  const all = function* (rows: Iterable<TableRow>): Iterable<TableRow> {
    for (const row of rows) {
      const mapped = map(row);
      if (mapped !== undefined) yield mapped;
    }
  };
  return {
    get: (partition, key, window) => {
      const found = view.get(partition, key, window);
      return found && map(found);
    },
    rows: (partition) => all(view.rows(partition)),
    rowsOf: (partition, key) => all(view.rowsOf(partition, key)),
  };
}
