import type { Value } from '../types/value.js';
import type { KeyId } from './key-id.js';
import type { StateStore } from './state-store.js';
import { type Entry, type RowCodec, StoreBase } from './store-base.js';

/** A buffered stream row. Its window holds its time, and a sequence number that orders rows of the same time. */
export interface BufferedRow extends Entry {
  readonly window: { readonly start: number; readonly end: number };
  /** True until the row finds a partner or is emitted without one. Only outer joins need it. */
  isAlone: boolean;
}

interface Partition {
  readonly keys: Map<KeyId, BufferedRow[]>;
  streamTime: number;
  sweptAt: number;
}

/**
 * The buffered rows of one side of a stream-stream join, by key and time, for as long as they can find a partner.
 * The codec of the values has an additional BOOLEAN column for `isAlone`.
 */
export class JoinBuffer extends StoreBase {
  readonly #idOf: (key: readonly Value[]) => KeyId;
  readonly #retention: number;
  #partitions: Partition[] = [];
  #next = 0;

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

  put(
    partition: number,
    key: readonly Value[],
    row: readonly Value[],
    time: number,
    isAlone: boolean,
  ): BufferedRow | undefined {
    const state = this.#state(partition);
    if (time > state.streamTime) {
      state.streamTime = time;
      this.#sweep(partition, state);
    } else if (time <= state.streamTime - this.#retention) {
      return undefined;
    }
    const window = { start: time, end: this.#next++ };
    const entry: BufferedRow = { key, window, row, time, isChanged: false, isAlone };
    insert(state.keys, this.#idOf(key), entry);
    this.markChanged(partition, entry);
    return entry;
  }

  /** The rows of a key between two times, both inclusive, in the order of their times. */
  between(partition: number, key: readonly Value[], from: number, to: number): readonly BufferedRow[] {
    const state = this.#partitions[partition];
    const rows = state?.keys.get(this.#idOf(key));
    if (rows === undefined) return [];
    const live = state!.streamTime - this.#retention;
    return rows.filter(({ time }) => time >= from && time <= to && time > live);
  }

  /** Records that a row found its partner or was emitted without one. */
  settle(partition: number, entry: BufferedRow): void {
    if (!entry.isAlone) return;
    entry.isAlone = false;
    this.markChanged(partition, entry);
  }

  *rows(partition: number): Iterable<BufferedRow> {
    for (const rows of this.#partitions[partition]?.keys.values() ?? []) yield* rows;
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  #sweep(partition: number, state: Partition): void {
    const live = state.streamTime - this.#retention;
    if (live - state.sweptAt < this.#retention / 4) return;
    state.sweptAt = live;
    for (const [id, rows] of state.keys) {
      const rest = rows.filter((entry) => entry.time > live);
      if (rest.length === rows.length) continue;
      for (const entry of rows) {
        if (entry.time > live) continue;
        (entry as Entry).row = undefined;
        this.markChanged(partition, entry);
      }
      if (rest.length === 0) state.keys.delete(id);
      else state.keys.set(id, rest);
    }
  }

  protected override encodeRow(entry: Entry): Buffer {
    return this.values.encode([...entry.row!, (entry as BufferedRow).isAlone]);
  }

  override restore(partition: number, key: Buffer, value: Buffer | null, time: number): void {
    const { key: columns, window } = this.decodeWindowedKey(key);
    const state = this.#state(partition);
    const id = this.#idOf(columns);
    const others = (state.keys.get(id) ?? []).filter((entry) => entry.window.end !== window.end);
    if (others.length === 0) state.keys.delete(id);
    else state.keys.set(id, others);
    if (value === null) return;
    if (time > state.streamTime) state.streamTime = time;
    this.#next = Math.max(this.#next, window.end + 1);
    const row = this.values.decode(value);
    const isAlone = row.pop() === true;
    insert(state.keys, id, { key: columns, window, row, time, isChanged: false, isAlone });
  }

  override takeOver(older: StateStore): void {
    if (!(older instanceof JoinBuffer)) return;
    this.#partitions = older.#partitions;
    this.#next = older.#next;
  }

  override get size(): number {
    let size = 0;
    for (const { keys } of this.#partitions) for (const rows of keys.values()) size += rows.length;
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

function insert(keys: Map<KeyId, BufferedRow[]>, id: KeyId, entry: BufferedRow): void {
  const rows = keys.get(id);
  if (rows === undefined) {
    keys.set(id, [entry]);
    return;
  }
  let at = rows.length;
  while (at > 0 && rows[at - 1]!.time > entry.time) at--;
  rows.splice(at, 0, entry);
}
