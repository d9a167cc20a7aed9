import type { TableView } from '../operators/record.js';
import { type Step, sourceSteps } from '../plan/step.js';
import type { MaterializedRow, MaterializedTable } from '../state/materialized-table.js';
import { protobufNull } from '../state/protobuf-null.js';
import { comparatorOf } from '../types/compare.js';
import type { Value } from '../types/value.js';

/** Presents the state of a query as a table for pull queries. */
export function materializedTable(root: Step, view: TableView, partitions: number): MaterializedTable {
  const numbers = Array.from({ length: partitions }, (_, i) => i);
  const rows = function* (
    found: (partition: number) => ReturnType<TableView['rows']>,
  ): Iterable<MaterializedRow> {
    for (const partition of numbers) {
      for (const { key, window, row, time } of found(partition)) {
        yield { key, value: stored(row), time, partition, ...(window === null ? {} : { window }) };
      }
    }
  };
  const stored = asStored(root);
  const keyType = root.schema.key[0]?.type;
  return {
    keyColumns: root.schema.key,
    valueColumns: root.schema.value,
    ...(root.window === undefined ? {} : { window: root.window }),
    get: (key) => [...rows((partition) => view.rowsOf(partition, key))],
    *range(from, to) {
      const compare = keyType === undefined ? undefined : comparatorOf(keyType);
      const isWithin = (value: Value): boolean =>
        value !== null &&
        compare !== undefined &&
        (from === undefined || from === null || compare(value, from) >= 0) &&
        (to === undefined || to === null || compare(value, to) <= 0);
      for (const row of rows((partition) => view.rows(partition))) if (isWithin(row.key[0]!)) yield row;
    },
    scan: () => rows((partition) => view.rows(partition)),
  };
}

/**
 * Replaces NULLs as Protobuf would. ksqlDB stores the rows of joins and projections in the value format of the leftmost
 * source. Results of aggregations are not affected, because each look-up computes them from the state.
 */
function asStored(root: Step): (row: readonly Value[]) => readonly Value[] {
  const format = sourceSteps(root)[0]?.source.valueFormat.format;
  if (isAggregated(root) || (format !== 'PROTOBUF' && format !== 'PROTOBUF_NOSR')) return (row) => row;
  const nulls = root.schema.value.map((column) => protobufNull(column.type));
  return (row) => row.map((value, i) => value ?? nulls[i]!);
}

function isAggregated(step: Step): boolean {
  if (step.kind === 'aggregate') return true;
  return (step.kind === 'select' || step.kind === 'filter') && isAggregated(step.input);
}
