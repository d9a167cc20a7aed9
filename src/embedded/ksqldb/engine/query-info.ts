import type { LogicalSchema, WindowInfo } from '../schema/schema.js';

export type QueryState = 'RUNNING' | 'PAUSED' | 'ERROR';

/** The position of a query in one partition of a source topic. */
export interface SourceOffset {
  readonly topic: string;
  readonly partition: number;
  /** The next offset that the query reads. */
  readonly position: number;
  readonly end: number;
}

/** The properties of a running query that SHOW QUERIES, EXPLAIN and DESCRIBE EXTENDED report. */
export interface QueryInfo {
  readonly id: string;
  /** The statement in canonical form with its semicolon. */
  readonly statementText: string;
  readonly type: 'CREATE_AS' | 'INSERT' | 'CREATE_SOURCE' | 'PUSH';
  readonly sources: readonly string[];
  /** Absent for push queries and source tables. */
  readonly sink?: string;
  readonly sinkTopic?: string;
  /** The schema of the rows that the query produces. */
  readonly schema: LogicalSchema;
  readonly window?: WindowInfo;
  readonly state: QueryState;
  /** Present in state ERROR. */
  readonly error?: {
    readonly time: number;
    readonly type: 'USER' | 'SYSTEM' | 'UNKNOWN';
    readonly message: string;
  };
  /** The `executionPlan` of EXPLAIN: lines such as ` > [ SINK ] | Schema: ... | Logger: ...`. */
  readonly executionPlan: string;
  /** The `topology` of EXPLAIN. */
  readonly topology: string;
  /** The session's properties when the query was created. */
  readonly overrides: ReadonlyMap<string, string>;
  readonly offsets: readonly SourceOffset[];
  readonly metrics: {
    readonly recordsIn: number;
    readonly recordsOut: number;
    readonly errors: number;
    /** When the last record was written, in milliseconds since 1970. 0 if there is none. */
    readonly lastOutput: number;
  };
}

/** The state of a query that has not processed anything yet. */
export const idleQuery = {
  state: 'RUNNING',
  offsets: [],
  metrics: { recordsIn: 0, recordsOut: 0, errors: 0, lastOutput: 0 },
} as const;
