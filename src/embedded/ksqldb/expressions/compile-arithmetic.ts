/**
 * Arithmetic with Java's rules: INTEGER and BIGINT wrap around, an integer division by zero fails, doubles follow IEEE 754,
 * and decimals are exact or fail. A NULL operand fails the expression in compiled, but not in interpreted, mode.
 */
import type { ArithmeticBinary, ArithmeticUnary } from '../../../sql/ast.js';
import { BIGINT, DOUBLE, type SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { castFunction } from '../types/cast.js';
import type { Decimal } from '../types/decimal.js';
import { asDecimalType } from '../types/decimal-type.js';
import { EvaluationError, NULL_OPERAND } from '../types/evaluation-error.js';
import { formatSqlType } from '../types/format-type.js';
import { type Compiled, fold, mapped } from './compiled.js';
import type { Evaluator } from './scope.js';
import { arithmeticType } from './type-rules.js';

type Op = ArithmeticBinary['op'];

type WhenNull = () => null;

const yieldNull: WhenNull = () => null;

const failOnNull: WhenNull = () => {
  throw NULL_OPERAND;
};

export function compileArithmetic(
  expression: ArithmeticBinary,
  left: Compiled,
  right: Compiled,
  interpreted: boolean,
): Compiled {
  const type = arithmeticType(expression, left.type, right.type);
  const l = operand(left, type);
  const r = operand(right, type);
  return fold({ type, run: binary(expression.op, type, l.run, r.run, interpreted) }, l, r);
}

/** Converts the operand to the type of the computation. */
function operand(part: Compiled, result: SqlType): Compiled {
  const from = part.type!;
  if (result.base === 'BIGINT' && from.base === 'INTEGER') {
    return mapped(part, BIGINT, castFunction(from, BIGINT));
  }
  if (result.base === 'DOUBLE' && from.base !== 'DOUBLE') {
    return mapped(part, DOUBLE, castFunction(from, DOUBLE));
  }
  if (result.base === 'DECIMAL' && from.base !== 'DECIMAL') {
    const decimal = asDecimalType(from);
    return mapped(part, decimal, castFunction(from, decimal));
  }
  return part;
}

function binary(op: Op, type: SqlType, l: Evaluator, r: Evaluator, interpreted: boolean): Evaluator {
  const whenNull = interpreted ? yieldNull : failOnNull;
  switch (type.base) {
    case 'INTEGER':
      return integerOperation(op, l, r, whenNull);
    case 'BIGINT':
      return bigintOperation(op, l, r, whenNull);
    case 'DOUBLE':
      return doubleOperation(op, l, r, whenNull);
    case 'DECIMAL':
      return decimalOperation(op, type.precision, type.scale, l, r, whenNull);
    default:
      // Texts are concatenated; NULL becomes the text "null", as in Java.
      if (!interpreted) return (row) => `${l(row)}${r(row)}`;
      return (row) => {
        const a = l(row);
        const b = r(row);
        return a === null || b === null ? null : `${a}${b}`;
      };
  }
}

function divisionByZero(): EvaluationError {
  return new EvaluationError('ARITHMETIC', '/ by zero');
}

function integerOperation(op: Op, l: Evaluator, r: Evaluator, whenNull: WhenNull): Evaluator {
  switch (op) {
    case '+':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return ((a as number) + (b as number)) | 0;
      };
    case '-':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return ((a as number) - (b as number)) | 0;
      };
    case '*':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return Math.imul(a as number, b as number);
      };
    case '/':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        if (b === 0) throw divisionByZero();
        return ((a as number) / (b as number)) | 0;
      };
    case '%':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        if (b === 0) throw divisionByZero();
        return ((a as number) % (b as number)) | 0;
      };
  }
}

function bigintOperation(op: Op, l: Evaluator, r: Evaluator, whenNull: WhenNull): Evaluator {
  switch (op) {
    case '+':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return BigInt.asIntN(64, (a as bigint) + (b as bigint));
      };
    case '-':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return BigInt.asIntN(64, (a as bigint) - (b as bigint));
      };
    case '*':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return BigInt.asIntN(64, (a as bigint) * (b as bigint));
      };
    case '/':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        if (b === 0n) throw divisionByZero();
        return BigInt.asIntN(64, (a as bigint) / (b as bigint));
      };
    case '%':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        if (b === 0n) throw divisionByZero();
        return (a as bigint) % (b as bigint);
      };
  }
}

function doubleOperation(op: Op, l: Evaluator, r: Evaluator, whenNull: WhenNull): Evaluator {
  switch (op) {
    case '+':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as number) + (b as number);
      };
    case '-':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as number) - (b as number);
      };
    case '*':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as number) * (b as number);
      };
    case '/':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as number) / (b as number);
      };
    case '%':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as number) % (b as number);
      };
  }
}

function decimalOperation(
  op: Op,
  precision: number,
  scale: number,
  l: Evaluator,
  r: Evaluator,
  whenNull: WhenNull,
): Evaluator {
  switch (op) {
    case '+':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as Decimal).add(b as Decimal).setScale(scale);
      };
    case '-':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as Decimal).subtract(b as Decimal).setScale(scale);
      };
    case '*':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as Decimal).multiply(b as Decimal).setScale(scale);
      };
    case '/':
      // A non-terminating quotient such as 1 / 3 fails: ksqlDB does not round here.
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return (a as Decimal).divide(b as Decimal, scale, 'UNNECESSARY');
      };
    case '%':
      return (row) => {
        const a = l(row);
        const b = r(row);
        if (a === null || b === null) return whenNull();
        return decimalRemainder(a as Decimal, b as Decimal, precision).setScale(scale);
      };
  }
}

/** Fails like BigDecimal if the integer quotient has more digits than the precision of the result. */
export function decimalRemainder(a: Decimal, b: Decimal, precision: number): Decimal {
  const rest = a.remainder(b);
  const quotient = a.divide(b, 0, 'DOWN');
  if (quotient.precision() > precision && quotient.round(precision, 'DOWN').compare(quotient) !== 0) {
    throw new EvaluationError('ARITHMETIC', 'Division impossible');
  }
  return rest;
}

export function compileUnary(expression: ArithmeticUnary, part: Compiled): Compiled {
  const { type, run } = part;
  return fold({ type, run: unary(expression.op, type, run) }, part);
}

function unary(op: '+' | '-', type: SqlType | null, run: Evaluator): Evaluator {
  const negate = op === '-';
  switch (type?.base) {
    case 'INTEGER':
      return (row) => {
        const value = run(row);
        if (value === null) throw NULL_OPERAND;
        return negate ? -(value as number) | 0 : value;
      };
    case 'BIGINT':
      return (row) => {
        const value = run(row);
        if (value === null) throw NULL_OPERAND;
        return negate ? BigInt.asIntN(64, -(value as bigint)) : value;
      };
    case 'DOUBLE':
      return (row) => {
        const value = run(row);
        if (value === null) throw NULL_OPERAND;
        return negate ? -(value as number) : value;
      };
    case 'DECIMAL':
      return (row) => {
        const value = run(row);
        if (value === null) throw NULL_OPERAND;
        return negate ? (value as Decimal).negate() : value;
      };
    default:
      throw new KsqlException(
        `Unsupported arithmetic types. ${op}${type === undefined || type === null ? 'null' : formatSqlType(type)}`,
      );
  }
}
