import type { SqlType } from '../../../sql/sql-type.js';
import type { Value } from '../types/value.js';
import type {
  AggregateFunction,
  AggregateSignature,
  ArgumentType,
  ScalarFunction,
  ScalarSignature,
  SqlFunction,
  TableFunction,
  TableSignature,
} from './function.js';

/** A signature that fits a call, with the types that follow. */
export interface Resolved<S> {
  readonly signature: S;
  readonly returnType: SqlType;
}

/**
 * All functions by name. Choosing the signature of a call follows ksqlDB's own rules (exact types before
 * implicit casts, fewer casts before more, fixed arity before variadic) and its messages.
 */
export class FunctionRegistry {
  readonly #functions = new Map<string, SqlFunction>();

  /** Adds a function; the name must be new. */
  register(fn: SqlFunction): void {
    this.#functions.set(fn.name, fn);
  }

  get(name: string): SqlFunction | undefined {
    return this.#functions.get(name.toUpperCase());
  }

  all(): readonly SqlFunction[] {
    return [...this.#functions.values()];
  }

  resolveScalar(
    _fn: ScalarFunction,
    _args: readonly ArgumentType[],
    _constants: readonly (Value | undefined)[],
  ): Resolved<ScalarSignature> {
    throw new Error('to be written');
  }

  resolveAggregate(
    _fn: AggregateFunction,
    _args: readonly ArgumentType[],
    _constants: readonly (Value | undefined)[],
  ): Resolved<AggregateSignature> {
    throw new Error('to be written');
  }

  resolveTable(
    _fn: TableFunction,
    _args: readonly ArgumentType[],
    _constants: readonly (Value | undefined)[],
  ): Resolved<TableSignature> {
    throw new Error('to be written');
  }
}
