/**
 * Pull queries on tables: return the current rows of a materialized table.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/select-pull-query/
 */
import type { Expression } from '../../../sql/ast.js';
import { BIGINT, type SqlType } from '../../../sql/sql-type.js';
import type { Analysis } from '../analysis/analysis.js';
import type { DataSource } from '../catalog/data-source.js';
import type { Engine } from '../engine/engine.js';
import { isEnabled } from '../engine/query-config.js';
import type { RowOutput, RowSource } from '../engine/row-source.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import { compileExpression } from '../expressions/compile.js';
import { evaluateConstant } from '../expressions/constant.js';
import { expressionText } from '../expressions/expression-text.js';
import { isLiteral, literalType, literalValue } from '../expressions/literal.js';
import { rewriteTimeLiterals } from '../expressions/rewrite.js';
import type { Evaluator } from '../expressions/scope.js';
import { typeOf } from '../expressions/typing.js';
import { coerceValue, shownValue } from '../expressions/value-coercer.js';
import { checkCondition } from '../plan/filter.js';
import { columnScope, type PlannerEnv } from '../plan/planner-env.js';
import { selectItems } from '../plan/projection.js';
import { sourceNode } from '../plan/source-node.js';
import { encodeKey } from '../runtime/record-writer.js';
import type { Column, HeaderColumn } from '../schema/schema.js';
import { columnText } from '../schema/schema-text.js';
import { isWindowBound, ROWTIME, windowBoundColumns } from '../schema/system-columns.js';
import type { MaterializedRow, MaterializedTable } from '../state/materialized-table.js';
import { valuesKey } from '../types/compare.js';
import type { Value } from '../types/value.js';
import { firstRows } from './first-rows.js';
import { type KeyAccess, keyAccess, scanOr } from './key-access.js';
import { invalidWhere, pullQueryHelp } from './pull-query-errors.js';

/** The row for expressions: value columns, ROWTIME, key columns, window bounds. */
interface Layout {
  readonly columns: readonly Column[];
  readonly slots: (row: MaterializedRow) => readonly Value[];
}

interface OutputColumn extends HeaderColumn {
  readonly isKey: boolean;
  /** Filled from the headers of the record. */
  readonly isHeader?: boolean;
}

/** Throws a KsqlException with ksqlDB's message if the query cannot be executed. */
export function planTablePull(
  engine: Engine,
  analysis: Analysis,
  config: ReadonlyMap<string, string>,
  queryId: string,
): RowSource {
  const { source } = analysis.sources[0]!;
  const env: PlannerEnv = {
    catalog: engine.catalog,
    functions: engine.functions,
    config,
    partitionsOf: (topic) => engine.store.topic(topic)?.partitions.length,
  };
  const access = accessOf(analysis, source, env);
  checkSelectList(analysis);
  const columns = outputColumns(analysis, source, env);
  const table = engine.materialization(source.name);
  if (table === undefined) throw notMaterialized(source.name);
  const layout = layoutOf(table);
  const select = projectorOf(analysis, source, layout, columns, env);
  const where = filterOf(analysis.where, layout, env);
  return {
    queryId,
    kind: 'PULL_TABLE',
    columns,
    schemaText: columns.map(outputText).join(', '),
    rowTypes: inRowOrder(columns).map(({ type }) => type),
    run: async (output) => {
      const matches = (row: MaterializedRow): boolean =>
        where === undefined || where(layout.slots(row)) === true;
      const { limit } = analysis;
      const isOrdered = limit !== undefined && limit <= mostOrderedRows && access.kind !== 'lookup';
      const rows = isOrdered
        ? firstRows(rowsOf(table, access), limit, matches, (row) =>
            encodeKey(source, row.key, engine.registry),
          )
        : rowsOf(table, access);
      await emit(rows, output, limit, (row) =>
        isOrdered || matches(row) ? select(layout.slots(row)) : undefined,
      );
      return 'none';
    },
  };
}

function accessOf(analysis: Analysis, source: DataSource, env: PlannerEnv): KeyAccess {
  const tableScans = isEnabled(env.config, 'ksql.query.pull.table.scan.enabled', true);
  const isWindowed = source.window !== undefined;
  if (analysis.where === undefined) {
    if (!tableScans) throw invalidWhere('Missing WHERE clause', isWindowed);
    return scanOr({ tableScans });
  }
  const schema = sourceNode(analysis.sources[0]!, 'KsqlTopic').step.schema;
  const condition = rewriteTimeLiterals(analysis.where);
  checkCondition(analysis.where, condition, schema, env, 'WHERE');
  return keyAccess(condition, {
    schema: source.schema,
    isWindowed,
    tableScans,
    rangeScans: isEnabled(env.config, 'ksql.query.pull.range.scan.enabled', true),
    resolveKey: (expression, index, comparison) =>
      resolveKey(expression, source.schema.key[index]!, expressionText(comparison), env),
    resolveBigint: (expression) =>
      evaluateConstant(expression, BIGINT, 'WINDOWSTART', {
        ...env,
        operation: 'pull query window bounds extractor',
      }),
  });
}

function resolveKey(expression: Expression, column: Column, comparison: string, env: PlannerEnv): Value {
  const value = isLiteral(expression)
    ? literalValue(expression)
    : evaluateConstant(expression, column.type, column.name, { ...env, operation: 'pull query' });
  if (value === null) throw new KsqlException(`Primary key columns can not be NULL: ${comparison}`);
  const from: SqlType | null = isLiteral(expression) ? literalType(expression) : column.type;
  const coerced = from === null ? undefined : coerceValue(value, from, column.type, 'STRICT');
  if (coerced !== undefined) return coerced;
  const shown = from === null ? 'null' : shownValue(value, from);
  throw new KsqlException(
    `'${shown}' can not be converted to the type of the key column: ${columnText(column, true, (name) => name)}`,
  );
}

function checkSelectList({ select }: Analysis): void {
  if (select.length > 1 && select.some((item) => item.kind === 'Star')) {
    throw new KsqlException(
      'Pull queries only support wildcards in the projects if they are the only expression',
    );
  }
}

function outputColumns(analysis: Analysis, source: DataSource, env: PlannerEnv): readonly OutputColumn[] {
  if (analysis.select[0]?.kind === 'Star') {
    return [
      ...source.schema.key.map((column) => ({ ...column, isKey: true })),
      ...(source.window === undefined ? [] : windowBoundColumns).map((column) => ({
        ...column,
        isKey: true,
      })),
      ...source.schema.headers.map((column) => ({ ...column, isKey: false, isHeader: true })),
      ...source.schema.value.map((column) => ({ ...column, isKey: false })),
    ];
  }
  const parent = sourceNode(analysis.sources[0]!, 'KsqlTopic');
  const scope = columnScope(parent.step.schema.value, env);
  const isKeyName = (name: string): boolean =>
    isWindowBound(name) || source.schema.key.some((column) => column.name === name);
  const columns = selectItems(parent, analysis.select, undefined).map(({ name, expression }) => {
    const type = typeOf(expression, scope);
    if (type === null) {
      throw new KsqlException(
        "Can't infer a type of null. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).",
      );
    }
    return { name, type, isKey: isKeyName(name) };
  });
  rejectDuplicates(columns);
  return columns;
}

/** In the rows of `SELECT *`, headers come last. In the schema, ksqlDB lists them before the values. */
function inRowOrder(columns: readonly OutputColumn[]): readonly OutputColumn[] {
  const isLast = ({ isHeader = false }: OutputColumn): boolean => isHeader;
  return [...columns.filter((column) => !isLast(column)), ...columns.filter(isLast)];
}

function outputText(column: OutputColumn): string {
  const text = columnText(column, column.isKey);
  if (column.isHeader !== true) return text;
  return `${text} ${column.header === undefined ? 'HEADERS' : `HEADER('${column.header}')`}`;
}

function rejectDuplicates(columns: readonly OutputColumn[]): void {
  for (const isKey of [true, false]) {
    const names = new Set<string>();
    for (const column of columns.filter((candidate) => candidate.isKey === isKey)) {
      if (names.has(column.name)) {
        const kind = isKey ? 'key' : 'value';
        throw new KsqlException(`Duplicate ${kind} columns found in schema: ${columnText(column, isKey)}`);
      }
      names.add(column.name);
    }
  }
}

function layoutOf(table: MaterializedTable): Layout {
  const isWindowed = table.window !== undefined;
  return {
    columns: [
      ...table.valueColumns,
      { name: ROWTIME, type: BIGINT },
      ...table.keyColumns,
      ...(isWindowed ? windowBoundColumns : []),
    ],
    slots: (row) => {
      const slots: Value[] = [...row.value, BigInt(row.time), ...row.key];
      if (row.window !== undefined) slots.push(BigInt(row.window.start), BigInt(row.window.end));
      return slots;
    },
  };
}

function filterOf(condition: Expression | undefined, layout: Layout, env: PlannerEnv): Evaluator | undefined {
  if (condition === undefined) return undefined;
  const scope = columnScope(layout.columns, env);
  try {
    return compileExpression(rewriteTimeLiterals(condition), scope, { defaultValue: false }).evaluate;
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    throw new KsqlStatementException(
      `Invalid expression: ${error.message}`,
      expressionText(condition),
      error,
    );
  }
}

function projectorOf(
  analysis: Analysis,
  source: DataSource,
  layout: Layout,
  columns: readonly OutputColumn[],
  env: PlannerEnv,
): (slots: readonly Value[]) => readonly Value[] {
  if (analysis.select[0]?.kind === 'Star') {
    const indexes = inRowOrder(columns).map(({ name }) =>
      layout.columns.findIndex((column) => column.name === name),
    );
    return (slots) => indexes.map((index) => slots[index] ?? null);
  }
  const scope = columnScope(layout.columns, env);
  const parent = sourceNode({ alias: analysis.sources[0]!.alias, source }, 'KsqlTopic');
  const evaluators = selectItems(parent, analysis.select, undefined).map(
    ({ expression }) => compileExpression(expression, scope).evaluate,
  );
  return (slots) => evaluators.map((evaluate) => evaluate(slots));
}

function* rowsOf(table: MaterializedTable, access: KeyAccess): Generator<MaterializedRow, void, undefined> {
  switch (access.kind) {
    case 'lookup': {
      const seen = new Set<string>();
      for (const key of access.keys) {
        const id = valuesKey(key);
        if (seen.has(id)) continue;
        seen.add(id);
        yield* table.get(key);
      }
      return;
    }
    case 'range':
      yield* table.range(access.from, access.to);
      return;
    case 'scan':
      yield* table.scan();
  }
}

/** Up to this LIMIT, the result has the first rows by partition and key, as in ksqlDB's stores. */
const mostOrderedRows = 10_000;

/** How many rows are read between two checks of the clock, so that a long scan does not block other work. */
const rowsBetweenPauses = 2000;

async function emit(
  rows: Iterable<MaterializedRow>,
  output: RowOutput,
  limit: number | undefined,
  select: (row: MaterializedRow) => readonly Value[] | undefined,
): Promise<void> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  let read = 0;
  if (left <= 0) return;
  for (const row of rows) {
    if (output.isClosed) return;
    const values = select(row);
    if (values !== undefined) {
      const mayGoOn = output.row(values, false);
      if (--left <= 0) return;
      if (!mayGoOn) await output.drained();
    }
    if (++read % rowsBetweenPauses === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function notMaterialized(name: string): KsqlException {
  return new KsqlException(
    `The \`${name}\` table isn't queryable. To derive a queryable table, you can do ` +
      `'CREATE TABLE QUERYABLE_${name} AS SELECT * FROM ${name}'.${pullQueryHelp}`,
  );
}
