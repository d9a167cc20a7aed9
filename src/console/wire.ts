/** The protocol between the console's server and its page. Types only. */

/** A value as text with all its digits, or null for NULL. Nested values are JSON text. */
export type Cell = string | null;

export interface WireColumn {
  readonly name: string;
  /** As ksqlDB writes it: `DECIMAL(19, 4)`. */
  readonly type: string;
}

/** An error to show to the user. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
}

/** Offsets in the script. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface RunRequest {
  readonly sql: string;
  /** `auto.offset.reset` for the queries of this run. */
  readonly offsetReset: 'earliest' | 'latest';
}

/** The events of a run, one per line. */
export type RunEvent =
  | { readonly type: 'statement'; readonly text: string; readonly at: Span }
  | {
      readonly type: 'columns';
      readonly columns: readonly WireColumn[];
      readonly push: boolean;
      readonly queryId: string | null;
    }
  | { readonly type: 'rows'; readonly rows: readonly (readonly Cell[])[] }
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'error'; readonly error: WireError; readonly at?: Span }
  | { readonly type: 'done'; readonly ms: number }
  | { readonly type: 'end' };

export type ServerState = 'connecting' | 'up' | 'slow' | 'down';

export interface ConsoleStatus {
  readonly state: ServerState;
  readonly error?: WireError;
  /** When ksqlDB last answered, epoch milliseconds. */
  readonly answeredAt?: number;
}

export interface SourceNode {
  readonly name: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly topic: string;
  readonly windowed: boolean;
  readonly keyFormat: string;
  readonly valueFormat: string;
}

export interface QueryError {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly type: string;
  readonly message: string;
}

export interface QueryNode {
  readonly id: string;
  /** RUNNING, ERROR, PAUSED, UNRESPONSIVE, ... */
  readonly state: string;
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly statement: string;
  /** Records per second since the last poll. Null if not known yet. */
  readonly rate: number | null;
  /** Number of records that the query has not read yet. Null if the server does not report it. */
  readonly lag: number | null;
  readonly errors: readonly QueryError[];
}

export interface Topology {
  readonly at: number;
  readonly sources: readonly SourceNode[];
  readonly queries: readonly QueryNode[];
}

/** Records per second of each query at one point in time. */
export interface RatePoint {
  readonly at: number;
  readonly rates: Readonly<Record<string, number>>;
}

export interface ConsoleInfo {
  readonly allowWrite: boolean;
  readonly ksqldbUrl: string;
  readonly store: boolean;
  readonly migrations: boolean;
  readonly version: string;
}

export interface WireField {
  readonly name: string;
  readonly type: string;
  /** `KEY`, `PRIMARY KEY`, `HEADER`; undefined for a value column. */
  readonly role?: string;
}

export interface SourceDetail {
  readonly name: string;
  readonly kind: 'STREAM' | 'TABLE';
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly windowType: string | null;
  readonly partitions: number;
  readonly replication: number;
  readonly timestamp: string;
  readonly statement: string;
  readonly fields: readonly WireField[];
  readonly readQueries: readonly string[];
  readonly writeQueries: readonly string[];
}

export interface Sample {
  readonly columns: readonly WireColumn[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface Catalog {
  readonly sources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly fields: readonly WireField[];
  }[];
  readonly functions: readonly { readonly name: string; readonly type: string; readonly category: string }[];
}

/** A payment, every field as text. */
export type WirePayment = Readonly<Record<string, Cell>>;

export interface CustomerAnswer {
  readonly customerId: string;
  /** Null if the store does not have the customer. */
  readonly payments: readonly WirePayment[] | null;
  readonly writtenAt?: string;
}

export interface Freshness {
  /** When the sink last made progress, in ISO 8601. Null if it never wrote. */
  readonly movedAt: string | null;
  readonly deadLetters: string;
}

export interface Rejected {
  readonly at: string;
  readonly fields: WirePayment;
}

/** The server-sent events of `/api/live`, by name. */
export interface LiveEvents {
  readonly status: ConsoleStatus;
  readonly topology: Topology;
  readonly history: readonly RatePoint[];
  readonly customer: CustomerAnswer;
  readonly freshness: Freshness;
  readonly storeError: WireError;
  readonly rejected: readonly Rejected[];
  readonly rejectedError: WireError;
}

export interface MigrationVersion {
  readonly version: number;
  readonly name: string;
  readonly state: string;
  readonly startedOn?: string;
  readonly completedOn?: string;
  readonly error?: string;
  readonly failedAt?: { readonly statement: number; readonly of: number };
  readonly undo: boolean;
}

export interface MigrationsAnswer {
  readonly version: string;
  readonly directory: string;
  readonly versions: readonly MigrationVersion[];
  readonly problems: readonly {
    readonly severity: string;
    readonly message: string;
    readonly hint: string;
  }[];
  readonly lock: { readonly holder: string; readonly since: string } | null;
}

export interface PlanAnswer {
  readonly version: string;
  readonly files: readonly {
    readonly version: number;
    readonly name: string;
    readonly path: string;
    readonly resumesAt?: number;
    readonly statements: readonly {
      readonly number: number;
      readonly line: number;
      readonly text: string;
      readonly changes: readonly { readonly action: string; readonly what: string; readonly name: string }[];
    }[];
    readonly findings: readonly {
      readonly code: string;
      readonly severity: string;
      readonly line: number;
      readonly message: string;
      readonly instead: string;
    }[];
  }[];
  readonly refusal?: {
    readonly path: string;
    readonly line: number;
    readonly statement: string;
    readonly message: string;
  };
}

export interface DriftAnswer {
  readonly differences: readonly {
    readonly kind: string;
    readonly what: string;
    readonly name: string;
    readonly detail?: string;
  }[];
}

export type HealthWord = 'healthy' | 'degraded' | 'unhealthy';

/** The result of `paystream status`, and the reasons for it. */
export interface HealthAnswer {
  readonly status: HealthWord;
  readonly findings: readonly {
    readonly word: HealthWord;
    readonly message: string;
    readonly hint?: string;
  }[];
  readonly queries: readonly {
    readonly id: string;
    readonly state: string;
    readonly writes: readonly string[];
  }[];
  readonly channels: readonly {
    readonly paymentType: string;
    readonly newestTrxDate: string;
    readonly ageSeconds: number;
    readonly payments: number;
  }[];
  /** Empty if Kafka was not queried. */
  readonly lags: readonly { readonly group: string; readonly topic: string; readonly lag: string }[];
  readonly rejected: { readonly total: string; readonly lastHour: string } | null;
  readonly processingLogErrors: { readonly total: string; readonly lastHour: string } | null;
}
