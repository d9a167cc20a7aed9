import { LosslessNumber } from 'lossless-json';
import type { SqlType } from '../sql/sql-type.js';
import type { ExactJson } from './exact-json.js';

/**
 * A column's value as the client returns it: BIGINT as bigint, DECIMAL as its text with all digits, INTEGER and
 * DOUBLE as number, DATE, TIME, TIMESTAMP and BYTES as the texts that ksqlDB sends.
 */
export type RowValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly RowValue[]
  | { readonly [field: string]: RowValue };

/** Converts a value to the type of its column. A value that does not match is returned as text, never dropped. */
export function typedValue(value: ExactJson, type: SqlType): RowValue {
  if (value === null || typeof value === 'boolean') return value;
  if (value instanceof LosslessNumber || typeof value === 'string') return scalar(value, type);
  if (Array.isArray(value)) {
    const element: SqlType = type.base === 'ARRAY' ? type.element : { base: 'STRING' };
    return value.map((inner) => typedValue(inner, element));
  }
  const fields = type.base === 'STRUCT' ? new Map(type.fields.map((f) => [f.name, f.type])) : undefined;
  const entry: SqlType = type.base === 'MAP' ? type.value : { base: 'STRING' };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typedValue(inner as ExactJson, fields?.get(name) ?? entry),
    ]),
  );
}

function scalar(value: LosslessNumber | string, type: SqlType): RowValue {
  const text = typeof value === 'string' ? value : value.value;
  switch (type.base) {
    case 'BIGINT':
      return /^-?\d+$/.test(text) ? BigInt(text) : text;
    case 'INTEGER':
    case 'DOUBLE':
      // The server sends NaN and infinities as text.
      return typeof value === 'string' && Number.isNaN(Number(text)) && text !== 'NaN' ? text : Number(text);
    default:
      return text;
  }
}
