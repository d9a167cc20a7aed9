/**
 * Finds the common type of expressions: the elements of ARRAY[...], the keys and values of MAP(...), and a value with the
 * list that it is looked up in.
 *
 * The first expression that is not NULL determines the type. Literals adapt to it; other expressions must be convertible
 * without loss. Source: the rules of ksqlDB's CoercionUtil.
 */
import type { Expression } from '../../../sql/ast.js';
import {
  arrayType,
  BIGINT,
  DOUBLE,
  INTEGER,
  mapType,
  type SqlType,
  type StructField,
  structType,
} from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { canImplicitlyCast } from '../functions/generics.js';
import { parseBooleanExactly } from '../types/cast.js';
import { Decimal } from '../types/decimal.js';
import { decimalTypeOf, widestDecimalType } from '../types/decimal-type.js';
import { formatSqlType } from '../types/format-type.js';
import { expressionText } from './expression-text.js';
import { isLiteral } from './literal.js';
import { coercedType, fieldNames } from './value-coercer.js';

/** Signals an impossible conversion. Each level of nesting adds its own message. */
class InvalidCoercion extends KsqlException {}

type TypeOf = (expression: Expression) => SqlType | null;

/**
 * @returns null if there are no expressions, or all are NULL
 * @throws KsqlException if they have no common type
 */
export function commonType(expressions: readonly Expression[], typeOf: TypeOf): SqlType | null {
  let common: SqlType | null = null;
  for (const expression of expressions) common = widen(expression, typeOf(expression), common, typeOf);
  return common;
}

function widen(
  expression: Expression,
  type: SqlType | null,
  common: SqlType | null,
  typeOf: TypeOf,
): SqlType | null {
  if (common === null) return type;
  if (type === null) return common;
  switch (expression.kind) {
    case 'Array':
      if (common.base !== 'ARRAY') throw noConversion(expression, type, common);
      return within(expression, type, common, () =>
        arrayType(widenAll(common.element, expression.elements, typeOf)),
      );
    case 'Map':
      if (common.base !== 'MAP') throw noConversion(expression, type, common);
      return within(expression, type, common, () =>
        mapType(
          widenAll(
            common.key,
            expression.entries.map(({ key }) => key),
            typeOf,
          ),
          widenAll(
            common.value,
            expression.entries.map(({ value }) => value),
            typeOf,
          ),
        ),
      );
    case 'Struct': {
      if (common.base !== 'STRUCT' || type.base !== 'STRUCT') throw noConversion(expression, type, common);
      const own = type.fields;
      return within(expression, type, common, () =>
        structType(
          fieldNames(own, common.fields).map((name): StructField => {
            const source = expression.fields.find((field) => field.name === name);
            const sourceType = own.find((field) => field.name === name)?.type;
            const target = common.fields.find((field) => field.name === name);
            if (source === undefined || sourceType === undefined) return target!;
            if (target === undefined) return { name, type: sourceType };
            return { name, type: widen(source.value, sourceType, target.type, typeOf)! };
          }),
        ),
      );
    }
    case 'String':
      if (isNumber(common)) return widenByText(expression.value, common);
      if (common.base === 'BOOLEAN') {
        if (parseBooleanExactly(expression.value.trim()) === null)
          throw invalidText(expression.value, common);
        return common;
      }
      break;
    default:
      break;
  }
  const laxity = isLiteral(expression) ? 'LAX' : 'STRICT';
  const result = coercedType(type, common, laxity) ?? coercedType(common, type, laxity);
  if (result === undefined) throw noConversion(expression, type, common);
  return result;
}

function widenAll(start: SqlType, expressions: readonly Expression[], typeOf: TypeOf): SqlType {
  return expressions.reduce<SqlType>((type, each) => widen(each, typeOf(each), type, typeOf)!, start);
}

function within(expression: Expression, type: SqlType, common: SqlType, build: () => SqlType): SqlType {
  try {
    return build();
  } catch (error) {
    if (error instanceof InvalidCoercion) throw noConversion(expression, type, common, error);
    throw error;
  }
}

function isNumber(type: SqlType): boolean {
  return (
    type.base === 'INTEGER' || type.base === 'BIGINT' || type.base === 'DECIMAL' || type.base === 'DOUBLE'
  );
}

/** A number in a text literal is typed by its digits. */
function widenByText(text: string, common: SqlType): SqlType {
  const number = Decimal.tryParse(text.trim());
  if (number === null) throw invalidText(text, common);
  const type = typeOfNumber(text, number);
  if (common.base === 'DOUBLE') return DOUBLE;
  if (type.base === 'DECIMAL' || common.base === 'DECIMAL') return widestDecimalType(type, common);
  return canImplicitlyCast(type.base, common.base) ? common : type;
}

function typeOfNumber(text: string, number: Decimal): SqlType {
  if (number.scale === 0 && !/[.eE]/.test(text)) {
    const value = number.unscaled;
    if (value > -0x80000000n && value < 0x7fffffffn) return INTEGER;
    if (value > -0x8000000000000000n && value < 0x7fffffffffffffffn) return BIGINT;
  }
  return decimalTypeOf(number);
}

function invalidText(text: string, type: SqlType): KsqlException {
  return new KsqlException(`invalid input syntax for type ${type.base}: "${text}".`);
}

function noConversion(
  expression: Expression,
  source: SqlType,
  target: SqlType,
  cause?: InvalidCoercion,
): InvalidCoercion {
  return new InvalidCoercion(
    `operator does not exist: ${formatSqlType(target)} = ${formatSqlType(source)} ` +
      `(${expressionText(expression)})\nHint: You might need to add explicit type casts.`,
    cause,
  );
}
