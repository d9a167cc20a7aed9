/**
 * Converts the JSON of POST /inserts-stream to column values.
 *
 * Source: ksqlDB's ApiSqlValueCoercer and KeyValueExtractor.
 */
import type { SqlType } from '../../../sql/sql-type.js';
import type { DataSource } from '../catalog/data-source.js';
import { coerceValue } from '../expressions/value-coercer.js';
import { type JsonNode, JsonNumber, type JsonObject } from '../jackson-json.js';
import { badRequest } from '../rest-error.js';
import { typeText } from '../schema/schema-text.js';
import { Decimal } from '../types/decimal.js';
import { parseBase64 } from '../types/text.js';
import type { Value } from '../types/value.js';

/** Returns key and value of the row in a JSON object. Throws a RestError with ksqlDB's message. */
export function rowOfJson(
  source: DataSource,
  object: JsonObject,
): { readonly key: readonly Value[]; readonly value: readonly Value[] } {
  const fields = withColumnNames(object);
  return {
    key: source.schema.key.map(({ name, type }) => {
      const node = fields.get(name) ?? null;
      if (node === null) throw badRequest(`Key field must be specified: ${name}`);
      return coerceField(node, type);
    }),
    value: source.schema.value.map(({ name, type }) => coerceField(fields.get(name) ?? null, type)),
  };
}

function coerceField(node: JsonNode, type: SqlType): Value {
  if (node === null) return null;
  const value = coerceJson(node, type);
  if (value === undefined) {
    throw badRequest(`Can't coerce a field of type ${javaClass(node)} into type ${typeText(type)}`);
  }
  return value;
}

/** Field names without quotes or backticks are upper-cased. */
function withColumnNames(object: JsonObject): JsonObject {
  const result: JsonObject = new Map();
  for (const [field, node] of object) {
    const quote = field[0];
    const isQuoted = field.length > 1 && (quote === '"' || quote === '`') && field.endsWith(quote);
    const name = isQuoted ? field.slice(1, -1) : field.toUpperCase();
    if (result.has(name)) throw badRequest(`Duplicate field: ${name}`);
    result.set(name, node);
  }
  return result;
}

/** Returns undefined if the node cannot be converted to the type. */
function coerceJson(node: JsonNode, type: SqlType): Value | undefined {
  if (node === null) return null;
  switch (type.base) {
    case 'DECIMAL':
      return decimalOf(node, type.precision, type.scale);
    case 'ARRAY': {
      if (!Array.isArray(node)) return undefined;
      const elements = node.map((element) => coerceJson(element, type.element));
      return elements.includes(undefined) ? undefined : (elements as Value[]);
    }
    case 'MAP': {
      if (!(node instanceof Map)) return undefined;
      const result = new Map<Value, Value>();
      for (const [key, item] of node) {
        const coercedKey = coerceJson(key, type.key);
        const coercedItem = coerceJson(item, type.value);
        if (coercedKey === undefined || coercedItem === undefined) return undefined;
        result.set(coercedKey, coercedItem);
      }
      return result;
    }
    case 'STRUCT': {
      if (!(node instanceof Map)) return undefined;
      const fields = withColumnNames(node);
      const values = type.fields.map((field) => coerceJson(fields.get(field.name) ?? null, field.type));
      return values.includes(undefined) ? undefined : (values as Value[]);
    }
    case 'BYTES':
      return typeof node === 'string' ? (parseBase64(node) ?? undefined) : undefined;
    default: {
      const known = plainValue(node);
      return known === undefined ? undefined : coerceValue(known.value, known.type, type, 'STRICT');
    }
  }
}

/** Numbers with a decimal point and texts are rounded to the scale. Integers must fit. */
function decimalOf(node: JsonNode, precision: number, scale: number): Value | undefined {
  if (typeof node === 'string' || (node instanceof JsonNumber && !node.isInteger)) {
    const decimal = Decimal.tryParse(typeof node === 'string' ? node : node.text);
    return decimal === null ? undefined : decimal.setScale(scale, 'HALF_UP');
  }
  const known = plainValue(node);
  if (known === undefined) return undefined;
  return coerceValue(known.value, known.type, { base: 'DECIMAL', precision, scale }, 'STRICT');
}

function plainValue(node: JsonNode): { readonly value: Value; readonly type: SqlType } | undefined {
  if (typeof node === 'string') return { value: node, type: { base: 'STRING' } };
  if (typeof node === 'boolean') return { value: node, type: { base: 'BOOLEAN' } };
  if (!(node instanceof JsonNumber)) return undefined;
  if (!node.isInteger) return { value: Number(node.text), type: { base: 'DOUBLE' } };
  const whole = BigInt(node.text);
  if (BigInt.asIntN(32, whole) === whole) return { value: Number(whole), type: { base: 'INTEGER' } };
  return BigInt.asIntN(64, whole) === whole ? { value: whole, type: { base: 'BIGINT' } } : undefined;
}

function javaClass(node: JsonNode): string {
  if (typeof node === 'string') return 'class java.lang.String';
  if (typeof node === 'boolean') return 'class java.lang.Boolean';
  if (Array.isArray(node)) return 'class io.vertx.core.json.JsonArray';
  if (node instanceof JsonNumber) {
    if (!node.isInteger) return 'class java.lang.Double';
    const type = plainValue(node)?.type.base;
    if (type === undefined) return 'class java.math.BigInteger';
    return type === 'INTEGER' ? 'class java.lang.Integer' : 'class java.lang.Long';
  }
  return 'class io.vertx.core.json.JsonObject';
}
