import type { Expression, Query, TypeNode } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { transformUp } from '../expressions/rewrite.js';
import { resolveTypeNode } from '../expressions/type-node.js';

export type CustomTypes = ReadonlyMap<string, SqlType>;

/** Replaces the custom types of CREATE TYPE in a type by their definitions. */
export function resolveType(node: TypeNode, types: CustomTypes): SqlType {
  switch (node.base) {
    case 'NAMED': {
      const type = types.get(node.name) ?? types.get(node.name.toUpperCase());
      if (type === undefined) throw new KsqlException(`Cannot resolve unknown type: ${node.name}`);
      return type;
    }
    case 'ARRAY':
      return { base: 'ARRAY', element: resolveType(node.element, types) };
    case 'MAP':
      return { base: 'MAP', key: resolveType(node.key, types), value: resolveType(node.value, types) };
    case 'STRUCT':
      return {
        base: 'STRUCT',
        fields: node.fields.map(({ name, type }) => ({ name, type: resolveType(type, types) })),
      };
    default:
      return resolveTypeNode(node);
  }
}

/** Resolves the types in an expression's casts. */
export function resolveCasts(e: Expression, types: CustomTypes): Expression {
  return transformUp(e, (part) =>
    part.kind === 'Cast' ? { ...part, type: resolveType(part.type, types) } : part,
  );
}

/** Resolves the types in all casts of a query. */
export function resolveQueryTypes(query: Query, types: CustomTypes): Query {
  const go = (e: Expression): Expression => resolveCasts(e, types);
  const { where, groupBy, partitionBy, having } = query;
  return {
    ...query,
    select: query.select.map((item) => {
      if (item.kind === 'Single') return { ...item, expression: go(item.expression) };
      return item.kind === 'StructAll' ? { ...item, base: go(item.base) } : item;
    }),
    from: { ...query.from, joins: query.from.joins.map((join) => ({ ...join, on: go(join.on) })) },
    ...(where === undefined ? {} : { where: go(where) }),
    ...(groupBy === undefined ? {} : { groupBy: { ...groupBy, expressions: groupBy.expressions.map(go) } }),
    ...(partitionBy === undefined
      ? {}
      : { partitionBy: { ...partitionBy, expressions: partitionBy.expressions.map(go) } }),
    ...(having === undefined ? {} : { having: go(having) }),
  };
}
