import type { ColumnReference, Expression, FromClause, Query, SelectItem } from '../../../sql/ast.js';
import type { Catalog } from '../catalog/catalog.js';
import { KsqlException } from '../errors.js';
import { replaceColumns, walk } from '../expressions/rewrite.js';
import type { LogicalSchema } from '../schema/schema.js';
import { isPseudoColumn, isWindowBound } from '../schema/system-columns.js';
import { type AliasedSource, locationPrefix } from './analysis.js';
import { ColumnAliases, joinColumnName } from './column-names.js';
import { joinGrammatically } from './columns.js';

export const columnNamesOf = (schema: LogicalSchema): readonly string[] =>
  [...schema.key, ...schema.value, ...schema.headers].map((column) => column.name);

/**
 * Looks up the sources of a FROM clause.
 *
 * @throws KsqlException if one does not exist
 */
export function sourcesOf(from: FromClause, catalog: Catalog): readonly AliasedSource[] {
  return [from.left, ...from.joins.map((join) => join.right)].map(({ name, alias }) => {
    const source = catalog.source(name);
    if (source === undefined) throw new KsqlException(`${name} does not exist.${catalog.alternatives(name)}`);
    return { alias, source };
  });
}

/**
 * Qualifies each column with the alias of its source and gives each select item a name, as ksqlDB does first.
 *
 * @throws KsqlException for unknown sources and ambiguous columns
 */
export function sanitizeQuery(query: Query, catalog: Catalog): Query {
  const sources = sourcesOf(query.from, catalog);
  const isJoin = query.from.joins.length > 0;
  const clashing = clashingColumns(sources);
  const aliases = new ColumnAliases(sources.map((s) => s.source.schema));

  const qualify = (column: ColumnReference): Expression => {
    if (column.source !== undefined) return column;
    const owners = sources.filter(({ source }) => {
      if (isPseudoColumn(column.name)) return true;
      if (source.window !== undefined && isWindowBound(column.name)) return true;
      return columnNamesOf(source.schema).includes(column.name);
    });
    if (owners.length > 1) {
      const could = owners.map(({ alias }) => `${alias}.${column.name}`).sort();
      throw new KsqlException(
        `${locationPrefix(column.at)}Column '${column.name}' is ambiguous. ` +
          `Could be ${joinGrammatically(could, 'or')}.`,
      );
    }
    const owner = owners[0];
    return owner === undefined ? column : { ...column, source: owner.alias };
  };

  const rewrite = (e: Expression): Expression => {
    checkLambdas(e, sources, new Set());
    return replaceColumns(e, qualify);
  };

  const nameItem = (item: SelectItem): SelectItem => {
    if (item.kind === 'Star') return item;
    if (item.kind === 'StructAll') return { ...item, base: rewrite(item.base) };
    const expression = rewrite(item.expression);
    if (item.alias !== undefined) return { ...item, expression };
    if (expression.kind !== 'Column') return { ...item, expression, alias: aliases.for(expression) };
    const isClash = isJoin && (isPseudoColumn(expression.name) || clashing.has(expression.name));
    const alias =
      expression.source !== undefined && isClash
        ? joinColumnName(expression.source, expression.name)
        : expression.name;
    return { ...item, expression, alias };
  };

  const { where, groupBy, partitionBy, having } = query;
  return {
    ...query,
    select: query.select.map(nameItem),
    from: {
      ...query.from,
      joins: query.from.joins.map((join) => ({ ...join, on: rewrite(join.on) })),
    },
    ...(where === undefined ? {} : { where: rewrite(where) }),
    ...(groupBy === undefined
      ? {}
      : { groupBy: { ...groupBy, expressions: groupBy.expressions.map(rewrite) } }),
    ...(partitionBy === undefined
      ? {}
      : { partitionBy: { ...partitionBy, expressions: partitionBy.expressions.map(rewrite) } }),
    ...(having === undefined ? {} : { having: rewrite(having) }),
  };
}

function clashingColumns(sources: readonly AliasedSource[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const clashing = new Set<string>();
  for (const { source } of sources) {
    for (const name of new Set(columnNamesOf(source.schema))) {
      if (seen.has(name)) clashing.add(name);
      seen.add(name);
    }
  }
  return clashing;
}

function checkLambdas(e: Expression, sources: readonly AliasedSource[], outer: ReadonlySet<string>): void {
  walk(e, (part) => {
    if (part.kind !== 'Lambda') return true;
    for (const param of part.params) {
      if (sources.some(({ source }) => columnNamesOf(source.schema).includes(param))) {
        throw new KsqlException(`Lambda function argument can't be a column name: ${param}`);
      }
      if (outer.has(param)) {
        throw new KsqlException('Reusing lambda arguments in nested lambda is not allowed');
      }
    }
    checkLambdas(part.body, sources, new Set([...outer, ...part.params]));
    return false;
  });
}
