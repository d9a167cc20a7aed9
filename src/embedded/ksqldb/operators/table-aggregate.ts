import type { AggregateStep } from '../plan/step.js';
import type { KeyId } from '../state/key-id.js';
import { KeyValueStore } from '../state/key-value-store.js';
import { rowCodec } from '../state/row-codec.js';
import type { Entry } from '../state/store-base.js';
import type { Value } from '../types/value.js';
import type { AggregateFunctions } from './aggregate-functions.js';
import type { OperatorEnv } from './operator-env.js';
import type { Next, Rec, Row, TableRow, TableView } from './record.js';

const noBounds: readonly Value[] = [];
const noHeaders: Rec['headers'] = [];

interface Pending {
  readonly partition: number;
  readonly key: readonly Value[];
  readonly old: Row | null;
}

/** Aggregates without a window, over a stream or (with undo) over a table. */
export class TableAggregate implements TableView {
  readonly store: KeyValueStore;
  readonly #functions: AggregateFunctions;
  readonly #next: Next;
  readonly #sendsOld: boolean;
  readonly #isCaching: boolean;
  readonly #isOverTable: boolean;
  /** Changed entries that were not forwarded yet, with their previous state. */
  readonly #pending = new Map<Entry, Pending>();

  constructor(
    step: AggregateStep,
    functions: AggregateFunctions,
    idOf: (key: readonly Value[]) => KeyId,
    next: Next,
    sendsOld: boolean,
    env: OperatorEnv,
  ) {
    this.store = new KeyValueStore(
      'Aggregate-Aggregate-Materialize',
      rowCodec(step.schema.key),
      rowCodec(functions.stateTypes),
      idOf,
    );
    this.#functions = functions;
    this.#next = next;
    this.#sendsOld = sendsOld;
    this.#isCaching = env.isCaching;
    this.#isOverTable = step.input.output === 'TABLE';
  }

  process(record: Rec): void {
    const key = record.key!;
    const { partition } = record;
    const found = this.store.get(partition, key);
    const before = found?.row ?? null;
    let state: Row | null = before;
    let { time } = record;
    if (this.#isOverTable && record.old !== null && state !== null) {
      state = this.#functions.undo(state, record.old);
      time = Math.max(time, found!.time);
    }
    if (record.row !== null) {
      state = this.#functions.add(state ?? this.#functions.initial(), record.row);
      if (found !== undefined) time = Math.max(record.time, found.time);
    }
    const entry = this.store.put(partition, key, state, time);
    if (this.#isCaching) {
      if (entry !== undefined && !this.#pending.has(entry))
        this.#pending.set(entry, { partition, key, old: before });
      return;
    }
    this.#forward(partition, key, state, before, time, record.headers);
  }

  flush(): void {
    for (const [entry, { partition, key, old }] of this.#pending) {
      this.#forward(partition, key, entry.row ?? null, old, entry.time, noHeaders);
    }
    this.#pending.clear();
  }

  #forward(
    partition: number,
    key: readonly Value[],
    state: Row | null,
    before: Row | null,
    time: number,
    headers: Rec['headers'],
  ): void {
    this.#next({
      key,
      window: null,
      row: state === null ? null : this.#functions.result(state, noBounds),
      old: this.#sendsOld && before !== null ? this.#functions.result(before, noBounds) : null,
      time,
      partition,
      headers,
    });
  }

  #rowOf(entry: Entry): TableRow {
    return {
      key: entry.key,
      window: null,
      row: this.#functions.result(entry.row!, noBounds),
      time: entry.time,
    };
  }

  get(partition: number, key: readonly Value[]): TableRow | undefined {
    const entry = this.store.get(partition, key);
    return entry?.row === undefined ? undefined : this.#rowOf(entry);
  }

  *rows(partition: number): Iterable<TableRow> {
    for (const entry of this.store.entries(partition)) if (entry.row !== undefined) yield this.#rowOf(entry);
  }

  *rowsOf(partition: number, key: readonly Value[]): Iterable<TableRow> {
    const found = this.get(partition, key);
    if (found !== undefined) yield found;
  }
}
