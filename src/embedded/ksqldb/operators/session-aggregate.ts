import type { AggregateStep, WindowPlan } from '../plan/step.js';
import type { KeyId } from '../state/key-id.js';
import type { WindowBounds } from '../state/materialized-table.js';
import { rowCodec } from '../state/row-codec.js';
import { SessionStore } from '../state/session-store.js';
import type { Entry } from '../state/store-base.js';
import type { Value } from '../types/value.js';
import type { AggregateFunctions } from './aggregate-functions.js';
import type { OperatorEnv } from './operator-env.js';
import type { Next, Rec, Row, TableRow, TableView } from './record.js';
import { StreamTimes } from './stream-times.js';
import { boundsOf } from './windowed-aggregate.js';

/**
 * Aggregates over session windows. A row merges all sessions of its key within the gap into one; the merged sessions
 * are deleted, with a tombstone each.
 */
export class SessionAggregate implements TableView {
  readonly store: SessionStore;
  readonly #functions: AggregateFunctions;
  readonly #windowing: WindowPlan;
  readonly #next: Next;
  readonly #sendsOld: boolean;
  readonly #times = new StreamTimes();

  constructor(
    step: AggregateStep,
    functions: AggregateFunctions,
    windowing: WindowPlan,
    idOf: (key: readonly Value[]) => KeyId,
    next: Next,
    sendsOld: boolean,
    _env: OperatorEnv,
  ) {
    const times = this.#times;
    this.store = new (class extends SessionStore {
      override saveTimes(): Readonly<Record<string, number>> {
        return times.save();
      }
      override restoreTimes(saved: Readonly<Record<string, number>>): void {
        times.restore(saved);
      }
    })(
      'Aggregate-Aggregate-Materialize',
      rowCodec(step.schema.key),
      rowCodec(functions.stateTypes),
      idOf,
      windowing.retention,
    );
    this.#functions = functions;
    this.#windowing = windowing;
    this.#next = next;
    this.#sendsOld = sendsOld;
  }

  process(record: Rec): void {
    const { size: gap, grace, emitFinal } = this.#windowing;
    const { time, partition } = record;
    const key = record.key!;
    const closeTime = this.#times.observe(partition, time) - grace - gap;
    const merged = this.store.find(partition, key, time - gap, time + gap);
    let start = time;
    let end = time;
    let state = this.#functions.initial();
    for (const entry of merged) {
      state = this.#functions.merge(state, entry.row!);
      start = Math.min(start, entry.window.start);
      end = Math.max(end, entry.window.end);
    }
    if (end >= closeTime) {
      // A session that consists of exactly this time is updated in place.
      if (start !== time || end !== time) {
        for (const entry of merged) {
          const before = entry.row!;
          this.store.remove(partition, entry);
          if (!emitFinal) this.#forward(partition, key, entry.window, null, before, record.headers);
        }
      }
      state = this.#functions.add(state, record.row!);
      this.store.put(partition, key, { start, end }, state, end);
      if (!emitFinal) this.#forward(partition, key, { start, end }, state, null, record.headers);
    }
    if (emitFinal) this.#emitClosed(record, closeTime);
  }

  #emitClosed(record: Rec, closeTime: number): void {
    const { partition } = record;
    const emitted = this.#times.closed(partition);
    if (emitted >= closeTime || closeTime - 1 < 0) return;
    for (const entry of this.store.endedBetween(partition, Math.max(0, emitted), closeTime - 1)) {
      this.#forward(partition, entry.key, entry.window, entry.row!, null, record.headers);
    }
    this.#times.close(partition, closeTime);
  }

  /** Does nothing: sessions are not cached, because merging updates would hide the tombstones of merged sessions. */
  flush(): void {}

  #forward(
    partition: number,
    key: readonly Value[],
    window: WindowBounds,
    state: Row | null,
    before: Row | null,
    headers: Rec['headers'],
  ): void {
    const bounds = boundsOf(window);
    this.#next({
      key,
      window,
      row: state === null ? null : this.#functions.result(state, bounds),
      old: this.#sendsOld && before !== null ? this.#functions.result(before, bounds) : null,
      time: window.end,
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
    const entry = this.store
      .ofKey(partition, key)
      .find((candidate) => candidate.window.start === window?.start && candidate.window.end === window.end);
    return entry?.row === undefined ? undefined : this.#rowOf(entry);
  }

  *rows(partition: number): Iterable<TableRow> {
    for (const entry of this.store.entries(partition)) yield this.#rowOf(entry);
  }

  *rowsOf(partition: number, key: readonly Value[]): Iterable<TableRow> {
    for (const entry of this.store.ofKey(partition, key)) yield this.#rowOf(entry);
  }
}
