/**
 * The types of expressions, with ksqlDB's own checks and messages. Some predicates are not looked into here, as
 * ksqlDB does not either: what is wrong inside NOT, IN, BETWEEN or LIKE shows when the expression is compiled.
 *
 * Source: the rules of ksqlDB's ExpressionTypeManager, ComparisonUtil and Operator.
 */
import type {
  ArithmeticBinary,
  Comparison,
  Expression,
  FunctionCall,
  LambdaExpression,
  SearchedCase,
  SubscriptExpression,
} from '../../../sql/ast.js';
import {
  arrayType,
  BOOLEAN,
  mapType,
  type SqlType,
  STRING,
  type StructField,
  sameType,
  structType,
} from '../../../sql/sql-type.js';
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
  canImplicitlyCast,
  formatParamType,
  type Generics,
  hasGenerics,
  normalise,
  reserveGenerics,
} from '../functions/generics.js';
import { parameterOfArgument, type Resolved, returnTypeOf } from '../functions/registry.js';
import { asDecimalType, decimalResultType } from '../types/decimal-type.js';
import { formatSqlType } from '../types/format-type.js';
import type { Value } from '../types/value.js';
import { commonType } from './coercion.js';
import { expressionText, whenText } from './expression-text.js';
import { isLiteral, literalType, literalValue } from './literal.js';
import type { Scope } from './scope.js';
import { resolveTypeNode } from './type-node.js';

/** A parameter of a lambda that is being compiled: its type, and where its value is put for each call. */
export interface LambdaVariable {
  readonly type: SqlType;
  readonly cell: { value: Value };
}

export type LambdaVariables = ReadonlyMap<string, LambdaVariable>;

export const NO_LAMBDAS: LambdaVariables = new Map();

/**
 * The type of an expression; null for NULL.
 *
 * @throws KsqlException with ksqlDB's message where the types do not fit
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

type TypeOf = (expression: Expression) => SqlType | null;

/** The lambda's parameter that a name means, if it is one. */
export function lambdaVariable(
  column: { readonly source?: string; readonly name: string },
  lambdas: LambdaVariables,
): LambdaVariable | undefined {
  return column.source === undefined ? lambdas.get(column.name) : undefined;
}

/** `a || b` is a call of CONCAT. */
export function concatCall(left: Expression, right: Expression): FunctionCall {
  return { kind: 'Call', name: 'CONCAT', args: [left, right] };
}

export function simpleCase(): KsqlException {
  return new KsqlException(
    'CASE with an operand is not yet implemented in ksqlDB: write CASE WHEN operand = value THEN ... END.',
  );
}

/** The field's type and its place in the struct. */
export function fieldOf(
  base: Expression,
  type: SqlType | null,
  field: string,
): { readonly type: SqlType; readonly index: number } {
  if (type?.base !== 'STRUCT') {
    throw new KsqlException(`Expected STRUCT type, got: ${type === null ? 'null' : formatSqlType(type)}`);
  }
  const index = type.fields.findIndex(({ name }) => name === field);
  if (index < 0) {
    throw new KsqlException(`Could not find field '${field}' in '${expressionText(base)}'.`);
  }
  return { type: type.fields[index]!.type, index };
}

export function subscriptType(expression: SubscriptExpression, base: SqlType | null): SqlType {
  if (base?.base === 'ARRAY') return base.element;
  if (base?.base === 'MAP') return base.value;
  const hint =
    base?.base === 'STRUCT'
      ? ' Use the dereference operator for STRUCTS: ' +
        `${expressionText(expression.base)}->${expressionText(expression.index)}`
      : '';
  throw new KsqlException(
    `Subscript expression (${expressionText(expression)}) do not apply to ` +
      `${base === null ? 'null' : formatSqlType(base)}.${hint}`,
  );
}

function isNumber(type: SqlType): boolean {
  return (
    type.base === 'INTEGER' || type.base === 'BIGINT' || type.base === 'DECIMAL' || type.base === 'DOUBLE'
  );
}

export function arithmeticType(
  expression: ArithmeticBinary,
  left: SqlType | null,
  right: SqlType | null,
): SqlType {
  const failed = (why: string) =>
    new KsqlException(`Error processing expression: ${expressionText(expression)}. ${why}`);
  if (left === null || right === null) {
    const shown = (type: SqlType | null) => (type === null ? 'null' : formatSqlType(type));
    throw failed(`Arithmetic on types ${shown(left)} and ${shown(right)} are not supported.`);
  }
  if (expression.op === '+' && left.base === 'STRING' && right.base === 'STRING') return STRING;
  if (!isNumber(left) || !isNumber(right)) {
    throw failed(`Unsupported arithmetic types. ${left.base} ${right.base}`);
  }
  const wider = canImplicitlyCast(left.base, right.base) ? right : left;
  return wider.base === 'DECIMAL'
    ? decimalResultType(expression.op, asDecimalType(left), asDecimalType(right))
    : wider;
}

const COMPARISON_NAMES = {
  '=': 'EQUAL',
  '<>': 'NOT_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  'IS DISTINCT FROM': 'IS_DISTINCT_FROM',
  'IS NOT DISTINCT FROM': 'IS_NOT_DISTINCT_FROM',
} as const;

export function checkComparison(
  { op, left, right }: Pick<Comparison, 'op' | 'left' | 'right'>,
  leftType: SqlType | null,
  rightType: SqlType | null,
): void {
  if (leftType === null || rightType === null) {
    throw new KsqlException(
      `Comparison with NULL not supported: ${leftType?.base ?? 'NULL'} ${op} ${rightType?.base ?? 'NULL'}\n` +
        "Use 'IS NULL' or 'IS NOT NULL' instead.",
    );
  }
  if (!isComparable(leftType, op, rightType)) {
    throw new KsqlException(
      `Cannot compare ${expressionText(left)} (${formatSqlType(leftType)}) to ` +
        `${expressionText(right)} (${formatSqlType(rightType)}) with ${COMPARISON_NAMES[op]}.`,
    );
  }
}

function isComparable(left: SqlType, op: Comparison['op'], right: SqlType): boolean {
  const equality = op === '=' || op === '<>' || op === 'IS DISTINCT FROM' || op === 'IS NOT DISTINCT FROM';
  switch (left.base) {
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
    case 'DOUBLE':
      return isNumber(right);
    case 'STRING':
      return (
        right.base === 'STRING' ||
        right.base === 'DATE' ||
        right.base === 'TIME' ||
        right.base === 'TIMESTAMP'
      );
    case 'BOOLEAN':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return right.base === left.base && equality;
    case 'TIME':
      return right.base === 'TIME' || right.base === 'STRING';
    case 'DATE':
    case 'TIMESTAMP':
      return right.base === 'DATE' || right.base === 'TIMESTAMP' || right.base === 'STRING';
    case 'BYTES':
      return right.base === 'BYTES';
  }
}

export function caseType(expression: SearchedCase, inner: TypeOf): SqlType {
  let common: SqlType | null = null;
  for (const when of expression.whens) {
    const condition = inner(when.condition);
    if (condition?.base !== 'BOOLEAN') {
      throw new KsqlException(
        'WHEN operand type should be boolean.\n' +
          `Type for '${expressionText(when.condition)}' is ${condition === null ? 'null' : formatSqlType(condition)}`,
      );
    }
    const result = inner(when.result);
    if (result === null) continue;
    if (common === null) common = result;
    else if (!sameType(common, result)) {
      throw new KsqlException(
        "Invalid Case expression. Type for all 'THEN' clauses should be the same.\n" +
          `THEN expression '${whenText(when)}' has type: ${formatSqlType(result)}.\n` +
          `Previous THEN expression(s) type: ${formatSqlType(common)}.`,
      );
    }
  }
  const otherwise = expression.otherwise === undefined ? null : inner(expression.otherwise);
  if (common !== null && otherwise !== null && !sameType(common, otherwise)) {
    throw new KsqlException(
      "Invalid Case expression. Type for the default clause should be the same as for 'THEN' clauses.\n" +
        `THEN type: ${formatSqlType(common)}.\nDEFAULT type: ${formatSqlType(otherwise)}.`,
    );
  }
  const type = common ?? otherwise;
  if (type === null) throw new KsqlException('Invalid Case expression. All case branches have NULL type');
  return type;
}

const ISSUE = '(see https://github.com/confluentinc/ksql/issues/4239)';

export function arrayTypeOf(elements: readonly Expression[], inner: TypeOf): SqlType & { base: 'ARRAY' } {
  if (elements.length === 0) {
    throw new KsqlException(
      `Array constructor cannot be empty. Please supply at least one element ${ISSUE}.`,
    );
  }
  const element = commonType(elements, inner);
  if (element === null) {
    throw new KsqlException(
      `Cannot construct an array with all NULL elements ${ISSUE}. ` +
        'As a workaround, you may cast a NULL value to the desired type.',
    );
  }
  return arrayType(element);
}

export function mapTypeOf(
  entries: readonly { readonly key: Expression; readonly value: Expression }[],
  inner: TypeOf,
): SqlType & { base: 'MAP' } {
  if (entries.length === 0) {
    throw new KsqlException(
      `Map constructor cannot be empty. Please supply at least one key value pair ${ISSUE}.`,
    );
  }
  const part = (what: 'key' | 'value'): SqlType => {
    const type = commonType(
      entries.map((entry) => entry[what]),
      inner,
    );
    if (type !== null) return type;
    throw new KsqlException(
      `Cannot construct a map with all NULL ${what}s ${ISSUE}. ` +
        `As a workaround, you may cast a NULL ${what} to the desired type.`,
    );
  };
  return mapType(part('key'), part('value'));
}

export function structTypeOf(
  fields: readonly { readonly name: string; readonly value: Expression }[],
  inner: TypeOf,
): SqlType & { base: 'STRUCT' } {
  const typed: StructField[] = [];
  for (const { name, value } of fields) {
    const type = inner(value);
    if (type === null) {
      throw new KsqlException(
        `The type of the struct's field '${name}' is unknown: cast NULL to the desired type.`,
      );
    }
    const earlier = typed.find((field) => field.name === name);
    if (earlier !== undefined) {
      const shown = (field: SqlType) => `\`${name}\` ${formatSqlType(field)}`;
      throw new KsqlException(
        `Duplicate field names found in STRUCT: '${shown(earlier.type)}' and '${shown(type)}'`,
      );
    }
    typed.push({ name, type });
  }
  return structType(typed);
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
  /** For each argument, the variables that are bound in it: more than outside, if it is a lambda. */
  readonly lambdas: readonly LambdaVariables[];
}

/** The literals among a call's arguments. */
export function literalArguments(args: readonly Expression[]): readonly (Value | undefined)[] {
  return args.map((arg) => (isLiteral(arg) ? literalValue(arg) : undefined));
}

/**
 * The signature of a scalar call and its types. The types of a lambda's parameters follow from the arguments before it.
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
  /** How many of the last arguments are constants that configure the function. */
  readonly constantCount: number;
}

/**
 * The signature of a call of an aggregate function.
 *
 * @throws KsqlException, also if a constant that configures it is no literal
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

/** The signature of a call of a table function. */
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
