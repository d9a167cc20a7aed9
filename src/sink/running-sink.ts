export interface SinkStatus {
  readonly state: 'starting' | 'running' | 'retrying' | 'stopped' | 'failed';
  /** Why `/readyz` reports not ready; empty if the sink makes progress. */
  readonly problems: readonly string[];
  /** The partitions that this sink owns, with the next offset to store. */
  readonly partitions: readonly {
    readonly partition: number;
    readonly nextOffset: bigint;
    readonly lag: bigint;
  }[];
  readonly records: number;
  readonly deadLetters: number;
  readonly tombstones: number;
  readonly restarts: number;
}

export interface RunningSink {
  /** Base URL of the HTTP server; undefined if none is configured. */
  readonly httpUrl: string | undefined;
  /** Resolves when the sink has stopped. Rejects with a PaystreamError when it has failed for good. */
  readonly done: Promise<void>;
  status(): SinkStatus;
  /** Finishes or rolls back the running batches and leaves the group, in under 5 seconds. */
  stop(): Promise<void>;
}
