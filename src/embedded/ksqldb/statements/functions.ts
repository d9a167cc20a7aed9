/** LIST FUNCTIONS and DESCRIBE FUNCTION. */
import type { SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import type { ParamType, ReturnType, SqlFunction } from '../functions/function.js';
import type { FunctionRegistry } from '../functions/registry.js';
import { javaStringHash } from '../types/java-hash.js';
import { inJavaMapOrder } from './java-order.js';

/** Scalar functions first, then table functions, then aggregates, as ksqlDB lists them. */
export function functionNames(registry: FunctionRegistry): readonly object[] {
  const kinds = ['scalar', 'table', 'aggregate'] as const;
  return kinds.flatMap((kind) => {
    const functions = registry
      .all()
      .filter((fn) => fn.kind === kind)
      .sort((a, b) => (loadedAs(a) < loadedAs(b) ? -1 : 1));
    return inJavaMapOrder(functions, ({ name }) => javaStringHash(name)).map((fn) => ({
      name: fn.name,
      type: fn.kind.toUpperCase(),
      category: fn.category,
    }));
  });
}

/** ksqlDB loads functions by package and class, which determines their order within a bucket. */
const packages: Readonly<Record<string, string>> = {
  ARRAY: 'array',
  'DATE / TIME': 'datetime',
  OTHER: 'geo',
  JSON: 'json',
  LAMBDA: 'lambda',
  MAP: 'map',
  MATHEMATICAL: 'math',
  CONDITIONAL: 'nulls',
  'REGULAR EXPRESSION': 'string',
  STRING: 'string',
  URL: 'url',
};

function loadedAs({ name, category }: SqlFunction): string {
  if (name.endsWith('_BY_OFFSET')) return `offset/${name}`;
  if (category === 'AGGREGATE') return name.toLowerCase();
  return `${packages[category] ?? category.toLowerCase()}/${name.replaceAll('_', '').toLowerCase()}`;
}

export function unknownFunction(name: string): KsqlException {
  return new KsqlException(`Can't find any functions with the name '${name}'`);
}

/** Throws a KsqlException if no function has this name. */
export function describeFunction(registry: FunctionRegistry, name: string, statementText: string): object {
  const fn = registry.get(name);
  if (fn === undefined) throw unknownFunction(name);
  return {
    '@type': 'describe_function',
    statementText,
    name: fn.name.toUpperCase(),
    description: fn.description,
    author: fn.author,
    version: fn.version ?? '',
    path: 'internal',
    functions: fn.signatures.map((signature) => {
      const args = signature.parameters.map((parameter) => ({
        name: parameter.name,
        type: paramTypeText(parameter.type),
        description: parameter.description ?? '',
        isVariadic: parameter.variadic ?? false,
      }));
      return {
        arguments: args,
        returnType: returnText(signature),
        description: signature.description ?? '',
        argumentTypes: args.map((argument) => argument.type),
      };
    }),
    type: fn.kind.toUpperCase(),
  };
}

function returnText(signature: {
  readonly returns: ReturnType;
  readonly documentedReturns?: ParamType;
}): string {
  if (signature.documentedReturns !== undefined) return paramTypeText(signature.documentedReturns);
  return typeof signature.returns === 'function' ? 'ANY' : paramTypeText(signature.returns);
}

/** Returns a parameter's type as in ksqlDB's documentation: INT, VARCHAR, and decimals without precision. */
export function paramTypeText(type: ParamType): string {
  switch (type.kind) {
    case 'exact':
      return sqlTypeText(type.type);
    case 'decimal':
      return 'DECIMAL';
    case 'struct':
      return 'STRUCT';
    case 'generic':
      return type.name;
    case 'array':
      return `ARRAY<${paramTypeText(type.element)}>`;
    case 'map':
      return `MAP<${paramTypeText(type.key)}, ${paramTypeText(type.value)}>`;
    case 'lambda':
      return `LAMBDA (${type.params.map(paramTypeText).join(', ')}) => ${paramTypeText(type.returns)}`;
    case 'intervalUnit':
      return 'INTERVALUNIT';
    case 'any':
      return 'ANY';
  }
}

function sqlTypeText(type: SqlType): string {
  switch (type.base) {
    case 'INTEGER':
      return 'INT';
    case 'STRING':
      return 'VARCHAR';
    case 'ARRAY':
      return `ARRAY<${sqlTypeText(type.element)}>`;
    case 'MAP':
      return `MAP<${sqlTypeText(type.key)}, ${sqlTypeText(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => `${field.name} ${sqlTypeText(field.type)}`).join(', ')}>`;
    default:
      return type.base;
  }
}
