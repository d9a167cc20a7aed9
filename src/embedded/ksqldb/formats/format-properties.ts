/**
 * Converts what a WITH clause says about the key or value format to the properties of that format.
 *
 * Source: ksqlDB's docs on CREATE STREAM, and the names under which DESCRIBE and its plans show them.
 */
import { KsqlException } from '../errors.js';
import type { FormatProperties } from './format.js';

/** The properties in the clause; absent if not given. */
export interface FormatClause {
  /** KEY_SCHEMA_FULL_NAME, VALUE_SCHEMA_FULL_NAME or VALUE_AVRO_SCHEMA_FULL_NAME. */
  readonly schemaFullName?: string;
  /** KEY_DELIMITER, VALUE_DELIMITER. */
  readonly delimiter?: string;
  /** KEY_SCHEMA_ID, VALUE_SCHEMA_ID. */
  readonly schemaId?: number;
  /** KEY_PROTOBUF_NULLABLE_REPRESENTATION, VALUE_PROTOBUF_NULLABLE_REPRESENTATION: OPTIONAL or WRAPPER. */
  readonly nullableRepresentation?: string;
}

/**
 * @param sourceName the name of the stream or table, which names the record of an AVRO key
 * @throws KsqlException if the representation of nulls is unknown
 */
export function formatProperties(
  format: string,
  isKey: boolean,
  sourceName: string,
  clause: FormatClause,
): FormatProperties {
  const name = format.toUpperCase();
  const properties: Record<string, string> = {};
  if (clause.schemaFullName !== undefined) properties.fullSchemaName = clause.schemaFullName.trim();
  else if (isKey && name === 'AVRO') {
    properties.fullSchemaName = `io.confluent.ksql.avro_schemas.${upperCamel(sourceName)}Key`;
  }
  if (clause.delimiter !== undefined) properties.delimiter = clause.delimiter;
  if (name === 'PROTOBUF') properties.unwrapPrimitives = 'true';
  if (clause.nullableRepresentation !== undefined) {
    const property = `${isKey ? 'KEY' : 'VALUE'}_PROTOBUF_NULLABLE_REPRESENTATION`;
    if (name !== 'PROTOBUF' && name !== 'PROTOBUF_NOSR') {
      throw new KsqlException(`Property ${property} can only be enabled with protobuf format`);
    }
    const representation = clause.nullableRepresentation.toLowerCase();
    if (representation !== 'optional' && representation !== 'wrapper') {
      throw new KsqlException(
        `Invalid value '${clause.nullableRepresentation}' for ${property}: must be OPTIONAL or WRAPPER`,
      );
    }
    properties.nullableRepresentation = representation;
  }
  if (clause.schemaId !== undefined) properties.schemaId = String(clause.schemaId);
  return properties;
}

/** Returns the properties that a sink inherits from its source if both have the same format. */
export function inheritedProperties(format: string, properties: FormatProperties): FormatProperties {
  const names = format === 'DELIMITED' ? ['delimiter'] : format === 'PROTOBUF' ? ['fullSchemaName'] : [];
  return Object.fromEntries(Object.entries(properties).filter(([name]) => names.includes(name)));
}

/** Converts MY_TABLE to MyTable, like Guava's CaseFormat. */
function upperCamel(name: string): string {
  return name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('');
}
