import type { SqlType } from '../../../sql/sql-type.js';

const always = () => true;
const never = () => false;

/**
 * A type as ksqlDB shows it in messages and DESCRIBE: ``STRUCT<`A` INTEGER, `B` ARRAY<STRING>>``.
 *
 * @param quoted which field names stand in back-ticks: all of them, unless told otherwise
 */
export function formatSqlType(type: SqlType, quoted: (name: string) => boolean = always): string {
  switch (type.base) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${formatSqlType(type.element, quoted)}>`;
    case 'MAP':
      return `MAP<${formatSqlType(type.key, quoted)}, ${formatSqlType(type.value, quoted)}>`;
    case 'STRUCT': {
      if (type.fields.length === 0) return 'STRUCT< >';
      const fields = type.fields.map(({ name, type: fieldType }) => {
        const shown = quoted(name) ? `\`${name}\`` : name;
        return `${shown} ${formatSqlType(fieldType, quoted)}`;
      });
      return `STRUCT<${fields.join(', ')}>`;
    }
    default:
      return type.base;
  }
}

/** As `formatSqlType`, field names without back-ticks: the form in the messages about functions. */
export function formatSqlTypeUnquoted(type: SqlType): string {
  return formatSqlType(type, never);
}
