import type { TypeNode } from '../../../sql/ast.js';
import { arrayType, mapType, type SqlType, structType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { checkedDecimalType } from '../types/decimal-type.js';

/**
 * Resolves a type as written. Names from CREATE TYPE must already be replaced.
 *
 * @throws KsqlException for a name that is not a type
 */
export function resolveTypeNode(node: TypeNode): SqlType {
  switch (node.base) {
    case 'NAMED':
      throw new KsqlException(`Cannot resolve unknown type: ${node.name}`);
    case 'DECIMAL':
      return checkedDecimalType(node.precision, node.scale);
    case 'ARRAY':
      return arrayType(resolveTypeNode(node.element));
    case 'MAP':
      return mapType(resolveTypeNode(node.key), resolveTypeNode(node.value));
    case 'STRUCT':
      return structType(node.fields.map(({ name, type }) => ({ name, type: resolveTypeNode(type) })));
    default:
      return node;
  }
}
