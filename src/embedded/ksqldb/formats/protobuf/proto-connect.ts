/** Converts Protobuf messages to Connect's schemas, and ksqlDB's columns to Protobuf messages. */
import {
  formatProtoFile,
  type ProtoEnum,
  type ProtoField,
  type ProtoMessage,
} from '../../../schema-registry/proto-file.js';
import { KsqlException } from '../../errors.js';
import { type ConnectField, type ConnectSchema, PartBudget } from '../connect/connect-schema.js';
import type { NamedMessage, ProtoTypes } from './proto-types.js';

/** How nulls of scalar columns are represented. By default they are not: they read as 0, '' or false. */
export type Nullable = 'none' | 'optional' | 'wrapper';

export interface ProtoOptions {
  readonly nullable: Nullable;
}

/** A field of a message, or all members of a oneof, as one field of a struct. */
export type ProtoPart =
  | { readonly kind: 'field'; readonly field: ProtoField; readonly shape: ProtoShape }
  | { readonly kind: 'oneof'; readonly name: string; readonly parts: readonly ProtoPart[] };

/** The type of a field's values. */
export type ProtoShape =
  | { readonly kind: 'scalar'; readonly type: string }
  | { readonly kind: 'enum'; readonly type: ProtoEnum }
  | { readonly kind: 'wrapper'; readonly type: string }
  | { readonly kind: 'decimal' | 'date' | 'time' | 'timestamp' }
  | { readonly kind: 'message'; readonly message: MessageShape }
  | { readonly kind: 'map'; readonly key: ProtoShape; readonly value: ProtoShape }
  | { readonly kind: 'list'; readonly element: ProtoShape };

export interface MessageShape {
  readonly fullName: string;
  readonly parts: readonly ProtoPart[];
}

const scalars: Readonly<Record<string, ConnectSchema['type']>> = {
  int32: 'INT32',
  sint32: 'INT32',
  sfixed32: 'INT32',
  uint32: 'INT64',
  fixed32: 'INT64',
  int64: 'INT64',
  sint64: 'INT64',
  sfixed64: 'INT64',
  uint64: 'INT64',
  fixed64: 'INT64',
  float: 'FLOAT32',
  double: 'FLOAT64',
  bool: 'BOOLEAN',
  string: 'STRING',
  bytes: 'BYTES',
};

const wrappers: Readonly<Record<string, string>> = {
  'google.protobuf.DoubleValue': 'double',
  'google.protobuf.FloatValue': 'float',
  'google.protobuf.Int64Value': 'int64',
  'google.protobuf.UInt64Value': 'uint64',
  'google.protobuf.Int32Value': 'int32',
  'google.protobuf.UInt32Value': 'uint32',
  'google.protobuf.BoolValue': 'bool',
  'google.protobuf.StringValue': 'string',
  'google.protobuf.BytesValue': 'bytes',
};

const logicals: Readonly<Record<string, 'decimal' | 'date' | 'time' | 'timestamp'>> = {
  'confluent.type.Decimal': 'decimal',
  'google.type.Date': 'date',
  'google.type.TimeOfDay': 'time',
  'google.protobuf.Timestamp': 'timestamp',
};

/** @throws KsqlException for recursive messages and undefined types */
export function messageShape(
  types: ProtoTypes,
  { fullName, message }: NamedMessage,
  enclosing: readonly string[] = [],
  budget: PartBudget = new PartBudget(),
): MessageShape {
  if (enclosing.includes(fullName)) {
    throw new KsqlException(`Recursive schemas are not supported: ${fullName}`);
  }
  const inner = [...enclosing, fullName];
  const oneofs = [...new Set(message.fields.flatMap(({ oneof }) => (oneof === undefined ? [] : [oneof])))];
  const part = (field: ProtoField): ProtoPart => ({
    kind: 'field',
    field,
    shape: fieldShape(types, field, fullName, inner, budget),
  });
  return {
    fullName,
    parts: [
      ...oneofs.map(
        (name, i): ProtoPart => ({
          kind: 'oneof',
          name: `${name}_${i}`,
          parts: message.fields.filter((field) => field.oneof === name).map(part),
        }),
      ),
      ...message.fields.filter((field) => field.oneof === undefined).map(part),
    ],
  };
}

function fieldShape(
  types: ProtoTypes,
  field: ProtoField,
  scope: string,
  enclosing: readonly string[],
  budget: PartBudget,
): ProtoShape {
  budget.spend();
  const value = typeShape(types, field.type, scope, enclosing, budget);
  if (field.mapKey !== undefined) {
    return { kind: 'map', key: { kind: 'scalar', type: field.mapKey }, value };
  }
  if (!field.repeated) return value;
  // The representation that ksqlDB itself uses for a map.
  if (value.kind === 'message' && /Entry$/.test(value.message.fullName)) {
    const [key, entry, ...rest] = value.message.parts;
    const named = key?.kind === 'field' && key.field.name === 'key' && entry?.kind === 'field';
    if (named && entry.field.name === 'value' && rest.length === 0) {
      return { kind: 'map', key: key.shape, value: entry.shape };
    }
  }
  return { kind: 'list', element: value };
}

function typeShape(
  types: ProtoTypes,
  type: string,
  scope: string,
  enclosing: readonly string[],
  budget: PartBudget,
): ProtoShape {
  if (scalars[type] !== undefined) return { kind: 'scalar', type };
  const found = types.resolve(type, scope);
  if (!('message' in found)) return { kind: 'enum', type: found };
  const wrapped = wrappers[found.fullName];
  if (wrapped !== undefined) return { kind: 'wrapper', type: wrapped };
  const logical = logicals[found.fullName];
  if (logical !== undefined) return { kind: logical };
  return { kind: 'message', message: messageShape(types, found, enclosing, budget) };
}

export function connectSchemaOfMessage(message: MessageShape, options: ProtoOptions): ConnectSchema {
  return {
    type: 'STRUCT',
    optional: false,
    name: message.fullName,
    fields: message.parts.map((part) => partSchema(part, options)),
  };
}

function partSchema(part: ProtoPart, options: ProtoOptions): ConnectField {
  if (part.kind === 'oneof') {
    const fields = part.parts.map((each) => partSchema(each, options));
    return { name: part.name, schema: { type: 'STRUCT', optional: true, fields } };
  }
  const { name, params } = part.field;
  return { name, schema: shapeSchema(part.shape, params, options) };
}

function shapeSchema(
  shape: ProtoShape,
  params: Readonly<Record<string, string>>,
  options: ProtoOptions,
): ConnectSchema {
  switch (shape.kind) {
    case 'scalar': {
      const shorter = params['connect.type'];
      const type = shorter === 'int8' ? 'INT8' : shorter === 'int16' ? 'INT16' : scalars[shape.type]!;
      return { type, optional: options.nullable !== 'wrapper' };
    }
    case 'wrapper':
      return { type: scalars[shape.type]!, optional: true };
    case 'enum':
      return { type: 'STRING', optional: true };
    case 'date':
      return { type: 'INT32', optional: true, logical: 'DATE' };
    case 'time':
      return { type: 'INT32', optional: true, logical: 'TIME' };
    case 'timestamp':
      return { type: 'INT64', optional: true, logical: 'TIMESTAMP' };
    case 'decimal':
      return {
        type: 'BYTES',
        optional: true,
        logical: 'DECIMAL',
        scale: Number(params.scale ?? 0),
        ...(params.precision === undefined ? {} : { precision: Number(params.precision) }),
      };
    case 'message':
      return { ...connectSchemaOfMessage(shape.message, options), optional: true };
    case 'list':
      return {
        type: 'ARRAY',
        optional: true,
        element: { ...shapeSchema(shape.element, params, options), optional: true },
      };
    case 'map':
      return {
        type: 'MAP',
        optional: true,
        key: shapeSchema(shape.key, {}, options),
        value: shapeSchema(shape.value, {}, options),
      };
  }
}

/**
 * Returns the schema that ksqlDB registers for its columns.
 *
 * @param fullName the name of the message, with its package (default: ConnectDefault1)
 * @throws KsqlException for types that Protobuf does not support
 */
export function protoSchemaText(schema: ConnectSchema, options: ProtoOptions, fullName?: string): string {
  const imports = new Set<string>();
  let lastDefault = 0;
  const nextDefault = () => `ConnectDefault${++lastDefault}`;
  const root = fullName ?? nextDefault();

  const typeOf = (inner: ConnectSchema, messages: ProtoMessage[], fieldName: string): string => {
    const imported = (type: string, file: string) => {
      imports.add(file);
      return type;
    };
    switch (inner.logical) {
      case 'DECIMAL':
        imports.add('confluent/meta.proto');
        return imported('confluent.type.Decimal', 'confluent/type/decimal.proto');
      case 'DATE':
        return imported('google.type.Date', 'google/type/date.proto');
      case 'TIME':
        return imported('google.type.TimeOfDay', 'google/type/timeofday.proto');
      case 'TIMESTAMP':
        return imported('google.protobuf.Timestamp', 'google/protobuf/timestamp.proto');
      default:
    }
    switch (inner.type) {
      case 'ARRAY':
        throw new KsqlException('Array cannot be nested');
      case 'MAP': {
        // The codec does not support them. Refuse them with the statement, not with the first record.
        if (inner.value!.type === 'ARRAY' || inner.value!.type === 'MAP') {
          throw new KsqlException('Protobuf does not support an ARRAY or a MAP as the value of a MAP');
        }
        const name = `${nextDefault()}Entry`;
        const nested: ProtoMessage[] = [];
        const fields = [
          fieldOf('key', 1, inner.key!, nested, true),
          fieldOf('value', 2, inner.value!, nested, true),
        ];
        messages.push({ name, fields, messages: nested, enums: [] });
        return name;
      }
      case 'STRUCT': {
        let name = nextDefault();
        if (name === fieldName) name += 'Message';
        messages.push(messageOf(name, inner));
        return name;
      }
      default: {
        const scalar = scalarNames[inner.type]!;
        return options.nullable === 'wrapper'
          ? imported(`google.protobuf.${wrapperNames[scalar]}`, 'google/protobuf/wrappers.proto')
          : scalar;
      }
    }
  };
  const fieldOf = (
    name: string,
    number: number,
    field: ConnectSchema,
    messages: ProtoMessage[],
    inEntry: boolean,
  ): ProtoField => {
    const repeated = field.type === 'ARRAY' || field.type === 'MAP';
    const inner = field.type === 'ARRAY' ? field.element! : field;
    if (field.type === 'ARRAY' && inner.type === 'MAP') throw new KsqlException('Array cannot be nested');
    const isScalar = inner.logical === undefined && scalarNames[inner.type] !== undefined;
    const { precision, scale } = inner;
    return {
      name,
      number,
      repeated,
      optional: options.nullable === 'optional' && isScalar && !repeated && !inEntry,
      required: false,
      type: typeOf(inner, messages, name),
      params: inner.logical === 'DECIMAL' ? { precision: String(precision ?? 64), scale: String(scale) } : {},
    };
  };
  const messageOf = (name: string, struct: ConnectSchema): ProtoMessage => {
    const messages: ProtoMessage[] = [];
    const fields = struct.fields!.map((field, i) =>
      fieldOf(field.name, i + 1, field.schema, messages, false),
    );
    return { name, fields, messages, enums: [] };
  };

  if (schema.type !== 'STRUCT') {
    throw new KsqlException(`Unsupported root schema of type ${schema.type}`);
  }
  const dot = root.lastIndexOf('.');
  const message = messageOf(root.slice(dot + 1), schema);
  return formatProtoFile({
    syntax: 'proto3',
    package: root.slice(0, Math.max(0, dot)),
    imports: [...imports],
    messages: [message],
    enums: [],
  });
}

const scalarNames: Readonly<Record<string, string>> = {
  INT8: 'int32',
  INT16: 'int32',
  INT32: 'int32',
  INT64: 'int64',
  FLOAT32: 'float',
  FLOAT64: 'double',
  BOOLEAN: 'bool',
  STRING: 'string',
  BYTES: 'bytes',
};

const wrapperNames: Readonly<Record<string, string>> = {
  int32: 'Int32Value',
  int64: 'Int64Value',
  float: 'FloatValue',
  double: 'DoubleValue',
  bool: 'BoolValue',
  string: 'StringValue',
  bytes: 'BytesValue',
};
