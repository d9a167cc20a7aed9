import { stringifyExact } from '../ksqldb/exact-json.js';
import type { RowValue } from '../ksqldb/row-value.js';
import type { Cell } from './wire.js';

/** Converts a column's value to text without loss. Nested values become JSON text. */
export function cellOf(value: RowValue): Cell {
  if (value === null) return null;
  return typeof value === 'object' ? stringifyExact(value) : String(value);
}
