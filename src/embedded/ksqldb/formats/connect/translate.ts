/** Translates between the values of a registered schema and those of ksqlDB's columns. */
import type { SqlType } from '../../../../sql/sql-type.js';
import type { Decimal } from '../../types/decimal.js';
import { fitDecimal } from '../../types/decimal-type.js';
import { formatJavaDouble } from '../../types/java-double.js';
import type { Value } from '../../types/value.js';
import { type ConnectSchema, type ConnectType, connectSchemaOf } from './connect-schema.js';

/** Converts a value other than null. */
export type Convert = (value: Exclude<Value, null>) => Value;

/** Signals that data does not match the columns, or a row does not match the registered schema. */
export class DataError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DataError';
  }
}

const readable: Readonly<Record<ConnectType, readonly ConnectType[]>> = {
  INT8: [],
  INT16: [],
  INT32: ['INT32', 'INT16', 'INT8'],
  INT64: ['INT64', 'INT32', 'INT16', 'INT8'],
  FLOAT32: [],
  FLOAT64: ['FLOAT32', 'FLOAT64'],
  BOOLEAN: ['BOOLEAN'],
  STRING: ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64', 'BOOLEAN', 'STRING'],
  BYTES: ['BYTES'],
  ARRAY: ['ARRAY'],
  MAP: ['MAP'],
  STRUCT: ['STRUCT'],
};

/**
 * Returns the conversion from a schema's values to a type's. Fields match by name or by upper-cased name; fields that
 * the schema lacks are null.
 *
 * @throws DataError if the schema cannot be converted to the type
 */
export function fromConnect(type: SqlType, schema: ConnectSchema, path = ''): Convert {
  const wanted = connectSchemaOf(type);
  if (!readable[wanted.type].includes(schema.type)) {
    throw new DataError(
      `Cannot deserialize type ${schema.type.toLowerCase()} as type ${wanted.type.toLowerCase()} for path: ${path}`,
    );
  }
  switch (type.base) {
    case 'BIGINT':
      return (value) => (typeof value === 'bigint' ? value : BigInt(value as number));
    case 'TIMESTAMP':
      return (value) => Number(value);
    case 'STRING':
      if (schema.type === 'FLOAT32' || schema.type === 'FLOAT64') {
        return (value) => formatJavaDouble(value as number);
      }
      return schema.type === 'STRING' ? same : (value) => String(value);
    case 'DECIMAL': {
      if (schema.logical !== 'DECIMAL') return mismatch(schema, wanted, path);
      const { precision, scale } = type;
      return (value) => fitDecimal(value as Decimal, precision, scale);
    }
    case 'BYTES':
      return schema.logical === 'DECIMAL' ? mismatch(schema, wanted, path) : same;
    case 'ARRAY': {
      const element = orNull(fromConnect(type.element, schema.element!, `${path}->ARRAY`));
      return (value) => (value as readonly Value[]).map(element);
    }
    case 'MAP': {
      const key = orNull(fromConnect(type.key, schema.key!, `${path}->MAP_KEY`));
      const entry = orNull(fromConnect(type.value, schema.value!, `${path}->MAP_VAL`));
      return (value) => {
        const map = new Map<Value, Value>();
        for (const [k, v] of value as ReadonlyMap<Value, Value>) map.set(key(k), entry(v));
        return map;
      };
    }
    case 'STRUCT': {
      const sources = type.fields.map((field) => {
        const fields = schema.fields!;
        // Later fields overwrite earlier ones, even if the earlier one matched without upper-casing.
        const at = fields.findLastIndex(
          ({ name }) =>
            name === field.name ||
            (name.toUpperCase() === field.name && !type.fields.some((each) => each.name === name)),
        );
        if (at < 0) return undefined;
        return { at, convert: orNull(fromConnect(field.type, fields[at]!.schema, `${path}->${field.name}`)) };
      });
      return (value) =>
        sources.map((source) =>
          source === undefined ? null : source.convert((value as readonly Value[])[source.at]!),
        );
    }
    default:
      return same;
  }
}

/** The wording of the errors for rows that do not match a schema given in the statement. */
export interface PhysicalRules {
  /** The name of the format in messages. */
  readonly format: string;
  /** If true, nested structs match by field order instead of by name. */
  readonly nestedByOrder: boolean;
}

/**
 * Returns the conversion from a type's values to those of a foreign schema. Fields match by name; fields that the row
 * lacks take the default of the schema.
 *
 * @throws DataError if the schema lacks a field, or requires one that the type lacks
 */
export function toConnect(type: SqlType, schema: ConnectSchema, rules: PhysicalRules): Convert {
  return toSchema(type, schema, rules, false);
}

function toSchema(type: SqlType, schema: ConnectSchema, rules: PhysicalRules, nested: boolean): Convert {
  const given = connectSchemaOf(type);
  if (given.type !== schema.type && !(given.type === 'FLOAT64' && schema.type === 'FLOAT32')) {
    throw new DataError(
      `Invalid Java object for schema type ${schema.type}: the column is of type ${given.type}`,
    );
  }
  switch (type.base) {
    case 'ARRAY': {
      const element = required(
        toSchema(type.element, schema.element!, rules, true),
        schema.element!,
        'element',
      );
      return (value) => (value as readonly Value[]).map(element);
    }
    case 'MAP': {
      const entry = required(toSchema(type.value, schema.value!, rules, true), schema.value!, 'value');
      return (value) => {
        const map = new Map<Value, Value>();
        for (const [k, v] of value as ReadonlyMap<Value, Value>) map.set(k, entry(v));
        return map;
      };
    }
    case 'DECIMAL': {
      const { precision = 64, scale = 0 } = schema;
      return (value) => fitDecimal(value as Decimal, precision, scale);
    }
    case 'STRUCT': {
      const byOrder = nested && rules.nestedByOrder;
      const fields = schema.fields!;
      if (!nested) {
        const missing = type.fields.find(({ name }) => !fields.some((field) => field.name === name));
        if (missing !== undefined) {
          throw new DataError(`Schema from Schema Registry misses field with name: ${missing.name}`);
        }
      }
      const sources = fields.map((field, i) => {
        const at = byOrder ? i : type.fields.findIndex(({ name }) => name === field.name);
        const source = type.fields[at];
        if (source === undefined) {
          if (field.schema.default === undefined && !field.schema.optional) {
            throw new DataError(
              `Missing default value for required ${rules.format} field: [${field.name}]. ` +
                `This field appears in ${rules.format} schema in Schema Registry`,
            );
          }
          const fill = field.schema.default ?? null;
          return () => fill;
        }
        const convert = required(toSchema(source.type, field.schema, rules, true), field.schema, field.name);
        return (values: readonly Value[]) => convert(values[at]!);
      });
      return (value) => sources.map((source) => source(value as readonly Value[]));
    }
    default:
      return same;
  }
}

function required(convert: Convert, schema: ConnectSchema, name: string): (value: Value) => Value {
  return (value) => {
    if (value !== null) return convert(value);
    if (schema.default !== undefined) return schema.default;
    if (schema.optional) return null;
    throw new DataError(
      `Invalid value: null used for required field: "${name}", schema type: ${schema.type}`,
    );
  };
}

function mismatch(schema: ConnectSchema, wanted: ConnectSchema, path: string): never {
  const kind = (each: ConnectSchema) => (each.logical ?? each.type).toLowerCase();
  throw new DataError(`Cannot deserialize type ${kind(schema)} as type ${kind(wanted)} for path: ${path}`);
}

function orNull(convert: Convert): (value: Value) => Value {
  return (value) => (value === null ? null : convert(value));
}

function same(value: Exclude<Value, null>): Value {
  return value;
}
