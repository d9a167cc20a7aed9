/** Reads and writes records in Confluent's wire format: a zero byte, the schema id, the body. */
import type { SchemaText } from '../../../schema-registry/schema-text.js';
import { DeserializeError, SerializeError } from '../../errors.js';
import type { Value } from '../../types/value.js';
import type { ConnectSchema } from '../connect/connect-schema.js';
import { type Convert, DataError, fromConnect, toConnect } from '../connect/translate.js';
import type { Serde, SerdeOptions } from '../format.js';
import { type CompiledSchema, compileSchema } from './compiled-schema.js';
import { ownSchemaText, protobufName, type RegistryFormatName, sideType } from './own-schema.js';
import { needRegistry, type RegistryClient, subjectOf } from './registry-client.js';

const headerSize = 5;

/** Writes with the schema of the columns, or with the one that the properties select by id or subject. */
export function registrySerde(format: RegistryFormatName, options: SerdeOptions): Serde {
  const { columns, wrapSingle, topic } = options;
  const type = sideType(columns, wrapSingle);
  const standsAlone = columns.length === 1 && !wrapSingle;
  const registry = needRegistry(options.registry, format, topic);
  const readers = new Map<number, (bytes: Buffer) => Value>();
  let writer:
    | { readonly header: Buffer; readonly schema: CompiledSchema; readonly convert: Convert }
    | undefined;

  function readerOf(id: number): (bytes: Buffer) => Value {
    const text = registry.byId(id);
    if (text.schemaType !== schemaTypes[format]) {
      throw new DataError(`The schema of the record has type ${text.schemaType}, but ${format} is expected`);
    }
    const name = format === 'PROTOBUF' ? protobufName(options.properties) : undefined;
    const schema = compileSchema(text, registry.dependencies(text), options.properties, name);
    const converters = new Map<ConnectSchema, Convert>();
    return (bytes) => {
      const { connect, value } = schema.read(bytes, headerSize);
      if (value === null) return null;
      let convert = converters.get(connect);
      if (convert === undefined) {
        convert = fromConnect(type, connect);
        converters.set(connect, convert);
      }
      return convert(value);
    };
  }

  function makeWriter() {
    const physical = physicalSchema(format, options, registry);
    const text = physical?.text ?? ownSchemaText(format, columns, wrapSingle, options.properties);
    const id = physical?.id ?? registry.register(subjectOf(topic, options.isKey), text);
    const name = format === 'PROTOBUF' ? protobufName(options.properties) : undefined;
    const schema = compileSchema(text, registry.dependencies(text), options.properties, name);
    const convert: Convert =
      physical === undefined
        ? (value) => value
        : toConnect(type, schema.connect, {
            format: format === 'AVRO' ? 'Avro' : format === 'PROTOBUF' ? 'Protobuf' : 'JSON',
            nestedByOrder: format === 'PROTOBUF',
          });
    const header = Buffer.alloc(headerSize);
    header.writeInt32BE(id, 1);
    return { header, schema, convert };
  }

  return {
    deserialize(bytes) {
      if (bytes === null) return null;
      try {
        if (bytes.length < headerSize || bytes[0] !== 0) throw new DataError('Unknown magic byte!');
        const id = bytes.readInt32BE(1);
        let read = readers.get(id);
        if (read === undefined) {
          read = readerOf(id);
          readers.set(id, read);
        }
        const value = read(bytes);
        if (standsAlone) return [value];
        return value === null ? null : [...(value as readonly Value[])];
      } catch (cause) {
        throw new DeserializeError(`Error deserializing message from topic: ${topic}`, cause);
      }
    },
    serialize(values) {
      if (values === null) return null;
      const row: Value = standsAlone ? values[0]! : values;
      if (row === null) return null;
      try {
        writer ??= makeWriter();
        const { header, schema, convert } = writer;
        return Buffer.concat([header, schema.write(convert(row))]);
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new SerializeError(
          `Error serializing message to topic: ${topic}. ${reason}\n` +
            'Hint: You probably forgot to add VALUE_SCHEMA_ID when creating the source.',
          cause,
        );
      }
    },
  };
}

export const schemaTypes = { AVRO: 'AVRO', PROTOBUF: 'PROTOBUF', JSON_SR: 'JSON' } as const;

/** Returns a foreign schema: the one with the given id, or for Protobuf the latest of the subject. */
function physicalSchema(
  format: RegistryFormatName,
  { properties }: SerdeOptions,
  registry: RegistryClient,
): { readonly id: number; readonly text: SchemaText } | undefined {
  const { schemaId, subjectName } = properties;
  if (schemaId !== undefined) {
    const id = Number(schemaId);
    return { id, text: registry.byId(id) };
  }
  if (format !== 'PROTOBUF' || subjectName === undefined) return undefined;
  const latest = registry.findLatest(subjectName);
  return latest === undefined ? undefined : { id: latest.id, text: latest };
}
