/** Compiles calls of scalar functions, and the lambdas among their arguments. */
import type { Expression, FunctionCall } from '../../../sql/ast.js';
import { type SqlType, sameType } from '../../../sql/sql-type.js';
import type { ArgumentType, ArgumentValue, LambdaFunction, ParamType } from '../functions/function.js';
import { applyGenerics, hasGenerics, isSqlType, normalise } from '../functions/generics.js';
import { parameterOfArgument } from '../functions/registry.js';
import { castFunction } from '../types/cast.js';
import { asDecimalType } from '../types/decimal-type.js';
import { formatSqlType } from '../types/format-type.js';
import type { Value } from '../types/value.js';
import { type CompileContext, type Compiled, guarded, mapped } from './compiled.js';
import { constantOf } from './literal.js';
import type { Evaluator, Slots } from './scope.js';
import { type LambdaVariables, resolveCall } from './typing.js';

type ArgumentEvaluator = (row: Slots) => ArgumentValue;

export function compileCall(call: FunctionCall, context: CompileContext, lambdas: LambdaVariables): Compiled {
  const resolved = resolveCall(call, context.scope, lambdas, call.args.map(constantOf));
  const parameters = parameterOfArgument(resolved.signature.parameters, call.args.length);
  const runs: ArgumentEvaluator[] = [];
  const types: ArgumentType[] = [];
  const constants: (Value | undefined)[] = [];
  call.args.forEach((arg, i) => {
    const type = resolved.argumentTypes[i]!;
    const inner = resolved.lambdas[i]!;
    if (arg.kind === 'Lambda') {
      runs.push(lambdaArgument(arg.params, context.compile(arg.body, inner).run, inner));
      types.push(type);
      constants.push(undefined);
    } else if (arg.kind === 'IntervalUnit') {
      const { unit } = arg;
      runs.push(() => unit);
      types.push(type);
      constants.push(unit);
    } else {
      const part = argument(arg, parameters[i]!.type, type, context, inner);
      runs.push(part.run);
      types.push(part.type);
      constants.push(part.constant);
    }
  });
  const implementation = resolved.signature.bind({
    argumentTypes: types,
    returnType: resolved.returnType,
    constants,
    config: context.scope.config,
  });
  return { type: resolved.returnType, run: applied(implementation, runs) };
}

/** Compiles an argument for its parameter. A call or a field access that fails becomes NULL on its own. */
function argument(
  arg: Expression,
  parameter: ParamType,
  type: ArgumentType,
  context: CompileContext,
  lambdas: LambdaVariables,
): Compiled {
  let part = context.compile(arg, lambdas);
  const target = type !== null && isSqlType(type) ? targetType(normalise(parameter), type) : undefined;
  if (target !== undefined && part.type !== null && !sameType(target, part.type)) {
    part = guarded(mapped(part, target, castFunction(part.type, target)), formatSqlType(target), context);
  }
  if (arg.kind === 'Call' || arg.kind === 'Concat') {
    return guarded(part, arg.kind === 'Call' ? arg.name : 'concat', context);
  }
  return arg.kind === 'Dereference' ? guarded(part, arg.field, context) : part;
}

/** Returns the type that the argument is implicitly cast to, if it differs from its own. */
function targetType(parameter: ParamType, type: SqlType): SqlType | undefined {
  if (hasGenerics(parameter)) return undefined;
  switch (parameter.kind) {
    case 'decimal':
      return asDecimalType(type);
    case 'exact':
      return parameter.type.base === 'STRUCT' ? undefined : parameter.type;
    case 'array':
    case 'map':
      return containsOpenType(parameter) ? undefined : applyGenerics(parameter, new Map());
    default:
      return undefined;
  }
}

/** The parameter's type is partly generic, so the argument matched without a cast. */
function containsOpenType(type: ParamType): boolean {
  switch (type.kind) {
    case 'array':
      return containsOpenType(type.element);
    case 'map':
      return containsOpenType(type.key) || containsOpenType(type.value);
    default:
      return type.kind !== 'exact';
  }
}

/**
 * Compiles a lambda to a function whose parameters live in cells that the compiled body reads. Cells suffice, because a
 * body never runs recursively and no function keeps a lambda after its call.
 */
function lambdaArgument(
  params: readonly string[],
  body: Evaluator,
  variables: LambdaVariables,
): (row: Slots) => LambdaFunction {
  const cells = params.map((name) => variables.get(name)!.cell);
  const [first, second] = cells;
  if (cells.length === 1 && first !== undefined) {
    return (row) => (a) => {
      first.value = a!;
      return body(row);
    };
  }
  if (cells.length === 2 && first !== undefined && second !== undefined) {
    return (row) => (a, b) => {
      first.value = a!;
      second.value = b!;
      return body(row);
    };
  }
  return (row) =>
    (...args) => {
      for (let i = 0; i < cells.length; i++) cells[i]!.value = args[i]!;
      return body(row);
    };
}

function applied(
  implementation: (...args: ArgumentValue[]) => Value,
  runs: readonly ArgumentEvaluator[],
): Evaluator {
  const [a, b, c] = runs;
  switch (runs.length) {
    case 0:
      return () => implementation();
    case 1:
      return (row) => implementation(a!(row));
    case 2:
      return (row) => implementation(a!(row), b!(row));
    case 3:
      return (row) => implementation(a!(row), b!(row), c!(row));
    default:
      return (row) => {
        const args = new Array<ArgumentValue>(runs.length);
        for (let i = 0; i < runs.length; i++) args[i] = runs[i]!(row);
        return implementation(...args);
      };
  }
}
