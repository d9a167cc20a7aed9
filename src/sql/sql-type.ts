/** Types without parameters. */
export type SimpleBase =
  | 'BOOLEAN'
  | 'INTEGER'
  | 'BIGINT'
  | 'DOUBLE'
  | 'STRING'
  | 'BYTES'
  | 'DATE'
  | 'TIME'
  | 'TIMESTAMP';

export interface SimpleType {
  readonly base: SimpleBase;
}

/** An exact number with `precision` digits, `scale` of them after the decimal point. */
export interface DecimalType {
  readonly base: 'DECIMAL';
  readonly precision: number;
  readonly scale: number;
}

export interface ArrayType {
  readonly base: 'ARRAY';
  readonly element: SqlType;
}

export interface MapType {
  readonly base: 'MAP';
  readonly key: SqlType;
  readonly value: SqlType;
}

export interface StructField {
  /** The stored name: upper-cased unless it was quoted. */
  readonly name: string;
  readonly type: SqlType;
}

export interface StructType {
  readonly base: 'STRUCT';
  readonly fields: readonly StructField[];
}

/**
 * A resolved SQL type of ksqlDB.
 *
 * Source: https://docs.ksqldb.io/en/latest/reference/sql/data-types/
 */
export type SqlType = SimpleType | DecimalType | ArrayType | MapType | StructType;

export type SqlBase = SqlType['base'];

export const BOOLEAN: SimpleType = { base: 'BOOLEAN' };
export const INTEGER: SimpleType = { base: 'INTEGER' };
export const BIGINT: SimpleType = { base: 'BIGINT' };
export const DOUBLE: SimpleType = { base: 'DOUBLE' };
export const STRING: SimpleType = { base: 'STRING' };
export const BYTES: SimpleType = { base: 'BYTES' };
export const DATE: SimpleType = { base: 'DATE' };
export const TIME: SimpleType = { base: 'TIME' };
export const TIMESTAMP: SimpleType = { base: 'TIMESTAMP' };

export function decimalType(precision: number, scale: number): DecimalType {
  return { base: 'DECIMAL', precision, scale };
}

export function arrayType(element: SqlType): ArrayType {
  return { base: 'ARRAY', element };
}

export function mapType(key: SqlType, value: SqlType): MapType {
  return { base: 'MAP', key, value };
}

export function structType(fields: readonly StructField[]): StructType {
  return { base: 'STRUCT', fields };
}

/** Compares types structurally, including field names and order. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a === b) return true;
  switch (a.base) {
    case 'DECIMAL':
      return b.base === 'DECIMAL' && a.precision === b.precision && a.scale === b.scale;
    case 'ARRAY':
      return b.base === 'ARRAY' && sameType(a.element, b.element);
    case 'MAP':
      return b.base === 'MAP' && sameType(a.key, b.key) && sameType(a.value, b.value);
    case 'STRUCT':
      return (
        b.base === 'STRUCT' &&
        a.fields.length === b.fields.length &&
        a.fields.every(
          (field, i) => field.name === b.fields[i]?.name && sameType(field.type, b.fields[i].type),
        )
      );
    default:
      return a.base === b.base;
  }
}
