/** Formats values as text like CAST(x AS STRING). */
import type { SqlType } from '../../../sql/sql-type.js';
import type { Decimal } from './decimal.js';
import { formatJavaDouble } from './java-double.js';
import { javaMapOrder } from './java-hash.js';
import { formatDate, formatTime, formatTimestamp } from './time-text.js';
import type { Value } from './value.js';

/** Formats a value other than NULL. */
export type TextWriter = (value: Exclude<Value, null>) => string;

/** Returns how CAST formats the values of a type. Inside arrays, maps and structs, Java's own `toString` applies. */
export function textWriter(type: SqlType): TextWriter {
  switch (type.base) {
    case 'DECIMAL':
      return (value) => (value as Decimal).toString();
    case 'TIMESTAMP':
      return (value) => formatTimestamp(value as number);
    case 'TIME':
      return (value) => formatTime(value as number);
    case 'DATE':
      return (value) => formatDate(value as number);
    default:
      return innerTextWriter(type);
  }
}

function innerTextWriter(type: SqlType): TextWriter {
  switch (type.base) {
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'STRING':
      return String;
    case 'DOUBLE':
      return (value) => formatJavaDouble(value as number);
    case 'DECIMAL':
      return (value) => (value as Decimal).toScientificString();
    case 'BYTES':
      return (value) => {
        const { length } = value as Buffer;
        return `java.nio.HeapByteBuffer[pos=0 lim=${length} cap=${length}]`;
      };
    case 'DATE':
      return (value) => formatDate(value as number);
    case 'TIME':
      return (value) => formatTimestamp(value as number).slice(11, 19);
    case 'TIMESTAMP':
      return (value) => formatSqlTimestamp(value as number);
    case 'ARRAY': {
      const element = orNull(innerTextWriter(type.element));
      return (value) => `[${(value as readonly Value[]).map(element).join(', ')}]`;
    }
    case 'MAP': {
      const writeKey = orNull(innerTextWriter(type.key));
      const writeValue = orNull(innerTextWriter(type.value));
      return (value) => {
        const entries = javaMapOrder(type.key, value as ReadonlyMap<Value, Value>);
        return `{${entries.map(([k, v]) => `${writeKey(k)}=${writeValue(v)}`).join(', ')}}`;
      };
    }
    case 'STRUCT': {
      const fields = type.fields.map((field) => ({
        name: field.name,
        write: innerTextWriter(field.type),
      }));
      return (value) => {
        const values = value as readonly Value[];
        const parts: string[] = [];
        for (let i = 0; i < fields.length; i++) {
          const fieldValue = values[i];
          if (fieldValue !== null && fieldValue !== undefined) {
            parts.push(`${fields[i]!.name}=${fields[i]!.write(fieldValue)}`);
          }
        }
        return `Struct{${parts.join(',')}}`;
      };
    }
  }
}

function orNull(write: TextWriter): (value: Value) => string {
  return (value) => (value === null ? 'null' : write(value));
}

/** Formats like java.sql.Timestamp on a server in UTC: `2020-05-26 23:59:58.0`. */
function formatSqlTimestamp(millis: number): string {
  const text = formatTimestamp(millis);
  const point = text.length - 4;
  let fraction = text.slice(point + 1);
  while (fraction.length > 1 && fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${text.slice(0, point).replace('T', ' ')}.${fraction}`;
}

const BASE64_CHARS = /^[A-Za-z0-9+/]*={0,2}$/;

/** Decodes a base64 text; returns null if it is not valid. */
export function parseBase64(text: string): Buffer | null {
  const unpadded = text.endsWith('==') ? text.slice(0, -2) : text.endsWith('=') ? text.slice(0, -1) : text;
  if (!BASE64_CHARS.test(text) || unpadded.length % 4 === 1) return null;
  // Padding is optional, but must be correct if present.
  if (unpadded.length !== text.length && text.length % 4 !== 0) return null;
  return Buffer.from(text, 'base64');
}

export function formatBase64(bytes: Buffer): string {
  return bytes.toString('base64');
}
