/** Converts Avro schemas to Connect's, and ksqlDB's columns to Avro schemas. */
import { type AvroNode, AvroSchemaError, checkName } from '../../../schema-registry/avro-schema.js';
import { KsqlException } from '../../errors.js';
import { Decimal } from '../../types/decimal.js';
import type { Value } from '../../types/value.js';
import { type ConnectSchema, PartBudget } from '../connect/connect-schema.js';

const connectNames = 'org.apache.kafka.connect.data.';
/** The name of the struct that represents a union of several types, with one field per type, of which one is set. */
export const unionName = 'io.confluent.connect.avro.Union';

/** @throws KsqlException for recursive schemas, and for schemas with far too many parts */
export function connectSchemaOfAvro(
  node: AvroNode,
  enclosing: readonly AvroNode[] = [],
  budget: PartBudget = new PartBudget(),
): ConnectSchema {
  if (enclosing.includes(node)) {
    throw new KsqlException(`Recursive schemas are not supported: ${node.name ?? node.kind}`);
  }
  budget.spend();
  const inner = (child: AvroNode) => connectSchemaOfAvro(child, [...enclosing, node], budget);
  switch (node.kind) {
    case 'null':
      return { type: 'STRING', optional: true };
    case 'boolean':
      return { type: 'BOOLEAN', optional: false };
    case 'int':
      return intSchema(node);
    case 'long':
      return isLogical(node, 'Timestamp', 'timestamp-millis')
        ? { type: 'INT64', optional: false, logical: 'TIMESTAMP' }
        : { type: 'INT64', optional: false };
    case 'float':
      return { type: 'FLOAT32', optional: false };
    case 'double':
      return { type: 'FLOAT64', optional: false };
    case 'string':
      return { type: 'STRING', optional: false };
    case 'enum':
      return { type: 'STRING', optional: false, name: node.name! };
    case 'bytes':
    case 'fixed':
      return isLogical(node, 'Decimal', 'decimal') ? decimalSchema(node) : { type: 'BYTES', optional: false };
    case 'array': {
      const items = node.items!;
      if (isMapEntry(items)) {
        const [key, value] = items.fields!;
        return { type: 'MAP', optional: false, key: inner(key!.type), value: inner(value!.type) };
      }
      return { type: 'ARRAY', optional: false, element: inner(items) };
    }
    case 'map':
      return {
        type: 'MAP',
        optional: false,
        key: { type: 'STRING', optional: false },
        value: inner(node.items!),
      };
    case 'record':
      return {
        type: 'STRUCT',
        optional: false,
        name: node.name!,
        fields: node.fields!.map((field) => {
          const schema = inner(field.type);
          const value = field.hasDefault ? defaultValue(field.type, field.default) : undefined;
          return { name: field.name, schema: value === undefined ? schema : { ...schema, default: value } };
        }),
      };
    case 'union': {
      const branches = node.branches!.filter(({ kind }) => kind !== 'null');
      const optional = branches.length < node.branches!.length;
      if (branches.length === 1) return { ...inner(branches[0]!), optional };
      return {
        type: 'STRUCT',
        optional,
        name: unionName,
        fields: branches.map((branch) => ({
          name: branch.name === undefined ? branch.kind : branch.name.slice(branch.name.lastIndexOf('.') + 1),
          schema: { ...inner(branch), optional: true },
        })),
      };
    }
  }
}

function intSchema(node: AvroNode): ConnectSchema {
  if (isLogical(node, 'Date', 'date')) return { type: 'INT32', optional: false, logical: 'DATE' };
  if (isLogical(node, 'Time', 'time-millis')) return { type: 'INT32', optional: false, logical: 'TIME' };
  const shorter = node.props['connect.type'];
  if (shorter === 'int8') return { type: 'INT8', optional: false };
  return { type: shorter === 'int16' ? 'INT16' : 'INT32', optional: false };
}

function isLogical(node: AvroNode, connectName: string, logicalType: string): boolean {
  const { 'connect.name': name, logicalType: logical } = node.props;
  return name === `${connectNames}${connectName}` || logical === logicalType;
}

function decimalSchema(node: AvroNode): ConnectSchema {
  const parameters = (node.props['connect.parameters'] ?? {}) as Record<string, unknown>;
  const precision = node.props.precision ?? parameters['connect.decimal.precision'];
  return {
    type: 'BYTES',
    optional: false,
    logical: 'DECIMAL',
    scale: Number(node.props.scale ?? parameters.scale ?? 0),
    ...(precision === undefined ? {} : { precision: Number(precision) }),
  };
}

export function isMapEntry(node: AvroNode): boolean {
  return node.kind === 'record' && node.props['connect.internal.type'] === 'MapEntry';
}

/** Converts a default to a value; undefined for null, which only means that the field is optional. */
function defaultValue(node: AvroNode, raw: unknown): Value | undefined {
  if (raw === null || raw === undefined) return undefined;
  switch (node.kind) {
    case 'union':
      return defaultValue(node.branches![0]!, raw);
    case 'long':
      return isLogical(node, 'Timestamp', 'timestamp-millis') ? Number(raw) : BigInt(raw as number);
    case 'int':
    case 'float':
    case 'double':
      return Number(raw);
    case 'boolean':
      return raw === true;
    case 'string':
    case 'enum':
      return String(raw);
    case 'bytes':
    case 'fixed': {
      const bytes = Buffer.from(String(raw), 'latin1');
      return isLogical(node, 'Decimal', 'decimal')
        ? new Decimal(bigIntOf(bytes), decimalSchema(node).scale!)
        : bytes;
    }
    case 'array':
      return (raw as unknown[]).map((item) => defaultValue(node.items!, item) ?? null);
    case 'map':
      return new Map(
        Object.entries(raw as object).map(([key, value]) => [key, defaultValue(node.items!, value) ?? null]),
      );
    case 'record':
      return node.fields!.map((field) => {
        const given = (raw as Record<string, unknown>)[field.name] ?? field.default;
        return defaultValue(field.type, given) ?? null;
      });
    default:
      return undefined;
  }
}

/** Decodes a big-endian two's complement integer. */
export function bigIntOf(bytes: Buffer): bigint {
  const { length } = bytes;
  if (length > 0 && length <= 6) return BigInt(bytes.readIntBE(0, length));
  return length === 0 ? 0n : BigInt.asIntN(length * 8, BigInt(`0x${bytes.toString('hex')}`));
}

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

/**
 * Returns the schema that ksqlDB registers for its columns: all optional except the root, records named after their path.
 *
 * @param schema the schema of the row, or of a single unwrapped column
 * @throws KsqlException if a name is not valid in Avro
 */
export function avroSchemaText(schema: ConnectSchema, fullName: string): string {
  try {
    return JSON.stringify(avroJson({ ...schema, optional: false }, fullName, ''));
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    throw new KsqlException(`Schema is not compatible with Avro: ${error.message}`, error);
  }
}

/** @param outer the namespace of the enclosing record, which is not repeated */
function avroJson(schema: ConnectSchema, path: string, outer: string): Json {
  const json = requiredJson(schema, path, outer);
  return schema.optional ? ['null', json] : json;
}

function requiredJson(schema: ConnectSchema, path: string, outer: string): Json {
  const namespace = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  const logical = (type: string, name: string, logicalType: string): Json => ({
    type,
    'connect.version': 1,
    'connect.name': `${connectNames}${name}`,
    logicalType,
  });
  switch (schema.logical) {
    case 'DATE':
      return logical('int', 'Date', 'date');
    case 'TIME':
      return logical('int', 'Time', 'time-millis');
    case 'TIMESTAMP':
      return logical('long', 'Timestamp', 'timestamp-millis');
    case 'DECIMAL':
      return {
        type: 'bytes',
        scale: schema.scale!,
        precision: schema.precision!,
        'connect.version': 1,
        'connect.parameters': {
          scale: String(schema.scale),
          'connect.decimal.precision': String(schema.precision),
        },
        'connect.name': `${connectNames}Decimal`,
        logicalType: 'decimal',
      };
    default:
  }
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return 'int';
    case 'INT64':
      return 'long';
    case 'FLOAT32':
      return 'float';
    case 'FLOAT64':
      return 'double';
    case 'BOOLEAN':
    case 'STRING':
    case 'BYTES':
      return schema.type.toLowerCase();
    case 'ARRAY':
      return { type: 'array', items: avroJson(schema.element!, path, outer) };
    case 'MAP':
      return {
        type: 'array',
        items: {
          ...recordJson(path, outer, [
            ['key', avroJson(schema.key!, `${path}_MapKey`, namespace)],
            ['value', avroJson(schema.value!, `${path}_MapValue`, namespace)],
          ]),
          'connect.internal.type': 'MapEntry',
        },
        'connect.name': path,
      };
    case 'STRUCT': {
      const fields = schema.fields!.map(({ name, schema: inner }): [string, Json] => [
        name.replaceAll('.', '_'),
        avroJson(inner, `${path}_${name}`, namespace),
      ]);
      return { ...recordJson(path, outer, fields), 'connect.name': path };
    }
  }
}

function recordJson(
  fullName: string,
  outer: string,
  fields: readonly (readonly [string, Json])[],
): { readonly [name: string]: Json } {
  const dot = fullName.lastIndexOf('.');
  const namespace = fullName.slice(0, Math.max(0, dot));
  for (const part of fullName.split('.')) checkName(part);
  return {
    type: 'record',
    name: fullName.slice(dot + 1),
    ...(namespace === outer ? {} : { namespace }),
    fields: fields.map(([name, type]): Json => {
      checkName(name);
      return Array.isArray(type) ? { name, type, default: null } : { name, type };
    }),
  };
}
