/** Evaluates values that a statement contains directly: INSERT VALUES, ASSERT, and the keys of pull queries. */
import type { Expression } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import type { FunctionRegistry } from '../functions/registry.js';
import { formatSqlType } from '../types/format-type.js';
import type { Value } from '../types/value.js';
import { compileThrowing } from './compile.js';
import { expressionText } from './expression-text.js';
import { columnsOf } from './rewrite.js';
import { coerceValue, shownValue } from './value-coercer.js';

export interface ConstantContext {
  readonly functions: FunctionRegistry;
  readonly config: ReadonlyMap<string, string>;
  /** The operation, for the message about columns (default: "insert value"). */
  readonly operation?: string;
}

const HINTS: Readonly<Record<string, string>> = {
  TIMESTAMP: '. Timestamp format must be yyyy-mm-ddThh:mm:ss[.S]',
  TIME: '. Time format must be hh:mm:ss[.S]',
  DATE: '. Date format must be yyyy-mm-dd',
};

/**
 * Evaluates an expression without columns to a value of the column's type.
 *
 * @throws KsqlException in ksqlDB's words if it reads a column, fails, or does not match the type
 */
export function evaluateConstant(
  expression: Expression,
  targetType: SqlType,
  columnName: string,
  context: ConstantContext,
): Value {
  if (expression.kind === 'Null') return null;
  const noColumns = () =>
    new KsqlException(
      `Unsupported column reference in ${context.operation ?? 'insert value'}: ${expressionText(expression)}`,
    );
  if (columnsOf(expression).length > 0) throw noColumns();
  const compiled = compileThrowing(expression, {
    resolve: () => {
      throw noColumns();
    },
    functions: context.functions,
    config: context.config,
    onError: () => {},
  });
  const value = compiled.constant ?? evaluate(compiled.evaluate);
  if (value === null || compiled.type === null) return null;
  const coerced = coerceValue(value, compiled.type, targetType, 'STRICT');
  if (coerced !== undefined) return coerced;
  const { base } = compiled.type;
  const hint = base === 'STRING' ? (HINTS[targetType.base] ?? '') : '';
  throw new KsqlException(
    `Expected type ${formatSqlType(targetType)} for field \`${columnName}\` but got ` +
      `${base}(${shownValue(value, compiled.type)})${hint}`,
  );
}

function evaluate(run: (row: readonly Value[]) => Value): Value {
  try {
    return run([]);
  } catch (error) {
    if (error instanceof KsqlException) throw error;
    throw new KsqlException(error instanceof Error ? error.message : String(error), error);
  }
}
