import type { FormatProperties } from '../formats/format.js';
import type { LogicalSchema, WindowInfo } from '../schema/schema.js';

export type SourceKind = 'STREAM' | 'TABLE';

/** How one side (key or value) of a source's topic is written. */
export interface SideFormat {
  /** JSON, DELIMITED, KAFKA, NONE, AVRO, ... */
  readonly format: string;
  /** delimiter, schema id, full schema name, ...: empty where the format has none. */
  readonly properties: FormatProperties;
  /** Set where a single column's wrapping was chosen, by the user or the format: else undefined. */
  readonly wrapSingle?: boolean;
}

export interface TimestampColumn {
  readonly column: string;
  /** A Java date pattern, for text columns. */
  readonly format?: string;
}

/** A stream or table of the catalog. Immutable: ALTER and CREATE OR REPLACE put a new one in its place. */
export interface DataSource {
  readonly name: string;
  readonly kind: SourceKind;
  readonly schema: LogicalSchema;
  readonly topic: string;
  readonly keyFormat: SideFormat;
  readonly valueFormat: SideFormat;
  /** Set where the topic's keys are windowed. */
  readonly window?: WindowInfo;
  readonly timestamp?: TimestampColumn;
  /** Made by CREATE SOURCE STREAM / TABLE: read only. A source table is kept in memory for pull queries. */
  readonly isSource: boolean;
  /** Made by CREATE ... AS SELECT. */
  readonly isCasTarget: boolean;
  /** The statement that made it, in ksqlDB's canonical text with its semicolon. */
  readonly statementText: string;
}
