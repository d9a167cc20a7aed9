import { DeserializeError, KsqlException, SerializeError } from '../../errors.js';
import type { Column } from '../../schema/schema.js';
import type { Value } from '../../types/value.js';
import { connectSchemaOf } from '../connect/connect-schema.js';
import { DataError } from '../connect/translate.js';
import type { Format, FormatProperties, Serde, SerdeOptions } from '../format.js';
import { checkJsonColumns } from '../json-format.js';
import { protoSchemaText } from '../protobuf/proto-connect.js';
import { ProtoTypes } from '../protobuf/proto-types.js';
import { checkedSchema } from '../schema-check.js';
import { checkMapKeys } from '../validation.js';
import { type CompiledSchema, compileMessage, nullableOf } from './compiled-schema.js';
import { ownSchemaText, sideSchema } from './own-schema.js';
import { registrySerde } from './registry-serde.js';

export const avroFormat: Format = {
  name: 'AVRO',
  supportsKey: true,
  supportsSchemaInference: true,
  wrapping: { wrap: true, unwrap: true, byDefault: true },
  validate: checkedSchema(['fullSchemaName', 'schemaId'], (columns, properties) => {
    checkMapKeys(columns, 'Avro only supports MAPs with STRING keys');
    ownSchemaText('AVRO', columns, true, properties);
  }),
  createSerde: (options) => registrySerde('AVRO', options),
};

export const jsonSchemaFormat: Format = {
  name: 'JSON_SR',
  supportsKey: true,
  supportsSchemaInference: true,
  wrapping: { wrap: true, unwrap: true, byDefault: true },
  validate: checkedSchema(['fullSchemaName', 'schemaId'], checkJsonColumns),
  createSerde: (options) => registrySerde('JSON_SR', options),
};

export const protobufFormat: Format = {
  name: 'PROTOBUF',
  supportsKey: true,
  supportsSchemaInference: true,
  wrapping: { wrap: true, unwrap: false, byDefault: true },
  validate: checkedSchema(
    ['fullSchemaName', 'schemaId', 'unwrapPrimitives', 'nullableRepresentation', 'subjectName'],
    checkProtobufColumns,
  ),
  createSerde: (options) => registrySerde('PROTOBUF', { ...options, wrapSingle: true }),
};

export const protobufNoSrFormat: Format = {
  name: 'PROTOBUF_NOSR',
  supportsKey: true,
  supportsSchemaInference: false,
  wrapping: { wrap: true, unwrap: true, byDefault: true },
  validate: checkedSchema(['unwrapPrimitives', 'nullableRepresentation'], checkProtobufColumns),
  createSerde: protobufNoSrSerde,
};

function checkProtobufColumns(columns: readonly Column[], properties: FormatProperties): void {
  checkMapKeys(
    columns,
    'PROTOBUF format only supports MAP types with STRING keys. See https://github.com/confluentinc/ksql/issues/6177.',
  );
  const row = sideSchema(columns, true);
  protoSchemaText(row, { nullable: nullableOf(properties) });
}

/** Returns the codec for the columns' own message. A single unwrapped struct column is itself the message. */
export function ownMessage(
  columns: readonly Column[],
  wrapSingle: boolean,
  properties: FormatProperties,
): { readonly schema: CompiledSchema; readonly isColumn: boolean } {
  const only = columns.length === 1 && !wrapSingle ? connectSchemaOf(columns[0]!.type) : undefined;
  const isColumn = only?.type === 'STRUCT';
  const root = isColumn ? { ...only, optional: false } : sideSchema(columns, true);
  const nullable = nullableOf(properties);
  const types = new ProtoTypes(protoSchemaText(root, { nullable }));
  try {
    return { schema: compileMessage(types, types.root(), nullable), isColumn };
  } catch (error) {
    throw error instanceof DataError ? new KsqlException(error.message, error) : error;
  }
}

/** The PROTOBUF_NOSR format: messages of the columns' own schema, without a prefix. */
function protobufNoSrSerde({ columns, properties, wrapSingle, topic }: SerdeOptions): Serde {
  const standsAlone = columns.length === 1 && !wrapSingle;
  const { schema, isColumn } = ownMessage(columns, wrapSingle, properties);
  return {
    deserialize(bytes) {
      if (bytes === null) return null;
      try {
        const row = schema.read(bytes, 0).value as Value[];
        return isColumn ? [row] : row;
      } catch (cause) {
        throw new DeserializeError(`Error deserializing message from topic: ${topic}`, cause);
      }
    },
    serialize(values) {
      if (values === null || (standsAlone && values[0] === null)) return null;
      try {
        return schema.write(isColumn ? values[0]! : values);
      } catch (cause) {
        const reason = cause instanceof DataError || cause instanceof KsqlException ? cause.message : '';
        throw new SerializeError(`Error serializing message to topic: ${topic}. ${reason}`, cause);
      }
    },
  };
}
