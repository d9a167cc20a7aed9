/**
 * Writes values as ksqlDB's REST API does: BIGINT and DECIMAL with all their digits, DOUBLE as Java writes it,
 * BYTES as base64, dates and times as text. A writer is created once per type and used for every row.
 */
import type { SqlType } from '../../../sql/sql-type.js';
import type { Decimal } from '../types/decimal.js';
import { formatJavaDouble } from '../types/java-double.js';
import { javaMapOrder } from '../types/java-hash.js';
import { formatDate, formatTime, formatTimestamp } from '../types/time-text.js';
import type { Value } from '../types/value.js';

export type JsonWriter = (value: Value) => string;

/** Writes the column values as `[v1,v2,...]`. */
export function rowWriter(types: readonly SqlType[]): (values: readonly Value[]) => string {
  const writers = types.map((type) => valueWriter(type));
  return (values) => {
    let text = '[';
    for (let i = 0; i < writers.length; i++) {
      if (i > 0) text += ',';
      text += writers[i]!(values[i] ?? null);
    }
    return `${text}]`;
  };
}

/**
 * `inStruct`: inside a struct, ksqlDB uses Kafka Connect's converter, which writes DATE as days, and TIME
 * and TIMESTAMP as milliseconds.
 */
export function valueWriter(type: SqlType, inStruct = false): JsonWriter {
  const write = notNullWriter(type, inStruct);
  return (value) => (value === null ? 'null' : write(value));
}

function notNullWriter(type: SqlType, inStruct: boolean): JsonWriter {
  switch (type.base) {
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
      return String;
    case 'DOUBLE':
      return (value) => writeDouble(value as number);
    case 'STRING':
      return (value) => JSON.stringify(value);
    case 'BYTES':
      return (value) => `"${(value as Buffer).toString('base64')}"`;
    case 'DECIMAL':
      return (value) => (value as Decimal).toString();
    case 'DATE':
      return inStruct ? String : (value) => `"${formatDate(value as number)}"`;
    case 'TIME':
      return inStruct ? String : (value) => `"${formatTime(value as number)}"`;
    case 'TIMESTAMP':
      return inStruct ? String : (value) => `"${formatTimestamp(value as number)}"`;
    case 'ARRAY': {
      const element = valueWriter(type.element, inStruct);
      return (value) => `[${(value as readonly Value[]).map(element).join(',')}]`;
    }
    case 'MAP': {
      const element = valueWriter(type.value, inStruct);
      return (value) => {
        const entries: string[] = [];
        for (const [key, item] of javaMapOrder(type.key, value as ReadonlyMap<Value, Value>)) {
          entries.push(`${JSON.stringify(key === null ? 'null' : String(key))}:${element(item)}`);
        }
        return `{${entries.join(',')}}`;
      };
    }
    case 'STRUCT': {
      const names = type.fields.map((field) => `${JSON.stringify(field.name)}:`);
      const writers = type.fields.map((field) => valueWriter(field.type, true));
      return (value) => {
        const fields = value as readonly Value[];
        return `{${writers.map((write, i) => names[i]! + write(fields[i] ?? null)).join(',')}}`;
      };
    }
  }
}

function writeDouble(value: number): string {
  const text = formatJavaDouble(value);
  return Number.isFinite(value) ? text : `"${text}"`;
}
