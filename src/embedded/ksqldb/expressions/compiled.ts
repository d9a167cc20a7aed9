/** Types that the parts of the compiler share. */
import type { Expression } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { EvaluationError } from '../types/evaluation-error.js';
import type { Value } from '../types/value.js';
import type { Evaluator, Scope, Slots } from './scope.js';
import type { LambdaVariables } from './typing.js';

/** A compiled part of an expression. It may throw; the enclosing part handles that. */
export interface Compiled {
  readonly type: SqlType | null;
  readonly run: Evaluator;
  /** The value, if it is the same for every row. */
  readonly constant?: Value;
  /** True if evaluation cannot throw. */
  readonly safe?: boolean;
}

export interface CompileContext {
  readonly scope: Scope;
  readonly compile: (expression: Expression, lambdas: LambdaVariables) => Compiled;
  /** Logs "Error processing `name`" for a part that fails on its own, and returns the value to use instead. */
  readonly nestedFailure: (name: string, error: unknown, type: SqlType | null) => Value;
  /** If false, a failing part fails the whole expression (`ksql.nested.error.set.null`). */
  readonly nestedErrors: boolean;
  /** If true, arithmetic with NULL is NULL, as in ksqlDB's interpreter. */
  readonly interpreted: boolean;
  /** If false, CAST(NULL AS STRING) is the text "null" (`ksql.cast.strings.preserve.nulls`). */
  readonly castKeepsNull: boolean;
}

const NO_ROW: Slots = [];

export function constant(value: Value, type: SqlType | null): Compiled {
  return { type, run: () => value, constant: value, safe: true };
}

/** Evaluates it now if everything that it depends on is constant. Failures are left to each row. */
export function fold(compiled: Compiled, ...parts: readonly Compiled[]): Compiled {
  if (!parts.every((part) => part.constant !== undefined)) return compiled;
  try {
    return constant(compiled.run(NO_ROW), compiled.type);
  } catch (error) {
    if (error instanceof KsqlException || error instanceof EvaluationError) return compiled;
    throw error;
  }
}

/** Wraps a part so that its failure is logged under `name` and becomes NULL; the rest of the expression continues. */
export function guarded(part: Compiled, name: string, context: CompileContext): Compiled {
  if (part.safe || !context.nestedErrors) return part;
  const { run, type } = part;
  return {
    type,
    run: (row) => {
      try {
        return run(row);
      } catch (error) {
        return context.nestedFailure(name, error, type);
      }
    },
  };
}

/** Applies a function that also accepts NULL. */
export function mapped(part: Compiled, type: SqlType, apply: (value: Value) => Value): Compiled {
  const { run } = part;
  return fold({ type, run: (row) => apply(run(row)) }, part);
}
