import type { TimestampColumn } from '../catalog/data-source.js';
import { KsqlException } from '../errors.js';
import { formatterOf } from '../functions/java-time/formatter.js';
import { UTC } from '../functions/java-time/zone.js';
import type { LogicalSchema } from '../schema/schema.js';
import type { Value } from '../types/value.js';

/** Extracts a record's time from one of its columns, in milliseconds since the epoch. Throws if the column has no time. */
export type TimeExtractor = (key: readonly Value[] | null, row: readonly Value[]) => number;

export function timeExtractor(timestamp: TimestampColumn, schema: LogicalSchema): TimeExtractor {
  const keyAt = schema.key.findIndex((column) => column.name === timestamp.column);
  const valueAt = schema.value.findIndex((column) => column.name === timestamp.column);
  const read = (key: readonly Value[] | null, row: readonly Value[]): Value =>
    (keyAt >= 0 ? key?.[keyAt] : row[valueAt]) ?? null;
  const { format } = timestamp;
  if (format === undefined) {
    return (key, row) => {
      const value = read(key, row);
      if (value === null) throw new KsqlException(`The timestamp column ${timestamp.column} is NULL`);
      return Number(value);
    };
  }
  const formatter = formatterOf(format, 'root');
  return (key, row) => {
    const text = read(key, row);
    if (typeof text !== 'string') throw new KsqlException(`The timestamp column ${timestamp.column} is NULL`);
    try {
      return formatter.parseTimestamp(text, UTC);
    } catch (error) {
      throw new KsqlException(`Unable to parse string timestamp. timestamp_format=${format}`, error);
    }
  };
}
