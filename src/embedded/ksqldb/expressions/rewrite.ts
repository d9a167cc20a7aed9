/** Traverses and rewrites expression trees, which are never changed in place. */
import type { ColumnReference, Expression, FunctionCall } from '../../../sql/ast.js';
import { parseTimestamp } from '../types/time-text.js';

/** Returns the direct children of an expression, in source order. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'Dereference':
      return [expression.base];
    case 'Subscript':
      return [expression.base, expression.index];
    case 'ArithmeticUnary':
    case 'Not':
    case 'IsNull':
    case 'Cast':
      return [expression.value];
    case 'ArithmeticBinary':
    case 'Concat':
    case 'Comparison':
    case 'Logical':
      return [expression.left, expression.right];
    case 'Between':
      return [expression.value, expression.min, expression.max];
    case 'In':
      return [expression.value, ...expression.list];
    case 'Like':
      return [expression.value, expression.pattern];
    case 'SearchedCase':
      return [
        ...expression.whens.flatMap(({ condition, result }) => [condition, result]),
        ...(expression.otherwise === undefined ? [] : [expression.otherwise]),
      ];
    case 'SimpleCase':
      return [
        expression.operand,
        ...expression.whens.flatMap(({ condition, result }) => [condition, result]),
        ...(expression.otherwise === undefined ? [] : [expression.otherwise]),
      ];
    case 'Call':
      return expression.args;
    case 'Lambda':
      return [expression.body];
    case 'Array':
      return expression.elements;
    case 'Map':
      return expression.entries.flatMap(({ key, value }) => [key, value]);
    case 'Struct':
      return expression.fields.map(({ value }) => value);
    default:
      return [];
  }
}

/** Visits the expression and its descendants, parents first. Return false from `visit` to skip the descendants. */
export function walk(expression: Expression, visit: (node: Expression) => unknown): void {
  if (visit(expression) === false) return;
  for (const child of childrenOf(expression)) walk(child, visit);
}

/** Returns the expression with its direct children replaced, or the same object if none of them changed. */
export function mapChildren(expression: Expression, map: (child: Expression) => Expression): Expression {
  const before = childrenOf(expression);
  if (before.length === 0) return expression;
  const after = before.map(map);
  if (after.every((child, i) => child === before[i])) return expression;
  let next = 0;
  const take = (): Expression => after[next++]!;
  switch (expression.kind) {
    case 'Dereference':
      return { ...expression, base: take() };
    case 'Subscript':
      return { ...expression, base: take(), index: take() };
    case 'ArithmeticUnary':
    case 'Not':
    case 'IsNull':
    case 'Cast':
      return { ...expression, value: take() };
    case 'ArithmeticBinary':
    case 'Concat':
    case 'Comparison':
    case 'Logical':
      return { ...expression, left: take(), right: take() };
    case 'Between':
      return { ...expression, value: take(), min: take(), max: take() };
    case 'In':
      return { ...expression, value: take(), list: expression.list.map(take) };
    case 'Like':
      return { ...expression, value: take(), pattern: take() };
    case 'SearchedCase': {
      const whens = expression.whens.map(() => ({ condition: take(), result: take() }));
      return { ...expression, whens, ...(expression.otherwise === undefined ? {} : { otherwise: take() }) };
    }
    case 'SimpleCase': {
      const operand = take();
      const whens = expression.whens.map(() => ({ condition: take(), result: take() }));
      const otherwise = expression.otherwise === undefined ? {} : { otherwise: take() };
      return { ...expression, operand, whens, ...otherwise };
    }
    case 'Call':
      return { ...expression, args: after };
    case 'Lambda':
      return { ...expression, body: take() };
    case 'Array':
      return { ...expression, elements: after };
    case 'Map':
      return { ...expression, entries: expression.entries.map(() => ({ key: take(), value: take() })) };
    case 'Struct':
      return { ...expression, fields: expression.fields.map(({ name }) => ({ name, value: take() })) };
    default:
      return expression;
  }
}

/**
 * Replaces parts of a tree, parents first. If `replace` returns an expression, it is used unchanged; if it returns
 * undefined, the search continues below.
 */
export function transform(
  expression: Expression,
  replace: (node: Expression) => Expression | undefined,
): Expression {
  return replace(expression) ?? mapChildren(expression, (child) => transform(child, replace));
}

/** Transforms like `transform`, but leaves first: `change` sees each node with its children already changed. */
export function transformUp(expression: Expression, change: (node: Expression) => Expression): Expression {
  return change(mapChildren(expression, (child) => transformUp(child, change)));
}

/**
 * Replaces columns, but not the parameters of lambdas.
 */
export function replaceColumns(
  expression: Expression,
  replace: (column: ColumnReference) => Expression | undefined,
): Expression {
  return replaceOutside(expression, replace, new Set());
}

function replaceOutside(
  expression: Expression,
  replace: (column: ColumnReference) => Expression | undefined,
  bound: ReadonlySet<string>,
): Expression {
  if (expression.kind === 'Column') {
    return isBound(expression, bound) ? expression : (replace(expression) ?? expression);
  }
  const inner = expression.kind === 'Lambda' ? new Set([...bound, ...expression.params]) : bound;
  return mapChildren(expression, (child) => replaceOutside(child, replace, inner));
}

function isBound(column: ColumnReference, bound: ReadonlySet<string>): boolean {
  return column.source === undefined && bound.has(column.name);
}

/** Returns the columns that an expression reads, with duplicates and without the parameters of lambdas. */
export function columnsOf(expression: Expression): readonly ColumnReference[] {
  const columns: ColumnReference[] = [];
  replaceColumns(expression, (column) => {
    columns.push(column);
    return undefined;
  });
  return columns;
}

/** Returns the calls in an expression that `test` accepts, outer ones first. */
export function callsIn(
  expression: Expression,
  test: (call: FunctionCall) => boolean = () => true,
): readonly FunctionCall[] {
  const calls: FunctionCall[] = [];
  walk(expression, (node) => {
    if (node.kind === 'Call' && test(node)) calls.push(node);
  });
  return calls;
}

/** Tests two expressions for equality, ignoring their source locations. */
export function sameExpression(a: Expression, b: Expression): boolean {
  return a === b || expressionKey(a) === expressionKey(b);
}

/** Returns a text that is equal for equal expressions, regardless of their source locations. */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, (name, value: unknown) => {
    if (name === 'at') return undefined;
    return typeof value === 'bigint' ? `${value}n` : value;
  });
}

const TIME_COLUMNS: ReadonlySet<string> = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND']);

/**
 * Converts texts that are compared with ROWTIME, WINDOWSTART or WINDOWEND to milliseconds since the epoch.
 *
 * @throws KsqlException for a text that is not a timestamp
 */
export function rewriteTimeLiterals(expression: Expression): Expression {
  const isTime = (node: Expression) => node.kind === 'Column' && TIME_COLUMNS.has(node.name);
  const millis = (node: Expression): Expression =>
    node.kind === 'String' ? { kind: 'Long', value: BigInt(parseTimestamp(node.value)) } : node;
  return transformUp(expression, (node) => {
    if (node.kind === 'Between' && isTime(node.value)) {
      return { ...node, min: millis(node.min), max: millis(node.max) };
    }
    if (node.kind === 'Comparison') {
      if (isTime(node.left)) return { ...node, right: millis(node.right) };
      if (isTime(node.right)) return { ...node, left: millis(node.left) };
    }
    return node;
  });
}
