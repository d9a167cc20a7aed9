/** Compiles AND, OR, NOT, IS NULL, BETWEEN, IN and LIKE with ksqlDB's treatment of NULL, which is not that of standard SQL. */
import type { BetweenPredicate, InPredicate, LikePredicate, LogicalBinary } from '../../../sql/ast.js';
import { BOOLEAN, type SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { valueKey } from '../types/compare.js';
import type { Decimal } from '../types/decimal.js';
import { NULL_OPERAND } from '../types/evaluation-error.js';
import { formatSqlType } from '../types/format-type.js';
import type { Value } from '../types/value.js';
import { compileComparison } from './compile-comparison.js';
import { commonTyped } from './compile-structures.js';
import { type CompileContext, type Compiled, fold } from './compiled.js';
import { expressionText } from './expression-text.js';
import { likeMatcher } from './like.js';
import type { Evaluator } from './scope.js';
import type { LambdaVariables } from './typing.js';

function requireBoolean(part: Compiled, text: string): void {
  if (part.type?.base === 'BOOLEAN') return;
  throw new KsqlException(
    `${text} should be of type BOOLEAN, but is ${part.type === null ? 'null' : formatSqlType(part.type)}`,
  );
}

/** Evaluates the right side only if the left one does not decide. A NULL that is evaluated fails the expression. */
export function compileLogical(expression: LogicalBinary, left: Compiled, right: Compiled): Compiled {
  requireBoolean(left, expressionText(expression.left));
  requireBoolean(right, expressionText(expression.right));
  const l = left.run;
  const r = right.run;
  const decisive = expression.op === 'OR';
  const run: Evaluator = (row) => {
    const a = l(row);
    if (a === decisive) return decisive;
    if (a === null) throw NULL_OPERAND;
    const b = r(row);
    if (b === null) throw NULL_OPERAND;
    return b;
  };
  return fold({ type: BOOLEAN, run }, left, right);
}

/** Fails for NULL. */
export function compileNot(part: Compiled, text: string): Compiled {
  requireBoolean(part, text);
  const { run } = part;
  return fold(
    {
      type: BOOLEAN,
      run: (row) => {
        const value = run(row);
        if (value === null) throw NULL_OPERAND;
        return !value;
      },
    },
    part,
  );
}

export function compileIsNull(part: Compiled, negated: boolean): Compiled {
  const { run } = part;
  return fold(
    {
      type: BOOLEAN,
      run: negated ? (row) => run(row) !== null : (row) => run(row) === null,
      safe: part.safe ?? false,
    },
    part,
  );
}

export function compileBetween(
  expression: BetweenPredicate,
  value: Compiled,
  min: Compiled,
  max: Compiled,
): Compiled {
  const atLeast = compileComparison({ op: '>=', left: expression.value, right: expression.min }, value, min);
  const atMost = compileComparison({ op: '<=', left: expression.value, right: expression.max }, value, max);
  const low = atLeast.run;
  const high = atMost.run;
  const run: Evaluator = expression.negated
    ? (row) => !(low(row) && high(row))
    : (row) => low(row) && high(row);
  return fold({ type: BOOLEAN, run, safe: (atLeast.safe && atMost.safe) ?? false }, value, min, max);
}

/** NULL is in no list, and a NULL in the list matches nothing. */
export function compileIn(
  expression: InPredicate,
  context: CompileContext,
  lambdas: LambdaVariables,
): Compiled {
  const list = expression.list.filter(({ kind }) => kind !== 'Null');
  const { type, parts } = commonTyped([expression.value, ...list], context, lambdas);
  const [value, ...items] = parts as [Compiled, ...Compiled[]];
  const { negated } = expression;
  const { run } = value;
  const inKey = keyFor(type);
  const known = new Set<Value>();
  const open: Evaluator[] = [];
  for (const item of items) {
    if (item.constant === undefined) open.push(item.run);
    else if (item.constant !== null) known.add(inKey(item.constant));
  }
  const search: Evaluator =
    open.length === 0
      ? (row) => {
          const wanted = run(row);
          return (wanted !== null && known.has(inKey(wanted))) !== negated;
        }
      : (row) => {
          const wanted = run(row);
          if (wanted === null) return negated;
          const key = inKey(wanted);
          if (known.has(key)) return !negated;
          for (const each of open) {
            const item = each(row);
            if (item !== null && inKey(item) === key) return !negated;
          }
          return negated;
        };
  return fold({ type: BOOLEAN, run: search }, ...parts);
}

/** Returns a function that distinguishes values of one type like Java's `equals`. */
function keyFor(type: SqlType | null): (value: Value) => Value {
  switch (type?.base) {
    case 'DECIMAL':
      // All values already have the scale of the type.
      return (value) => (value as Decimal).unscaled;
    case 'DOUBLE':
      return (value) => (Object.is(value, -0) ? '-0.0' : value);
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
    case 'BYTES':
      return valueKey;
    default:
      return (value) => value;
  }
}

export function compileLike(expression: LikePredicate, value: Compiled, pattern: Compiled): Compiled {
  for (const [part, source] of [
    [value, expression.value],
    [pattern, expression.pattern],
  ] as const) {
    if (part.type?.base !== 'STRING') {
      throw new KsqlException(
        `${expressionText(source)} should be of type STRING to be used with LIKE, ` +
          `but is ${part.type === null ? 'null' : formatSqlType(part.type)}`,
      );
    }
  }
  const { negated } = expression;
  const { run } = value;
  const searched = expression.escape;
  if (typeof pattern.constant === 'string') {
    const matches = likeMatcher(pattern.constant, searched);
    return fold(
      {
        type: BOOLEAN,
        run: (row) => {
          const text = run(row);
          if (text === null) throw NULL_OPERAND;
          return matches(text as string) !== negated;
        },
      },
      value,
    );
  }
  const patternOf = pattern.run;
  let last: string | undefined;
  let matches: (text: string) => boolean = () => false;
  return {
    type: BOOLEAN,
    run: (row) => {
      const text = run(row);
      const written = patternOf(row);
      if (text === null || written === null) throw NULL_OPERAND;
      if (written !== last) {
        matches = likeMatcher(written as string, searched);
        last = written as string;
      }
      return matches(text as string) !== negated;
    },
  };
}
