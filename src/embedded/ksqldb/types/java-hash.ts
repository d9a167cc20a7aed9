/**
 * The iteration order of Java's HashMap. It is visible wherever a map is printed as text, so users who compare the two
 * engines' output would notice a difference.
 */
import type { SqlType } from '../../../sql/sql-type.js';
import type { Value } from './value.js';

/** Computes Java's String.hashCode. */
export function javaStringHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}

function javaHash(type: SqlType, key: Value): number {
  if (key === null) return 0;
  switch (type.base) {
    case 'STRING':
      return javaStringHash(key as string);
    case 'INTEGER':
      return key as number;
    case 'BIGINT': {
      const bits = BigInt.asUintN(64, key as bigint);
      return Number(BigInt.asIntN(32, bits ^ (bits >> 32n)));
    }
    case 'BOOLEAN':
      return key === true ? 1231 : 1237;
    default:
      return 0;
  }
}

/**
 * Returns the entries in the order in which a HashMap filled with them would list them.
 *
 * @param capacity the initial capacity: the size for maps that were read, written in SQL or cast; 16 for maps that
 *   functions grow
 */
export function javaMapOrder(
  keyType: SqlType,
  map: ReadonlyMap<Value, Value>,
  capacity = map.size,
): readonly (readonly [Value, Value])[] {
  if (map.size < 2) return [...map];
  let buckets = 1;
  while (buckets < capacity || map.size > Math.floor(buckets * 0.75)) buckets *= 2;
  const placed = [...map].map((entry) => {
    const hash = javaHash(keyType, entry[0]);
    return { entry, bucket: (hash ^ (hash >>> 16)) & (buckets - 1) };
  });
  // The sort is stable, so entries of one bucket keep their insertion order.
  placed.sort((a, b) => a.bucket - b.bucket);
  return placed.map(({ entry }) => entry);
}
