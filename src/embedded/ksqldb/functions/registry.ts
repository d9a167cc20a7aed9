import { BIGINT, type SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import type { Value } from '../types/value.js';
import { writtenName } from './display-names.js';
import type {
  AggregateFunction,
  AggregateSignature,
  ArgumentType,
  Parameter,
  ReturnType,
  ScalarFunction,
  ScalarSignature,
  SqlFunction,
  TableFunction,
  TableSignature,
} from './function.js';
import {
  applyGenerics,
  type CallArgument,
  type Generics,
  hasGenerics,
  normalise,
  reserveGenerics,
} from './generics.js';
import { SignatureIndex } from './signature-index.js';

/** A signature that matches a call, with the resulting types. */
export interface Resolved<S> {
  readonly signature: S;
  readonly returnType: SqlType;
}

/**
 * All functions by name. Signatures are chosen by ksqlDB's rules (exact types before implicit casts, fixed arity before
 * variadic, fewer generics before more), with its messages.
 */
export class FunctionRegistry {
  readonly #functions = new Map<string, SqlFunction>();
  // Built when a function is first used, since most runs only need a few of them.
  readonly #indexes = new WeakMap<
    SqlFunction,
    SignatureIndex<ScalarSignature | AggregateSignature | TableSignature>
  >();

  /**
   * Adds a function. Its name must be new.
   *
   * @throws KsqlException if the name is taken
   */
  register(fn: SqlFunction): void {
    const name = fn.name.toUpperCase();
    if (this.#functions.has(name)) throw new KsqlException(`Function already registered: ${name}`);
    this.#functions.set(name, fn);
  }

  get(name: string): SqlFunction | undefined {
    return this.#functions.get(name.toUpperCase());
  }

  /** @throws KsqlException unless there is a scalar function of that name */
  getScalar(name: string): ScalarFunction {
    const fn = this.get(name);
    if (fn?.kind !== 'scalar') throw new KsqlException(`Can't find any functions with the name '${name}'`);
    return fn;
  }

  isAggregate(name: string): boolean {
    return this.get(name)?.kind === 'aggregate';
  }

  isTable(name: string): boolean {
    return this.get(name)?.kind === 'table';
  }

  all(): readonly SqlFunction[] {
    return [...this.#functions.values()];
  }

  /** @throws KsqlException if no signature matches, or several match equally well */
  resolveScalar(
    fn: ScalarFunction,
    args: readonly ArgumentType[],
    constants: readonly (Value | undefined)[],
  ): Resolved<ScalarSignature> {
    const signature = this.findScalar(fn, args);
    return { signature, returnType: returnTypeOf(signature, args, constants) };
  }

  /** Returns only the signature, for calls whose lambdas have no types yet. */
  findScalar(fn: ScalarFunction, args: readonly CallArgument[]): ScalarSignature {
    return this.#index(fn).find(args) as ScalarSignature;
  }

  /** An empty argument list, as in COUNT(*), counts as one BIGINT. Aggregates have no implicit casts. */
  resolveAggregate(
    fn: AggregateFunction,
    args: readonly ArgumentType[],
    constants: readonly (Value | undefined)[],
  ): Resolved<AggregateSignature> {
    const given = args.length === 0 ? [BIGINT] : args;
    const signature = this.#index(fn).find(given) as AggregateSignature;
    return { signature, returnType: returnTypeOf(signature, given, constants) };
  }

  resolveTable(
    fn: TableFunction,
    args: readonly ArgumentType[],
    constants: readonly (Value | undefined)[],
  ): Resolved<TableSignature> {
    const given = args.length === 0 ? [BIGINT] : args;
    const signature = this.#index(fn).find(given) as TableSignature;
    return { signature, returnType: returnTypeOf(signature, given, constants) };
  }

  #index(fn: SqlFunction): SignatureIndex<ScalarSignature | AggregateSignature | TableSignature> {
    let index = this.#indexes.get(fn);
    if (index === undefined) {
      const written = writtenName(fn.name);
      const listed = fn.kind === 'scalar' ? fn.name : written;
      index = new SignatureIndex<ScalarSignature | AggregateSignature | TableSignature>(
        fn.signatures,
        { written, listed },
        fn.kind !== 'aggregate',
      );
      this.#indexes.set(fn, index);
    }
    return index;
  }
}

/** Returns the parameter for each argument of a call. A variadic one takes all remaining arguments. */
export function parameterOfArgument(parameters: readonly Parameter[], count: number): readonly Parameter[] {
  const at = parameters.findIndex(({ variadic }) => variadic);
  if (at < 0) return parameters;
  const after = parameters.length - at - 1;
  return Array.from({ length: count }, (_, i) => {
    if (i < at) return parameters[i]!;
    return i >= count - after ? parameters[parameters.length - (count - i)]! : parameters[at]!;
  });
}

/** Returns the result type of a call with resolved lambdas. */
export function returnTypeOf(
  signature: { readonly parameters: readonly Parameter[]; readonly returns: ReturnType },
  args: readonly ArgumentType[],
  constants: readonly (Value | undefined)[],
): SqlType {
  const { parameters, returns } = signature;
  if (typeof returns === 'function') return returns(args, constants);
  const generics: Generics = new Map();
  const parameterOf = parameterOfArgument(parameters, args.length);
  args.forEach((argument, i) => {
    const parameter = parameterOf[i];
    if (parameter === undefined) return;
    const type = normalise(parameter.type);
    if (!hasGenerics(type)) return;
    const own: Generics = new Map();
    const error = reserveGenerics(type, argument, own);
    // A variadic parameter may also be passed as one array.
    if (error !== undefined && !(parameter.variadic && asArray(type, argument, own))) throw error;
    for (const [name, instance] of own) generics.set(name, instance);
  });
  return applyGenerics(normalise(returns), generics);
}

function asArray(type: Parameter['type'], argument: ArgumentType, generics: Generics): boolean {
  return reserveGenerics({ kind: 'array', element: type }, argument, generics) === undefined;
}
