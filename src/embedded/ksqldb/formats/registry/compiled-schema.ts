/** A registered schema, compiled for reading and writing records. */
import { type AvroNode, parseAvroSchema } from '../../../schema-registry/avro-schema.js';
import type { SchemaText } from '../../../schema-registry/schema-text.js';
import type { Value } from '../../types/value.js';
import { avroReader, avroWriter } from '../avro/avro-codec.js';
import { connectSchemaOfAvro } from '../avro/avro-connect.js';
import { ByteReader, ByteWriter } from '../byte-stream.js';
import { valueFromJson, valueToJson } from '../connect/connect-json.js';
import type { ConnectSchema } from '../connect/connect-schema.js';
import { DataError } from '../connect/translate.js';
import type { FormatProperties } from '../format.js';
import { parseJsonTree } from '../json/tree.js';
import { connectSchemaOfJsonSchema } from '../json-schema/json-schema-connect.js';
import { messageCodec } from '../protobuf/proto-codec.js';
import { connectSchemaOfMessage, messageShape, type Nullable } from '../protobuf/proto-connect.js';
import { type NamedMessage, ProtoTypes } from '../protobuf/proto-types.js';

/** A decoded record body: a value and its schema. */
export interface ReadRecord {
  /** The same object for all records with this schema. */
  readonly connect: ConnectSchema;
  readonly value: Value;
}

export interface CompiledSchema {
  /** The schema for writing. Records that are read may use another message of a Protobuf schema. */
  readonly connect: ConnectSchema;
  /** The body of a record, which follows the schema id. */
  read(bytes: Buffer, from: number): ReadRecord;
  write(value: Value): Buffer;
}

/**
 * @param dependencies the referenced schemas by name, in dependency order
 * @param fullName the message of a Protobuf schema to write
 */
export function compileSchema(
  text: SchemaText,
  dependencies: ReadonlyMap<string, string>,
  properties: FormatProperties,
  fullName?: string,
): CompiledSchema {
  switch (text.schemaType) {
    case 'AVRO':
      return compileAvro(text.schema, dependencies);
    case 'JSON':
      return compileJson(text.schema);
    case 'PROTOBUF':
      return compileProtobuf(text.schema, dependencies, nullableOf(properties), fullName);
  }
}

export function nullableOf(properties: FormatProperties): Nullable {
  const nullableRepresentation = properties.nullableRepresentation?.toLowerCase();
  return nullableRepresentation === 'optional' || nullableRepresentation === 'wrapper'
    ? nullableRepresentation
    : 'none';
}

function compileAvro(text: string, dependencies: ReadonlyMap<string, string>): CompiledSchema {
  const known = new Map<string, AvroNode>();
  for (const dependency of dependencies.values()) parseAvroSchema(dependency, known);
  const node = parseAvroSchema(text, known);
  const connect = connectSchemaOfAvro(node);
  const read = avroReader(node);
  const write = avroWriter(node);
  const out = new ByteWriter();
  return {
    connect,
    read: (bytes, from) => ({ connect, value: read(new ByteReader(bytes, from)) }),
    write(value) {
      out.reset();
      write(out, value);
      return out.take();
    },
  };
}

function compileJson(text: string): CompiledSchema {
  const connect = connectSchemaOfJsonSchema(text);
  return {
    connect,
    read: (bytes, from) => ({
      connect,
      value: valueFromJson(connect, parseJsonTree(bytes, from), { anyCase: false }),
    }),
    write: (value) => Buffer.from(valueToJson(connect, value, { mapsAsObjects: false }), 'utf8'),
  };
}

function compileProtobuf(
  text: string,
  dependencies: ReadonlyMap<string, string>,
  nullable: Nullable,
  fullName: string | undefined,
): CompiledSchema {
  const types = new ProtoTypes(text, dependencies.values());
  const root = types.root(fullName);
  const written = compileMessage(types, root, nullable);
  const indexes = types.rootNames().indexOf(root.fullName);
  const prefix = indexPrefix(indexes);
  const byIndexes = new Map<string, CompiledSchema>();
  return {
    connect: written.connect,
    read(bytes, from) {
      const input = new ByteReader(bytes, from);
      const path = readIndexes(input);
      const key = path.join('.');
      let codec = byIndexes.get(key);
      if (codec === undefined) {
        codec = compileMessage(types, types.byIndexes(path), nullable);
        byIndexes.set(key, codec);
      }
      return codec.read(bytes, bytes.length - input.left);
    },
    write: (value) => Buffer.concat([prefix, written.write(value)]),
  };
}

/** Encodes a message without the message indexes of the registry's wire format. */
export function compileMessage(types: ProtoTypes, root: NamedMessage, nullable: Nullable): CompiledSchema {
  const shape = messageShape(types, root);
  const codec = messageCodec(shape);
  const out = new ByteWriter();
  const connect = connectSchemaOfMessage(shape, { nullable });
  return {
    connect,
    read: (bytes, from) => ({ connect, value: codec.read(new ByteReader(bytes, from)) }),
    write(value) {
      out.reset();
      codec.write(out, value as readonly Value[]);
      return out.take();
    },
  };
}

/** The message indexes of a top-level message; [0] is abbreviated to a single zero. */
function indexPrefix(index: number): Buffer {
  if (index === 0) return Buffer.from([0]);
  const out = new ByteWriter();
  out.zigzag(1n);
  out.zigzag(BigInt(index));
  return out.take();
}

function readIndexes(input: ByteReader): number[] {
  const count = Number(input.zigzag());
  if (count === 0) return [0];
  if (count < 0 || count > 64) throw new DataError('Invalid message indexes');
  return Array.from({ length: count }, () => Number(input.zigzag()));
}
