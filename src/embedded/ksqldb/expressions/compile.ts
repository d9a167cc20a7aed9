/**
 * Compiles an expression to a function of a row, once per query, so that no syntax tree is walked per record.
 *
 * Failures are handled as in ksqlDB's generated code. If an operation fails, the whole expression is logged and becomes
 * NULL. Arguments that are calls or field accesses, casts, and the elements of arrays, maps and structs become NULL on
 * their own.
 */
import type { Expression, SearchedCase } from '../../../sql/ast.js';
import { BOOLEAN, type SqlType, sameType } from '../../../sql/sql-type.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import { castFunction } from '../types/cast.js';
import { EvaluationError, NULL_OPERAND } from '../types/evaluation-error.js';
import { formatSqlType } from '../types/format-type.js';
import type { Value } from '../types/value.js';
import { compileArithmetic, compileUnary } from './compile-arithmetic.js';
import { compileCall } from './compile-call.js';
import { compileComparison } from './compile-comparison.js';
import {
  compileBetween,
  compileIn,
  compileIsNull,
  compileLike,
  compileLogical,
  compileNot,
} from './compile-predicates.js';
import {
  compileArray,
  compileDereference,
  compileMap,
  compileStruct,
  compileSubscript,
} from './compile-structures.js';
import { type CompileContext, type Compiled, constant, fold, guarded, mapped } from './compiled.js';
import { expressionText } from './expression-text.js';
import { literalType, literalValue } from './literal.js';
import type { Evaluator, Scope } from './scope.js';
import { resolveTypeNode } from './type-node.js';
import { caseType, simpleCase } from './type-rules.js';
import { concatCall, type LambdaVariables, lambdaVariable, NO_LAMBDAS } from './typing.js';

export interface CompileOptions {
  /**
   * The clause, as in "Invalid Select: ..." (Select, Predicate, Group By, ...). If absent, typing errors are thrown
   * unchanged.
   */
  readonly purpose?: string;
  /** The processing log message for a row that fails (default: "Error computing expression ..."). */
  readonly errorMessage?: string;
  /** The result for a failing row (default: NULL; false for a predicate). */
  readonly defaultValue?: Value;
  /**
   * ksqlDB interprets the expressions of pull queries instead of compiling them, with different rules: arithmetic
   * with NULL is NULL, and a failure always fails the whole expression.
   */
  readonly interpreted?: boolean;
}

export interface CompiledExpression {
  /** Null for the NULL literal. */
  readonly type: SqlType | null;
  /** Never throws: a failure is reported to the scope. */
  readonly evaluate: Evaluator;
  /** The value, if it is the same for every row. */
  readonly constant?: Value;
}

/**
 * @throws KsqlException if the types do not match; a KsqlStatementException if `purpose` is set
 */
export function compileExpression(
  expression: Expression,
  scope: Scope,
  options: CompileOptions = {},
): CompiledExpression {
  const defaultValue = options.defaultValue ?? null;
  const compiled = compileFor(expression, scope, options, {
    scope,
    interpreted: options.interpreted ?? false,
    nestedErrors: !options.interpreted && scope.config.get('ksql.nested.error.set.null') !== 'false',
    castKeepsNull: scope.config.get('ksql.cast.strings.preserve.nulls') !== 'false',
    nestedFailure: (name, error, type) => {
      scope.onError(`Error processing ${name}`, error);
      if (defaultValue === null || type?.base === 'BOOLEAN') return defaultValue;
      // ksqlDB would use the default of a predicate here, which only fits a BOOLEAN.
      throw new EvaluationError(
        'UNSUPPORTED',
        `No default value of type ${type?.base} in a predicate`,
        error,
      );
    },
  });
  const { type, run, safe } = compiled;
  const known = compiled.constant === undefined ? {} : { constant: compiled.constant };
  if (safe) return { type, evaluate: run, ...known };
  let message = options.errorMessage;
  return {
    type,
    ...known,
    evaluate: (row) => {
      try {
        return run(row);
      } catch (error) {
        message ??= `Error computing expression ${expressionText(expression)}`;
        scope.onError(message, error);
        return defaultValue;
      }
    },
  };
}

/** Compiles like `compileExpression`, but throws failures. For values that are computed once, such as those of INSERT. */
export function compileThrowing(expression: Expression, scope: Scope): CompiledExpression {
  const { type, run, ...rest } = compileFor(
    expression,
    scope,
    {},
    {
      scope,
      interpreted: false,
      nestedErrors: true,
      castKeepsNull: true,
      nestedFailure: (name, error) => {
        throw new KsqlException(`Error processing ${name}`, error);
      },
    },
  );
  return { type, evaluate: run, ...(rest.constant === undefined ? {} : { constant: rest.constant }) };
}

function compileFor(
  expression: Expression,
  scope: Scope,
  { purpose }: CompileOptions,
  settings: Omit<CompileContext, 'compile'>,
): Compiled {
  const context: CompileContext = {
    ...settings,
    compile: (part, lambdas) => compilePart(part, scope, context, lambdas),
  };
  if (purpose === undefined) return context.compile(expression, NO_LAMBDAS);
  try {
    return context.compile(expression, NO_LAMBDAS);
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    const text = expressionText(expression);
    throw new KsqlStatementException(
      `Invalid ${purpose}: ${error.message}. expression: ${text}`,
      text,
      error,
    );
  }
}

function compilePart(
  expression: Expression,
  scope: Scope,
  context: CompileContext,
  lambdas: LambdaVariables,
): Compiled {
  const inner = (part: Expression) => context.compile(part, lambdas);
  switch (expression.kind) {
    case 'Null':
    case 'Boolean':
    case 'Integer':
    case 'Long':
    case 'Decimal':
    case 'Double':
    case 'String':
      return constant(literalValue(expression), literalType(expression));
    case 'Column': {
      const variable = lambdaVariable(expression, lambdas);
      if (variable !== undefined) {
        const { cell, type } = variable;
        return { type, run: () => cell.value, safe: true };
      }
      const { slot, type } = scope.resolve(expression);
      return { type, run: (row) => row[slot]!, safe: true };
    }
    case 'Dereference':
      return compileDereference(expression, inner(expression.base));
    case 'Subscript':
      return compileSubscript(expression, inner(expression.base), inner(expression.index));
    case 'ArithmeticUnary':
      return compileUnary(expression, inner(expression.value));
    case 'ArithmeticBinary':
      return compileArithmetic(
        expression,
        inner(expression.left),
        inner(expression.right),
        context.interpreted,
      );
    case 'Concat':
      return inner(concatCall(expression.left, expression.right));
    case 'Comparison':
      return compileComparison(expression, inner(expression.left), inner(expression.right));
    case 'Logical':
      return compileLogical(expression, inner(expression.left), inner(expression.right));
    case 'Not':
      return compileNot(inner(expression.value), expressionText(expression.value));
    case 'IsNull':
      return compileIsNull(inner(expression.value), expression.negated);
    case 'Between':
      return compileBetween(
        expression,
        inner(expression.value),
        inner(expression.min),
        inner(expression.max),
      );
    case 'In':
      return compileIn(expression, context, lambdas);
    case 'Like':
      return compileLike(expression, inner(expression.value), inner(expression.pattern));
    case 'SearchedCase':
      return compileCase(expression, context, lambdas);
    case 'SimpleCase':
      throw simpleCase();
    case 'Cast':
      return compileCast(inner(expression.value), resolveTypeNode(expression.type), context);
    case 'Call':
      return compileCall(expression, context, lambdas);
    case 'Array':
      return compileArray(expression, context, lambdas);
    case 'Map':
      return compileMap(expression, context, lambdas);
    case 'Struct':
      return compileStruct(expression, context, lambdas);
    case 'Lambda':
      throw new KsqlException(
        `A lambda is only valid as an argument of a function: ${expressionText(expression)}`,
      );
    case 'IntervalUnit':
      return constant(expression.unit, null);
  }
}

function compileCast(part: Compiled, to: SqlType, context: CompileContext): Compiled {
  if (part.type === null || sameType(part.type, to)) return { ...part, type: to };
  const cast = castFunction(part.type, to);
  const name = formatSqlType(to);
  if (to.base === 'STRING' && !context.castKeepsNull && !KEEPS_NULL.has(part.type.base)) {
    return guarded(
      mapped(part, to, (value) => (value === null ? 'null' : cast(value))),
      name,
      context,
    );
  }
  return guarded(mapped(part, to, cast), name, context);
}

/** Casts of these types to STRING preserve NULL, regardless of the configuration. */
const KEEPS_NULL: ReadonlySet<string> = new Set(['DECIMAL', 'DATE', 'TIME', 'TIMESTAMP']);

/** Evaluates the conditions in order, and only the branch that is taken. */
function compileCase(expression: SearchedCase, context: CompileContext, lambdas: LambdaVariables): Compiled {
  const parts = new Map<Expression, Compiled>();
  const inner = (part: Expression): Compiled => {
    let compiled = parts.get(part);
    if (compiled === undefined) {
      compiled = context.compile(part, lambdas);
      parts.set(part, compiled);
    }
    return compiled;
  };
  const type = caseType(expression, (part) => inner(part).type);
  const conditions = expression.whens.map(({ condition }) => inner(condition).run);
  const results = expression.whens.map(({ result }) => inner(result).run);
  const otherwise = expression.otherwise === undefined ? () => null : inner(expression.otherwise).run;
  const run: Evaluator = (row) => {
    for (let i = 0; i < conditions.length; i++) {
      const chosen = conditions[i]!(row);
      if (chosen === true) return results[i]!(row);
      if (chosen === null) throw NULL_OPERAND;
    }
    return otherwise(row);
  };
  return fold({ type: type ?? BOOLEAN, run }, ...parts.values());
}
