import type { Value } from '../types/value.js';
import type { KeyId } from './key-id.js';
import type { WindowBounds } from './materialized-table.js';
import type { StateStore } from './state-store.js';
import { type Entry, type RowCodec, StoreBase } from './store-base.js';

const leastSlackMs = 60_000;

interface SessionEntry extends Entry {
  readonly window: WindowBounds;
}

interface Partition {
  /** The sessions of each key, ordered by end. */
  readonly keys: Map<KeyId, SessionEntry[]>;
  /** The largest session end so far. The retention is counted from it. */
  streamTime: number;
  /** The stream time of the last sweep for expired sessions. */
  sweptAt: number;
}

/** Stores sessions by key. Removes sessions that ended before the retention period. */
export class SessionStore extends StoreBase {
  readonly #idOf: (key: readonly Value[]) => KeyId;
  readonly #retention: number;
  #partitions: Partition[] = [];

  constructor(
    name: string,
    keys: RowCodec,
    values: RowCodec,
    idOf: (key: readonly Value[]) => KeyId,
    retention: number,
  ) {
    super(name, keys, values);
    this.#idOf = idOf;
    this.#retention = retention;
  }

  /** The sessions of a key that end at `from` or later and start at `to` or earlier. */
  find(partition: number, key: readonly Value[], from: number, to: number): readonly SessionEntry[] {
    const state = this.#partitions[partition];
    // As in Kafka Streams, a session expires if it ended a full retention period before the newest one.
    const live = state === undefined ? 0 : state.streamTime - this.#retention + 1;
    const sessions = state?.keys.get(this.#idOf(key)) ?? [];
    return sessions.filter(({ window }) => window.end >= from && window.start <= to && window.end >= live);
  }

  put(
    partition: number,
    key: readonly Value[],
    window: WindowBounds,
    row: readonly Value[],
    time: number,
  ): void {
    const state = this.#state(partition);
    if (window.end > state.streamTime) {
      state.streamTime = window.end;
      this.#sweep(partition, state);
    } else if (window.end < state.streamTime - this.#retention) {
      return;
    }
    const id = this.#idOf(key);
    const entry: SessionEntry = { key, window, row, time, isChanged: false };
    this.#insert(state, id, entry);
    this.markChanged(partition, entry);
  }

  remove(partition: number, entry: SessionEntry): void {
    const state = this.#state(partition);
    const id = this.#idOf(entry.key);
    const sessions = state.keys.get(id) ?? [];
    const rest = sessions.filter((candidate) => candidate !== entry);
    if (rest.length === 0) state.keys.delete(id);
    else state.keys.set(id, rest);
    entry.row = undefined;
    this.markChanged(partition, entry);
  }

  /** The sessions that end between two times, both inclusive, ordered by end. */
  endedBetween(partition: number, from: number, to: number): readonly SessionEntry[] {
    const state = this.#partitions[partition];
    if (state === undefined) return [];
    return [...state.keys.values()]
      .flat()
      .filter(({ window }) => window.end >= from && window.end <= to)
      .sort((a, b) => a.window.end - b.window.end);
  }

  *entries(partition: number): Iterable<SessionEntry> {
    for (const sessions of this.#partitions[partition]?.keys.values() ?? []) yield* sessions;
  }

  ofKey(partition: number, key: readonly Value[]): readonly SessionEntry[] {
    return this.#partitions[partition]?.keys.get(this.#idOf(key)) ?? [];
  }

  #insert(state: Partition, id: KeyId, entry: SessionEntry): void {
    const sessions = state.keys.get(id);
    if (sessions === undefined) {
      state.keys.set(id, [entry]);
      return;
    }
    const next = sessions.filter(
      ({ window }) => window.start !== entry.window.start || window.end !== entry.window.end,
    );
    next.push(entry);
    next.sort((a, b) => a.window.end - b.window.end || a.window.start - b.window.start);
    state.keys.set(id, next);
  }

  /**
   * Removes sessions some time after they expire, as Kafka Streams does with its segments. Final results are read from
   * sessions that are already closed.
   */
  #sweep(partition: number, state: Partition): void {
    const slack = Math.max(this.#retention / 2, leastSlackMs);
    const dead = state.streamTime - this.#retention - slack;
    if (dead - state.sweptAt < slack) return;
    state.sweptAt = dead;
    for (const sessions of [...state.keys.values()]) {
      for (const entry of sessions) if (entry.window.end < dead) this.remove(partition, entry);
    }
  }

  /** The window is part of the changelog key, so each session of a key has its own record. */
  override restore(partition: number, key: Buffer, value: Buffer | null, time: number): void {
    const { key: columns, window } = this.decodeWindowedKey(key);
    const state = this.#state(partition);
    const id = this.#idOf(columns);
    if (value === null) {
      const rest = (state.keys.get(id) ?? []).filter(
        (entry) => entry.window.start !== window.start || entry.window.end !== window.end,
      );
      if (rest.length === 0) state.keys.delete(id);
      else state.keys.set(id, rest);
      return;
    }
    if (window.end > state.streamTime) state.streamTime = window.end;
    this.#insert(state, id, { key: columns, window, row: this.values.decode(value), time, isChanged: false });
  }

  override takeOver(older: StateStore): void {
    if (older instanceof SessionStore) this.#partitions = older.#partitions;
  }

  override get size(): number {
    let size = 0;
    for (const { keys } of this.#partitions) for (const sessions of keys.values()) size += sessions.length;
    return size;
  }

  #state(partition: number): Partition {
    while (this.#partitions.length <= partition) {
      this.#partitions.push({
        keys: new Map(),
        streamTime: Number.NEGATIVE_INFINITY,
        sweptAt: Number.NEGATIVE_INFINITY,
      });
    }
    return this.#partitions[partition]!;
  }
}
