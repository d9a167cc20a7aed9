import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { PlannedQuery } from './command.js';
import type { PlannerEnv } from './planner-env.js';

export interface TopicInfo {
  readonly partitions: number;
  readonly retentionMs: number;
}

/** The surroundings in which a statement is planned. */
export interface PlannerContext extends PlannerEnv {
  topic(name: string): TopicInfo | undefined;
  /** The running persistent queries by id. */
  readonly queries: ReadonlyMap<string, PlannedQuery>;
  /** The number in the id of the query that the statement starts. */
  readonly queryNumber: number;
  readonly registry: RegistryClient | undefined;
  /** Compiles a plan to find the errors that planning does not. */
  readonly compileCheck: (query: PlannedQuery) => void;
  /** If set, planning ignores existing topics and gives new ones this number of partitions. */
  readonly assumedPartitions?: number;
  readonly overrides: ReadonlyMap<string, string>;
}
