import type { FormatProperties } from '../formats/format.js';
import type { LogicalSchema, WindowInfo } from '../schema/schema.js';

export type SourceKind = 'STREAM' | 'TABLE';

/** How the key or the value of a source's records is serialized. */
export interface SideFormat {
  /** JSON, DELIMITED, KAFKA, NONE, AVRO, ... */
  readonly format: string;
  /** Delimiter, schema id, full schema name, and the like. */
  readonly properties: FormatProperties;
  /** Whether a single column is wrapped in a record. Undefined means the format's default. */
  readonly wrapSingle?: boolean;
}

export interface TimestampColumn {
  readonly column: string;
  /** A Java date pattern. Only for STRING columns. */
  readonly format?: string;
}

/** A stream or table. Immutable: ALTER and CREATE OR REPLACE replace it. */
export interface DataSource {
  readonly name: string;
  readonly kind: SourceKind;
  readonly schema: LogicalSchema;
  readonly topic: string;
  readonly keyFormat: SideFormat;
  readonly valueFormat: SideFormat;
  /** Present if the topic's keys are windowed. */
  readonly window?: WindowInfo;
  readonly timestamp?: TimestampColumn;
  /** Created with CREATE SOURCE STREAM or TABLE: read-only. A source table is materialized for pull queries. */
  readonly isSource: boolean;
  /** Created with CREATE ... AS SELECT. */
  readonly isCasTarget: boolean;
  /** The CREATE statement in ksqlDB's canonical form, with its semicolon. */
  readonly statementText: string;
}
