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
  /** `default_` unless given. */
  readonly serviceId?: string;
  /** The server's properties (`ksql.…`, `ksql.streams.…`). */
  readonly config?: ReadonlyMap<string, string>;
  readonly functions?: FunctionRegistry;
  /** Absent: AVRO, PROTOBUF and JSON_SR are refused. */
  readonly registry?: RegistryClient;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * What came of a statement that the engine executes.
 *
 * - `command`: it was carried out and logged; `message` is ksqlDB's own ("Stream created", "Created query with ID
 *   CSAS_X_3", "Source `X` (topic: X) was dropped."), `sequenceNumber` its place in the command log.
 * - `warning`: nothing was done, as with IF NOT EXISTS of a source that exists.
 */
export type ExecuteResult =
  | {
      readonly kind: 'command';
      readonly commandId: CommandId;
      readonly message: string;
      readonly sequenceNumber: number;
      /** The statement in canonical text, defaults filled in, with its semicolon. */
      readonly statementText: string;
      readonly queryId?: string;
    }
  | { readonly kind: 'warning'; readonly message: string; readonly statementText: string };

/** The statements that `execute` takes; the REST API carries out the others by itself. */
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

/** A place where statements can be validated and, on the engine itself, carried out. */
export interface StatementTarget {
  readonly catalog: Catalog;
  /** Throws KsqlStatementException or KsqlException with ksqlDB's text; then nothing was changed. */
  execute(statement: Statement, session: Session): ExecuteResult;
  /** Analyses without executing: what EXPLAIN of a statement needs. */
  explain(statement: CreateAsSelect | InsertInto, session: Session): QueryInfo;
  planQuery(query: Query, session: Session, text: string): TransientPlan;
}

/** A validated SELECT ... EMIT CHANGES, ready to be started any number of times. */
export interface TransientPlan {
  /** `transient_<SOURCE>_<number>`. */
  readonly id: string;
  readonly statementText: string;
  /** The columns of the answer, in the order of the SELECT list: key columns are among them, as in ksqlDB. */
  readonly columns: readonly Column[];
  /** Key and value columns of the plan's last step. */
  readonly schema: LogicalSchema;
  readonly kind: 'STREAM' | 'TABLE';
  readonly window?: WindowInfo;
  readonly sources: readonly DataSource[];
  readonly limit?: number;
  readonly executionPlan: string;
  readonly topology: string;
}

/** A row of a push query. `values` follow `TransientPlan.columns`; a tombstone has its key's columns only, else NULL. */
export interface TransientRow {
  readonly values: readonly Value[];
  readonly tombstone: boolean;
  readonly time: number;
  readonly window?: WindowBounds;
}

export interface TransientListener {
  row(row: TransientRow): void;
  /** The query died; no rows follow. */
  error(error: Error): void;
  /** All that was in the sources when it started was processed; called at most once, only with `untilEnd`. */
  end?(): void;
}

export interface TransientQuery {
  readonly info: QueryInfo;
  stop(): void;
  /**
   * Reads no further until `resume`: a client takes rows more slowly than they arise. Rows of the batch at hand
   * may still come.
   */
  pause(): void;
  resume(): void;
}

export interface TransientOptions {
  /** Stop when everything that is in the source topics now was processed: pull queries on streams. */
  readonly untilEnd?: boolean;
  /** Overrides auto.offset.reset of the session the plan was made with. */
  readonly from?: 'earliest' | 'latest';
}

export interface ProcessingLogEntry {
  /** `processing.CSAS_X_0.KsqlTopic.Source.deserializer` */
  readonly logger: string;
  readonly level: 'ERROR' | 'WARN' | 'INFO';
  readonly time: number;
  /** 0 deserialisation, 1 record processing, 2 production, 3 serialisation, 4 thread exception. */
  readonly type: 0 | 1 | 2 | 3 | 4;
  readonly message: string;
  readonly topic?: string;
}

/**
 * The embedded ksqlDB engine over a log store.
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
  /** The schema registry, if there is one. */
  readonly registry: RegistryClient | undefined;
  /** A copy of catalog and queries in which statements are validated one after the other with no other effect. */
  sandbox(): StatementTarget;
  /** Runs a push query. Rows are handed over as they arise, several in one turn of the event loop. */
  startTransient(
    plan: TransientPlan,
    listener: TransientListener,
    options?: TransientOptions,
  ): TransientQuery;
  /** Persistent and running push queries, in the order started. */
  queries(): readonly QueryInfo[];
  query(id: string): QueryInfo | undefined;
  /** The state of a table that a persistent query (or CREATE SOURCE TABLE) keeps; undefined if nothing keeps it. */
  materialization(sourceName: string): MaterializedTable | undefined;
  /** The sequence number of the last command; -1 before the first. */
  readonly lastSequenceNumber: number;
  /** Called with every entry of the processing log, besides the topic's. Returns the way to stop it. */
  onProcessingLog(listener: (entry: ProcessingLogEntry) => void): () => void;
  /** Resolves when every running query has processed all that is in its topics, caches flushed. For tests. */
  settled(): Promise<void>;
  /** Commits and stops all queries. The store is its owner's to close. */
  close(): Promise<void>;
}
