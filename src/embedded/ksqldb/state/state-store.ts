/** A change of a store as its changelog topic keeps it. */
export interface StateChange {
  readonly partition: number;
  readonly key: Buffer;
  /** Null: removed. */
  readonly value: Buffer | null;
  readonly time: number;
}

/** The state of an operator that outlives a restart. */
export interface StateStore {
  /** Unique in its query: the changelog topic's name is made of it. */
  readonly name: string;
  /** The changes since the last call, one for each key. */
  takeChanges(): readonly StateChange[];
  /** As `takeChanges`, where nothing keeps them. */
  forgetChanges(): void;
  /** Takes a change from the changelog; those of one key come in order. */
  restore(partition: number, key: Buffer, value: Buffer | null, time: number): void;
  /** Numbers that belong to the state besides its rows, such as stream times: saved with each commit. */
  saveTimes(): Readonly<Record<string, number>>;
  restoreTimes(times: Readonly<Record<string, number>>): void;
  /** Takes the rows over from the store of the query that this one replaces. */
  takeOver(older: StateStore): void;
  /** How many rows it holds. */
  readonly size: number;
}
