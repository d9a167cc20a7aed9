import {
  arrayType,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  decimalType,
  INTEGER,
  mapType,
  type SqlType,
  STRING,
  structType,
  TIME,
  TIMESTAMP,
} from '../../src/sql/sql-type.js';
import type { Random } from './random.js';

export const simpleTypes: readonly SqlType[] = [
  BOOLEAN,
  INTEGER,
  BIGINT,
  DOUBLE,
  STRING,
  BYTES,
  DATE,
  TIME,
  TIMESTAMP,
];

/** A type of any kind; `depth` bounds its nesting. */
export function randomType(random: Random, depth = 2): SqlType {
  const kind = random.below(depth > 0 ? 14 : 11);
  if (kind < 9) return simpleTypes[kind]!;
  if (kind < 11) {
    const precision = 1 + random.below(38);
    return decimalType(precision, random.below(precision + 1));
  }
  if (kind === 11) return arrayType(randomType(random, depth - 1));
  if (kind === 12) return mapType(STRING, randomType(random, depth - 1));
  return structType(random.some(3, (i) => ({ name: `F${i}`, type: randomType(random, depth - 1) }), 1));
}
