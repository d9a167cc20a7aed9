import type { Expression, Literal } from '../../../sql/ast.js';
import { BIGINT, BOOLEAN, DOUBLE, INTEGER, type SqlType, STRING } from '../../../sql/sql-type.js';
import { Decimal } from '../types/decimal.js';
import { decimalTypeOf } from '../types/decimal-type.js';
import type { Value } from '../types/value.js';

export function isLiteral(expression: Expression): expression is Literal {
  switch (expression.kind) {
    case 'Null':
    case 'Boolean':
    case 'Integer':
    case 'Long':
    case 'Decimal':
    case 'Double':
    case 'String':
      return true;
    default:
      return false;
  }
}

export function literalValue(literal: Literal): Value {
  switch (literal.kind) {
    case 'Null':
      return null;
    case 'Decimal':
      return Decimal.parse(literal.text);
    default:
      return literal.value;
  }
}

/** Returns the type of a literal; null for NULL. */
export function literalType(literal: Literal): SqlType | null {
  switch (literal.kind) {
    case 'Null':
      return null;
    case 'Boolean':
      return BOOLEAN;
    case 'Integer':
      return INTEGER;
    case 'Long':
      return BIGINT;
    case 'Decimal':
      return decimalTypeOf(Decimal.parse(literal.text));
    case 'Double':
      return DOUBLE;
    case 'String':
      return STRING;
  }
}

/** Returns the value of a literal or a signed number; undefined for anything else. */
export function constantOf(expression: Expression): Value | undefined {
  if (isLiteral(expression)) return literalValue(expression);
  if (expression.kind === 'IntervalUnit') return expression.unit;
  if (expression.kind !== 'ArithmeticUnary') return undefined;
  const value = constantOf(expression.value);
  if (value === undefined || value === null || expression.op === '+') return value;
  if (typeof value === 'number') return expression.value.kind === 'Integer' ? -value | 0 : -value;
  if (typeof value === 'bigint') return BigInt.asIntN(64, -value);
  return value instanceof Decimal ? value.negate() : undefined;
}
