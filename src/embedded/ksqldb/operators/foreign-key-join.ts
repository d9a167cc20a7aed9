import { compileExpression } from '../expressions/compile.js';
import type { ForeignKeyJoinStep } from '../plan/step.js';
import { type KeyId, keyIdOf } from '../state/key-id.js';
import type { Value } from '../types/value.js';
import { rowJoiner } from './joined-row.js';
import type { TopologyBuilder } from './operator-env.js';
import { partitionerOf } from './partition-by.js';
import type { Next, Rec, Row, TableRow, TableView } from './record.js';

/**
 * Joins a table with another by a foreign key. A changed left row looks up the right row; a changed right row finds
 * the left rows that refer to it. Emits what Kafka Streams' subscription protocol emits (KIP-213, KIP-962,
 * KAFKA-16394, KAFKA-16407), without its internal topics.
 */
export function compileForeignKeyJoin(
  step: ForeignKeyJoinStep,
  next: Next,
  builder: TopologyBuilder,
): TableView {
  const join = rowJoiner(step.left.schema.value.length, step.right.schema.value.length, false);
  const isLeftJoin = step.type === 'LEFT';
  const { evaluate } = compileExpression(step.foreignKey, builder.scope(step.left, step.context), {
    purpose: 'Left Join Expression',
    errorMessage: 'Error calculating left join expression',
  });
  const idOf = keyIdOf(step.right.schema.key);
  const rightPartition = partitionerOf(step.right, step.right.schema.key, builder);
  const subscriptions = new Subscriptions(idOf, keyIdOf(step.left.schema.key));
  let right: TableView;

  const lookUp = (foreignKey: Value): TableRow | undefined => {
    if (foreignKey === null) return undefined;
    const key = [foreignKey];
    return right.get(rightPartition(key, 0), key, null);
  };
  const emit = (record: Rec, left: Row | null, found: TableRow | undefined, time: number): void => {
    const isGone = left === null || (found === undefined && !isLeftJoin);
    next({ ...record, row: isGone ? null : join(record.key, left, found?.row ?? null), old: null, time });
  };
  const timeWith = (record: Rec, found: TableRow | undefined): number =>
    found === undefined ? record.time : Math.max(record.time, found.time);

  const left = builder.compile(
    step.left,
    (record) => {
      const { row, old } = record;
      if (record.key === null || (row === null && old === null)) return;
      const newKey = row === null ? null : evaluate(row);
      const oldKey = old === null ? null : evaluate(old);
      if (oldKey !== null) subscriptions.remove(oldKey, record);
      if (newKey !== null) subscriptions.add(newKey, record);
      if (isLeftJoin) {
        const found = lookUp(newKey);
        emit(record, row, found, timeWith(record, found));
        return;
      }
      if (newKey === null) {
        // The old right row answers with a tombstone, whether or not it exists.
        if (oldKey !== null) emit(record, null, undefined, timeWith(record, lookUp(oldKey)));
        return;
      }
      const found = lookUp(newKey);
      // Without a partner, only a changed foreign key may have left a result to delete.
      const hasMoved = oldKey !== null && idOf([newKey]) !== idOf([oldKey]);
      if (found !== undefined || hasMoved) emit(record, row, found, timeWith(record, found));
    },
    { old: true, view: true },
  )!;
  right = builder.compile(
    step.right,
    (record) => {
      if (record.key === null) return;
      const { row } = record;
      for (const { key, partition } of subscriptions.of(record.key[0]!)) {
        const found = left.get(partition, key, null);
        if (found === undefined) continue;
        const isGone = row === null && !isLeftJoin;
        next({
          ...record,
          key,
          partition,
          row: isGone ? null : join(key, found.row, row),
          old: null,
        });
      }
    },
    { old: true, view: true },
  )!;
  const pair = (l: TableRow | undefined): TableRow | undefined => {
    if (l === undefined) return undefined;
    const found = lookUp(evaluate(l.row));
    if (found === undefined && !isLeftJoin) return undefined;
    return {
      ...l,
      row: join(l.key, l.row, found?.row ?? null),
      time: Math.max(l.time, found?.time ?? l.time),
    };
  };
  const all = function* (lefts: Iterable<TableRow>): Iterable<TableRow> {
    for (const l of lefts) {
      const found = pair(l);
      if (found !== undefined) yield found;
    }
  };
  builder.restored.push(() => {
    // Subscriptions can be derived from the left rows, so they have no changelog.
    for (let p = 0; p < builder.partitionCount(step.left); p++) {
      for (const found of left.rows(p)) {
        const foreignKey = evaluate(found.row);
        if (foreignKey !== null) subscriptions.add(foreignKey, { key: found.key, partition: p });
      }
    }
  });
  return {
    get: (partition, key, window) => pair(left.get(partition, key, window)),
    rows: (partition) => all(left.rows(partition)),
    rowsOf: (partition, key) => all(left.rowsOf(partition, key)),
  };
}

type Subscriber = { readonly key: readonly Value[] | null; readonly partition: number };

/** The keys of the left rows by foreign key, in the order in which they subscribed. */
class Subscriptions {
  readonly #rightId: (key: readonly Value[]) => KeyId;
  readonly #leftId: (key: readonly Value[]) => KeyId;
  readonly #byForeignKey = new Map<
    KeyId,
    Map<KeyId, { readonly key: readonly Value[]; readonly partition: number }>
  >();

  constructor(rightId: (key: readonly Value[]) => KeyId, leftId: (key: readonly Value[]) => KeyId) {
    this.#rightId = rightId;
    this.#leftId = leftId;
  }

  add(foreignKey: Value, { key, partition }: Subscriber): void {
    const id = this.#rightId([foreignKey]);
    let subscribers = this.#byForeignKey.get(id);
    if (subscribers === undefined) {
      subscribers = new Map();
      this.#byForeignKey.set(id, subscribers);
    }
    subscribers.set(this.#leftId(key!), { key: key!, partition });
  }

  remove(foreignKey: Value, { key }: Subscriber): void {
    const id = this.#rightId([foreignKey]);
    const subscribers = this.#byForeignKey.get(id);
    subscribers?.delete(this.#leftId(key!));
    if (subscribers?.size === 0) this.#byForeignKey.delete(id);
  }

  of(foreignKey: Value): readonly { readonly key: readonly Value[]; readonly partition: number }[] {
    return [...(this.#byForeignKey.get(this.#rightId([foreignKey]))?.values() ?? [])];
  }
}
