/**
 * The definition of a SQL function: its documentation (SHOW FUNCTIONS, DESCRIBE FUNCTION), its signatures, and how an
 * implementation is bound to the types of a call. Built-in and user-defined functions are both registered in a
 * `FunctionRegistry`.
 */
import type { SqlType } from '../../../sql/sql-type.js';
import type { Value } from '../types/value.js';

/**
 * A parameter's type in a signature. `generic` is any type, but the same one for each occurrence of the name in the
 * signature. `decimal` accepts any precision and scale. `lambda` is `(A, B) => R`.
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
  /** True for the parameter that takes any number of arguments. A signature has at most one. */
  readonly variadic?: boolean;
}

/** The type of an argument: a SQL type, that of NULL, a lambda, or an interval unit. */
export type ArgumentType =
  | SqlType
  | null
  | { readonly base: 'LAMBDA'; readonly params: readonly SqlType[]; readonly returns: SqlType | null }
  | { readonly base: 'INTERVALUNIT' };

/** A lambda argument, which is passed as a JavaScript function. */
export type LambdaFunction = (...args: Value[]) => Value;

/** The value of an argument at run time. An interval unit is passed as its name (`'DAY'`). */
export type ArgumentValue = Value | LambdaFunction;

/** What `bind` knows about the call. */
export interface CallSite {
  readonly argumentTypes: readonly ArgumentType[];
  readonly returnType: SqlType;
  /** The values of literal arguments; `undefined` for others. Lets `bind` compile patterns and time zones once. */
  readonly constants: readonly (Value | undefined)[];
  /** Properties of the query, such as `ksql.functions.collect_list.limit`. */
  readonly config: ReadonlyMap<string, string>;
}

/** The return type: fixed, from the generics of the parameters, or computed from the argument types. */
export type ReturnType =
  | ParamType
  | ((args: readonly ArgumentType[], constants: readonly (Value | undefined)[]) => SqlType);

interface Documented {
  /** The name, in upper case. */
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly version?: string;
  /** The category in SHOW FUNCTIONS: STRING, DATE / TIME, MATHEMATICAL, ... */
  readonly category: string;
}

export interface ScalarSignature {
  readonly parameters: readonly Parameter[];
  readonly returns: ReturnType;
  /** The return type in DESCRIBE FUNCTION if `returns` is computed, such as DECIMAL. */
  readonly documentedReturns?: ParamType;
  readonly description?: string;
  /**
   * Creates the implementation for one call. It receives the argument values, including NULLs, which each function
   * handles by its own rule. If it throws, the engine logs the error and uses NULL.
   */
  readonly bind: (site: CallSite) => (...args: ArgumentValue[]) => Value;
}

export interface ScalarFunction extends Documented {
  readonly kind: 'scalar';
  readonly signatures: readonly ScalarSignature[];
}

/** An aggregate bound to one call. Its state is a value of `stateType`, so that it can be stored in a changelog. */
export interface BoundAggregate {
  readonly stateType: SqlType;
  readonly returnType: SqlType;
  readonly initial: () => Value;
  /** Returns the state after one more row. Must not modify `state`. */
  readonly add: (state: Value, args: readonly Value[]) => Value;
  /** Undoes a row, for aggregations over tables. If absent, the function does not support tables. */
  readonly undo?: (state: Value, args: readonly Value[]) => Value;
  /** Merges the states of two sessions. */
  readonly merge: (a: Value, b: Value) => Value;
  /** Computes the result from the state. */
  readonly result: (state: Value) => Value;
}

export interface AggregateSignature {
  /** The column parameters, then the constant ones, of which there are `initialArguments`. */
  readonly parameters: readonly Parameter[];
  /** How many of the last parameters are constants that configure the function, such as k in TOPK(x, k). */
  readonly constants?: number;
  readonly returns: ReturnType;
  /** The return type in DESCRIBE FUNCTION if `returns` is computed, such as DECIMAL. */
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
  /** The type of the resulting column. */
  readonly returns: ReturnType;
  /** The return type in DESCRIBE FUNCTION if `returns` is computed, such as DECIMAL. */
  readonly documentedReturns?: ParamType;
  readonly description?: string;
  /** Returns the values of the rows for one call. Receives NULL arguments as well. */
  readonly bind: (site: CallSite) => (...args: ArgumentValue[]) => readonly Value[];
}

export interface TableFunction extends Documented {
  readonly kind: 'table';
  readonly signatures: readonly TableSignature[];
}

export type SqlFunction = ScalarFunction | AggregateFunction | TableFunction;
