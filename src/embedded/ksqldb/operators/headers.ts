import type { RecordHeader } from '../../kafka/records/record-batch.js';
import type { HeaderColumn } from '../schema/schema.js';
import type { Value } from '../types/value.js';

/** Returns the reader of a HEADERS column, or of a HEADER('name') column, which holds the last header of that name. */
export function headerReader(column: HeaderColumn): (headers: readonly RecordHeader[]) => Value {
  const { header } = column;
  if (header === undefined) return (headers) => headers.map(({ key, value }) => [key, value]);
  return (headers) => headers.findLast(({ key }) => key === header)?.value ?? null;
}
