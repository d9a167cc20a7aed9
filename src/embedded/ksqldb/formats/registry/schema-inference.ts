/** Infers columns from registered schemas, and registers schemas for columns. */

import { parseAvroSchema } from '../../../schema-registry/avro-schema.js';
import { RegistryError } from '../../../schema-registry/errors.js';
import type { SchemaText } from '../../../schema-registry/schema-text.js';
import { KsqlException } from '../../errors.js';
import type { Column } from '../../schema/schema.js';
import type { ConnectSchema } from '../connect/connect-schema.js';
import { sqlTypeOf } from '../connect/connect-schema.js';
import type { Format, FormatProperties, WrappingFeature } from '../format.js';
import { ProtoTypes } from '../protobuf/proto-types.js';
import { columnListText } from '../validation.js';
import { wrapsSingle } from '../wrapping.js';
import { compileSchema } from './compiled-schema.js';
import { ownSchemaText, protobufName, type RegistryFormatName } from './own-schema.js';
import { needRegistry, type RegistryClient, subjectOf } from './registry-client.js';
import { schemaTypes } from './registry-serde.js';

export interface InferenceRequest {
  readonly registry: RegistryClient | undefined;
  readonly format: Format;
  readonly properties: FormatProperties;
  /** The topic whose latest schema is used if no id is given. */
  readonly topic?: string;
  readonly schemaId?: number;
  /** The wrapping of the key or value, from `keyWrapping` or the statement's WRAP_SINGLE_VALUE. */
  readonly feature: WrappingFeature | null;
  readonly isKey: boolean;
}

export interface InferredSchema {
  readonly columns: readonly Column[];
  readonly id: number;
  readonly schema: SchemaText;
  /** The name of the record or message, for SCHEMA_FULL_NAME of statements with a schema id. */
  readonly fullName: string | undefined;
  /** For Protobuf schemas, all messages to choose from. */
  readonly fullNames: readonly string[];
}

/**
 * Infers the columns of a statement that lists none. Names are upper-cased unless the statement gives a schema id.
 *
 * @throws KsqlException if the schema does not exist, belongs to another format, or has no usable columns
 */
export function inferColumns(request: InferenceRequest): InferredSchema {
  const { format, properties, topic, schemaId, isKey, feature } = request;
  const name = format.name as RegistryFormatName;
  const registry = needRegistry(request.registry, name, topic ?? '');
  const found = find(registry, request);
  if (found === undefined) throw notFound(request);
  const { id, schema } = found;
  if (schema.schemaType !== schemaTypes[name]) throw otherFormat(request, schema.schemaType);
  let columns: Column[];
  let fullNames: string[];
  try {
    const dependencies = registry.dependencies(schema);
    const message = name === 'PROTOBUF' ? protobufName(properties) : undefined;
    const compiled = compileSchema(schema, dependencies, properties, message);
    columns = columnsOf(compiled.connect, feature, isKey, schemaId === undefined);
    fullNames =
      schema.schemaType === 'PROTOBUF'
        ? new ProtoTypes(schema.schema, dependencies.values()).rootNames()
        : [];
  } catch (cause) {
    throw notCompatible(request, schema.schema, cause);
  }
  if (isKey && columns.length > 1) {
    throw new KsqlException(
      `The key schema for ${sourceText(request)} contains multiple columns, which is not supported by ksqlDB at this time.\n` +
        `Schema:${schema.schema}`,
    );
  }
  return { columns, id, schema, fullName: fullNameOf(schema, fullNames), fullNames };
}

/** @throws KsqlException if the schema has several messages and the statement does not select one */
export function checkOneDefinition(schema: InferredSchema, named: boolean, isKey: boolean): void {
  if (named || schema.fullNames.length < 2) return;
  throw new KsqlException(
    `${isKey ? 'Key' : 'Value'} schema has multiple schema definitions. \n\n` +
      `${schema.fullNames.map((name) => `- ${name}`).join('\n')}\n\n` +
      `Please specify a schema full name in the WITH clause using ${isKey ? 'KEY' : 'VALUE'}_SCHEMA_FULL_NAME`,
  );
}

/** @throws KsqlException if a column of the query is missing in the schema with the given id */
export function checkInferredColumns(
  columns: readonly Column[],
  inferred: readonly Column[],
  isKey: boolean,
): void {
  const text = (column: Column) => columnListText([column], isKey);
  const changed = columns.filter((column, i) => {
    const other = inferred[i];
    return other === undefined || text(column) !== text(other);
  });
  if (changed.length === 0) return;
  throw new KsqlException(
    `The following ${isKey ? 'key ' : 'value '}columns are changed, missing or reordered: ` +
      `${columnListText(changed, isKey)}. Schema from schema registry is ${columnListText(inferred, isKey)}`,
  );
}

export interface RegistrationRequest {
  readonly registry: RegistryClient | undefined;
  readonly format: Format;
  readonly properties: FormatProperties;
  readonly topic: string;
  readonly columns: readonly Column[];
  readonly feature: WrappingFeature | null;
  readonly isKey: boolean;
  /** CREATE ... AS SELECT always registers a schema; a plain CREATE does so only if the topic has none. */
  readonly evenIfKnown: boolean;
}

/**
 * Registers the schema of the columns for the topic's key or value. Does nothing for formats without a registry.
 *
 * @throws KsqlException if the registry rejects it
 */
export function registerColumns(request: RegistrationRequest): void {
  const { format, topic, columns, isKey } = request;
  if (!format.supportsSchemaInference || columns.length === 0) return;
  const name = format.name as RegistryFormatName;
  const registry = needRegistry(request.registry, name, topic);
  const subject = subjectOf(topic, isKey);
  if (!request.evenIfKnown && registry.findLatest(subject) !== undefined) return;
  const wrapped = wrapsSingle(format, request.feature);
  try {
    registry.register(subject, ownSchemaText(name, columns, wrapped, request.properties));
  } catch (cause) {
    if (!(cause instanceof RegistryError || cause instanceof KsqlException)) throw cause;
    throw new KsqlException(`Could not register schema for topic: ${cause.message}`, cause);
  }
}

/**
 * Registers the schema with the id in a statement under the subject of the statement's topic.
 *
 * @throws KsqlException if its type does not match the format, or the registry assigns another id
 */
export function registerById(
  registry: RegistryClient | undefined,
  format: Format,
  topic: string,
  inferred: Pick<InferredSchema, 'id' | 'schema'>,
  isKey: boolean,
): void {
  const property = isKey ? 'KEY_SCHEMA_ID' : 'VALUE_SCHEMA_ID';
  if (!format.supportsSchemaInference) {
    throw new KsqlException(
      `${property} is provided but format ${format.name} doesn't support registering in Schema Registry`,
    );
  }
  const type = inferred.schema.schemaType;
  if (type !== schemaTypes[format.name as RegistryFormatName]) {
    throw new KsqlException(
      `Format and fetched schema type using ${property} ${inferred.id} are different. ` +
        `Format: [${format.name}], Fetched schema type: [${type}].`,
    );
  }
  const subject = subjectOf(topic, isKey);
  let id: number;
  try {
    id = needRegistry(registry, format.name, topic).register(subject, inferred.schema);
  } catch (cause) {
    if (!(cause instanceof RegistryError)) throw cause;
    throw new KsqlException(`Could not register schema for topic: ${cause.message}`, cause);
  }
  if (id !== inferred.id) {
    throw new KsqlException(
      `Schema id registered is ${id} which is different from provided ${property} ${inferred.id}.\n` +
        `Topic: ${topic}\nSubject: ${subject}\nSchema: ${inferred.schema.schema}`,
    );
  }
}

function find(
  registry: RegistryClient,
  { topic, schemaId, isKey }: InferenceRequest,
): { id: number; schema: SchemaText } | undefined {
  if (schemaId === undefined) {
    const latest = registry.findLatest(subjectOf(topic ?? '', isKey));
    return latest && { id: latest.id, schema: latest };
  }
  try {
    return { id: schemaId, schema: registry.byId(schemaId) };
  } catch (error) {
    if (error instanceof RegistryError && error.status === 404) return undefined;
    throw error;
  }
}

function columnsOf(
  schema: ConnectSchema,
  feature: WrappingFeature | null,
  isKey: boolean,
  upperCase: boolean,
): Column[] {
  const name = isKey ? 'ROWKEY' : 'ROWVAL';
  const row: ConnectSchema =
    feature === 'UNWRAP_SINGLES' ? { type: 'STRUCT', optional: false, fields: [{ name, schema }] } : schema;
  if (row.type !== 'STRUCT') {
    if (isKey) throw new KsqlException('Key schemas are always unwrapped.');
    throw new KsqlException(
      'Schema returned from schema registry is anonymous type. ' +
        "To use this schema with ksqlDB, set 'WRAP_SINGLE_VALUE=false' in the WITH clause properties.",
    );
  }
  const type = sqlTypeOf(row, upperCase);
  if (type?.base !== 'STRUCT' || type.fields.length === 0) {
    throw new KsqlException('Schema does not include any columns with types that ksqlDB supports.\nschema: ');
  }
  return type.fields.map((field) => ({ name: field.name, type: field.type }));
}

function fullNameOf(schema: SchemaText, messages: readonly string[]): string | undefined {
  switch (schema.schemaType) {
    case 'PROTOBUF':
      return messages[0];
    case 'AVRO': {
      const node = parseAvroSchema(schema.schema);
      return node.name ?? node.kind;
    }
    case 'JSON': {
      const title: unknown = (JSON.parse(schema.schema) as { title?: unknown }).title;
      return typeof title === 'string' ? title : undefined;
    }
  }
}

function sourceText({ topic, schemaId }: InferenceRequest): string {
  const parts: string[] = [];
  if (topic !== undefined) parts.push(`topic: ${topic}`);
  if (schemaId !== undefined) parts.push(`schema id: ${schemaId}`);
  return parts.join(', ');
}

function otherFormat(request: InferenceRequest, actual: string): KsqlException {
  const expected = schemaTypes[request.format.name as RegistryFormatName];
  const side = request.isKey ? 'Key' : 'Value';
  return new KsqlException(
    `${side} schema is not in the expected format. You may want to set ${side.toUpperCase()}_FORMAT to '${actual}'.\n` +
      `${sourceText(request)}\nexpected format: ${expected}\nactual format from Schema Registry: ${actual}`,
  );
}

function notFound(request: InferenceRequest): KsqlException {
  const { topic, schemaId, isKey } = request;
  const side = isKey ? 'keys' : 'values';
  const docs = 'https://docs.confluent.io/current/schema-registry/docs';
  const end =
    '- Messages on the topic have not been serialized using a Confluent Schema Registry supported serializer\n' +
    `\t-> See ${docs}/serializer-formatter.html\n` +
    '- The schema is registered on a different instance of the Schema Registry\n' +
    `\t-> Use the REST API to list available subjects\t${docs}/api.html#get--subjects\n` +
    '- You do not have permissions to access the Schema Registry.\n' +
    `\t-> See ${docs}/security.html`;
  const idLine = schemaId === undefined ? '' : `Schema Id: ${schemaId}\n`;
  if (topic === undefined) {
    return new KsqlException(
      `Schema for message ${side} on schema id'${schemaId} does not exist in the Schema Registry.\n` +
        `${idLine}Possible causes include:\n- Schema Id ${schemaId}\n${end}`,
    );
  }
  return new KsqlException(
    `Schema for message ${side} on topic '${topic}' does not exist in the Schema Registry.\n` +
      `Subject: ${subjectOf(topic, isKey)}\n${idLine}Possible causes include:\n` +
      '- The topic itself does not exist\n\t-> Use SHOW TOPICS; to check\n' +
      '- Messages on the topic are not serialized using a format Schema Registry supports\n' +
      `\t-> Use PRINT '${topic}' FROM BEGINNING; to verify\n${end}`,
  );
}

function notCompatible(request: InferenceRequest, schema: string, cause: unknown): KsqlException {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KsqlException(
    `Unable to verify if the ${request.isKey ? 'key' : 'value'} schema for ${sourceText(request)} is compatible with ksqlDB.\n` +
      `Reason: ${reason}\n\n` +
      'Please see https://github.com/confluentinc/ksql/issues/ to see if this particular reason is already known.\n' +
      `If not, please log a new issue, including this full error message.\nSchema:${schema}`,
    cause,
  );
}
