/** A change of a store, as written to its changelog topic. */
export interface StateChange {
  readonly partition: number;
  readonly key: Buffer;
  /** Null if the row was removed. */
  readonly value: Buffer | null;
  readonly time: number;
}

/** The state of an operator that outlives a restart. */
export interface StateStore {
  /** Unique in its query. Part of the changelog topic's name. */
  readonly name: string;
  /** Returns the changes since the last call, one for each key. */
  takeChanges(): readonly StateChange[];
  /** Discards the changes since the last call, for stores without a changelog. */
  forgetChanges(): void;
  /** Applies a change from the changelog. The changes of a key must be applied in order. */
  restore(partition: number, key: Buffer, value: Buffer | null, time: number): void;
  /** The stream times of the store, which are saved with each commit. */
  saveTimes(): Readonly<Record<string, number>>;
  restoreTimes(times: Readonly<Record<string, number>>): void;
  /** Takes over the rows of the corresponding store of a replaced query. */
  takeOver(older: StateStore): void;
  /** The number of rows. */
  readonly size: number;
}
