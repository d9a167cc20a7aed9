import { stringifyExact } from '../ksqldb/exact-json.js';
import type { RowValue } from '../ksqldb/row-value.js';
import type { Cell } from './wire.js';

/** A column's value as text that loses nothing; nested values as JSON text. */
export function cellOf(value: RowValue): Cell {
  if (value === null) return null;
  return typeof value === 'object' ? stringifyExact(value) : String(value);
}
