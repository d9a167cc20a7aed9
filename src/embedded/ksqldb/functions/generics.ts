/**
 * Matches argument types with parameter types, and binds the generics of a call.
 *
 * Source: https://docs.ksqldb.io/en/latest/reference/user-defined-functions/ and ksqlDB's GenericsUtil, ParamTypes.
 */
import { arrayType, mapType, type SqlBase, type SqlType, sameType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { formatSqlType, formatSqlTypeUnquoted } from '../types/format-type.js';
import type { ArgumentType, ParamType } from './function.js';

/** A lambda with only its number of parameters known. Their types follow from the other arguments. */
export interface UnresolvedLambda {
  readonly base: 'LAMBDA';
  readonly arity: number;
}

export type CallArgument = ArgumentType | UnresolvedLambda;

export type ResolvedLambda = Extract<ArgumentType, { base: 'LAMBDA' }>;

export type Generics = Map<string, SqlType>;

export function isSqlType(argument: CallArgument): argument is SqlType {
  return argument !== null && argument.base !== 'LAMBDA' && argument.base !== 'INTERVALUNIT';
}

/** Normalizes `exact` container types, so that each parameter type has one representation. */
export function normalise(type: ParamType): ParamType {
  switch (type.kind) {
    case 'exact':
      switch (type.type.base) {
        case 'DECIMAL':
          return { kind: 'decimal' };
        case 'ARRAY':
          return { kind: 'array', element: normalise({ kind: 'exact', type: type.type.element }) };
        case 'MAP':
          return {
            kind: 'map',
            key: normalise({ kind: 'exact', type: type.type.key }),
            value: normalise({ kind: 'exact', type: type.type.value }),
          };
        default:
          return type;
      }
    case 'array':
      return { kind: 'array', element: normalise(type.element) };
    case 'map':
      return { kind: 'map', key: normalise(type.key), value: normalise(type.value) };
    case 'lambda':
      return { kind: 'lambda', params: type.params.map(normalise), returns: normalise(type.returns) };
    default:
      return type;
  }
}

export function hasGenerics(type: ParamType): boolean {
  switch (type.kind) {
    case 'generic':
      return true;
    case 'array':
      return hasGenerics(type.element);
    case 'map':
      return hasGenerics(type.key) || hasGenerics(type.value);
    case 'lambda':
      return type.params.some(hasGenerics) || hasGenerics(type.returns);
    default:
      return false;
  }
}

/** Formats a parameter type as in ksqlDB's lists of alternatives. */
export function formatParamType(type: ParamType): string {
  switch (type.kind) {
    case 'exact':
      if (type.type.base === 'INTEGER') return 'INT';
      if (type.type.base === 'STRING') return 'VARCHAR';
      return formatSqlTypeUnquoted(type.type);
    case 'decimal':
      return 'DECIMAL';
    case 'struct':
      return 'STRUCT<>';
    case 'generic':
      return type.name;
    case 'array':
      return `ARRAY<${formatParamType(type.element)}>`;
    case 'map':
      return `MAP<${formatParamType(type.key)}, ${formatParamType(type.value)}>`;
    case 'lambda':
      return `LAMBDA (${type.params.map(formatParamType).join(', ')}) => ${formatParamType(type.returns)}`;
    case 'intervalUnit':
      return 'INTERVAL UNIT';
    case 'any':
      return 'ANY';
  }
}

export function formatArgument(argument: CallArgument): string {
  // An interval unit has no SQL type and is shown like NULL.
  if (argument === null || argument.base === 'INTERVALUNIT') return 'null';
  if (argument.base !== 'LAMBDA') return formatSqlTypeUnquoted(argument);
  if ('arity' in argument) return 'LAMBDA';
  const params = argument.params.map((type) => formatSqlType(type)).join(', ');
  return `LAMBDA (${params}) => ${argument.returns === null ? 'null' : formatSqlType(argument.returns)}`;
}

const NUMBERS: readonly SqlBase[] = ['INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE'];

/** Implicit casts: numbers widen, and texts become dates, times and bytes. */
export function canImplicitlyCast(from: SqlBase, to: SqlBase): boolean {
  if (from === to) return true;
  const wide = NUMBERS.indexOf(to);
  const narrow = NUMBERS.indexOf(from);
  if (narrow >= 0 && wide >= 0) return narrow <= wide;
  return from === 'STRING' && (to === 'TIME' || to === 'DATE' || to === 'TIMESTAMP' || to === 'BYTES');
}

/** Tests whether the argument matches a parameter without generics, optionally with implicit casts. */
export function accepts(type: ParamType, argument: CallArgument, allowCasts: boolean): boolean {
  if (type.kind === 'any' || argument === null || argument.base === 'INTERVALUNIT') return true;
  if (argument.base === 'LAMBDA') {
    if (type.kind !== 'lambda') return false;
    if ('arity' in argument) return argument.arity === type.params.length;
    return (
      argument.params.length === type.params.length &&
      type.params.every((param, i) => accepts(param, argument.params[i]!, allowCasts)) &&
      accepts(type.returns, argument.returns, allowCasts)
    );
  }
  switch (type.kind) {
    case 'array':
      return argument.base === 'ARRAY' && accepts(type.element, argument.element, allowCasts);
    case 'map':
      return (
        argument.base === 'MAP' &&
        accepts(type.key, argument.key, allowCasts) &&
        accepts(type.value, argument.value, allowCasts)
      );
    case 'struct':
      return argument.base === 'STRUCT';
    case 'decimal':
      return argument.base === 'DECIMAL' || (allowCasts && canImplicitlyCast(argument.base, 'DECIMAL'));
    case 'exact':
      if (type.type.base === 'STRUCT') {
        return argument.base === 'STRUCT' && (argument.fields.length === 0 || sameType(type.type, argument));
      }
      return (
        argument.base === type.type.base || (allowCasts && canImplicitlyCast(argument.base, type.type.base))
      );
    case 'generic':
      return true;
    default:
      return false;
  }
}

/**
 * Binds the generics of a parameter to the types of an argument.
 *
 * @returns undefined on success, otherwise the error in ksqlDB's words
 */
export function reserveGenerics(
  type: ParamType,
  argument: CallArgument,
  reserved: Generics,
): KsqlException | undefined {
  const found: [string, SqlType][] = [];
  if (!collectGenerics(type, argument, found)) {
    return new KsqlException(
      `Cannot infer generics for ${formatParamType(type)} from ${formatArgument(argument)} ` +
        'because they do not have the same schema structure.',
    );
  }
  for (const [name, instance] of found) {
    const old = reserved.get(name);
    if (old === undefined) reserved.set(name, instance);
    else if (!sameType(old, instance)) {
      return new KsqlException(
        `Found invalid instance of generic schema when mapping ${formatParamType(type)} to ` +
          `${formatArgument(argument)}. Cannot map ${name} to both ${formatSqlType(old)} and ${formatSqlType(instance)}`,
      );
    }
  }
  return undefined;
}

function collectGenerics(type: ParamType, argument: CallArgument, found: [string, SqlType][]): boolean {
  // NULL does not determine a type.
  if (argument === null) return true;
  if (type.kind === 'generic') {
    if (!isSqlType(argument)) return false;
    found.push([type.name, argument]);
    return true;
  }
  if (type.kind === 'lambda') {
    if (argument.base !== 'LAMBDA') return false;
    if ('arity' in argument) return argument.arity === type.params.length;
    return (
      argument.params.length === type.params.length &&
      type.params.every((param, i) => collectGenerics(param, argument.params[i]!, found)) &&
      collectGenerics(type.returns, argument.returns, found)
    );
  }
  if (type.kind === 'array') {
    return argument.base === 'ARRAY' && collectGenerics(type.element, argument.element, found);
  }
  if (type.kind === 'map') {
    return (
      argument.base === 'MAP' &&
      collectGenerics(type.key, argument.key, found) &&
      collectGenerics(type.value, argument.value, found)
    );
  }
  return accepts(type, argument, false);
}

/**
 * Returns the SQL type of a parameter type, with generics replaced.
 *
 * @throws KsqlException if the signature alone does not determine the type, as for DECIMAL
 */
export function applyGenerics(type: ParamType, generics: Generics): SqlType {
  switch (type.kind) {
    case 'exact':
      return type.type;
    case 'array':
      return arrayType(applyGenerics(type.element, generics));
    case 'map':
      return mapType(applyGenerics(type.key, generics), applyGenerics(type.value, generics));
    case 'generic': {
      const instance = generics.get(type.name);
      if (instance === undefined) {
        throw new KsqlException(`Could not find mapping for generic type: ${type.name}`);
      }
      return instance;
    }
    default:
      throw new KsqlException(`Cannot convert param type to sql type: ${formatParamType(type)}`);
  }
}
