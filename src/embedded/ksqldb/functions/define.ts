/**
 * Helpers for declaring functions: parameter types, parameters, signatures, functions.
 * User-defined functions can use them as well.
 */
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  DOUBLE,
  INTEGER,
  type SqlType,
  STRING,
  TIME,
  TIMESTAMP,
} from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import type { Value } from '../types/value.js';
import type {
  AggregateFunction,
  AggregateSignature,
  ArgumentType,
  ArgumentValue,
  CallSite,
  Parameter,
  ParamType,
  ReturnType,
  ScalarFunction,
  ScalarSignature,
  TableFunction,
  TableSignature,
} from './function.js';

export const exact = (type: SqlType): ParamType => ({ kind: 'exact', type });
export const generic = (name: string): ParamType => ({ kind: 'generic', name });
export const arrayOf = (element: ParamType): ParamType => ({ kind: 'array', element });
export const mapOf = (key: ParamType, value: ParamType): ParamType => ({ kind: 'map', key, value });
export const lambdaOf = (params: readonly ParamType[], returns: ParamType): ParamType => ({
  kind: 'lambda',
  params,
  returns,
});

export const P_BOOLEAN = exact(BOOLEAN);
export const P_INT = exact(INTEGER);
export const P_BIGINT = exact(BIGINT);
export const P_DOUBLE = exact(DOUBLE);
export const P_STRING = exact(STRING);
export const P_BYTES = exact(BYTES);
export const P_DATE = exact(DATE);
export const P_TIME = exact(TIME);
export const P_TIMESTAMP = exact(TIMESTAMP);
export const P_DECIMAL: ParamType = { kind: 'decimal' };
export const P_ANY: ParamType = { kind: 'any' };
export const P_UNIT: ParamType = { kind: 'intervalUnit' };
/** The generic type T. */
export const P_T = generic('T');

export function param(name: string, type: ParamType, description = ''): Parameter {
  return { name, type, description };
}

/** Declares the parameter that takes any number of arguments. */
export function variadic(name: string, type: ParamType, description = ''): Parameter {
  return { name, type, description, variadic: true };
}

type Bound = (...args: ArgumentValue[]) => Value;

/**
 * Casts an implementation with specific parameter types. The resolver checks the arguments before a call, which the
 * type system does not know.
 */
type Implementation = (...args: never[]) => Value;

export interface SignatureOptions {
  readonly description?: string;
  /** The return type in DESCRIBE FUNCTION, if it is computed. */
  readonly documented?: ParamType;
}

function documentation(options: SignatureOptions | string | undefined) {
  const given = typeof options === 'string' ? { description: options } : (options ?? {});
  return {
    ...(given.description === undefined ? {} : { description: given.description }),
    ...(given.documented === undefined ? {} : { documentedReturns: given.documented }),
  };
}

/** Declares a signature whose implementation does not depend on the call. */
export function signature(
  parameters: readonly Parameter[],
  returns: ReturnType,
  implementation: Implementation,
  options?: SignatureOptions | string,
): ScalarSignature {
  const bound = implementation as unknown as Bound;
  return { parameters, returns, ...documentation(options), bind: () => bound };
}

/** Declares a signature whose implementation depends on the constants, types or configuration of the call. */
export function boundSignature(
  parameters: readonly Parameter[],
  returns: ReturnType,
  bind: (site: CallSite) => Implementation,
  options?: SignatureOptions | string,
): ScalarSignature {
  return {
    parameters,
    returns,
    ...documentation(options),
    bind: bind as unknown as (site: CallSite) => Bound,
  };
}

interface Documentation {
  readonly description: string;
  readonly category: string;
  /** The author (default: Confluent). Some of ksqlDB's functions have none. */
  readonly author?: string;
}

const CONFLUENT = 'Confluent';

function documented(name: string, documentation: Documentation) {
  return {
    name,
    description: documentation.description,
    category: documentation.category,
    author: documentation.author ?? CONFLUENT,
    version: '',
  };
}

export function scalar(
  name: string,
  documentation: Documentation,
  ...signatures: readonly ScalarSignature[]
): ScalarFunction {
  return { kind: 'scalar', ...documented(name, documentation), signatures };
}

export function aggregate(
  name: string,
  documentation: Omit<Documentation, 'category'>,
  ...signatures: readonly AggregateSignature[]
): AggregateFunction {
  return {
    kind: 'aggregate',
    ...documented(name, { ...documentation, category: 'AGGREGATE' }),
    signatures,
  };
}

export function table(
  name: string,
  documentation: Omit<Documentation, 'category'>,
  ...signatures: readonly TableSignature[]
): TableFunction {
  return { kind: 'table', ...documented(name, { ...documentation, category: 'TABLE' }), signatures };
}

/** Returns the SQL type of an argument that cannot be NULL, a lambda or an interval unit. */
export function sqlTypeOf(argument: ArgumentType | undefined): SqlType {
  if (
    argument === null ||
    argument === undefined ||
    argument.base === 'LAMBDA' ||
    argument.base === 'INTERVALUNIT'
  ) {
    throw new KsqlException('The argument has no type. Cast NULL to the intended type.');
  }
  return argument;
}

/** Wraps a function so that it returns NULL for a NULL argument. */
export const nullSafe =
  <A>(fn: (a: A) => Value) =>
  (a: A | null): Value =>
    a === null ? null : fn(a);

/** Wraps a function so that it returns NULL if either argument is NULL. */
export const nullSafe2 =
  <A, B>(fn: (a: A, b: B) => Value) =>
  (a: A | null, b: B | null): Value =>
    a === null || b === null ? null : fn(a, b);

/** Wraps a function so that it returns NULL if any argument is NULL. */
export const nullSafe3 =
  <A, B, C>(fn: (a: A, b: B, c: C) => Value) =>
  (a: A | null, b: B | null, c: C | null): Value =>
    a === null || b === null || c === null ? null : fn(a, b, c);
