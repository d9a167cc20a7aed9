import type { SqlType } from '../../../sql/sql-type.js';
import type { DataSource } from '../catalog/data-source.js';
import type { FormatProperties } from '../formats/format.js';
import type { InferredSchema } from '../formats/registry/schema-inference.js';
import type { Column } from '../schema/schema.js';
import type { QueryPlan } from './step.js';

/** ksqlDB's id of a command: `stream/`X`/create` is {type: 'stream', entity: '`X`', execution: 'create'}. */
export interface CommandId {
  readonly type: 'stream' | 'table' | 'type' | 'terminate' | 'pause' | 'resume' | 'cluster';
  readonly entity: string;
  readonly execution: 'create' | 'drop' | 'alter' | 'execute';
}

/** A topic that a statement needs. */
export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** A persistent query that a statement starts. */
export interface PlannedQuery {
  readonly id: string;
  readonly type: 'CREATE_AS' | 'INSERT' | 'CREATE_SOURCE';
  readonly plan: QueryPlan;
  readonly statementText: string;
  /** The session's properties when the statement was executed. */
  readonly overrides: ReadonlyMap<string, string>;
  /** The query replaces the one of the same id and takes over its state. */
  readonly replaces: boolean;
}

/** One change that a statement makes. All changes are planned before the first is applied. */
export type Change =
  | {
      readonly kind: 'putSource';
      readonly source: DataSource;
      /** The sources of its query. They cannot be dropped before it. */
      readonly derivedFrom?: readonly string[];
      readonly topic?: TopicPlan;
    }
  | { readonly kind: 'dropSource'; readonly source: DataSource; readonly deleteTopic: boolean }
  | { readonly kind: 'putType'; readonly name: string; readonly type: SqlType }
  | { readonly kind: 'dropType'; readonly name: string }
  | { readonly kind: 'startQuery'; readonly query: PlannedQuery }
  | { readonly kind: 'stopQuery'; readonly id: string }
  | { readonly kind: 'pauseQuery' | 'resumeQuery'; readonly id: string }
  | { readonly kind: 'setConfig'; readonly name: string; readonly value: string };

/** A schema that the statement registers for its topic before it takes effect. */
export interface SchemaRegistration {
  readonly format: string;
  readonly properties: FormatProperties;
  readonly topic: string;
  readonly columns: readonly Column[];
  readonly wrapSingle: boolean | undefined;
  readonly isKey: boolean;
  readonly evenIfKnown: boolean;
  /** The schema whose id the statement specifies. */
  readonly named?: InferredSchema;
}

/** A validated statement with the changes that it makes. */
export interface Command {
  readonly commandId: CommandId;
  readonly statementText: string;
  readonly message: string;
  readonly queryId?: string;
  readonly changes: readonly Change[];
  readonly schemas?: readonly SchemaRegistration[];
  /** The text to replay after a restart, if the original text could have a different result by then. */
  readonly replayText?: string;
}
