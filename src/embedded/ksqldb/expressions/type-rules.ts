/**
 * The types that each kind of expression requires of its parts and results in, with ksqlDB's messages.
 *
 * Source: the rules of ksqlDB's ExpressionTypeManager, ComparisonUtil and Operator.
 */
import type {
  ArithmeticBinary,
  Comparison,
  Expression,
  SearchedCase,
  SubscriptExpression,
} from '../../../sql/ast.js';
import {
  arrayType,
  mapType,
  type SqlType,
  STRING,
  type StructField,
  sameType,
  structType,
} from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { canImplicitlyCast } from '../functions/generics.js';
import { asDecimalType, decimalResultType } from '../types/decimal-type.js';
import { formatSqlType } from '../types/format-type.js';
import { commonType } from './coercion.js';
import { expressionText, whenText } from './expression-text.js';

export type TypeOf = (expression: Expression) => SqlType | null;

export function simpleCase(): KsqlException {
  return new KsqlException(
    'ksqlDB does not support CASE with an operand. Write CASE WHEN operand = value THEN ... END.',
  );
}

/** Returns the type of a field and its position in the struct. */
export function fieldOf(
  base: Expression,
  type: SqlType | null,
  field: string,
): { readonly type: SqlType; readonly index: number } {
  if (type?.base !== 'STRUCT') {
    throw new KsqlException(`Expected STRUCT type, got: ${type === null ? 'null' : formatSqlType(type)}`);
  }
  const index = type.fields.findIndex(({ name }) => name === field);
  if (index < 0) {
    throw new KsqlException(`Could not find field '${field}' in '${expressionText(base)}'.`);
  }
  return { type: type.fields[index]!.type, index };
}

export function subscriptType(expression: SubscriptExpression, base: SqlType | null): SqlType {
  if (base?.base === 'ARRAY') return base.element;
  if (base?.base === 'MAP') return base.value;
  const hint =
    base?.base === 'STRUCT'
      ? ' Use the dereference operator for STRUCTS: ' +
        `${expressionText(expression.base)}->${expressionText(expression.index)}`
      : '';
  throw new KsqlException(
    `Subscript expression (${expressionText(expression)}) do not apply to ` +
      `${base === null ? 'null' : formatSqlType(base)}.${hint}`,
  );
}

function isNumber(type: SqlType): boolean {
  return (
    type.base === 'INTEGER' || type.base === 'BIGINT' || type.base === 'DECIMAL' || type.base === 'DOUBLE'
  );
}

export function arithmeticType(
  expression: ArithmeticBinary,
  left: SqlType | null,
  right: SqlType | null,
): SqlType {
  const failed = (why: string) =>
    new KsqlException(`Error processing expression: ${expressionText(expression)}. ${why}`);
  if (left === null || right === null) {
    const shown = (type: SqlType | null) => (type === null ? 'null' : formatSqlType(type));
    throw failed(`Arithmetic on types ${shown(left)} and ${shown(right)} are not supported.`);
  }
  if (expression.op === '+' && left.base === 'STRING' && right.base === 'STRING') return STRING;
  if (!isNumber(left) || !isNumber(right)) {
    throw failed(`Unsupported arithmetic types. ${left.base} ${right.base}`);
  }
  const wider = canImplicitlyCast(left.base, right.base) ? right : left;
  return wider.base === 'DECIMAL'
    ? decimalResultType(expression.op, asDecimalType(left), asDecimalType(right))
    : wider;
}

const COMPARISON_NAMES = {
  '=': 'EQUAL',
  '<>': 'NOT_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  'IS DISTINCT FROM': 'IS_DISTINCT_FROM',
  'IS NOT DISTINCT FROM': 'IS_NOT_DISTINCT_FROM',
} as const;

export function checkComparison(
  { op, left, right }: Pick<Comparison, 'op' | 'left' | 'right'>,
  leftType: SqlType | null,
  rightType: SqlType | null,
): void {
  if (leftType === null || rightType === null) {
    throw new KsqlException(
      `Comparison with NULL not supported: ${leftType?.base ?? 'NULL'} ${op} ${rightType?.base ?? 'NULL'}\n` +
        "Use 'IS NULL' or 'IS NOT NULL' instead.",
    );
  }
  if (!isComparable(leftType, op, rightType)) {
    throw new KsqlException(
      `Cannot compare ${expressionText(left)} (${formatSqlType(leftType)}) to ` +
        `${expressionText(right)} (${formatSqlType(rightType)}) with ${COMPARISON_NAMES[op]}.`,
    );
  }
}

function isComparable(left: SqlType, op: Comparison['op'], right: SqlType): boolean {
  const equality = op === '=' || op === '<>' || op === 'IS DISTINCT FROM' || op === 'IS NOT DISTINCT FROM';
  switch (left.base) {
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
      return isNumber(right);
    case 'STRING':
      return (
        right.base === 'STRING' ||
        right.base === 'DATE' ||
        right.base === 'TIME' ||
        right.base === 'TIMESTAMP'
      );
    case 'BOOLEAN':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return right.base === left.base && equality;
    case 'TIME':
      return right.base === 'TIME' || right.base === 'STRING';
    case 'DATE':
    case 'TIMESTAMP':
      return right.base === 'DATE' || right.base === 'TIMESTAMP' || right.base === 'STRING';
    case 'BYTES':
      return right.base === 'BYTES';
  }
}

export function caseType(expression: SearchedCase, inner: TypeOf): SqlType {
  let common: SqlType | null = null;
  for (const when of expression.whens) {
    const condition = inner(when.condition);
    if (condition?.base !== 'BOOLEAN') {
      throw new KsqlException(
        'WHEN operand type should be boolean.\n' +
          `Type for '${expressionText(when.condition)}' is ${condition === null ? 'null' : formatSqlType(condition)}`,
      );
    }
    const result = inner(when.result);
    if (result === null) continue;
    if (common === null) common = result;
    else if (!sameType(common, result)) {
      throw new KsqlException(
        "Invalid Case expression. Type for all 'THEN' clauses should be the same.\n" +
          `THEN expression '${whenText(when)}' has type: ${formatSqlType(result)}.\n` +
          `Previous THEN expression(s) type: ${formatSqlType(common)}.`,
      );
    }
  }
  const otherwise = expression.otherwise === undefined ? null : inner(expression.otherwise);
  if (common !== null && otherwise !== null && !sameType(common, otherwise)) {
    throw new KsqlException(
      "Invalid Case expression. Type for the default clause should be the same as for 'THEN' clauses.\n" +
        `THEN type: ${formatSqlType(common)}.\nDEFAULT type: ${formatSqlType(otherwise)}.`,
    );
  }
  const type = common ?? otherwise;
  if (type === null) throw new KsqlException('Invalid Case expression. All case branches have NULL type');
  return type;
}

const ISSUE = '(see https://github.com/confluentinc/ksql/issues/4239)';

export function arrayTypeOf(elements: readonly Expression[], inner: TypeOf): SqlType & { base: 'ARRAY' } {
  if (elements.length === 0) {
    throw new KsqlException(
      `Array constructor cannot be empty. Please supply at least one element ${ISSUE}.`,
    );
  }
  const element = commonType(elements, inner);
  if (element === null) {
    throw new KsqlException(
      `Cannot construct an array with all NULL elements ${ISSUE}. ` +
        'As a workaround, you may cast a NULL value to the desired type.',
    );
  }
  return arrayType(element);
}

export function mapTypeOf(
  entries: readonly { readonly key: Expression; readonly value: Expression }[],
  inner: TypeOf,
): SqlType & { base: 'MAP' } {
  if (entries.length === 0) {
    throw new KsqlException(
      `Map constructor cannot be empty. Please supply at least one key value pair ${ISSUE}.`,
    );
  }
  const part = (what: 'key' | 'value'): SqlType => {
    const type = commonType(
      entries.map((entry) => entry[what]),
      inner,
    );
    if (type !== null) return type;
    throw new KsqlException(
      `Cannot construct a map with all NULL ${what}s ${ISSUE}. ` +
        `As a workaround, you may cast a NULL ${what} to the desired type.`,
    );
  };
  return mapType(part('key'), part('value'));
}

export function structTypeOf(
  fields: readonly { readonly name: string; readonly value: Expression }[],
  inner: TypeOf,
): SqlType & { base: 'STRUCT' } {
  const typed: StructField[] = [];
  for (const { name, value } of fields) {
    const type = inner(value);
    if (type === null) {
      throw new KsqlException(
        `The type of the struct's field '${name}' is unknown. Cast NULL to the desired type.`,
      );
    }
    const earlier = typed.find((field) => field.name === name);
    if (earlier !== undefined) {
      const shown = (field: SqlType) => `\`${name}\` ${formatSqlType(field)}`;
      throw new KsqlException(
        `Duplicate field names found in STRUCT: '${shown(earlier.type)}' and '${shown(type)}'`,
      );
    }
    typed.push({ name, type });
  }
  return structType(typed);
}
