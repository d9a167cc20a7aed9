/** The iteration order of Java's hash maps. ksqlDB's responses have this order, and tools compare them. */
import { javaStringHash } from '../types/java-hash.js';

/** `hash` returns the hash code of an item: for maps by name, `javaStringHash` of the name. */
export function inJavaMapOrder<T>(items: readonly T[], hash: (item: T) => number): readonly T[] {
  let buckets = 16;
  while (buckets * 0.75 < items.length) buckets *= 2;
  const bucket = (item: T): number => {
    const code = hash(item);
    return (code ^ (code >>> 16)) & (buckets - 1);
  };
  return items
    .map((item) => ({ item, bucket: bucket(item) }))
    .sort((a, b) => a.bucket - b.bucket)
    .map(({ item }) => item);
}

/** The hash code of ksqlDB's QueryId. */
export function queryIdHash(id: string): number {
  return (31 + javaStringHash(id.toUpperCase())) | 0;
}
