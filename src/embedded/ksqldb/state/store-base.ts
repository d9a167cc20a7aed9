import type { Value } from '../types/value.js';
import type { WindowBounds } from './materialized-table.js';
import type { StateChange, StateStore } from './state-store.js';

/** Encodes and decodes the values of a row. */
export interface RowCodec {
  encode(values: readonly Value[]): Buffer;
  decode(bytes: Buffer): Value[];
}

/** One row of a store. Only the store modifies it. */
export interface Entry {
  readonly key: readonly Value[];
  readonly window: WindowBounds | null;
  /** Undefined after the row has been removed. */
  row: readonly Value[] | undefined;
  time: number;
  isChanged: boolean;
}

/** Tracks the entries that changed since the last commit and encodes them for the changelog. */
export abstract class StoreBase implements StateStore {
  readonly name: string;
  protected readonly keys: RowCodec;
  protected readonly values: RowCodec;
  #changed: [partition: number, entry: Entry][] = [];

  constructor(name: string, keys: RowCodec, values: RowCodec) {
    this.name = name;
    this.keys = keys;
    this.values = values;
  }

  protected markChanged(partition: number, entry: Entry): void {
    if (entry.isChanged) return;
    entry.isChanged = true;
    this.#changed.push([partition, entry]);
  }

  takeChanges(): readonly StateChange[] {
    const changes = this.#changed.map(([partition, entry]): StateChange => {
      entry.isChanged = false;
      return {
        partition,
        key: this.encodeKey(entry),
        value: entry.row === undefined ? null : this.encodeRow(entry),
        time: entry.time,
      };
    });
    this.#changed = [];
    return changes;
  }

  forgetChanges(): void {
    for (const [, entry] of this.#changed) entry.isChanged = false;
    this.#changed = [];
  }

  protected encodeRow(entry: Entry): Buffer {
    return this.values.encode(entry.row!);
  }

  /** Encodes a key, preceded by the bounds of its window as two doubles. */
  protected encodeKey(entry: Entry): Buffer {
    const key = this.keys.encode(entry.key);
    if (entry.window === null) return key;
    const bytes = Buffer.allocUnsafe(16 + key.length);
    bytes.writeDoubleBE(entry.window.start, 0);
    bytes.writeDoubleBE(entry.window.end, 8);
    key.copy(bytes, 16);
    return bytes;
  }

  protected decodeWindowedKey(bytes: Buffer): { readonly key: Value[]; readonly window: WindowBounds } {
    return {
      key: this.keys.decode(bytes.subarray(16)),
      window: { start: bytes.readDoubleBE(0), end: bytes.readDoubleBE(8) },
    };
  }

  abstract restore(partition: number, key: Buffer, value: Buffer | null, time: number): void;
  abstract takeOver(older: StateStore): void;
  abstract readonly size: number;

  saveTimes(): Readonly<Record<string, number>> {
    return {};
  }

  restoreTimes(_times: Readonly<Record<string, number>>): void {}
}
