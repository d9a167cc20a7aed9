import { compileExpression } from '../expressions/compile.js';
import type { ForeignKeyJoinStep } from '../plan/step.js';
import { type KeyId, keyIdOf } from '../state/key-id.js';
import type { Value } from '../types/value.js';
import { rowJoiner } from './joined-row.js';
import type { TopologyBuilder } from './operator-env.js';
import { partitionerOf } from './partition-by.js';
import type { Next, Rec, Row, TableRow, TableView } from './record.js';

/**
 * Joins a table with another by a foreign key: a change of the left row looks the right row up, a change of the right
 * row finds the left rows that name it. Emits what Kafka Streams' subscription protocol emits, without its topics.
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
      if (old !== null && oldKey !== null) subscriptions.remove(oldKey, record);
      if (isLeftJoin) {
        if (newKey !== null) subscriptions.add(newKey, record);
        const isMoved =
          old !== null && oldKey !== null && (newKey === null || idOf([newKey]) !== idOf([oldKey]));
        const found = lookUp(newKey);
        // Leaving the old row's partner is answered with a result of its own, before the new partner's.
        if (isMoved && row !== null) emit(record, row, undefined, timeWith(record, lookUp(oldKey)));
        emit(record, row, found, timeWith(record, found));
        return;
      }
      if (old !== null) {
        if (oldKey === null) return;
        if (row === null) {
          emit(record, null, undefined, timeWith(record, lookUp(oldKey)));
          return;
        }
        if (newKey === null) return;
        subscriptions.add(newKey, record);
        const found = lookUp(newKey);
        emit(record, row, found, timeWith(record, found));
        return;
      }
      if (newKey === null) return;
      subscriptions.add(newKey, record);
      const found = lookUp(newKey);
      if (found !== undefined) emit(record, row, found, timeWith(record, found));
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
    // Which left rows name which right row follows from the left rows, so it is not kept in a log of its own.
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

/** The left rows by their foreign keys, in the order in which they first named them. */
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
