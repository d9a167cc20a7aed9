import type { Engine } from '../engine/engine.js';

/** What the executors need in addition to the statement. */
export interface StatementContext {
  readonly engine: Engine;
  /** The `host:port` of this server, as entities show it. */
  readonly host: string;
  readonly clock: () => number;
  /** Values that LIST PROPERTIES shows instead of the defaults. */
  readonly properties: ReadonlyMap<string, string>;
  /** The broker's consumer groups, if the engine runs with a broker. */
  readonly consumerGroups?: () => readonly ConsumerGroup[];
}

export interface ConsumerGroup {
  readonly groupId: string;
  readonly members: readonly {
    readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
  }[];
}
