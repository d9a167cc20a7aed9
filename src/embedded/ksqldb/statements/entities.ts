/**
 * Parts of the REST API's entities. Field names and shapes:
 * https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-rest-api/
 */
import type { SqlType } from '../../../sql/sql-type.js';
import type { DataSource } from '../catalog/data-source.js';
import type { QueryInfo } from '../engine/query-info.js';
import type { LogicalSchema } from '../schema/schema.js';

export interface Warning {
  readonly message: string;
}

export interface SchemaInfo {
  readonly type: string;
  readonly fields: readonly FieldInfo[] | null;
  readonly memberSchema: SchemaInfo | null;
  readonly parameters?: Readonly<Record<string, number>>;
}

export interface FieldInfo {
  readonly name: string;
  readonly schema: SchemaInfo;
  readonly type?: 'KEY' | 'HEADER';
  readonly headerKey?: string;
}

export function schemaInfo(type: SqlType): SchemaInfo {
  switch (type.base) {
    case 'ARRAY':
      return { type: 'ARRAY', fields: null, memberSchema: schemaInfo(type.element) };
    case 'MAP':
      return { type: 'MAP', fields: null, memberSchema: schemaInfo(type.value) };
    case 'STRUCT':
      return {
        type: 'STRUCT',
        fields: type.fields.map((field) => ({ name: field.name, schema: schemaInfo(field.type) })),
        memberSchema: null,
      };
    case 'DECIMAL':
      return {
        type: 'DECIMAL',
        fields: null,
        memberSchema: null,
        parameters: { precision: type.precision, scale: type.scale },
      };
    default:
      return { type: type.base, fields: null, memberSchema: null };
  }
}

export function fieldInfos(schema: LogicalSchema): readonly FieldInfo[] {
  return [
    ...schema.key.map((column) => ({
      name: column.name,
      schema: schemaInfo(column.type),
      type: 'KEY' as const,
    })),
    ...schema.value.map((column) => ({ name: column.name, schema: schemaInfo(column.type) })),
    ...schema.headers.map((column) => ({
      name: column.name,
      schema: schemaInfo(column.type),
      type: 'HEADER' as const,
      ...(column.header === undefined ? {} : { headerKey: column.header }),
    })),
  ];
}

export interface RunningQuery {
  readonly queryString: string;
  readonly sinks: readonly string[];
  readonly sinkKafkaTopics: readonly string[];
  readonly id: string;
  readonly statusCount: Readonly<Record<string, number>>;
  readonly queryType: 'PERSISTENT' | 'PUSH';
  readonly state: string;
}

export function queryType(info: QueryInfo): 'PERSISTENT' | 'PUSH' {
  return info.type === 'PUSH' ? 'PUSH' : 'PERSISTENT';
}

export function runningQuery(info: QueryInfo): RunningQuery {
  return {
    queryString: info.statementText,
    sinks: info.sink === undefined ? [] : [info.sink],
    sinkKafkaTopics: info.sinkTopic === undefined ? [] : [info.sinkTopic],
    id: info.id,
    statusCount: { [info.state]: 1 },
    queryType: queryType(info),
    state: overallState(info),
  };
}

/** A paused query counts as running, as in ksqlDB. */
export function overallState(info: QueryInfo): 'RUNNING' | 'ERROR' {
  return info.state === 'ERROR' ? 'ERROR' : 'RUNNING';
}

/** LIST STREAMS and LIST TABLES. */
export function sourceSummary(source: DataSource): object {
  return {
    type: source.kind,
    name: source.name,
    topic: source.topic,
    keyFormat: source.keyFormat.format,
    valueFormat: source.valueFormat.format,
    isWindowed: source.window !== undefined,
  };
}
