/** Calls functions by name outside of a query, with the same resolution and implicit casts. For tests. */
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DOUBLE,
  INTEGER,
  type SqlType,
  STRING,
  sameType,
} from '../../../sql/sql-type.js';
import { castFunction } from '../types/cast.js';
import { Decimal } from '../types/decimal.js';
import { asDecimalType } from '../types/decimal-type.js';
import type { Value } from '../types/value.js';
import { createRegistry } from './builtin.js';
import type { ArgumentType, ArgumentValue, BoundAggregate, CallSite, Parameter } from './function.js';
import { type FunctionRegistry, parameterOfArgument } from './registry.js';

/** An argument with its type, or just the value if that determines the type. */
export type Argument = Value | Typed;

export class Typed {
  constructor(
    readonly type: ArgumentType,
    readonly value: ArgumentValue,
  ) {}
}

export function typed(type: ArgumentType, value: ArgumentValue): Typed {
  return new Typed(type, value);
}

/** Marks a DOUBLE, since plain numbers without a fraction are INTEGERs here. */
export const double = (value: number | null): Typed => typed(DOUBLE, value);

export function lambda(params: readonly SqlType[], returns: SqlType, fn: (...args: Value[]) => Value): Typed {
  return typed({ base: 'LAMBDA', params, returns }, fn);
}

function typeOf(value: Value): ArgumentType {
  switch (typeof value) {
    case 'string':
      return STRING;
    case 'number':
      return INTEGER;
    case 'bigint':
      return BIGINT;
    case 'boolean':
      return BOOLEAN;
    default:
      break;
  }
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return BYTES;
  if (value instanceof Decimal) return { base: 'DECIMAL', precision: value.precision(), scale: value.scale };
  throw new TypeError('Say the type of arrays, maps and structs with typed()');
}

function asTyped(argument: Argument): Typed {
  return argument instanceof Typed ? argument : typed(typeOf(argument), argument);
}

function castArgument({ type, value }: Typed, parameter: Parameter): ArgumentValue {
  if (type === null || type.base === 'LAMBDA' || type.base === 'INTERVALUNIT') return value;
  const wanted = parameter.type;
  if (wanted.kind === 'decimal') return castFunction(type, asDecimalType(type))(value as Value);
  if (wanted.kind !== 'exact' || sameType(wanted.type, type)) return value;
  return castFunction(type, wanted.type)(value as Value);
}

const builtins = createRegistry();
const NO_CONFIG: ReadonlyMap<string, string> = new Map();

function siteOf(args: readonly Typed[], returnType: SqlType, config = NO_CONFIG): CallSite {
  return {
    argumentTypes: args.map((arg) => arg.type),
    constants: args.map((arg) => (typeof arg.value === 'function' ? undefined : arg.value)),
    returnType,
    config,
  };
}

/** Binds a scalar function to the types of these arguments. Also returns the result type. */
export function bindScalar(name: string, given: readonly Argument[], registry: FunctionRegistry = builtins) {
  const args = given.map(asTyped);
  const types = args.map((arg) => arg.type);
  const fn = registry.getScalar(name);
  const { signature, returnType } = registry.resolveScalar(
    fn,
    types,
    args.map(() => undefined),
  );
  const parameters = parameterOfArgument(signature.parameters, args.length);
  const bound = signature.bind(siteOf(args, returnType));
  return {
    returnType,
    call: () => bound(...args.map((arg, i) => castArgument(arg, parameters[i]!))),
  };
}

/** Calls a scalar function. */
export function call(name: string, ...args: readonly Argument[]): Value {
  return bindScalar(name, args).call();
}

/** Returns the rows of a table function. */
export function callTable(
  name: string,
  given: readonly Argument[],
  registry: FunctionRegistry = builtins,
): readonly Value[] {
  const args = given.map(asTyped);
  const fn = registry.get(name);
  if (fn?.kind !== 'table') throw new TypeError(`${name} is no table function`);
  const types = args.map((arg) => arg.type);
  const { signature, returnType } = registry.resolveTable(
    fn,
    types,
    args.map(() => undefined),
  );
  return signature.bind(siteOf(args, returnType))(...args.map((arg) => arg.value));
}

/** Binds an aggregate to column types and constants. */
export function bindAggregate(
  name: string,
  columns: readonly SqlType[],
  constants: readonly Value[] = [],
  options: { readonly registry?: FunctionRegistry; readonly config?: ReadonlyMap<string, string> } = {},
): BoundAggregate {
  const registry = options.registry ?? builtins;
  const fn = registry.get(name);
  if (fn?.kind !== 'aggregate') throw new TypeError(`${name} is no aggregate function`);
  const types: readonly ArgumentType[] = [...columns, ...constants.map(typeOf)];
  const literals = [...columns.map(() => undefined), ...constants];
  const { signature, returnType } = registry.resolveAggregate(fn, types, literals);
  return signature.bind({
    argumentTypes: types,
    constants: literals,
    returnType,
    config: options.config ?? NO_CONFIG,
  });
}

/** Returns the state after these rows. */
export function fold(bound: BoundAggregate, rows: readonly (readonly Value[])[]): Value {
  return rows.reduce<Value>((state, row) => bound.add(state, row), bound.initial());
}

/** Returns the result of an aggregate over the rows of one column. */
export function aggregateOf(bound: BoundAggregate, rows: readonly Value[]): Value {
  return bound.result(
    fold(
      bound,
      rows.map((row) => [row]),
    ),
  );
}
