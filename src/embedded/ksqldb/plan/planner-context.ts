import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { PlannedQuery } from './command.js';
import type { PlannerEnv } from './planner-env.js';

export interface TopicInfo {
  readonly partitions: number;
  readonly retentionMs: number;
}

/** What planning a statement needs besides the catalog. */
export interface PlannerContext extends PlannerEnv {
  topic(name: string): TopicInfo | undefined;
  /** The running persistent queries by id. */
  readonly queries: ReadonlyMap<string, PlannedQuery>;
  /** The number for the id of a query that the statement starts. */
  readonly queryNumber: number;
  /** Compiles a plan once, for the errors that only compiling finds. */
  /** Where columns and schemas of the formats with a registry come from. */
  readonly registry: RegistryClient | undefined;
  readonly compileCheck: (query: PlannedQuery) => void;
  /** Where topics are not looked at, each new one has so many partitions. */
  readonly assumedPartitions?: number;
  readonly overrides: ReadonlyMap<string, string>;
}
