import type { CreateAsSelect, InsertInto, Query, Statement } from '../../../sql/ast.js';
import type { LogStore } from '../../kafka/log/log-store.js';
import type { Catalog } from '../catalog/catalog.js';
import type { DataSource } from '../catalog/data-source.js';
import type { RegistryClient } from '../formats/registry/registry-client.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { CommandId } from '../plan/command.js';
import type { Column, LogicalSchema, WindowInfo } from '../schema/schema.js';
import type { Session } from '../session.js';
import type { MaterializedTable, WindowBounds } from '../state/materialized-table.js';
import type { Value } from '../types/value.js';
import type { QueryInfo } from './query-info.js';

export interface EngineOptions {
  readonly store: LogStore;
  /** Default: `default_`. */
  readonly serviceId?: string;
  /** Server properties (`ksql.…`, `ksql.streams.…`). */
  readonly config?: ReadonlyMap<string, string>;
  readonly functions?: FunctionRegistry;
  /** Without a registry, AVRO, PROTOBUF and JSON_SR are rejected. */
  readonly registry?: RegistryClient;
  /** Returns the milliseconds since 1970. Default: the system clock. */
  readonly clock?: () => number;
}

/**
 * The result of executing a statement.
 *
 * - `command`: the statement was executed and logged. `message` is ksqlDB's, such as "Created query with ID CSAS_X_3".
 *   `sequenceNumber` is the position in the command log.
 * - `warning`: nothing changed, for example because of IF NOT EXISTS.
 */
export type ExecuteResult =
  | {
      readonly kind: 'command';
      readonly commandId: CommandId;
      readonly message: string;
      readonly sequenceNumber: number;
      /** The statement in canonical form with its defaults and its semicolon. */
      readonly statementText: string;
      readonly queryId?: string;
    }
  | { readonly kind: 'warning'; readonly message: string; readonly statementText: string };

/** The statements that `Engine.execute` accepts. The room `statements` executes the others. */
export const executableKinds = [
  'CreateSource',
  'CreateAsSelect',
  'InsertInto',
  'DropSource',
  'AlterSource',
  'CreateType',
  'DropType',
  'Terminate',
  'Pause',
  'Resume',
  'AlterSystem',
] as const;

/** Executes statements: the engine for real, a sandbox for validation. */
export interface StatementTarget {
  readonly catalog: Catalog;
  /**
   * Executes a statement.
   *
   * @throws KsqlStatementException or KsqlException with ksqlDB's message. Nothing has changed then.
   */
  execute(statement: Statement, session: Session): ExecuteResult;
  /** Describes the query that a statement would start, for EXPLAIN. */
  explain(statement: CreateAsSelect | InsertInto, session: Session): QueryInfo;
  planQuery(query: Query, session: Session, text: string): TransientPlan;
}

/** A validated SELECT ... EMIT CHANGES. It can be started any number of times. */
export interface TransientPlan {
  /** `transient_<SOURCE>_<number>`. */
  readonly id: string;
  readonly statementText: string;
  /** The columns of the result, including key columns, in the order of the SELECT list. */
  readonly columns: readonly Column[];
  /** The schema of the plan's last step. */
  readonly schema: LogicalSchema;
  readonly kind: 'STREAM' | 'TABLE';
  readonly window?: WindowInfo;
  readonly sources: readonly DataSource[];
  readonly limit?: number;
  readonly executionPlan: string;
  readonly topology: string;
}

/** A row of a push query. `values` correspond to `TransientPlan.columns`. In a tombstone, only key columns have values. */
export interface TransientRow {
  readonly values: readonly Value[];
  readonly tombstone: boolean;
  readonly time: number;
  readonly window?: WindowBounds;
}

export interface TransientListener {
  row(row: TransientRow): void;
  /** The query failed. No rows follow. */
  error(error: Error): void;
  /** The query has processed all records that existed when it started. Called at most once, with `untilEnd` only. */
  end?(): void;
}

export interface TransientQuery {
  readonly info: QueryInfo;
  stop(): void;
  /**
   * Stops reading until `resume`, because the client is slower than the query. Rows of the current batch can still
   * follow.
   */
  pause(): void;
  resume(): void;
}

export interface TransientOptions {
  /** Stop at the current ends of the source topics. Used for pull queries on streams. */
  readonly untilEnd?: boolean;
  /** Overrides the session's auto.offset.reset. */
  readonly from?: 'earliest' | 'latest';
}

export interface ProcessingLogEntry {
  /** For example `processing.CSAS_X_0.KsqlTopic.Source.deserializer`. */
  readonly logger: string;
  readonly level: 'ERROR' | 'WARN' | 'INFO';
  readonly time: number;
  /** 0: deserialization, 1: record processing, 2: production, 3: serialization, 4: thread exception. */
  readonly type: 0 | 1 | 2 | 3 | 4;
  readonly message: string;
  readonly topic?: string;
}

/**
 * The embedded ksqlDB engine. Topics are in a log store.
 *
 * @example
 * const engine = openEngine({ store });
 * for (const statement of parseStatements(text)) engine.execute(statement, session);
 * await engine.settled();
 */
export interface Engine extends StatementTarget {
  readonly serviceId: string;
  /** The server's properties. */
  readonly config: ReadonlyMap<string, string>;
  readonly store: LogStore;
  readonly functions: FunctionRegistry;
  readonly registry: RegistryClient | undefined;
  /** Returns a copy of the catalog and the queries in which a sequence of statements can be validated. */
  sandbox(): StatementTarget;
  /** Starts a push query. Calls the listener several times per turn of the event loop. */
  startTransient(
    plan: TransientPlan,
    listener: TransientListener,
    options?: TransientOptions,
  ): TransientQuery;
  /** The persistent queries, then the running push queries, each in the order of their start. */
  queries(): readonly QueryInfo[];
  query(id: string): QueryInfo | undefined;
  /** The state of a table if a persistent query or CREATE SOURCE TABLE maintains it. */
  materialization(sourceName: string): MaterializedTable | undefined;
  /** The sequence number of the last command, or -1 if there is none. */
  readonly lastSequenceNumber: number;
  /** Subscribes to the processing log. Returns a function that unsubscribes. */
  onProcessingLog(listener: (entry: ProcessingLogEntry) => void): () => void;
  /** Resolves when every running query has processed and flushed all records of its topics. For tests. */
  settled(): Promise<void>;
  /** Commits and stops all queries. Does not close the store. */
  close(): Promise<void>;
}
