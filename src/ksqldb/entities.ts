/** The parts of ksqlDB's responses that this project reads. `raw` has all fields. */

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

/** The response to one statement. `type` is its `@type`: currentStatus, streams, queries, sourceDescription, ... */
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
  /** The number of servers by state. */
  readonly statusCount?: Readonly<Record<string, number>>;
}

const WORST_FIRST = ['ERROR', 'UNRESPONSIVE', 'PAUSED', 'RUNNING'] as const;

/**
 * A query with its worst state on any server. The `state` of a paused query is RUNNING in ksqlDB's response; only
 * its `statusCount` says PAUSED.
 */
export function withWorstState(query: RunningQuery): RunningQuery {
  const counts = query.statusCount ?? {};
  const worst = WORST_FIRST.find((state) => state === query.state || (counts[state] ?? 0) > 0);
  return worst === undefined ? query : { ...query, state: worst };
}

/** A column in ksqlDB's description. `schema` is a tree of types, and `type` is the role of a key column. */
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

/** The response to DESCRIBE. `statement`, `partitions` and `replication` are set only with EXTENDED. */
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
