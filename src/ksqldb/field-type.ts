import { formatType } from '../sql/format-type.js';
import {
  arrayType,
  decimalType,
  mapType,
  type SimpleBase,
  type SqlType,
  STRING,
  structType,
} from '../sql/sql-type.js';
import type { FieldSchema } from './entities.js';

/** Converts the tree of types in a server's answer. */
export function sqlTypeOf({ type, fields, memberSchema, parameters }: FieldSchema): SqlType {
  const member = memberSchema === null || memberSchema === undefined ? STRING : sqlTypeOf(memberSchema);
  switch (type) {
    case 'ARRAY':
      return arrayType(member);
    case 'MAP':
      // The REST API describes the values only; it shows every key as a string.
      return mapType(STRING, member);
    case 'STRUCT':
      return structType((fields ?? []).map(({ name, schema }) => ({ name, type: sqlTypeOf(schema) })));
    case 'DECIMAL':
      return decimalType(Number(parameters?.precision), Number(parameters?.scale));
    default:
      return { base: type as SimpleBase };
  }
}

/** Formats a described type as SQL: `STRUCT<CITY STRING, ZIP INTEGER>`. */
export function fieldTypeText(schema: FieldSchema): string {
  return formatType(sqlTypeOf(schema));
}
