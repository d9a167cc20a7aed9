import type { SqlType } from '../../../sql/sql-type.js';
import type { Column, LogicalSchema } from './schema.js';

export type QuoteRule = (name: string) => string;

export const quoteAlways: QuoteRule = (name) => `\`${name}\``;
export const quoteNever: QuoteRule = (name) => name;

/** Formats a type as ksqlDB does in its messages. Quotes field names by default. */
export function typeText(type: SqlType, quote: QuoteRule = quoteAlways): string {
  switch (type.base) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${typeText(type.element, quote)}>`;
    case 'MAP':
      return `MAP<${typeText(type.key, quote)}, ${typeText(type.value, quote)}>`;
    case 'STRUCT':
      return type.fields.length === 0
        ? 'STRUCT< >'
        : `STRUCT<${type.fields.map((f) => `${quote(f.name)} ${typeText(f.type, quote)}`).join(', ')}>`;
    default:
      return type.base;
  }
}

export function columnText(column: Column, isKey = false, quote: QuoteRule = quoteAlways): string {
  return `${quote(column.name)} ${typeText(column.type, quote)}${isKey ? ' KEY' : ''}`;
}

/** Formats the columns of a schema, such as `` `K` STRING KEY, `V` INTEGER ``. */
export function schemaText(schema: LogicalSchema, quote: QuoteRule = quoteAlways): string {
  return [
    ...schema.key.map((column) => columnText(column, true, quote)),
    ...schema.value.map((column) => columnText(column, false, quote)),
    ...schema.headers.map((column) => {
      const mark = column.header === undefined ? 'HEADERS' : `HEADER('${column.header}')`;
      return `${columnText(column, false, quote)} ${mark}`;
    }),
  ].join(', ');
}
