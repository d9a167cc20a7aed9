import type { SqlType } from '../../../sql/sql-type.js';
import type { Value } from '../types/value.js';

/**
 * Returns the value that a NULL becomes in Protobuf 3, where scalars cannot be absent: zero, an empty string, an empty
 * collection. Messages can be absent, and DECIMAL, DATE, TIME and TIMESTAMP are messages.
 */
export function protobufNull(type: SqlType): Value {
  switch (type.base) {
    case 'BOOLEAN':
      return false;
    case 'INTEGER':
    case 'DOUBLE':
      return 0;
    case 'BIGINT':
      return 0n;
    case 'STRING':
      return '';
    case 'BYTES':
      return Buffer.alloc(0);
    case 'ARRAY':
      return [];
    case 'MAP':
      return new Map();
    default:
      return null;
  }
}
