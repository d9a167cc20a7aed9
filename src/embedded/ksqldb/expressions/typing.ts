/**
 * Determines the types of expressions, with ksqlDB's own checks and messages. Like ksqlDB, this does not look into some
 * predicates: errors inside NOT, IN, BETWEEN or LIKE are found when the expression is compiled.
 *
 * Source: the rules of ksqlDB's ExpressionTypeManager, ComparisonUtil and Operator.
 */
import type { Expression, FunctionCall, LambdaExpression } from '../../../sql/ast.js';
import { BOOLEAN, type SqlType, sameType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import type {
  AggregateFunction,
  AggregateSignature,
  ArgumentType,
  ParamType,
  ScalarFunction,
  ScalarSignature,
  TableFunction,
  TableSignature,
} from '../functions/function.js';
import {
  applyGenerics,
  type CallArgument,
  formatParamType,
  type Generics,
  hasGenerics,
  normalise,
  reserveGenerics,
} from '../functions/generics.js';
import { parameterOfArgument, type Resolved, returnTypeOf } from '../functions/registry.js';
import { formatSqlType } from '../types/format-type.js';
import type { Value } from '../types/value.js';
import { expressionText } from './expression-text.js';
import { isLiteral, literalType, literalValue } from './literal.js';
import type { Scope } from './scope.js';
import { resolveTypeNode } from './type-node.js';
import {
  arithmeticType,
  arrayTypeOf,
  caseType,
  checkComparison,
  fieldOf,
  mapTypeOf,
  simpleCase,
  structTypeOf,
  subscriptType,
} from './type-rules.js';

/** A parameter of a lambda that is being compiled: its type, and the cell that holds its value during a call. */
export interface LambdaVariable {
  readonly type: SqlType;
  readonly cell: { value: Value };
}

export type LambdaVariables = ReadonlyMap<string, LambdaVariable>;

export const NO_LAMBDAS: LambdaVariables = new Map();

/**
 * Returns the type of an expression; null for NULL.
 *
 * @throws KsqlException with ksqlDB's message if the types do not match
 */
export function typeOf(
  expression: Expression,
  scope: Scope,
  lambdas: LambdaVariables = NO_LAMBDAS,
): SqlType | null {
  const inner = (child: Expression) => typeOf(child, scope, lambdas);
  switch (expression.kind) {
    case 'Null':
    case 'Boolean':
    case 'Integer':
    case 'Long':
    case 'Decimal':
    case 'Double':
    case 'String':
      return literalType(expression);
    case 'Column':
      return lambdaVariable(expression, lambdas)?.type ?? scope.resolve(expression).type;
    case 'Dereference':
      return fieldOf(expression.base, inner(expression.base), expression.field).type;
    case 'Subscript':
      return subscriptType(expression, inner(expression.base));
    case 'ArithmeticUnary':
      return inner(expression.value);
    case 'ArithmeticBinary':
      return arithmeticType(expression, inner(expression.left), inner(expression.right));
    case 'Concat':
      return inner(concatCall(expression.left, expression.right));
    case 'Comparison':
      checkComparison(expression, inner(expression.left), inner(expression.right));
      return BOOLEAN;
    case 'Logical':
      inner(expression.left);
      return inner(expression.right);
    case 'Not':
    case 'IsNull':
    case 'Between':
    case 'In':
    case 'Like':
      return BOOLEAN;
    case 'SearchedCase':
      return caseType(expression, inner);
    case 'SimpleCase':
      throw simpleCase();
    case 'Cast':
      return resolveTypeNode(expression.type);
    case 'Call':
      return callType(expression, scope, lambdas);
    case 'Lambda':
      return inner(expression.body);
    case 'Array':
      return arrayTypeOf(expression.elements, inner);
    case 'Map':
      return mapTypeOf(expression.entries, inner);
    case 'Struct':
      return structTypeOf(expression.fields, inner);
    case 'IntervalUnit':
      return null;
  }
}

/** Returns the lambda parameter of that name, if there is one. */
export function lambdaVariable(
  column: { readonly source?: string; readonly name: string },
  lambdas: LambdaVariables,
): LambdaVariable | undefined {
  return column.source === undefined ? lambdas.get(column.name) : undefined;
}

/** Rewrites `a || b` to a call of CONCAT. */
export function concatCall(left: Expression, right: Expression): FunctionCall {
  return { kind: 'Call', name: 'CONCAT', args: [left, right] };
}

// ---------------------------------------------------------------- calls

function callType(call: FunctionCall, scope: Scope, lambdas: LambdaVariables): SqlType {
  const fn = scope.functions.get(call.name);
  if (fn?.kind === 'aggregate') return resolveAggregateCall(call, scope).returnType;
  if (fn?.kind === 'table') return resolveTableCall(call, scope, lambdas).returnType;
  return resolveCall(call, scope, lambdas).returnType;
}

export interface ResolvedCall {
  readonly fn: ScalarFunction;
  readonly signature: ScalarSignature;
  readonly returnType: SqlType;
  readonly argumentTypes: readonly ArgumentType[];
  /** Returns the variables in scope of each argument. A lambda adds its parameters. */
  readonly lambdas: readonly LambdaVariables[];
}

/** Returns the literals among a call's arguments. */
export function literalArguments(args: readonly Expression[]): readonly (Value | undefined)[] {
  return args.map((arg) => (isLiteral(arg) ? literalValue(arg) : undefined));
}

/**
 * Resolves the signature of a scalar call and its types. Lambda parameters get their types from earlier arguments.
 *
 * @throws KsqlException
 */
export function resolveCall(
  call: FunctionCall,
  scope: Scope,
  lambdas: LambdaVariables,
  constants: readonly (Value | undefined)[] = literalArguments(call.args),
): ResolvedCall {
  const fn = scope.functions.getScalar(call.name);
  const first = call.args.map((arg): CallArgument => {
    if (arg.kind === 'Lambda') return { base: 'LAMBDA', arity: arg.params.length };
    if (arg.kind === 'IntervalUnit') return { base: 'INTERVALUNIT' };
    return typeOf(arg, scope, lambdas);
  });
  const signature = scope.functions.findScalar(fn, first);
  const generics: Generics = new Map();
  const parameters = parameterOfArgument(signature.parameters, call.args.length);
  const inner: LambdaVariables[] = [];
  const hasLambdas = call.args.some(({ kind }) => kind === 'Lambda');
  const argumentTypes = call.args.map((arg, i): ArgumentType => {
    const given = first[i]!;
    const type = normalise(parameters[i]!.type);
    let resolved: ArgumentType;
    if (arg.kind === 'Lambda') {
      if (type.kind !== 'lambda') {
        throw new KsqlException(
          `Error while processing lambda function. Expected lambda parameter but was ${formatParamType(type)}`,
        );
      }
      const bound = bindLambda(arg, type.params, generics, lambdas);
      inner.push(bound.variables);
      resolved = {
        base: 'LAMBDA',
        params: bound.types,
        returns: typeOf(arg.body, scope, bound.variables),
      };
    } else {
      inner.push(lambdas);
      resolved = given as ArgumentType;
    }
    if (hasLambdas && hasGenerics(type)) {
      const error = reserveGenerics(type, resolved, generics);
      if (error !== undefined) throw error;
    }
    return resolved;
  });
  return {
    fn,
    signature,
    argumentTypes,
    lambdas: inner,
    returnType: returnTypeOf(signature, argumentTypes, constants),
  };
}

function bindLambda(
  lambda: LambdaExpression,
  params: readonly ParamType[],
  generics: Generics,
  outer: LambdaVariables,
): { readonly variables: LambdaVariables; readonly types: readonly SqlType[] } {
  if (lambda.params.length !== params.length) {
    throw new KsqlException(
      `Was expecting ${params.length} arguments but found ${lambda.params.length}, ` +
        `[${lambda.params.join(', ')}]. Check your lambda statement.`,
    );
  }
  const variables = new Map(outer);
  const types = lambda.params.map((name, i) => {
    const param = params[i]!;
    if (param.kind === 'generic' && !generics.has(param.name)) {
      const known = [...generics].map(([key, value]) => `${key}=${formatSqlType(value)}`).join(', ');
      throw new KsqlException(
        `Could not resolve type for generic ${param.name}. The generic mapping so far: {${known}}`,
      );
    }
    const type = applyGenerics(param, generics);
    const old = outer.get(name);
    if (old !== undefined && !sameType(old.type, type)) {
      throw new KsqlException(
        `Could not map type ${formatSqlType(type)} to lambda variable ${name}, ` +
          `${name} was already mapped to ${formatSqlType(old.type)}`,
      );
    }
    variables.set(name, { type, cell: { value: null } });
    return type;
  });
  return { variables, types };
}

export interface ResolvedAggregateCall extends Resolved<AggregateSignature> {
  readonly fn: AggregateFunction;
  readonly argumentTypes: readonly ArgumentType[];
  readonly constants: readonly (Value | undefined)[];
  /** Returns how many of the last arguments are constants that configure the function. */
  readonly constantCount: number;
}

/**
 * Resolves the signature of a call of an aggregate function.
 *
 * @throws KsqlException, also if an argument that must be a literal is not one
 */
export function resolveAggregateCall(call: FunctionCall, scope: Scope): ResolvedAggregateCall {
  const fn = scope.functions.get(call.name);
  if (fn?.kind !== 'aggregate') {
    throw new KsqlException(`Can not find any aggregate functions with the name '${call.name}'`);
  }
  const argumentTypes = call.args.map((arg) => typeOf(arg, scope));
  const constants = literalArguments(call.args);
  const resolved = scope.functions.resolveAggregate(fn, argumentTypes, constants);
  const { parameters, constants: declared = 0 } = resolved.signature;
  const configuring = parameters.slice(parameters.length - declared);
  const constantCount = configuring.some(({ variadic }) => variadic)
    ? call.args.length - (parameters.length - declared)
    : declared;
  for (let i = Math.max(0, call.args.length - constantCount); i < call.args.length; i++) {
    const arg = call.args[i]!;
    if (!isLiteral(arg)) {
      throw new KsqlException(
        `Parameter ${i + 1} passed to function ${call.name} must be a literal constant, ` +
          `but was expression: '${expressionText(arg)}'`,
      );
    }
  }
  return { ...resolved, fn, argumentTypes, constants, constantCount };
}

export interface ResolvedTableCall extends Resolved<TableSignature> {
  readonly fn: TableFunction;
  readonly argumentTypes: readonly ArgumentType[];
  readonly constants: readonly (Value | undefined)[];
}

/** Resolves the signature of a call of a table function. */
export function resolveTableCall(
  call: FunctionCall,
  scope: Scope,
  lambdas: LambdaVariables = NO_LAMBDAS,
): ResolvedTableCall {
  const fn = scope.functions.get(call.name);
  if (fn?.kind !== 'table') throw new KsqlException(`No table function with name ${call.name} exists!`);
  const argumentTypes = call.args.map((arg) => typeOf(arg, scope, lambdas));
  const constants = literalArguments(call.args);
  return { ...scope.functions.resolveTable(fn, argumentTypes, constants), fn, argumentTypes, constants };
}
