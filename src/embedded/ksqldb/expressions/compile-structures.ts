/** Compiles the construction of arrays, maps and structs, and access to their parts. */
import type {
  ArrayConstructor,
  DereferenceExpression,
  Expression,
  MapConstructor,
  StructConstructor,
  SubscriptExpression,
} from '../../../sql/ast.js';
import { arrayType, mapType, type SqlType, sameType, structType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { castFunction } from '../types/cast.js';
import { equalValues } from '../types/compare.js';
import { NULL_OPERAND } from '../types/evaluation-error.js';
import { formatSqlType } from '../types/format-type.js';
import type { Value } from '../types/value.js';
import { commonType } from './coercion.js';
import { type CompileContext, type Compiled, constant, fold, guarded, mapped } from './compiled.js';
import { isLiteral } from './literal.js';
import type { Evaluator } from './scope.js';
import { arrayTypeOf, fieldOf, mapTypeOf, structTypeOf, subscriptType } from './type-rules.js';
import { type LambdaVariables, typeOf } from './typing.js';
import { coerceValue, shownValue } from './value-coercer.js';

export function compileDereference(expression: DereferenceExpression, base: Compiled): Compiled {
  const { type, index } = fieldOf(expression.base, base.type, expression.field);
  const { run } = base;
  return fold(
    {
      type,
      run: (row) => {
        const struct = run(row);
        return struct === null ? null : (struct as readonly Value[])[index]!;
      },
      safe: base.safe ?? false,
    },
    base,
  );
}

export function compileSubscript(expression: SubscriptExpression, base: Compiled, index: Compiled): Compiled {
  const type = subscriptType(expression, base.type);
  if (base.type!.base === 'MAP') {
    const keyed = base.type!.key.base === 'DECIMAL' || base.type!.key.base === 'BYTES';
    return fold({ type, run: mapAccess(base.run, index.run, keyed) }, base, index);
  }
  if (index.type?.base !== 'INTEGER' && index.type?.base !== 'BIGINT') {
    throw new KsqlException(
      `An array's index should be of type INTEGER, but is ${index.type === null ? 'null' : formatSqlType(index.type)}`,
    );
  }
  return fold({ type, run: arrayAccess(base.run, index) }, base, index);
}

/** Indexes from 1, or from the end with negative numbers. NULL if there is no such element. */
function arrayAccess(base: Evaluator, index: Compiled): Evaluator {
  if (index.constant !== undefined && index.constant !== null) {
    const at = Number(index.constant);
    return (row) => {
      const array = base(row);
      return array === null ? null : elementAt(array as readonly Value[], at);
    };
  }
  const indexOf = index.run;
  return (row) => {
    const array = base(row);
    if (array === null) return null;
    const at = indexOf(row);
    if (at === null) throw NULL_OPERAND;
    return elementAt(array as readonly Value[], Number(at));
  };
}

function elementAt(array: readonly Value[], at: number): Value {
  const index = at >= 0 ? at - 1 : array.length + at;
  return index >= 0 && index < array.length ? array[index]! : null;
}

/** @param byContent true if the keys are objects, which a JavaScript Map does not find by content */
function mapAccess(base: Evaluator, key: Evaluator, byContent: boolean): Evaluator {
  return (row) => {
    const map = base(row) as ReadonlyMap<Value, Value> | null;
    if (map === null) return null;
    const wanted = key(row);
    if (byContent) {
      for (const [each, value] of map) if (equalValues(each, wanted)) return value;
      return null;
    }
    const found = map.get(wanted);
    return found === undefined ? null : found;
  };
}

/** Compiles expressions to values of their common type. */
export function commonTyped(
  expressions: readonly Expression[],
  context: CompileContext,
  lambdas: LambdaVariables,
): { readonly type: SqlType | null; readonly parts: readonly Compiled[] } {
  const type = commonType(expressions, (each) => typeOf(each, context.scope, lambdas));
  return { type, parts: expressions.map((each) => convert(each, type, context, lambdas)) };
}

function convert(
  expression: Expression,
  type: SqlType | null,
  context: CompileContext,
  lambdas: LambdaVariables,
): Compiled {
  const part = context.compile(expression, lambdas);
  if (type === null || part.type === null || sameType(part.type, type)) return part;
  if (isLiteral(expression)) {
    const value = coerceValue(part.constant!, part.type, type, 'LAX');
    if (value === undefined) {
      throw new KsqlException(
        `invalid input syntax for type ${type.base}: "${shownValue(part.constant!, part.type)}".`,
      );
    }
    return constant(value, type);
  }
  return guarded(mapped(part, type, castFunction(part.type, type)), formatSqlType(type), context);
}

export function compileArray(
  expression: ArrayConstructor,
  context: CompileContext,
  lambdas: LambdaVariables,
): Compiled {
  // Also checks that a common type exists.
  const type = arrayTypeOf(expression.elements, (each) => typeOf(each, context.scope, lambdas));
  const parts = expression.elements.map((each) =>
    guarded(convert(each, type.element, context, lambdas), 'array item', context),
  );
  return fold(
    { type: arrayType(type.element), run: listOf(parts.map(({ run }) => run)), safe: allSafe(parts) },
    ...parts,
  );
}

export function compileMap(
  expression: MapConstructor,
  context: CompileContext,
  lambdas: LambdaVariables,
): Compiled {
  const type = mapTypeOf(expression.entries, (each) => typeOf(each, context.scope, lambdas));
  const keys = expression.entries.map(({ key }) =>
    guarded(convert(key, type.key, context, lambdas), 'map key', context),
  );
  const values = expression.entries.map(({ value }) =>
    guarded(convert(value, type.value, context, lambdas), 'map value', context),
  );
  const keyRuns = keys.map(({ run }) => run);
  const valueRuns = values.map(({ run }) => run);
  const run: Evaluator = (row) => {
    const map = new Map<Value, Value>();
    for (let i = 0; i < keyRuns.length; i++) map.set(keyRuns[i]!(row), valueRuns[i]!(row));
    return map;
  };
  return fold({ type: mapType(type.key, type.value), run }, ...keys, ...values);
}

export function compileStruct(
  expression: StructConstructor,
  context: CompileContext,
  lambdas: LambdaVariables,
): Compiled {
  const type = structTypeOf(expression.fields, (each) => typeOf(each, context.scope, lambdas));
  const parts = expression.fields.map(({ value }) =>
    guarded(context.compile(value, lambdas), 'struct field', context),
  );
  return fold(
    { type: structType(type.fields), run: listOf(parts.map(({ run }) => run)), safe: allSafe(parts) },
    ...parts,
  );
}

function allSafe(parts: readonly Compiled[]): boolean {
  return parts.every(({ safe }) => safe);
}

function listOf(runs: readonly Evaluator[]): Evaluator {
  const length = runs.length;
  return (row) => {
    const list = new Array<Value>(length);
    for (let i = 0; i < length; i++) list[i] = runs[i]!(row);
    return list;
  };
}
