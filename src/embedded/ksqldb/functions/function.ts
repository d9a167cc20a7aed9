/**
 * What a function of ksqlDB's SQL is to the engine: its documentation (SHOW and DESCRIBE FUNCTION), its
 * signatures, and how an implementation is bound to the types of one call. Built-ins and functions added by
 * a user of the engine register through the same door, `FunctionRegistry`.
 */
import type { SqlType } from '../../../sql/sql-type.js';
import type { Value } from '../types/value.js';

/**
 * A parameter's type in a signature. `generic` stands for any type, the same one wherever the name occurs in
 * the signature. `decimal` accepts any precision and scale. `lambda` is `(A, B) => R`.
 * `any` accepts everything and binds nothing. `struct` accepts any struct.
 */
export type ParamType =
  | { readonly kind: 'exact'; readonly type: SqlType }
  | { readonly kind: 'decimal' }
  | { readonly kind: 'struct' }
  | { readonly kind: 'generic'; readonly name: string }
  | { readonly kind: 'array'; readonly element: ParamType }
  | { readonly kind: 'map'; readonly key: ParamType; readonly value: ParamType }
  | { readonly kind: 'lambda'; readonly params: readonly ParamType[]; readonly returns: ParamType }
  | { readonly kind: 'intervalUnit' }
  | { readonly kind: 'any' };

export interface Parameter {
  readonly name: string;
  readonly type: ParamType;
  readonly description?: string;
  /** At most one parameter of a signature: it takes none, one or many arguments. */
  readonly variadic?: boolean;
}

/** The type of a call's argument: a SQL type, NULL's (no type), a lambda's, or an interval unit's. */
export type ArgumentType =
  | SqlType
  | null
  | { readonly base: 'LAMBDA'; readonly params: readonly SqlType[]; readonly returns: SqlType | null }
  | { readonly base: 'INTERVALUNIT' };

/** A lambda reaches a function as a JavaScript function. */
export type LambdaFunction = (...args: Value[]) => Value;

/** An argument's value at run time; an interval unit comes as its name (`'DAY'`). */
export type ArgumentValue = Value | LambdaFunction;

/** What binding a call knows of it. */
export interface CallSite {
  readonly argumentTypes: readonly ArgumentType[];
  readonly returnType: SqlType;
  /** The literal arguments' values, `undefined` where an argument is not constant: patterns and zones are compiled once. */
  readonly constants: readonly (Value | undefined)[];
  /** Properties of the query, such as `ksql.functions.collect_list.limit`. */
  readonly config: ReadonlyMap<string, string>;
}

/** The return type: fixed, taken from the generics of the parameters, or computed from the arguments' types. */
export type ReturnType =
  | ParamType
  | ((args: readonly ArgumentType[], constants: readonly (Value | undefined)[]) => SqlType);

interface Documented {
  /** Upper case. */
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly version?: string;
  /** As in SHOW FUNCTIONS: STRING, DATE / TIME, MATHEMATICAL, ... */
  readonly category: string;
}

export interface ScalarSignature {
  readonly parameters: readonly Parameter[];
  readonly returns: ReturnType;
  /** What DESCRIBE FUNCTION shows where `returns` is computed, such as DECIMAL. */
  readonly documentedReturns?: ParamType;
  readonly description?: string;
  /**
   * Makes the implementation for one call. It is called with the arguments' values and may throw: the engine
   * logs the error and takes NULL. NULL arguments are passed on: each function has its own rule for them.
   */
  readonly bind: (site: CallSite) => (...args: ArgumentValue[]) => Value;
}

export interface ScalarFunction extends Documented {
  readonly kind: 'scalar';
  readonly signatures: readonly ScalarSignature[];
}

/** An aggregate bound to one call. `S` is the state as a value of `stateType`, so that it can be kept in a log. */
export interface BoundAggregate {
  readonly stateType: SqlType;
  readonly returnType: SqlType;
  readonly initial: () => Value;
  /** The state after one more row; must not change `state` in place. */
  readonly add: (state: Value, args: readonly Value[]) => Value;
  /** Takes a row back (aggregations over tables); absent: the function cannot be used on a table. */
  readonly undo?: (state: Value, args: readonly Value[]) => Value;
  /** Joins the states of two sessions. */
  readonly merge: (a: Value, b: Value) => Value;
  /** The result, from the state. */
  readonly result: (state: Value) => Value;
}

export interface AggregateSignature {
  /** The columns, then the constants (literals, `initialArguments` at the end). */
  readonly parameters: readonly Parameter[];
  /** How many of the last parameters are constants that configure the function, such as k of TOPK(x, k). */
  readonly constants?: number;
  readonly returns: ReturnType;
  /** What DESCRIBE FUNCTION shows where `returns` is computed, such as DECIMAL. */
  readonly documentedReturns?: ParamType;
  readonly description?: string;
  readonly bind: (site: CallSite) => BoundAggregate;
}

export interface AggregateFunction extends Documented {
  readonly kind: 'aggregate';
  readonly signatures: readonly AggregateSignature[];
}

export interface TableSignature {
  readonly parameters: readonly Parameter[];
  /** The type of the one column that it makes. */
  readonly returns: ReturnType;
  /** What DESCRIBE FUNCTION shows where `returns` is computed, such as DECIMAL. */
  readonly documentedReturns?: ParamType;
  readonly description?: string;
  /** The rows' values for one call; NULL arguments are passed on. */
  readonly bind: (site: CallSite) => (...args: ArgumentValue[]) => readonly Value[];
}

export interface TableFunction extends Documented {
  readonly kind: 'table';
  readonly signatures: readonly TableSignature[];
}

export type SqlFunction = ScalarFunction | AggregateFunction | TableFunction;
