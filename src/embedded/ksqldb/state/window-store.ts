import type { Value } from '../types/value.js';
import type { KeyId } from './key-id.js';
import type { WindowBounds } from './materialized-table.js';
import type { StateStore } from './state-store.js';
import { type Entry, type RowCodec, StoreBase } from './store-base.js';

interface Window {
  /** One object for all entries of the window. One per entry would take a fifth of their memory. */
  readonly bounds: WindowBounds;
  readonly rows: Map<KeyId, Entry>;
}

interface Partition {
  /** The windows by start. */
  readonly windows: Map<number, Window>;
  /** The largest window start so far. The retention is counted from it. */
  streamTime: number;
}

/** Stores rows by time window and key. Removes windows that started before the retention period. */
export class WindowStore extends StoreBase {
  readonly #idOf: (key: readonly Value[]) => KeyId;
  readonly #size: number;
  readonly #retention: number;
  #partitions: Partition[] = [];

  constructor(
    name: string,
    keys: RowCodec,
    values: RowCodec,
    idOf: (key: readonly Value[]) => KeyId,
    times: { readonly size: number; readonly retention: number },
  ) {
    super(name, keys, values);
    this.#idOf = idOf;
    this.#size = times.size;
    this.#retention = times.retention;
  }

  get(partition: number, key: readonly Value[], start: number): Entry | undefined {
    const state = this.#partitions[partition];
    if (state === undefined || start < state.streamTime - this.#retention) return undefined;
    return state.windows.get(start)?.rows.get(this.#idOf(key));
  }

  /** Puts a row. Returns undefined and stores nothing if the window is past its retention. */
  put(
    partition: number,
    key: readonly Value[],
    start: number,
    row: readonly Value[],
    time: number,
  ): Entry | undefined {
    const state = this.#state(partition);
    if (start > state.streamTime) {
      state.streamTime = start;
      this.#expire(partition, state);
    } else if (start < state.streamTime - this.#retention) {
      return undefined;
    }
    const { bounds, rows } = windowOf(state, start, start + this.#size);
    const id = this.#idOf(key);
    let entry = rows.get(id);
    if (entry === undefined) {
      entry = { key, window: bounds, row, time, isChanged: false };
      rows.set(id, entry);
    } else {
      entry.row = row;
      entry.time = time;
    }
    this.markChanged(partition, entry);
    return entry;
  }

  /** The entries of windows that start between two times, both inclusive, ordered by start. */
  *between(partition: number, from: number, to: number): Iterable<Entry> {
    const state = this.#partitions[partition];
    if (state === undefined) return;
    const live = state.streamTime - this.#retention;
    const starts = [...state.windows.keys()].filter((start) => start >= from && start <= to && start >= live);
    for (const start of starts.sort((a, b) => a - b)) yield* state.windows.get(start)!.rows.values();
  }

  /** The entries of one key, ordered by window start. */
  *ofKey(partition: number, key: readonly Value[]): Iterable<Entry> {
    const state = this.#partitions[partition];
    if (state === undefined) return;
    const id = this.#idOf(key);
    for (const start of [...state.windows.keys()].sort((a, b) => a - b)) {
      const entry = state.windows.get(start)?.rows.get(id);
      if (entry !== undefined) yield entry;
    }
  }

  #expire(partition: number, state: Partition): void {
    const live = state.streamTime - this.#retention;
    for (const [start, { rows }] of state.windows) {
      if (start >= live) continue;
      state.windows.delete(start);
      for (const entry of rows.values()) {
        entry.row = undefined;
        this.markChanged(partition, entry);
      }
    }
  }

  override restore(partition: number, key: Buffer, value: Buffer | null, time: number): void {
    const { key: columns, window } = this.decodeWindowedKey(key);
    const state = this.#state(partition);
    const id = this.#idOf(columns);
    if (value === null) {
      const rows = state.windows.get(window.start)?.rows;
      rows?.delete(id);
      if (rows?.size === 0) state.windows.delete(window.start);
      return;
    }
    const { bounds, rows } = windowOf(state, window.start, window.end);
    if (window.start > state.streamTime) state.streamTime = window.start;
    rows.set(id, { key: columns, window: bounds, row: this.values.decode(value), time, isChanged: false });
  }

  override takeOver(older: StateStore): void {
    if (older instanceof WindowStore) this.#partitions = older.#partitions;
  }

  override get size(): number {
    let size = 0;
    for (const { windows } of this.#partitions) for (const { rows } of windows.values()) size += rows.size;
    return size;
  }

  #state(partition: number): Partition {
    while (this.#partitions.length <= partition) {
      this.#partitions.push({ windows: new Map(), streamTime: Number.NEGATIVE_INFINITY });
    }
    return this.#partitions[partition]!;
  }
}

function windowOf({ windows }: Partition, start: number, end: number): Window {
  let window = windows.get(start);
  if (window === undefined) {
    window = { bounds: { start, end }, rows: new Map() };
    windows.set(start, window);
  }
  return window;
}
