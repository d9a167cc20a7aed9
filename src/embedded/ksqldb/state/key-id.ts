import type { Column } from '../schema/schema.js';
import { valuesKey } from '../types/compare.js';
import type { Value } from '../types/value.js';

/** Represents a key in a Map. Equal keys have equal ids. */
export type KeyId = Value;

const selfKeyed = new Set(['STRING', 'BIGINT', 'INTEGER', 'DOUBLE', 'BOOLEAN', 'DATE', 'TIME', 'TIMESTAMP']);

/** Returns the function that computes the id of a key. A key of one simple value is its own id. */
export function keyIdOf(columns: readonly Column[]): (key: readonly Value[]) => KeyId {
  if (columns.length === 1 && selfKeyed.has(columns[0]!.type.base)) return (key) => key[0]!;
  return valuesKey;
}
