import type { FunctionCall } from '../../../sql/ast.js';
import type { Scope } from '../expressions/scope.js';
import { resolveAggregateCall } from '../expressions/typing.js';
import type { BoundAggregate } from '../functions/function.js';

export interface AggregateBinding {
  readonly bound: BoundAggregate;
  /** The number of arguments that are columns. The remaining ones are constants that configure the function. */
  readonly columns: number;
}

/** Resolves and configures the aggregate function of a call. */
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
