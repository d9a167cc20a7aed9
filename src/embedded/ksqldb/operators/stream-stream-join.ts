import { BOOLEAN } from '../../../sql/sql-type.js';
import type { StreamStreamJoinStep } from '../plan/step.js';
import { windowBoundColumns } from '../schema/system-columns.js';
import { type BufferedRow, JoinBuffer } from '../state/join-buffer.js';
import { keyIdOf } from '../state/key-id.js';
import type { WindowBounds } from '../state/materialized-table.js';
import { rowCodec } from '../state/row-codec.js';
import { valuesKey } from '../types/compare.js';
import type { Value } from '../types/value.js';
import { rowJoiner } from './joined-row.js';
import type { TopologyBuilder } from './operator-env.js';
import type { Next, Rec, Row } from './record.js';
import { StreamTimes } from './stream-times.js';

const dayMs = 86_400_000;

/** Compiles a join of two streams by key, within a distance in time. */
export function compileStreamStreamJoin(
  step: StreamStreamJoinStep,
  next: Next,
  builder: TopologyBuilder,
): undefined {
  const join = new StreamStreamJoin(step, next);
  builder.stores.push(join.left, join.right);
  const noDemand = { old: false, view: false };
  builder.compile(step.left, (record) => join.process(record, true), noDemand);
  builder.compile(step.right, (record) => join.process(record, false), noDemand);
  builder.restored.push(() => join.collectAlone());
  return undefined;
}

interface Alone {
  readonly entry: BufferedRow;
  readonly isLeft: boolean;
}

/**
 * Joins each record with the rows of the other side within the window. Unmatched rows of a preserved side (LEFT, RIGHT,
 * OUTER) are padded with NULLs: at once if the join has no GRACE PERIOD, otherwise when their window closes.
 */
class StreamStreamJoin {
  readonly left: JoinBuffer;
  readonly right: JoinBuffer;
  readonly #step: StreamStreamJoinStep;
  readonly #next: Next;
  readonly #join: (left: Rec['key'], l: Row | null, r: Row | null) => Row;
  readonly #times = new StreamTimes();
  /** How many window bounds are part of the key. A time window is identified by its start alone. */
  readonly #bounds: number;
  /** Unmatched rows that wait for their window to close, by partition; ordered by time, then side, then key. */
  readonly #alone = new Map<number, Alone[]>();

  constructor(step: StreamStreamJoinStep, next: Next) {
    this.#step = step;
    this.#next = next;
    this.#join = rowJoiner(step.left.schema.value.length, step.right.schema.value.length, step.appendsKey);
    const size = step.beforeMs + step.afterMs;
    const retention = step.graceMs === undefined ? Math.max(dayMs, size) : size + step.graceMs;
    const times = this.#times;
    this.#bounds = step.window === undefined ? 0 : step.window.type === 'SESSION' ? 2 : 1;
    const bounds = windowBoundColumns.slice(0, this.#bounds);
    const idOf = this.#bounds === 0 ? keyIdOf(step.schema.key) : valuesKey;
    const buffer = (side: typeof step.left, name: string): JoinBuffer =>
      new (class extends JoinBuffer {
        override saveTimes(): Readonly<Record<string, number>> {
          return times.save();
        }
        override restoreTimes(saved: Readonly<Record<string, number>>): void {
          times.restore(saved);
        }
      })(
        `${step.context[0]}-${name}`,
        rowCodec([...side.schema.key, ...bounds]),
        rowCodec([...side.schema.value, { name: 'IS_ALONE', type: BOOLEAN }]),
        idOf,
        // Times are whole milliseconds, so one more keeps a row that is exactly as old as the retention.
        retention + 1,
      );
    this.left = buffer(step.left, 'Left');
    this.right = buffer(step.right, 'Right');
  }

  process(record: Rec, isLeft: boolean): void {
    const { key, row, time, partition } = record;
    const { type, graceMs, beforeMs, afterMs } = this.#step;
    const streamTime = this.#times.observe(partition, time);
    const isKept = type === 'OUTER' || type === (isLeft ? 'LEFT' : 'RIGHT');
    if (row === null) return;
    if (key === null) {
      if (isKept) this.#emit(record, isLeft, null, time);
      return;
    }
    const waits = graceMs !== undefined && type !== 'INNER';
    if (waits && time === streamTime) this.#emitAlone(record, streamTime);
    // The left record is at most `after` earlier, and at most `before` later, than the right one.
    const from = Math.max(0, time - (isLeft ? beforeMs : afterMs));
    const to = Math.max(0, time + (isLeft ? afterMs : beforeMs));
    const others = isLeft ? this.right : this.left;
    const stored = this.#withBounds(key, record.window);
    const found = others.between(partition, stored, from, to);
    for (const other of found) {
      others.settle(partition, other);
      this.#emit(record, isLeft, other.row!, Math.max(time, other.time));
    }
    let isAlone = false;
    if (isKept && found.length === 0) {
      if (!waits || to < streamTime) this.#emit(record, isLeft, null, time);
      else isAlone = true;
    }
    const own = (isLeft ? this.left : this.right).put(partition, stored, row, time, isAlone);
    if (isAlone && own !== undefined) this.#wait(partition, { entry: own, isLeft });
  }

  #withBounds(key: readonly Value[], window: WindowBounds | null): readonly Value[] {
    if (this.#bounds === 0 || window === null) return key;
    const start = BigInt(window.start);
    return this.#bounds === 1 ? [...key, start] : [...key, start, BigInt(window.end)];
  }

  #windowOf(stored: readonly Value[]): WindowBounds | null {
    if (this.#bounds === 0) return null;
    const [start, end] = stored.slice(-this.#bounds).map(Number);
    return { start: start!, end: end ?? start! + (this.#step.window?.sizeMs ?? 0) };
  }

  #emit(record: Rec, isLeft: boolean, other: Row | null, time: number): void {
    const { key, row } = record;
    const joined = isLeft ? this.#join(key, row, other) : this.#join(key, other, row);
    this.#next({ ...record, row: joined, time });
  }

  #wait(partition: number, alone: Alone): void {
    let rows = this.#alone.get(partition);
    if (rows === undefined) {
      rows = [];
      this.#alone.set(partition, rows);
    }
    let at = rows.length;
    while (at > 0 && isBefore(alone, rows[at - 1]!)) at--;
    rows.splice(at, 0, alone);
  }

  /** Emits the unmatched rows whose window has closed. */
  #emitAlone(record: Rec, streamTime: number): void {
    const { partition } = record;
    const rows = this.#alone.get(partition);
    if (rows === undefined || rows.length === 0) return;
    const { beforeMs, afterMs } = this.#step;
    const grace = this.#step.graceMs ?? 0;
    if (rows[0]!.entry.time + Math.min(beforeMs, afterMs) + grace >= streamTime) return;
    const waiting: Alone[] = [];
    for (const alone of rows) {
      const { entry, isLeft } = alone;
      if (!entry.isAlone) continue;
      if (entry.time + (isLeft ? afterMs : beforeMs) + grace >= streamTime) {
        waiting.push(alone);
        continue;
      }
      (isLeft ? this.left : this.right).settle(partition, entry);
      const row = entry.row ?? null;
      if (row === null) continue;
      const key = entry.key.slice(0, this.#step.schema.key.length);
      const joined = isLeft ? this.#join(key, row, null) : this.#join(key, null, row);
      this.#next({ ...record, key, window: this.#windowOf(entry.key), row: joined, time: entry.time });
    }
    this.#alone.set(partition, waiting);
  }

  /** Collects the waiting rows after a restart. */
  collectAlone(): void {
    for (const [buffer, isLeft] of [
      [this.left, true],
      [this.right, false],
    ] as const) {
      for (let partition = 0; partition < buffer.partitions; partition++) {
        for (const entry of buffer.rows(partition))
          if (entry.isAlone) this.#wait(partition, { entry, isLeft });
      }
    }
  }
}

function isBefore(a: Alone, b: Alone): boolean {
  if (a.entry.time !== b.entry.time) return a.entry.time < b.entry.time;
  if (a.isLeft !== b.isLeft) return !a.isLeft;
  return valuesKey(a.entry.key) < valuesKey(b.entry.key);
}
