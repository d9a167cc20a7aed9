import type { AggregateStep, WindowPlan } from '../plan/step.js';
import type { KeyId } from '../state/key-id.js';
import type { WindowBounds } from '../state/materialized-table.js';
import { rowCodec } from '../state/row-codec.js';
import type { Entry } from '../state/store-base.js';
import { WindowStore } from '../state/window-store.js';
import type { Value } from '../types/value.js';
import type { AggregateFunctions } from './aggregate-functions.js';
import type { OperatorEnv } from './operator-env.js';
import type { Next, Rec, Row, TableRow, TableView } from './record.js';
import { StreamTimes } from './stream-times.js';

const noHeaders: Rec['headers'] = [];

/**
 * Aggregates over tumbling or hopping windows. A window accepts rows until the stream time reaches its end plus the
 * grace period. With EMIT FINAL, it is emitted when it closes.
 */
export class WindowedAggregate implements TableView {
  readonly store: WindowStore;
  readonly #functions: AggregateFunctions;
  readonly #windowing: WindowPlan;
  readonly #next: Next;
  readonly #sendsOld: boolean;
  readonly #isCaching: boolean;
  readonly #times = new StreamTimes();
  readonly #pending = new Map<Entry, { readonly partition: number; readonly old: Row | null }>();

  constructor(
    step: AggregateStep,
    functions: AggregateFunctions,
    windowing: WindowPlan,
    idOf: (key: readonly Value[]) => KeyId,
    next: Next,
    sendsOld: boolean,
    env: OperatorEnv,
  ) {
    const times = this.#times;
    this.store = new (class extends WindowStore {
      override saveTimes(): Readonly<Record<string, number>> {
        return times.save();
      }
      override restoreTimes(saved: Readonly<Record<string, number>>): void {
        times.restore(saved);
      }
    })('Aggregate-Aggregate-Materialize', rowCodec(step.schema.key), rowCodec(functions.stateTypes), idOf, {
      size: windowing.size,
      retention: windowing.retention,
    });
    this.#functions = functions;
    this.#windowing = windowing;
    this.#next = next;
    this.#sendsOld = sendsOld;
    this.#isCaching = env.isCaching;
  }

  process(record: Rec): void {
    const { size, advance, grace, emitFinal } = this.#windowing;
    const { time, partition } = record;
    const closeTime = this.#times.observe(partition, time) - grace;
    // The first window that contains the time. The last one starts at the largest multiple of the advance up to it.
    let start = Math.max(0, Math.floor((time - size + advance) / advance) * advance);
    for (; start <= time; start += advance) {
      if (start + size > closeTime) this.#add(record, start);
    }
    if (emitFinal) this.#emitClosed(record, closeTime);
  }

  #add(record: Rec, start: number): void {
    const key = record.key!;
    const { partition } = record;
    const found = this.store.get(partition, key, start);
    const before = found?.row ?? null;
    const state = this.#functions.add(before ?? this.#functions.initial(), record.row!);
    const time = found === undefined ? record.time : Math.max(record.time, found.time);
    const entry = this.store.put(partition, key, start, state, time);
    if (this.#windowing.emitFinal) return;
    if (this.#isCaching && entry !== undefined) {
      if (!this.#pending.has(entry)) this.#pending.set(entry, { partition, old: before });
      return;
    }
    const window = { start, end: start + this.#windowing.size };
    this.#forward(partition, key, window, state, before, time, record.headers);
  }

  #emitClosed(record: Rec, closeTime: number): void {
    const { partition } = record;
    const { size } = this.#windowing;
    const emitted = this.#times.closed(partition);
    if (emitted >= closeTime) return;
    const to = closeTime - size;
    if (to < 0) return;
    const from = emitted === Number.NEGATIVE_INFINITY ? 0 : Math.max(0, emitted - size) + 1;
    for (const entry of [...this.store.between(partition, from, to)]) {
      this.#forward(partition, entry.key, entry.window!, entry.row!, null, entry.time, record.headers);
    }
    this.#times.close(partition, closeTime);
  }

  flush(): void {
    for (const [entry, { partition, old }] of this.#pending) {
      if (entry.row === undefined) continue;
      this.#forward(partition, entry.key, entry.window!, entry.row, old, entry.time, noHeaders);
    }
    this.#pending.clear();
  }

  #forward(
    partition: number,
    key: readonly Value[],
    window: WindowBounds,
    state: Row,
    before: Row | null,
    time: number,
    headers: Rec['headers'],
  ): void {
    const bounds = boundsOf(window);
    this.#next({
      key,
      window,
      row: this.#functions.result(state, bounds),
      old: this.#sendsOld && before !== null ? this.#functions.result(before, bounds) : null,
      time,
      partition,
      headers,
    });
  }

  #rowOf(entry: Entry): TableRow {
    const window = entry.window!;
    const row = this.#functions.result(entry.row!, boundsOf(window));
    return { key: entry.key, window, row, time: entry.time };
  }

  get(partition: number, key: readonly Value[], window: WindowBounds | null): TableRow | undefined {
    const entry = window === null ? undefined : this.store.get(partition, key, window.start);
    return entry?.row === undefined ? undefined : this.#rowOf(entry);
  }

  *rows(partition: number): Iterable<TableRow> {
    for (const entry of this.store.between(partition, 0, Number.POSITIVE_INFINITY)) yield this.#rowOf(entry);
  }

  *rowsOf(partition: number, key: readonly Value[]): Iterable<TableRow> {
    for (const entry of this.store.ofKey(partition, key)) yield this.#rowOf(entry);
  }
}

export function boundsOf(window: WindowBounds): readonly Value[] {
  return [BigInt(window.start), BigInt(window.end)];
}
