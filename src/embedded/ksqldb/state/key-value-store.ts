import type { Value } from '../types/value.js';
import type { KeyId } from './key-id.js';
import type { StateStore } from './state-store.js';
import { type Entry, type RowCodec, StoreBase } from './store-base.js';

/** Stores the rows of a table by key. */
export class KeyValueStore extends StoreBase {
  readonly #idOf: (key: readonly Value[]) => KeyId;
  #partitions: Map<KeyId, Entry>[] = [];

  constructor(name: string, keys: RowCodec, values: RowCodec, idOf: (key: readonly Value[]) => KeyId) {
    super(name, keys, values);
    this.#idOf = idOf;
  }

  get(partition: number, key: readonly Value[]): Entry | undefined {
    return this.#partitions[partition]?.get(this.#idOf(key));
  }

  /** Puts a row, or removes it if `row` is null. A key keeps the same entry object until it is removed. */
  put(
    partition: number,
    key: readonly Value[],
    row: readonly Value[] | null,
    time: number,
  ): Entry | undefined {
    const map = this.#map(partition);
    const id = this.#idOf(key);
    let entry = map.get(id);
    if (entry === undefined) {
      if (row === null) return undefined;
      entry = { key, window: null, row, time, isChanged: false };
      map.set(id, entry);
    } else {
      entry.row = row ?? undefined;
      entry.time = time;
      if (row === null) map.delete(id);
    }
    this.markChanged(partition, entry);
    return entry;
  }

  entries(partition: number): Iterable<Entry> {
    return this.#partitions[partition]?.values() ?? [];
  }

  override restore(partition: number, key: Buffer, value: Buffer | null, time: number): void {
    const columns = this.keys.decode(key);
    const id = this.#idOf(columns);
    if (value === null) {
      this.#map(partition).delete(id);
      return;
    }
    const row = this.values.decode(value);
    this.#map(partition).set(id, { key: columns, window: null, row, time, isChanged: false });
  }

  override takeOver(older: StateStore): void {
    if (older instanceof KeyValueStore) this.#partitions = older.#partitions;
  }

  override get size(): number {
    return this.#partitions.reduce((sum, map) => sum + map.size, 0);
  }

  #map(partition: number): Map<KeyId, Entry> {
    let map = this.#partitions[partition];
    if (map === undefined) {
      map = new Map();
      while (this.#partitions.length < partition) this.#partitions.push(new Map());
      this.#partitions[partition] = map;
    }
    return map;
  }
}
