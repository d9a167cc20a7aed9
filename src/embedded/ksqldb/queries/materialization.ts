import type { TableView } from '../operators/record.js';
import type { Step } from '../plan/step.js';
import type { MaterializedRow, MaterializedTable } from '../state/materialized-table.js';
import { comparatorOf } from '../types/compare.js';
import type { Value } from '../types/value.js';

/** A query's table as pull queries read it. */
export function materializedTable(root: Step, view: TableView, partitions: number): MaterializedTable {
  const numbers = Array.from({ length: partitions }, (_, i) => i);
  const rows = function* (
    found: (partition: number) => ReturnType<TableView['rows']>,
  ): Iterable<MaterializedRow> {
    for (const partition of numbers) {
      for (const { key, window, row, time } of found(partition)) {
        yield { key, value: row, time, partition, ...(window === null ? {} : { window }) };
      }
    }
  };
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
