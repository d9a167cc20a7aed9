import type { Engine } from '../engine/engine.js';

/** What the statements' executors need besides the statement. */
export interface StatementContext {
  readonly engine: Engine;
  /** `host:port` as the entities name this server. */
  readonly host: string;
  readonly clock: () => number;
  /** What LIST PROPERTIES shows instead of the defaults. */
  readonly properties: ReadonlyMap<string, string>;
  /** Consumer groups of the broker, if there is one beside the engine. */
  readonly consumerGroups?: () => readonly ConsumerGroup[];
}

export interface ConsumerGroup {
  readonly groupId: string;
  readonly members: readonly {
    readonly partitions: readonly { readonly topic: string; readonly partition: number }[];
  }[];
}
