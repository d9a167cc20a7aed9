/**
 * The data model in which the formats of the schema registry meet ksqlDB's types: that of Kafka Connect, which
 * ksqlDB itself goes through. Its values are those of ksqlDB's types (`Value`): INT64 a bigint, the shorter integers and
 * floats a number, a struct an array of its fields' values, a logical type as the SQL type of its name.
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
  /** Of decimals. */
  readonly precision?: number;
  readonly scale?: number;
  readonly name?: string;
  /** Absent where there is none; null may be one. */
  readonly default?: Value;
  readonly element?: ConnectSchema;
  readonly key?: ConnectSchema;
  readonly value?: ConnectSchema;
  readonly fields?: readonly ConnectField[];
}

const mostParts = 20_000;

/** Types that use one another by name grow by multiplication when they are written out; this sets an end to it. */
export class PartBudget {
  #left = mostParts;

  /** @throws KsqlException when it is used up */
  spend(): void {
    if (--this.#left < 0) throw new KsqlException(`The schema has more than ${mostParts} parts`);
  }
}

/** How ksqlDB writes a type: every part optional. */
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

/** The schema of a whole row: a struct that is never null. */
export function recordSchemaOf(fields: readonly StructField[]): ConnectSchema {
  return {
    type: 'STRUCT',
    optional: false,
    fields: fields.map(({ name, type }) => ({ name, schema: connectSchemaOf(type) })),
  };
}

/** Connect's own precision of decimals, where a schema tells none. */
const defaultPrecision = 64;

/**
 * The SQL type as which ksqlDB reads a schema; undefined where it reads none.
 *
 * @param upperCase whether names of fields are to be upper-cased
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
        // A field of a type that ksqlDB does not know is left out.
        const type = sqlTypeOf(inner, upperCase);
        if (type !== undefined) fields.push({ name: upperCase ? name.toUpperCase() : name, type });
      }
      return { base: 'STRUCT', fields };
    }
  }
}
