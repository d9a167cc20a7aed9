/**
 * The data model between the schema registry formats and ksqlDB's types. It is Kafka Connect's, which ksqlDB also uses.
 * Values are represented like those of ksqlDB's types (`Value`): INT64 is a bigint, shorter integers and floats are
 * numbers, a struct is an array of field values, and a logical type is like the SQL type of the same name.
 */
import { decimalType, type SqlType, type StructField } from '../../../../sql/sql-type.js';
import { KsqlException } from '../../errors.js';
import type { Value } from '../../types/value.js';

export type ConnectType =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'BOOLEAN'
  | 'STRING'
  | 'BYTES'
  | 'ARRAY'
  | 'MAP'
  | 'STRUCT';

export interface ConnectField {
  readonly name: string;
  readonly schema: ConnectSchema;
}

export interface ConnectSchema {
  readonly type: ConnectType;
  readonly optional: boolean;
  readonly logical?: 'DECIMAL' | 'DATE' | 'TIME' | 'TIMESTAMP';
  /** For decimals only. */
  readonly precision?: number;
  readonly scale?: number;
  readonly name?: string;
  /** Absent if there is no default; null is a possible default. */
  readonly default?: Value;
  readonly element?: ConnectSchema;
  readonly key?: ConnectSchema;
  readonly value?: ConnectSchema;
  readonly fields?: readonly ConnectField[];
}

const mostParts = 20_000;

/** Limits the size of schemas, because types that refer to each other by name can grow exponentially when expanded. */
export class PartBudget {
  #left = mostParts;

  /** @throws KsqlException if the limit is exceeded */
  spend(): void {
    if (--this.#left < 0) throw new KsqlException(`The schema has more than ${mostParts} parts`);
  }
}

/** Returns the schema that ksqlDB writes for a type, in which every part is optional. */
export function connectSchemaOf(type: SqlType): ConnectSchema {
  switch (type.base) {
    case 'BOOLEAN':
    case 'STRING':
    case 'BYTES':
      return { type: type.base, optional: true };
    case 'INTEGER':
      return { type: 'INT32', optional: true };
    case 'BIGINT':
      return { type: 'INT64', optional: true };
    case 'DOUBLE':
      return { type: 'FLOAT64', optional: true };
    case 'DECIMAL': {
      const { precision, scale } = type;
      return { type: 'BYTES', optional: true, logical: 'DECIMAL', precision, scale };
    }
    case 'DATE':
    case 'TIME':
      return { type: 'INT32', optional: true, logical: type.base };
    case 'TIMESTAMP':
      return { type: 'INT64', optional: true, logical: type.base };
    case 'ARRAY':
      return { type: 'ARRAY', optional: true, element: connectSchemaOf(type.element) };
    case 'MAP':
      return {
        type: 'MAP',
        optional: true,
        key: connectSchemaOf(type.key),
        value: connectSchemaOf(type.value),
      };
    case 'STRUCT':
      return { ...recordSchemaOf(type.fields), optional: true };
  }
}

/** Returns the schema of a row: a struct that is not nullable. */
export function recordSchemaOf(fields: readonly StructField[]): ConnectSchema {
  return {
    type: 'STRUCT',
    optional: false,
    fields: fields.map(({ name, type }) => ({ name, schema: connectSchemaOf(type) })),
  };
}

/** Connect's precision for decimals whose schema does not specify one. */
const defaultPrecision = 64;

/**
 * Returns the SQL type that ksqlDB infers from a schema, or undefined if it does not support it.
 *
 * @param upperCase true to upper-case field names
 */
export function sqlTypeOf(schema: ConnectSchema, upperCase: boolean): SqlType | undefined {
  switch (schema.logical) {
    case 'DECIMAL':
      return decimalType(schema.precision ?? defaultPrecision, schema.scale ?? 0);
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return { base: schema.logical };
    default:
  }
  switch (schema.type) {
    case 'INT8':
    case 'INT16':
    case 'INT32':
      return { base: 'INTEGER' };
    case 'INT64':
      return { base: 'BIGINT' };
    case 'FLOAT32':
    case 'FLOAT64':
      return { base: 'DOUBLE' };
    case 'BOOLEAN':
    case 'STRING':
    case 'BYTES':
      return { base: schema.type };
    case 'ARRAY': {
      const element = sqlTypeOf(schema.element!, upperCase);
      return element && { base: 'ARRAY', element };
    }
    case 'MAP': {
      const value = sqlTypeOf(schema.value!, upperCase);
      const keys: readonly ConnectType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'BOOLEAN', 'STRING'];
      if (value === undefined || !keys.includes(schema.key!.type)) return undefined;
      return { base: 'MAP', key: { base: 'STRING' }, value };
    }
    case 'STRUCT': {
      const fields: StructField[] = [];
      for (const { name, schema: inner } of schema.fields!) {
        // Fields with a type that ksqlDB does not know are left out.
        const type = sqlTypeOf(inner, upperCase);
        if (type !== undefined) fields.push({ name: upperCase ? name.toUpperCase() : name, type });
      }
      return { base: 'STRUCT', fields };
    }
  }
}
