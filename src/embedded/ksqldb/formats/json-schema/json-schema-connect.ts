/** Converts JSON Schemas to Connect's, and ksqlDB's columns to JSON Schemas. */
import { KsqlException } from '../../errors.js';
import { valueFromJson } from '../connect/connect-json.js';
import type { ConnectField, ConnectSchema, ConnectType } from '../connect/connect-schema.js';
import { JsonNumber, type JsonTree, parseJsonTree } from '../json/tree.js';

const connectTypes: Readonly<Record<string, ConnectType>> = {
  int8: 'INT8',
  int16: 'INT16',
  int32: 'INT32',
  int64: 'INT64',
  float32: 'FLOAT32',
  float64: 'FLOAT64',
  bytes: 'BYTES',
};

const logicals: Readonly<Record<string, ConnectSchema['logical']>> = {
  'org.apache.kafka.connect.data.Decimal': 'DECIMAL',
  'org.apache.kafka.connect.data.Date': 'DATE',
  'org.apache.kafka.connect.data.Time': 'TIME',
  'org.apache.kafka.connect.data.Timestamp': 'TIMESTAMP',
};

const unionName = 'io.confluent.connect.json.OneOf';
const mostDepth = 64;

type Node = ReadonlyMap<string, JsonTree>;

/** @throws KsqlException for constructs that Connect does not support, and for recursive schemas */
export function connectSchemaOfJsonSchema(text: string): ConnectSchema {
  const root = parseJsonTree(Buffer.from(text, 'utf8'));
  if (!(root instanceof Map)) throw new KsqlException('Unsupported schema type');
  return convert(root as Node, root as Node, false, 0);
}

function convert(node: Node, root: Node, optional: boolean, depth: number): ConnectSchema {
  if (depth > mostDepth) throw new KsqlException('Recursive schemas are not supported');
  const inner = (child: JsonTree | undefined): ConnectSchema => {
    if (!(child instanceof Map)) throw new KsqlException('Unsupported schema type');
    return convert(child as Node, root, false, depth + 1);
  };
  const reference = node.get('$ref');
  if (typeof reference === 'string') {
    return convert(referred(root, reference), root, optional, depth + 1);
  }
  const branches = node.get('oneOf') ?? node.get('anyOf');
  if (Array.isArray(branches)) {
    const kept = branches.filter(
      (branch): branch is Node => branch instanceof Map && branch.get('type') !== 'null',
    );
    const nullable = optional || kept.length < branches.length;
    if (kept.length === 1 && kept.length < branches.length) return convert(kept[0]!, root, true, depth + 1);
    return {
      type: 'STRUCT',
      optional: nullable,
      name: unionName,
      fields: kept.map((branch, i) => ({
        name: `${unionName}.field.${i}`,
        schema: convert(branch, root, true, depth + 1),
      })),
    };
  }
  const types = node.get('type');
  if (Array.isArray(types)) {
    const kept = types.filter((type) => type !== 'null');
    if (kept.length !== 1) throw new KsqlException('Unsupported schema type: several types');
    return convert(new Map(node).set('type', kept[0]!), root, kept.length < types.length, depth + 1);
  }
  const title = node.get('title');
  const name = typeof title === 'string' ? { name: title } : {};
  const schema = { ...ofType(node, types, inner), ...name, optional };
  const logical = typeof title === 'string' ? logicals[title] : undefined;
  const known = logical === undefined ? schema : { ...schema, logical, ...decimalOf(node, logical) };
  const fallback = node.get('default');
  if (fallback === undefined || fallback === null) return known;
  return { ...known, default: valueFromJson(known, fallback, { anyCase: false }) };
}

function ofType(
  node: Node,
  type: JsonTree | undefined,
  inner: (child: JsonTree | undefined) => ConnectSchema,
): ConnectSchema {
  const connectType = String(node.get('connect.type') ?? '');
  const plain = (found: ConnectType): ConnectSchema => ({ type: found, optional: false });
  if (type === undefined && node.has('enum')) return plain('STRING');
  switch (type) {
    case 'boolean':
      return plain('BOOLEAN');
    case 'integer':
      return plain(connectTypes[connectType] ?? 'INT64');
    case 'number':
      return plain(connectTypes[connectType] ?? 'FLOAT64');
    case 'string':
      return plain(connectType === 'bytes' ? 'BYTES' : 'STRING');
    case 'array': {
      const items = node.get('items');
      if (connectType === 'map' && items instanceof Map) {
        const properties = items.get('properties');
        if (properties instanceof Map) {
          const value = inner(properties.get('value'));
          return { type: 'MAP', optional: false, key: inner(properties.get('key')), value };
        }
      }
      if (items === undefined) throw new KsqlException('Array schema did not specify the items type');
      return { type: 'ARRAY', optional: false, element: inner(items) };
    }
    case 'object':
    case undefined: {
      if (connectType === 'map') {
        const key: ConnectSchema = { type: 'STRING', optional: false };
        return { type: 'MAP', optional: false, key, value: inner(node.get('additionalProperties')) };
      }
      return { type: 'STRUCT', optional: false, fields: fieldsOf(node.get('properties'), inner) };
    }
    default:
      throw new KsqlException(`Unsupported schema type ${String(type)}`);
  }
}

/** Sorts properties by `connect.index`; without it, they keep their order. */
function fieldsOf(
  properties: JsonTree | undefined,
  inner: (child: JsonTree | undefined) => ConnectSchema,
): ConnectField[] {
  if (!(properties instanceof Map)) return [];
  const placed = [...(properties as Node)].map(([name, property], i) => {
    const index = property instanceof Map ? property.get('connect.index') : undefined;
    return { name, property, index: index instanceof JsonNumber ? Number(index.text) : i };
  });
  placed.sort((a, b) => a.index - b.index);
  return placed.map(({ name, property }) => ({ name, schema: inner(property) }));
}

function decimalOf(
  node: Node,
  logical: ConnectSchema['logical'],
): Pick<ConnectSchema, 'scale' | 'precision'> {
  if (logical !== 'DECIMAL') return {};
  const parameters = node.get('connect.parameters');
  const get = (name: string) => (parameters instanceof Map ? parameters.get(name) : undefined);
  const precision = get('connect.decimal.precision');
  return {
    scale: Number(get('scale') ?? 0),
    ...(precision === undefined ? {} : { precision: Number(precision) }),
  };
}

/** Resolves a reference such as `#/definitions/x`. */
function referred(root: Node, reference: string): Node {
  let node: JsonTree | undefined = root;
  if (!reference.startsWith('#')) throw new KsqlException(`Unsupported reference: ${reference}`);
  for (const part of reference
    .slice(1)
    .split('/')
    .filter((each) => each !== '')) {
    node = node instanceof Map ? node.get(part.replaceAll('~1', '/').replaceAll('~0', '~')) : undefined;
  }
  if (!(node instanceof Map)) throw new KsqlException(`A reference to nothing: ${reference}`);
  return node as Node;
}

type Json = null | string | number | boolean | readonly Json[] | { readonly [name: string]: Json };

/** Returns the schema that ksqlDB registers for its columns: all optional, ordered by `connect.index`. */
export function jsonSchemaText(schema: ConnectSchema): string {
  return JSON.stringify(jsonOf(schema, undefined));
}

function jsonOf(schema: ConnectSchema, index: number | undefined): Json {
  const indexed: { readonly [name: string]: Json } = index === undefined ? {} : { 'connect.index': index };
  const json = requiredJson(schema);
  return schema.optional ? { ...indexed, oneOf: [{ type: 'null' }, json] } : { ...json, ...indexed };
}

function requiredJson(schema: ConnectSchema): { readonly [name: string]: Json } {
  const logical =
    schema.logical === undefined
      ? {}
      : {
          title: `org.apache.kafka.connect.data.${schema.logical[0]}${schema.logical.slice(1).toLowerCase()}`,
          'connect.version': 1,
          ...(schema.logical === 'DECIMAL'
            ? {
                'connect.parameters': {
                  scale: String(schema.scale),
                  'connect.decimal.precision': String(schema.precision),
                },
              }
            : {}),
        };
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      return { type: 'integer', ...logical, 'connect.type': schema.type.toLowerCase() };
    case 'FLOAT32':
    case 'FLOAT64':
      return { type: 'number', 'connect.type': schema.type.toLowerCase() };
    case 'BOOLEAN':
    case 'STRING':
      return { type: schema.type.toLowerCase() };
    case 'BYTES':
      return {
        type: schema.logical === 'DECIMAL' ? 'number' : 'string',
        ...logical,
        'connect.type': 'bytes',
      };
    case 'ARRAY':
      return { type: 'array', items: jsonOf(schema.element!, undefined) };
    case 'MAP': {
      const { key, value } = schema;
      if (key!.type === 'STRING' && !key!.optional) {
        return { type: 'object', additionalProperties: jsonOf(value!, undefined), 'connect.type': 'map' };
      }
      const properties = { key: jsonOf(key!, 0), value: jsonOf(value!, 1) };
      return { type: 'array', items: { type: 'object', properties }, 'connect.type': 'map' };
    }
    case 'STRUCT': {
      const properties = schema.fields!.map(({ name, schema: inner }, i) => [name, jsonOf(inner, i)]);
      return { type: 'object', properties: Object.fromEntries(properties) as { [name: string]: Json } };
    }
  }
}
