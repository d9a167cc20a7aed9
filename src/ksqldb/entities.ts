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
}
