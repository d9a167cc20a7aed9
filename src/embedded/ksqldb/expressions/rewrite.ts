/** Walking and changing expression trees. Trees are never changed in place. */
import type { ColumnReference, Expression, FunctionCall } from '../../../sql/ast.js';
import { parseTimestamp } from '../types/time-text.js';

/** An expression's direct parts, in the order written. */
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

/** Visits the expression and all below it, parents first. Return false from `visit` to skip what is below. */
export function walk(expression: Expression, visit: (node: Expression) => unknown): void {
  if (visit(expression) === false) return;
  for (const child of childrenOf(expression)) walk(child, visit);
}

/** The same expression with its direct parts replaced; itself if none of them changed. */
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
 * Replaces parts of a tree, parents first: where `replace` returns an expression it is taken as it is, where it
 * returns undefined the search goes on below.
 */
export function transform(
  expression: Expression,
  replace: (node: Expression) => Expression | undefined,
): Expression {
  return replace(expression) ?? mapChildren(expression, (child) => transform(child, replace));
}

/** As `transform`, leaves first: `change` sees every node with its parts already changed. */
export function transformUp(expression: Expression, change: (node: Expression) => Expression): Expression {
  return change(mapChildren(expression, (child) => transformUp(child, change)));
}

/**
 * Replaces columns; parameters of lambdas are not columns.
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

/** The columns that an expression reads, each time it does; parameters of lambdas are not columns. */
export function columnsOf(expression: Expression): readonly ColumnReference[] {
  const columns: ColumnReference[] = [];
  replaceColumns(expression, (column) => {
    columns.push(column);
    return undefined;
  });
  return columns;
}

/** The calls in an expression that `test` accepts, outer ones first. */
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

/** Equal in all but the place in the text. */
export function sameExpression(a: Expression, b: Expression): boolean {
  return a === b || expressionKey(a) === expressionKey(b);
}

/** A text that is equal for equal expressions, wherever they stand. */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, (name, value: unknown) => {
    if (name === 'at') return undefined;
    return typeof value === 'bigint' ? `${value}n` : value;
  });
}

const TIME_COLUMNS: ReadonlySet<string> = new Set(['ROWTIME', 'WINDOWSTART', 'WINDOWEND']);

/**
 * ROWTIME, WINDOWSTART and WINDOWEND may be compared with texts: these become milliseconds since the epoch.
 *
 * @throws KsqlException for a text that is no timestamp
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
