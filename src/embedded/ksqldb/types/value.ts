import type { Decimal } from './decimal.js';

/**
 * A value of a column or an expression at run time. Its SQL type determines the representation:
 *
 * | SQL type | JavaScript |
 * |---|---|
 * | BOOLEAN | boolean |
 * | INTEGER | number, a 32-bit integer |
 * | BIGINT | bigint, 64 bits |
 * | DOUBLE | number |
 * | DECIMAL | Decimal with exactly the type's scale |
 * | STRING | string |
 * | BYTES | Buffer |
 * | DATE | number, days since 1970-01-01 |
 * | TIME | number, milliseconds since midnight |
 * | TIMESTAMP | number, milliseconds since the epoch, UTC |
 * | ARRAY | array of elements |
 * | MAP | Map; keys by value (string, number, bigint, boolean) |
 * | STRUCT | array of the fields' values, in the type's order |
 *
 * SQL's NULL is `null`; `undefined` never occurs. Values are immutable, because operators share them.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Decimal
  | Buffer
  | readonly Value[]
  | ReadonlyMap<Value, Value>;
