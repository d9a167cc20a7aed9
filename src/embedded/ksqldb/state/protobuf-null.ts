import type { SqlType } from '../../../sql/sql-type.js';
import type { Value } from '../types/value.js';

/**
 * What comes back for a NULL that went through Protobuf 3, which has no absent scalars: zero, empty text, no
 * elements. Messages can be absent, and DECIMAL, DATE, TIME and TIMESTAMP are messages there.
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
