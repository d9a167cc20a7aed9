/** Compiles comparisons. They are false if either side is NULL; IS DISTINCT FROM treats NULL as a value. */
import type { ComparisonOp, Expression } from '../../../sql/ast.js';
import {
  BIGINT,
  BOOLEAN,
  DATE,
  DOUBLE,
  type SqlType,
  sameType,
  TIME,
  TIMESTAMP,
} from '../../../sql/sql-type.js';
import { castFunction } from '../types/cast.js';
import { DAY_MS } from '../types/civil.js';
import { compareBytes, equalValues } from '../types/compare.js';
import { Decimal } from '../types/decimal.js';
import { parseDate, parseTime, parseTimestamp } from '../types/time-text.js';
import type { Value } from '../types/value.js';
import { type Compiled, fold, mapped } from './compiled.js';
import type { Evaluator } from './scope.js';
import { checkComparison } from './type-rules.js';

type NonNull = Exclude<Value, null>;
type Test = (a: NonNull, b: NonNull) => boolean;

export function compileComparison(
  expression: { readonly op: ComparisonOp; readonly left: Expression; readonly right: Expression },
  left: Compiled,
  right: Compiled,
): Compiled {
  checkComparison(expression, left.type, right.type);
  const { l, r, kind } = alignOperands(left, right);
  const run = comparison(expression.op, kind, l, r);
  return fold({ type: BOOLEAN, run, safe: (l.safe ?? false) && (r.safe ?? false) }, l, r);
}

type Kind = 'natural' | 'decimal' | 'bytes' | 'deep';

/** Converts both sides to comparable values. */
function alignOperands(
  left: Compiled,
  right: Compiled,
): { readonly l: Compiled; readonly r: Compiled; readonly kind: Kind | Test } {
  const a = left.type!;
  const b = right.type!;
  if (a.base === 'DECIMAL' || b.base === 'DECIMAL') {
    return { l: toDecimal(left), r: toDecimal(right), kind: 'decimal' };
  }
  if (isTime(a) || isTime(b)) {
    const as =
      a.base === 'TIME' || b.base === 'TIME' ? TIME : isTimestamp(a) || isTimestamp(b) ? TIMESTAMP : DATE;
    return { l: toTime(left, as), r: toTime(right, as), kind: 'natural' };
  }
  if (a.base === 'DOUBLE' || b.base === 'DOUBLE') {
    return { l: converted(left, DOUBLE), r: converted(right, DOUBLE), kind: 'natural' };
  }
  if (a.base === 'BIGINT' || b.base === 'BIGINT') {
    return { l: converted(left, BIGINT), r: converted(right, BIGINT), kind: 'natural' };
  }
  if (a.base === 'BYTES') return { l: left, r: right, kind: 'bytes' };
  if (a.base === 'ARRAY' || a.base === 'MAP' || a.base === 'STRUCT') {
    return { l: left, r: right, kind: sameType(a, b) ? 'deep' : equalAcross(a, b) };
  }
  return { l: left, r: right, kind: 'natural' };
}

function isTime(type: SqlType): boolean {
  return type.base === 'DATE' || type.base === 'TIME' || type.base === 'TIMESTAMP';
}

function isTimestamp(type: SqlType): boolean {
  return type.base === 'TIMESTAMP';
}

function converted(part: Compiled, to: SqlType): Compiled {
  if (part.type!.base === to.base) return part;
  return { ...mapped(part, to, castFunction(part.type, to)), safe: part.safe ?? false };
}

function toDecimal(part: Compiled): Compiled {
  const type = part.type!;
  switch (type.base) {
    case 'DECIMAL':
      return part;
    case 'DOUBLE':
      return mapped(part, type, (value) => (value === null ? null : Decimal.fromNumber(value as number)));
    default:
      return mapped(part, type, (value) =>
        value === null ? null : new Decimal(BigInt(value as number | bigint), 0),
      );
  }
}

function toTime(part: Compiled, as: SqlType): Compiled {
  const from = part.type!;
  if (from.base === as.base) return part;
  if (from.base === 'DATE') {
    return mapped(part, as, (value) => (value === null ? null : (value as number) * DAY_MS));
  }
  const parse = as.base === 'TIME' ? parseTime : as.base === 'DATE' ? parseDate : parseTimestamp;
  return mapped(part, as, (value) => (value === null ? null : parse(value as string)));
}

/** Tests containers of different types for equality: numbers of different types are never equal. */
function equalAcross(a: SqlType, b: SqlType): Test {
  if (a.base === 'ARRAY' && b.base === 'ARRAY') {
    const element = equalOrNull(a.element, b.element);
    return (x, y) => {
      const left = x as readonly Value[];
      const right = y as readonly Value[];
      return left.length === right.length && left.every((value, i) => element(value, right[i]!));
    };
  }
  if (a.base === 'MAP' && b.base === 'MAP') {
    const sameKeys = sameType(a.key, b.key);
    const item = equalOrNull(a.value, b.value);
    return (x, y) => {
      const left = x as ReadonlyMap<Value, Value>;
      const right = y as ReadonlyMap<Value, Value>;
      if (left.size !== right.size) return false;
      for (const [key, value] of left) {
        if (!sameKeys || !right.has(key) || !item(value, right.get(key) as Value)) return false;
      }
      return true;
    };
  }
  if (a.base === 'DECIMAL' && b.base === 'DECIMAL') return equalValues;
  return () => false;
}

function equalOrNull(a: SqlType, b: SqlType): (x: Value, y: Value) => boolean {
  if (sameType(a, b)) return equalValues;
  const equal = equalAcross(a, b);
  return (x, y) => (x === null || y === null ? x === y : equal(x, y));
}

function comparison(op: ComparisonOp, kind: Kind | Test, left: Compiled, right: Compiled): Evaluator {
  const l = left.run;
  const r = right.run;
  if (op === 'IS NOT DISTINCT FROM') {
    const distinct = comparison('IS DISTINCT FROM', kind, left, right);
    return (row) => !distinct(row);
  }
  if (kind === 'natural' && op !== 'IS DISTINCT FROM') return naturalComparison(op, l, r);
  const test = testOf(op, kind);
  if (op === 'IS DISTINCT FROM') {
    return (row) => {
      const a = l(row);
      const b = r(row);
      return a === null || b === null ? (a === null) !== (b === null) : test(a, b);
    };
  }
  return (row) => {
    const a = l(row);
    if (a === null) return false;
    const b = r(row);
    return b !== null && test(a, b);
  };
}

function testOf(op: ComparisonOp, kind: Kind | Test): Test {
  if (typeof kind === 'function') return op === '=' ? kind : (a, b) => !kind(a, b);
  switch (kind) {
    case 'natural':
      return (a, b) => a < b || a > b;
    case 'deep':
      return op === '=' ? equalValues : (a, b) => !equalValues(a, b);
    case 'decimal':
      return byOrder(op, (a, b) => (a as Decimal).compare(b as Decimal));
    case 'bytes':
      return byOrder(op, compareBytes);
  }
}

function byOrder(op: ComparisonOp, compare: (a: NonNull, b: NonNull) => number): Test {
  switch (op) {
    case '=':
      return (a, b) => compare(a, b) === 0;
    case '<':
      return (a, b) => compare(a, b) < 0;
    case '<=':
      return (a, b) => compare(a, b) <= 0;
    case '>':
      return (a, b) => compare(a, b) > 0;
    case '>=':
      return (a, b) => compare(a, b) >= 0;
    default:
      return (a, b) => compare(a, b) !== 0;
  }
}

/** Types whose JavaScript values compare correctly: numbers, texts, booleans and times. */
function naturalComparison(op: ComparisonOp, l: Evaluator, r: Evaluator): Evaluator {
  switch (op) {
    case '=':
      return (row) => {
        const a = l(row);
        return a !== null && a === r(row);
      };
    case '<>':
      return (row) => {
        const a = l(row);
        const b = r(row);
        // NaN is neither equal to nor different from any number.
        return a !== null && b !== null && (a < b || a > b);
      };
    case '<':
      return (row) => {
        const a = l(row);
        const b = r(row);
        return a !== null && b !== null && a < b;
      };
    case '<=':
      return (row) => {
        const a = l(row);
        const b = r(row);
        return a !== null && b !== null && a <= b;
      };
    case '>':
      return (row) => {
        const a = l(row);
        const b = r(row);
        return a !== null && b !== null && a > b;
      };
    default:
      return (row) => {
        const a = l(row);
        const b = r(row);
        return a !== null && b !== null && a >= b;
      };
  }
}
