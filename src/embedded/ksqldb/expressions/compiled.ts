/** What the compiler's parts hand to each other. */
import type { Expression } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { EvaluationError } from '../types/evaluation-error.js';
import type { Value } from '../types/value.js';
import type { Evaluator, Scope, Slots } from './scope.js';
import type { LambdaVariables } from './typing.js';

/** A part of an expression, ready to run. It may throw: who stands above decides what that means. */
export interface Compiled {
  readonly type: SqlType | null;
  readonly run: Evaluator;
  /** The value, where it is the same for every row. */
  readonly constant?: Value;
  /** True if running it cannot throw. */
  readonly safe?: boolean;
}

export interface CompileContext {
  readonly scope: Scope;
  readonly compile: (expression: Expression, lambdas: LambdaVariables) => Compiled;
  /** A part failed that ksqlDB replaces alone: it is logged as "Error processing `name`", and this value taken. */
  readonly nestedFailure: (name: string, error: unknown, type: SqlType | null) => Value;
  /** Off: a failing part fails the whole expression (`ksql.nested.error.set.null`). */
  readonly nestedErrors: boolean;
  /** As ksqlDB's interpreter does it: arithmetic with NULL is NULL. */
  readonly interpreted: boolean;
  /** Off: CAST(NULL AS STRING) is the text "null" (`ksql.cast.strings.preserve.nulls`). */
  readonly castKeepsNull: boolean;
}

const NO_ROW: Slots = [];

export function constant(value: Value, type: SqlType | null): Compiled {
  return { type, run: () => value, constant: value, safe: true };
}

/** Computes it now, if all that it depends on is constant. A failure is left for each row to find. */
export function fold(compiled: Compiled, ...parts: readonly Compiled[]): Compiled {
  if (!parts.every((part) => part.constant !== undefined)) return compiled;
  try {
    return constant(compiled.run(NO_ROW), compiled.type);
  } catch (error) {
    if (error instanceof KsqlException || error instanceof EvaluationError) return compiled;
    throw error;
  }
}

/** A part whose failure is logged under `name` and replaced by NULL, the rest of the expression going on. */
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

/** Applies a function that takes NULL as well. */
export function mapped(part: Compiled, type: SqlType, apply: (value: Value) => Value): Compiled {
  const { run } = part;
  return fold({ type, run: (row) => apply(run(row)) }, part);
}
