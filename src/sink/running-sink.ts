export interface SinkStatus {
  readonly state: 'starting' | 'running' | 'retrying' | 'stopped' | 'failed';
  /** Why `/readyz` would refuse; empty if the sink makes progress. */
  readonly problems: readonly string[];
  /** Next offset to be stored and lag of each partition that this sink owns. */
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
  /** Base URL of the HTTP server, if one was asked for. */
  readonly httpUrl: string | undefined;
  /** Resolves when the sink has been stopped; rejects, with what to do, when it has failed for good. */
  readonly done: Promise<void>;
  status(): SinkStatus;
  /** Finishes or rolls back the running batches, leaves the group; under 5 seconds. */
  stop(): Promise<void>;
}
