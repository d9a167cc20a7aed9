import { formatType } from '../../../sql/format-type.js';
import type { SqlType } from '../../../sql/sql-type.js';

/** Formats a type as ksqlDB shows it in schemas and most messages: ``STRUCT<`A` INTEGER, `B` ARRAY<STRING>>``. */
export function formatSqlType(type: SqlType): string {
  return formatType(type, { quote: 'always' });
}

/** Formats like `formatSqlType`, but without backticks around field names, as in messages about functions. */
export function formatSqlTypeUnquoted(type: SqlType): string {
  switch (type.base) {
    case 'ARRAY':
      return `ARRAY<${formatSqlTypeUnquoted(type.element)}>`;
    case 'MAP':
      return `MAP<${formatSqlTypeUnquoted(type.key)}, ${formatSqlTypeUnquoted(type.value)}>`;
    case 'STRUCT': {
      const fields = type.fields.map((field) => `${field.name} ${formatSqlTypeUnquoted(field.type)}`);
      return fields.length === 0 ? 'STRUCT< >' : `STRUCT<${fields.join(', ')}>`;
    }
    default:
      return formatSqlType(type);
  }
}
