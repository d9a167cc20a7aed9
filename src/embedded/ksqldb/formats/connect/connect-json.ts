/** Converts Connect's values to and from JSON: the records of JSON_SR, and test data. */

import { Decimal } from '../../types/decimal.js';
import { formatJavaDouble, parseJavaDouble } from '../../types/java-double.js';
import { parseBase64 } from '../../types/text.js';
import type { Value } from '../../types/value.js';
import { parseLong, wrappedLongOfText } from '../json/numbers.js';
import { JsonNumber, type JsonTree } from '../json/tree.js';
import { quoteJson } from '../json/writer.js';
import type { ConnectSchema } from './connect-schema.js';
import { DataError } from './translate.js';

export interface FromJsonOptions {
  /** If true, member names match fields case-insensitively. */
  readonly anyCase: boolean;
}

/**
 * Converts a JSON tree to a value of the schema. Members that the schema does not know are ignored.
 *
 * @throws DataError if they do not match
 */
export function valueFromJson(
  schema: ConnectSchema,
  node: JsonTree | undefined,
  options: FromJsonOptions,
): Value {
  if (node === null || node === undefined) return schema.default ?? null;
  switch (schema.logical) {
    case 'DECIMAL': {
      const text = node instanceof JsonNumber ? node.text : node;
      const decimal = typeof text === 'string' ? Decimal.tryParse(text) : null;
      if (decimal === null) return unfit(schema);
      const scale = schema.scale ?? 0;
      return decimal.scale < -1000 || decimal.scale > 1000 ? unfit(schema) : decimal.setScale(scale);
    }
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return Number(longOf(schema, node));
    default:
  }
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return Number(BigInt.asIntN(32, longOf(schema, node)));
    case 'INT64':
      return longOf(schema, node);
    case 'FLOAT32':
    case 'FLOAT64': {
      if (node instanceof JsonNumber) return Number(node.text);
      const number = typeof node === 'string' ? parseJavaDouble(node) : null;
      return number ?? unfit(schema);
    }
    case 'BOOLEAN':
      return typeof node === 'boolean' ? node : unfit(schema);
    case 'STRING':
      if (node instanceof JsonNumber) return node.text;
      return typeof node === 'string' || typeof node === 'boolean' ? String(node) : unfit(schema);
    case 'BYTES':
      return (typeof node === 'string' ? parseBase64(node) : null) ?? unfit(schema);
    case 'ARRAY':
      if (!isList(node)) return unfit(schema);
      return node.map((element) => valueFromJson(schema.element!, element, options));
    case 'MAP':
      return mapFromJson(schema, node, options);
    case 'STRUCT': {
      if (!(node instanceof Map)) return unfit(schema);
      const members = node as ReadonlyMap<string, JsonTree>;
      const folded = options.anyCase
        ? new Map([...members].map(([name, member]) => [name.toUpperCase(), member]))
        : undefined;
      return schema.fields!.map(({ name, schema: inner }) =>
        valueFromJson(inner, members.get(name) ?? folded?.get(name.toUpperCase()), options),
      );
    }
  }
}

function mapFromJson(schema: ConnectSchema, node: JsonTree, options: FromJsonOptions): Value {
  const map = new Map<Value, Value>();
  if (node instanceof Map) {
    for (const [name, member] of node as ReadonlyMap<string, JsonTree>) {
      map.set(keyFromText(schema.key!, name), valueFromJson(schema.value!, member, options));
    }
    return map;
  }
  if (!isList(node)) return unfit(schema);
  for (const entry of node) {
    if (!(entry instanceof Map)) return unfit(schema);
    map.set(
      valueFromJson(schema.key!, entry.get('key'), options),
      valueFromJson(schema.value!, entry.get('value'), options),
    );
  }
  return map;
}

function keyFromText(schema: ConnectSchema, name: string): Value {
  if (schema.type === 'STRING') return name;
  return valueFromJson(schema, schema.type === 'BOOLEAN' ? name === 'true' : new JsonNumber(name), {
    anyCase: false,
  });
}

function longOf(schema: ConnectSchema, node: JsonTree): bigint {
  if (typeof node === 'string') return parseLong(node) ?? unfit(schema);
  if (!(node instanceof JsonNumber)) return unfit(schema);
  return /^-?\d+$/.test(node.text) ? BigInt.asIntN(64, BigInt(node.text)) : wrappedLongOfText(node.text);
}

function isList(node: JsonTree): node is readonly JsonTree[] {
  return Array.isArray(node);
}

function unfit(schema: ConnectSchema): never {
  throw new DataError(`The JSON value does not match ${schema.logical ?? schema.type}`);
}

export interface ToJsonOptions {
  /** If false, a map with nullable keys is written as a list of keys and values, as JSON_SR does. */
  readonly mapsAsObjects: boolean;
}

/** Formats a value of the schema as JSON. */
export function valueToJson(schema: ConnectSchema, value: Value, options: ToJsonOptions): string {
  if (value === null) return 'null';
  switch (schema.type) {
    case 'FLOAT32':
    case 'FLOAT64': {
      const text = formatJavaDouble(value as number);
      return Number.isFinite(value) ? text : `"${text}"`;
    }
    case 'STRING':
      return quoteJson(value as string);
    case 'BYTES':
      return value instanceof Decimal
        ? value.toScientificString()
        : `"${(value as Buffer).toString('base64')}"`;
    case 'ARRAY': {
      const elements = value as readonly Value[];
      return `[${elements.map((each) => valueToJson(schema.element!, each, options)).join(',')}]`;
    }
    case 'MAP': {
      const entries = [...(value as ReadonlyMap<Value, Value>)];
      const key = schema.key!;
      const asObject = options.mapsAsObjects || (key.type === 'STRING' && !key.optional);
      const parts = entries.map(([name, each]) => {
        const text = valueToJson(schema.value!, each, options);
        return asObject
          ? `${quoteJson(String(name))}:${text}`
          : `{"key":${valueToJson(key, name, options)},"value":${text}}`;
      });
      return asObject ? `{${parts.join(',')}}` : `[${parts.join(',')}]`;
    }
    case 'STRUCT': {
      const values = value as readonly Value[];
      const parts = schema.fields!.map(
        (field, i) => `${quoteJson(field.name)}:${valueToJson(field.schema, values[i]!, options)}`,
      );
      return `{${parts.join(',')}}`;
    }
    default:
      return String(value);
  }
}
