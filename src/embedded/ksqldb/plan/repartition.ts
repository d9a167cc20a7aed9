import type { Expression } from '../../../sql/ast.js';
import { ColumnAliases } from '../analysis/column-names.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import type { Column, LogicalSchema } from '../schema/schema.js';
import { type PlannerEnv, typeIn } from './planner-env.js';

/** Whether the expressions are anything but the current key column. */
export function needsRepartition(schema: LogicalSchema, keys: readonly Expression[]): boolean {
  const [key] = keys;
  const isSameColumn =
    schema.key.length === 1 &&
    keys.length === 1 &&
    key?.kind === 'Column' &&
    key.name === schema.key[0]!.name;
  return !isSameColumn;
}

export interface RepartitionedSchema {
  readonly schema: LogicalSchema;
  readonly appended: readonly boolean[];
}

/** The schema after PARTITION BY. New key columns are appended to the row if it does not have them. */
export function repartitionedSchema(
  schema: LogicalSchema,
  keys: readonly Expression[],
  env: PlannerEnv,
): RepartitionedSchema {
  if (keys.some((key) => key.kind === 'Null')) {
    if (keys.length > 1) throw new KsqlException('Cannot PARTITION BY multiple columns including NULL');
    return { schema: { ...schema, key: [] }, appended: [] };
  }
  const aliases = new ColumnAliases([schema]);
  const columns = keys.map((key): Column => {
    const type = typeIn(key, schema, env);
    if (type === null) throw new KsqlException("Can't infer a type of null.");
    return { name: key.kind === 'Column' ? key.name : aliases.for(key), type };
  });
  const appended = keys.map((key) => key.kind !== 'Column');
  return {
    schema: { key: columns, value: [...schema.value, ...columns.filter((_, i) => appended[i])], headers: [] },
    appended,
  };
}

export function tableRepartition(schema: LogicalSchema, keys: readonly Expression[]): KsqlException {
  if (schema.key.length > 1) {
    return new KsqlException(
      'Cannot repartition a TABLE source. If this is a join, joins on tables with multiple columns is not yet supported.',
    );
  }
  return new KsqlException(
    "Cannot repartition a TABLE source. If this is a join, make sure that the criteria uses the TABLE's key column " +
      `${schema.key[0]?.name} instead of [${keys.map(expressionText).join(', ')}]`,
  );
}
