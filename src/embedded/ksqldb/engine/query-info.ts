import type { LogicalSchema, WindowInfo } from '../schema/schema.js';

export type QueryState = 'RUNNING' | 'PAUSED' | 'ERROR';

/** Where a query stands in one partition of one of its source topics. */
export interface SourceOffset {
  readonly topic: string;
  readonly partition: number;
  /** The next offset that the query reads. */
  readonly position: number;
  readonly end: number;
}

/** A running query as SHOW QUERIES, EXPLAIN and DESCRIBE EXTENDED tell of it. */
export interface QueryInfo {
  readonly id: string;
  /** Canonical text with its semicolon. */
  readonly statementText: string;
  readonly type: 'CREATE_AS' | 'INSERT' | 'CREATE_SOURCE' | 'PUSH';
  readonly sources: readonly string[];
  /** Absent for push queries and source tables. */
  readonly sink?: string;
  readonly sinkTopic?: string;
  /** The sink's schema, as the query writes it. */
  readonly schema: LogicalSchema;
  readonly window?: WindowInfo;
  readonly state: QueryState;
  /** Why it is in state ERROR. */
  readonly error?: {
    readonly time: number;
    readonly type: 'USER' | 'SYSTEM' | 'UNKNOWN';
    readonly message: string;
  };
  /** As in EXPLAIN's `executionPlan`: ` > [ SINK ] | Schema: ... | Logger: ...` lines. */
  readonly executionPlan: string;
  /** As in EXPLAIN's `topology`. */
  readonly topology: string;
  /** The properties that the statement overrode. */
  readonly overrides: ReadonlyMap<string, string>;
  readonly offsets: readonly SourceOffset[];
  readonly metrics: {
    readonly recordsIn: number;
    readonly recordsOut: number;
    readonly errors: number;
    /** Milliseconds since 1970 of the last record written, 0 for none. */
    readonly lastOutput: number;
  };
}

/** The state of a query that has not processed anything yet. */
export const idleQuery = {
  state: 'RUNNING',
  offsets: [],
  metrics: { recordsIn: 0, recordsOut: 0, errors: 0, lastOutput: 0 },
} as const;
