/** Records of the formats with a schema: from a case's JSON to bytes, and back for the comparison. */
import { LosslessNumber } from 'lossless-json';
import { valueFromJson } from '../../src/embedded/ksqldb/formats/connect/connect-json.js';
import type { ConnectSchema } from '../../src/embedded/ksqldb/formats/connect/connect-schema.js';
import type { FormatProperties } from '../../src/embedded/ksqldb/formats/format.js';
import { JsonNumber, type JsonTree } from '../../src/embedded/ksqldb/formats/json/tree.js';
import {
  type CompiledSchema,
  compileSchema,
} from '../../src/embedded/ksqldb/formats/registry/compiled-schema.js';
import {
  ownSchemaText,
  protobufName,
  type RegistryFormatName,
} from '../../src/embedded/ksqldb/formats/registry/own-schema.js';
import { subjectOf } from '../../src/embedded/ksqldb/formats/registry/registry-client.js';
import { ownMessage } from '../../src/embedded/ksqldb/formats/registry/registry-formats.js';
import type { Column } from '../../src/embedded/ksqldb/schema/schema.js';
import { Decimal } from '../../src/embedded/ksqldb/types/decimal.js';
import type { Value } from '../../src/embedded/ksqldb/types/value.js';
import type { SchemaRegistry } from '../../src/embedded/schema-registry/registry.js';
import type { SchemaReference, SchemaText } from '../../src/embedded/schema-registry/schema-text.js';
import { type ExactJson, stringifyExact } from '../../src/ksqldb/exact-json.js';
import { type ActualValue, Double } from './match.js';

/** One side of a topic's records. */
export interface RecordSide {
  readonly registry: SchemaRegistry;
  readonly topic: string;
  readonly isKey: boolean;
  /** AVRO, PROTOBUF, PROTOBUF_NOSR or JSON_SR. */
  readonly format: string;
  readonly properties: FormatProperties;
  /** Of the source that owns the topic: what a topic without a registered schema holds. */
  readonly columns: readonly Column[];
  readonly wrapSingle: boolean;
}

const schemaTypes: Readonly<Record<string, SchemaText['schemaType']>> = {
  AVRO: 'AVRO',
  PROTOBUF: 'PROTOBUF',
  JSON: 'JSON',
  JSON_SR: 'JSON',
};

/**
 * Registers what a case declares for a topic before its statements run. The registry should be made with the
 * compatibility NONE, as ksqlDB's test registry checks none.
 *
 * @param references of the case: {name, format, schema}; each is registered under its name
 * @returns the schema's id
 */
export function registerCaseSchema(
  registry: SchemaRegistry,
  topic: string,
  isKey: boolean,
  format: string | undefined,
  schema: ExactJson,
  id: number | undefined,
  references: ExactJson | undefined,
): number {
  const used = (Array.isArray(references) ? references : []).map((each): SchemaReference => {
    const reference = each as { readonly [name: string]: ExactJson };
    const name = String(reference.name);
    registry.register(name, textOf(String(reference.format ?? 'PROTOBUF'), reference.schema ?? null));
    return { name, subject: name, version: registry.version(name, 'latest').version };
  });
  const text: SchemaText = { ...textOf(format ?? 'AVRO', schema), references: used };
  return registry.register(subjectOf(topic, isKey), text, id === undefined ? {} : { id, version: 1 });
}

function textOf(format: string, schema: ExactJson): SchemaText {
  const schemaType = schemaTypes[format] ?? 'AVRO';
  if (schemaType === 'PROTOBUF') return { schemaType, schema: String(schema) };
  return { schemaType, schema: stringifyExact(schema) };
}

/** The bytes of a record, written with the newest schema of the topic. Null for null. */
export function encodeRegistryRecord(side: RecordSide, node: ExactJson | undefined): Buffer | null {
  if (node === null || node === undefined) return null;
  const tree = treeOf(node);
  if (side.format === 'PROTOBUF_NOSR') {
    const { schema } = ownMessage(side.columns, side.wrapSingle, side.properties);
    return schema.write(valueFromJson(schema.connect, rowOf(schema.connect, tree), { anyCase: true }));
  }
  const latest = newestSchema(side);
  const schema = compile(side, latest);
  const header = Buffer.alloc(5);
  header.writeInt32BE(latest.id, 1);
  const value = valueFromJson(schema.connect, rowOf(schema.connect, tree), { anyCase: true });
  return Buffer.concat([header, schema.write(value)]);
}

/** The topic's newest schema; the one of the columns is registered if it has none yet. */
function newestSchema({ registry, topic, isKey, format, properties, columns, wrapSingle }: RecordSide) {
  const subject = subjectOf(topic, isKey);
  if (registry.findLatest(subject) === undefined) {
    const wrapped = wrapSingle || format === 'PROTOBUF';
    registry.register(subject, ownSchemaText(format as RegistryFormatName, columns, wrapped, properties));
  }
  return registry.version(subject, 'latest');
}

/** What a record holds, as the comparison takes it. Null for null. */
export function decodeRegistryRecord(side: RecordSide, bytes: Buffer | null): ActualValue {
  if (bytes === null) return null;
  if (side.format === 'PROTOBUF_NOSR') {
    const { schema } = ownMessage(side.columns, side.wrapSingle, side.properties);
    return actualOf(schema.connect, schema.read(bytes, 0).value, true);
  }
  const schema = compile(side, side.registry.byId(bytes.readInt32BE(1)));
  const { connect, value } = schema.read(bytes, 5);
  return actualOf(connect, value, true);
}

function compile(side: RecordSide, text: SchemaText): CompiledSchema {
  const name = side.format === 'PROTOBUF' ? protobufName(side.properties) : undefined;
  return compileSchema(text, side.registry.dependencies(text), side.properties, name);
}

/** A single value that is given without the record around it. */
function rowOf(schema: ConnectSchema, tree: JsonTree): JsonTree {
  const [only, ...rest] = schema.fields ?? [];
  if (schema.type !== 'STRUCT' || only === undefined || rest.length > 0 || tree instanceof Map) return tree;
  return new Map([[only.name, tree]]);
}

function treeOf(node: ExactJson): JsonTree {
  if (node === null || typeof node === 'string' || typeof node === 'boolean') return node;
  if (node instanceof LosslessNumber) return new JsonNumber(node.value);
  if (Array.isArray(node)) return node.map((each) => treeOf(each as ExactJson));
  return new Map(Object.entries(node).map(([name, each]) => [name, treeOf(each as ExactJson)]));
}

function actualOf(schema: ConnectSchema, value: Value, isTop: boolean): ActualValue {
  if (value === null) return null;
  if (value instanceof Decimal) return value;
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return BigInt(value as bigint);
    case 'FLOAT32':
    case 'FLOAT64':
      return new Double(value as number);
    case 'BYTES':
      return (value as Buffer).toString('base64');
    case 'ARRAY':
      return (value as readonly Value[]).map((each) => actualOf(schema.element!, each, false));
    case 'MAP':
      return new Map(
        [...(value as ReadonlyMap<Value, Value>)].map(([key, each]) => [
          String(key),
          actualOf(schema.value!, each, false),
        ]),
      );
    case 'STRUCT': {
      const values = value as readonly Value[];
      return new Map(
        schema.fields!.map(({ name, schema: inner }, i): [string, ActualValue] => {
          const each = values[i]!;
          // ksqlDB's driver takes empty bytes of a column for null.
          const isEmpty = isTop && Buffer.isBuffer(each) && each.length === 0;
          return [name, isEmpty ? null : actualOf(inner, each, false)];
        }),
      );
    }
    default:
      return value as string | boolean;
  }
}
