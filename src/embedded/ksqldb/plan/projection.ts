import type { Expression, SelectStar } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import type { AnalysedItem } from '../analysis/analysis.js';
import { locationPrefix } from '../analysis/analysis.js';
import { unqualified } from '../analysis/columns.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { columnsOf, sameExpression } from '../expressions/rewrite.js';
import type { Column, LogicalSchema } from '../schema/schema.js';
import { columnText } from '../schema/schema-text.js';
import { Decimal } from '../types/decimal.js';
import { castDecimal, decimalTypeFits, decimalTypeOf } from '../types/decimal-type.js';
import { type PlanNode, type PlannerEnv, type Projection, typeIn } from './planner-env.js';
import type { SelectItemPlan } from './step.js';

export function projectionOf(items: readonly AnalysedItem[]): Projection {
  const hasStar = items.some((item) => item.kind === 'Star' && item.source === undefined);
  const starred = new Set(
    items.flatMap((item) => (item.kind === 'Star' && item.source ? [item.source] : [])),
  );
  return {
    contains: (expression) =>
      hasStar ||
      (expression.kind === 'Column' && expression.source !== undefined && starred.has(expression.source)) ||
      items.some((item) => {
        if (item.kind === 'Star') return false;
        return sameExpression(item.kind === 'Single' ? item.expression : item.base, expression);
      }),
  };
}

/** Expands the stars of a SELECT list and resolves its expressions over the parent's rows. */
export function selectItems(
  parent: PlanNode,
  items: readonly AnalysedItem[],
  target: LogicalSchema | undefined,
): readonly SelectItemPlan[] {
  const targetColumns = target === undefined ? [] : [...target.key, ...target.value];
  return items.flatMap((item, index): readonly SelectItemPlan[] => {
    if (item.kind === 'Star') return starItems(parent, item);
    if (item.kind === 'StructAll') {
      const base = parent.resolveSelect(index, item.base);
      return structTypeOf(base, parent.step.schema).fields.map((field) => ({
        name: field.name,
        expression: { kind: 'Dereference', base, field: field.name },
      }));
    }
    const expression = parent.resolveSelect(index, item.expression);
    const column = targetColumns[index];
    return [
      {
        name: item.alias,
        expression: column === undefined ? expression : fitLiteral(expression, column.type),
      },
    ];
  });
}

function starItems(parent: PlanNode, item: SelectStar): readonly SelectItemPlan[] {
  const at = item.at === undefined ? {} : { at: item.at };
  return parent
    .selectStar(item.source)
    .map((name) => ({ name, expression: { ...unqualified(name), ...at } }));
}

function structTypeOf(e: Expression, schema: LogicalSchema): Extract<SqlType, { base: 'STRUCT' }> {
  if (e.kind === 'Column') {
    const type = [...schema.key, ...schema.value].find((column) => column.name === e.name)?.type;
    if (type?.base === 'STRUCT') return type;
    throw new KsqlException(`Column \`${e.name}\` is not a STRUCT type.`);
  }
  if (e.kind === 'Dereference') {
    const field = structTypeOf(e.base, schema).fields.find((candidate) => candidate.name === e.field);
    if (field === undefined) throw new KsqlException(`Field ${e.field} was not found on STRUCT.`);
    if (field.type.base === 'STRUCT') return field.type;
    throw new KsqlException(`Field ${e.field} is not a STRUCT type.`);
  }
  throw new KsqlException(`Unsupported struct column expression: ${expressionText(e)}`);
}

/** Gives a number that INSERT INTO writes to a DECIMAL column the scale of the column. */
function fitLiteral(e: Expression, type: SqlType): Expression {
  if (type.base !== 'DECIMAL') return e;
  let value: Decimal;
  switch (e.kind) {
    case 'Integer':
      value = new Decimal(BigInt(e.value), 0);
      break;
    case 'Long':
      value = new Decimal(e.value, 0);
      break;
    case 'Decimal': {
      const point = e.text.indexOf('.');
      const scale = point < 0 ? 0 : e.text.length - point - 1;
      value = new Decimal(BigInt(e.text.replace('.', '')), scale);
      break;
    }
    default:
      return e;
  }
  if (!decimalTypeFits(decimalTypeOf(value), type)) return e;
  return { kind: 'Decimal', text: castDecimal(value, type.precision, type.scale).toString() };
}

/** An output column, and whether it comes from the parent's key. */
export interface ProjectedColumn extends Column {
  readonly isKey: boolean;
}

/** Determines the types of the select items. Key columns are in the order of the parent's key. */
export function projectedColumns(
  parent: LogicalSchema,
  items: readonly SelectItemPlan[],
  env: PlannerEnv,
): readonly ProjectedColumn[] {
  const keyIndex = (item: SelectItemPlan): number =>
    item.expression.kind === 'Column'
      ? parent.key.findIndex((column) => column.name === (item.expression as { name: string }).name)
      : -1;
  const keys = items.filter((item) => keyIndex(item) >= 0).sort((a, b) => keyIndex(a) - keyIndex(b));
  let nextKey = 0;
  const columns = items.map((item): ProjectedColumn => {
    if (keyIndex(item) >= 0) {
      const key = keys[nextKey++]!;
      return { name: key.name, type: parent.key[keyIndex(key)]!.type, isKey: true };
    }
    const type = typeIn(item.expression, parent, env);
    if (type === null) {
      throw new KsqlException(
        "Can't infer a type of null. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).",
      );
    }
    return { name: item.name, type, isKey: false };
  });
  rejectDuplicates(columns);
  return columns;
}

function rejectDuplicates(columns: readonly ProjectedColumn[]): void {
  for (const isKey of [true, false]) {
    const side = columns.filter((column) => column.isKey === isKey);
    const twice = side.find((column, i) => side.findIndex(({ name }) => name === column.name) < i);
    if (twice === undefined) continue;
    throw new KsqlException(
      `Duplicate ${isKey ? 'key' : 'value'} columns found in schema: ${columnText(twice, isKey)}`,
    );
  }
}

/** @throws KsqlException for columns that look like a synthetic key but do not exist */
export function checkColumnsExist(items: readonly AnalysedItem[], parent: PlanNode): void {
  const names = new Set(
    [...parent.step.schema.key, ...parent.step.schema.value].map((column) => column.name),
  );
  const unknown = items.flatMap((item, index) =>
    item.kind === 'Single'
      ? columnsOf(parent.resolveSelect(index, item.expression)).filter((column) => !names.has(column.name))
      : [],
  );
  if (unknown.length === 0) return;
  throw new KsqlException(
    unknown
      .map((column) => `${locationPrefix(column.at)}Column '${expressionText(column)}' cannot be resolved.`)
      .join('\n'),
  );
}
