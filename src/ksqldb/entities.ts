/** The parts of ksqlDB's answers that this project reads; the server sends more, and every field stays in `raw`. */

export type CommandState =
  | 'QUEUED'
  | 'PARSING'
  | 'EXECUTING'
  | 'RUNNING'
  | 'TERMINATED'
  | 'SUCCESS'
  | 'ERROR';

export interface CommandStatus {
  readonly status: CommandState;
  readonly message: string;
  readonly queryId: string | null;
}

/** One statement's answer. `type` is its `@type`: currentStatus, streams, queries, sourceDescription, ... */
export interface Entity {
  readonly type: string;
  readonly statementText: string;
  readonly commandId?: string;
  readonly commandStatus?: CommandStatus;
  readonly commandSequenceNumber?: number;
  readonly warnings: readonly { readonly message: string }[];
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface ServerInfo {
  readonly version: string;
  readonly kafkaClusterId: string;
  readonly ksqlServiceId: string;
  readonly serverStatus: string;
}

export interface Health {
  readonly isHealthy: boolean;
  readonly details: Readonly<Record<string, { readonly isHealthy: boolean }>>;
}

export interface RunningQuery {
  readonly id: string;
  readonly queryString: string;
  readonly sinks: readonly string[];
  readonly sinkKafkaTopics: readonly string[];
  readonly queryType: string;
  readonly state: string;
  /** How many servers have it in which state. */
  readonly statusCount?: Readonly<Record<string, number>>;
}

const WORST_FIRST = ['ERROR', 'UNRESPONSIVE', 'PAUSED', 'RUNNING'] as const;

/**
 * The query with the worst of its states over all servers. A paused query's `state` is RUNNING in ksqlDB's answer; only
 * its `statusCount` says PAUSED.
 */
export function withWorstState(query: RunningQuery): RunningQuery {
  const counts = query.statusCount ?? {};
  const worst = WORST_FIRST.find((state) => state === query.state || (counts[state] ?? 0) > 0);
  return worst === undefined ? query : { ...query, state: worst };
}

/** A column as ksqlDB describes it: `schema` is a tree of types, `type` says what a key column is. */
export interface FieldDescription {
  readonly name: string;
  readonly type?: 'KEY' | 'HEADER' | 'PRIMARY KEY' | string;
  readonly schema: FieldSchema;
}

export interface FieldSchema {
  readonly type: string;
  readonly fields: readonly { readonly name: string; readonly schema: FieldSchema }[] | null;
  readonly memberSchema: FieldSchema | null;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** DESCRIBE's answer; with EXTENDED, `statement`, `partitions` and `replication` hold more than blanks and zeros. */
export interface SourceDescription {
  readonly name: string;
  readonly type: 'STREAM' | 'TABLE';
  readonly windowType: string | null;
  readonly fields: readonly FieldDescription[];
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly timestamp: string;
  readonly partitions: number;
  readonly replication: number;
  readonly statement: string;
  readonly readQueries: readonly { readonly id: string; readonly state?: string }[];
  readonly writeQueries: readonly { readonly id: string; readonly state?: string }[];
}
