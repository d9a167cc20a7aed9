import type { TableTableJoinStep } from '../plan/step.js';
import type { Value } from '../types/value.js';
import type { Demand } from './demand.js';
import { rowJoiner } from './joined-row.js';
import type { TopologyBuilder } from './operator-env.js';
import type { Next, Rec, Row, TableRow, TableView } from './record.js';

/**
 * Joins two tables by their keys. A change of one side looks up the row of the other side. Results and tombstones are
 * emitted as in Kafka Streams' table-table joins.
 */
export function compileTableTableJoin(
  step: TableTableJoinStep,
  next: Next,
  demand: Demand,
  builder: TopologyBuilder,
): TableView {
  const join = rowJoiner(step.left.schema.value.length, step.right.schema.value.length, step.appendsKey);
  const keepsLeft = step.type === 'LEFT' || step.type === 'OUTER';
  const keepsRight = step.type === 'RIGHT' || step.type === 'OUTER';
  /** Returns the joined row, or null if the join type gives none. */
  const joined = (key: readonly Value[], left: Row | null, right: Row | null): Row | null => {
    if (left === null && right === null) return null;
    if (right === null && !keepsLeft) return null;
    if (left === null && !keepsRight) return null;
    return join(key, left, right);
  };
  const changed = (record: Rec, isLeft: boolean, other: TableRow | undefined): void => {
    const { key, row, old } = record;
    const keepsThis = isLeft ? keepsLeft : keepsRight;
    if (other === undefined && (!keepsThis || (row === null && old === null))) return;
    const otherRow = other?.row ?? null;
    const make = (own: Row | null): Row | null =>
      isLeft ? joined(key!, own, otherRow) : joined(key!, otherRow, own);
    next({
      ...record,
      row: make(row),
      old: demand.old ? make(old) : null,
      time: other === undefined ? record.time : Math.max(record.time, other.time),
    });
  };
  const needs = (keeps: boolean): Demand => ({ old: keeps || demand.old, view: true });
  let left: TableView;
  let right: TableView;
  // The order of compilation does not matter: records only flow once both sides are compiled.
  left = builder.compile(
    step.left,
    (record) => {
      if (record.key !== null) changed(record, true, right.get(record.partition, record.key, record.window));
    },
    needs(keepsLeft),
  )!;
  right = builder.compile(
    step.right,
    (record) => {
      if (record.key !== null) changed(record, false, left.get(record.partition, record.key, record.window));
    },
    needs(keepsRight),
  )!;
  const pair = (l: TableRow | undefined, r: TableRow | undefined): TableRow | undefined => {
    const some = l ?? r;
    if (some === undefined) return undefined;
    const row = joined(some.key, l?.row ?? null, r?.row ?? null);
    if (row === null) return undefined;
    const time = Math.max(l?.time ?? Number.NEGATIVE_INFINITY, r?.time ?? Number.NEGATIVE_INFINITY);
    return { key: some.key, window: some.window, row, time };
  };
  const both = function* (
    partition: number,
    lefts: Iterable<TableRow>,
    rights: Iterable<TableRow>,
  ): Iterable<TableRow> {
    for (const l of lefts) {
      const found = pair(l, right.get(partition, l.key, l.window));
      if (found !== undefined) yield found;
    }
    if (!keepsRight) return;
    for (const r of rights) {
      if (left.get(partition, r.key, r.window) !== undefined) continue;
      const found = pair(undefined, r);
      if (found !== undefined) yield found;
    }
  };
  return {
    get: (partition, key, window) =>
      pair(left.get(partition, key, window), right.get(partition, key, window)),
    rows: (partition) => both(partition, left.rows(partition), right.rows(partition)),
    rowsOf: (partition, key) => both(partition, left.rowsOf(partition, key), right.rowsOf(partition, key)),
  };
}
