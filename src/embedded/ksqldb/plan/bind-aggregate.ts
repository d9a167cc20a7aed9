import type { FunctionCall } from '../../../sql/ast.js';
import type { Scope } from '../expressions/scope.js';
import { resolveAggregateCall } from '../expressions/typing.js';
import type { BoundAggregate } from '../functions/function.js';

export interface AggregateBinding {
  readonly bound: BoundAggregate;
  /** How many of the call's arguments are columns; the others configured the function. */
  readonly columns: number;
}

/** An aggregate function made for one call over the columns of a scope. */
export function bindAggregate(call: FunctionCall, scope: Scope): AggregateBinding {
  const { signature, argumentTypes, returnType, constants, constantCount } = resolveAggregateCall(
    call,
    scope,
  );
  return {
    bound: signature.bind({ argumentTypes, returnType, constants, config: scope.config }),
    columns: call.args.length - constantCount,
  };
}
