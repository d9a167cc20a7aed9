import type { Column } from '../schema/schema.js';
import { valuesKey } from '../types/compare.js';
import type { Value } from '../types/value.js';

/** What a key is found by in a Map: equal for equal keys. */
export type KeyId = Value;

const selfKeyed = new Set(['STRING', 'BIGINT', 'INTEGER', 'DOUBLE', 'BOOLEAN', 'DATE', 'TIME', 'TIMESTAMP']);

/** The way to the ids of keys with these columns: single simple values are their own ids. */
export function keyIdOf(columns: readonly Column[]): (key: readonly Value[]) => KeyId {
  if (columns.length === 1 && selfKeyed.has(columns[0]!.type.base)) return (key) => key[0]!;
  return valuesKey;
}
