import type { MaterializedRow } from '../state/materialized-table.js';

interface Placed {
  readonly row: MaterializedRow;
  readonly key: Buffer;
}

/** Returns the first `limit` matching rows, ordered by partition, key bytes and window start. */
export function firstRows(
  rows: Iterable<MaterializedRow>,
  limit: number,
  matches: (row: MaterializedRow) => boolean,
  keyOf: (row: MaterializedRow) => Buffer,
): readonly MaterializedRow[] {
  const first: Placed[] = [];
  if (limit <= 0) return [];
  for (const row of rows) {
    if (!matches(row)) continue;
    const placed = { row, key: keyOf(row) };
    if (first.length === limit && compare(placed, first[limit - 1]!) >= 0) continue;
    first.splice(placeOf(first, placed), 0, placed);
    if (first.length > limit) first.pop();
  }
  return first.map(({ row }) => row);
}

function placeOf(sorted: readonly Placed[], placed: Placed): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, placed) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(a: Placed, b: Placed): number {
  return (
    a.row.partition - b.row.partition ||
    Buffer.compare(a.key, b.key) ||
    (a.row.window?.start ?? 0) - (b.row.window?.start ?? 0)
  );
}
