import type { TableRow, TableView } from './record.js';

/** Returns a view that maps each row, or drops it if `map` returns undefined. */
export function mapView(view: TableView, map: (found: TableRow) => TableRow | undefined): TableView {
  const all = function* (rows: Iterable<TableRow>): Iterable<TableRow> {
    for (const row of rows) {
      const mapped = map(row);
      if (mapped !== undefined) yield mapped;
    }
  };
  return {
    get: (partition, key, window) => {
      const found = view.get(partition, key, window);
      return found && map(found);
    },
    rows: (partition) => all(view.rows(partition)),
    rowsOf: (partition, key) => all(view.rowsOf(partition, key)),
  };
}
