import { BIGINT, INTEGER } from '../../../sql/sql-type.js';
import type { Column, LogicalSchema } from './schema.js';

export const ROWTIME = 'ROWTIME';
export const ROWPARTITION = 'ROWPARTITION';
export const ROWOFFSET = 'ROWOFFSET';
export const WINDOWSTART = 'WINDOWSTART';
export const WINDOWEND = 'WINDOWEND';

export const pseudoColumns: readonly Column[] = [
  { name: ROWTIME, type: BIGINT },
  { name: ROWPARTITION, type: INTEGER },
  { name: ROWOFFSET, type: BIGINT },
];

export const windowBoundColumns: readonly Column[] = [
  { name: WINDOWSTART, type: BIGINT },
  { name: WINDOWEND, type: BIGINT },
];

const pseudoNames = new Set(pseudoColumns.map((column) => column.name));
const boundNames = new Set(windowBoundColumns.map((column) => column.name));

export const isPseudoColumn = (name: string): boolean => pseudoNames.has(name);
export const isWindowBound = (name: string): boolean => boundNames.has(name);
export const isSystemColumn = (name: string): boolean => pseudoNames.has(name) || boundNames.has(name);
export const systemColumnNames: readonly string[] = [...pseudoNames, ...boundNames];

/**
 * Returns a source's columns as queries see them: value columns, headers, pseudo columns, key columns, then the
 * bounds of the window.
 */
export function withPseudoAndKeyColumns(schema: LogicalSchema, isWindowed: boolean): LogicalSchema {
  return {
    key: schema.key,
    value: [
      ...schema.value,
      ...schema.headers.map(({ name, type }) => ({ name, type })),
      ...pseudoColumns,
      ...schema.key,
      ...(isWindowed ? windowBoundColumns : []),
    ],
    headers: [],
  };
}
