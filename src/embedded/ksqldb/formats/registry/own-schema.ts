/** Derives schemas from ksqlDB's columns. */

import type { SqlType } from '../../../../sql/sql-type.js';
import type { SchemaText } from '../../../schema-registry/schema-text.js';
import type { Column } from '../../schema/schema.js';
import { avroSchemaText } from '../avro/avro-connect.js';
import { type ConnectSchema, connectSchemaOf, recordSchemaOf } from '../connect/connect-schema.js';
import type { FormatProperties } from '../format.js';
import { jsonSchemaText } from '../json-schema/json-schema-connect.js';
import { protoSchemaText } from '../protobuf/proto-connect.js';
import { nullableOf } from './compiled-schema.js';

export type RegistryFormatName = 'AVRO' | 'PROTOBUF' | 'JSON_SR';

const defaultAvroName = 'io.confluent.ksql.avro_schemas.KsqlDataSourceSchema';

/** Returns the columns as one schema: a record, or the single column itself. */
export function sideSchema(columns: readonly Column[], wrapSingle: boolean): ConnectSchema {
  return columns.length === 1 && !wrapSingle ? connectSchemaOf(columns[0]!.type) : recordSchemaOf(columns);
}

/** Returns the columns as one type, like `sideSchema`. */
export function sideType(columns: readonly Column[], wrapSingle: boolean): SqlType {
  return columns.length === 1 && !wrapSingle ? columns[0]!.type : { base: 'STRUCT', fields: columns };
}

/** @throws KsqlException for types that the format does not support */
export function ownSchemaText(
  format: RegistryFormatName,
  columns: readonly Column[],
  wrapSingle: boolean,
  properties: FormatProperties,
): SchemaText {
  const schema = sideSchema(columns, wrapSingle);
  switch (format) {
    case 'AVRO':
      return {
        schemaType: 'AVRO',
        schema: avroSchemaText(schema, properties.fullSchemaName?.trim() ?? defaultAvroName),
      };
    case 'JSON_SR':
      return { schemaType: 'JSON', schema: jsonSchemaText(schema) };
    case 'PROTOBUF':
      return {
        schemaType: 'PROTOBUF',
        schema: protoSchemaText(schema, { nullable: nullableOf(properties) }, protobufName(properties)),
      };
  }
}

/** A default name does not count as given by the user. */
export function protobufName(properties: FormatProperties): string | undefined {
  const name = properties.fullSchemaName?.trim();
  return name === undefined || name === '' || name.startsWith('ConnectDefault') ? undefined : name;
}
