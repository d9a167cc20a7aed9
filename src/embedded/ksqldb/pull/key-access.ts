/**
 * Determines from a pull query's WHERE clause how to read the table: by key look-ups, by a range of keys, or
 * completely.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/select-pull-query/ and ksqlDB's
 * QueryFilterNode, whose messages are kept.
 */
import type { Comparison, Expression } from '../../../sql/ast.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { columnsOf } from '../expressions/rewrite.js';
import type { LogicalSchema } from '../schema/schema.js';
import { columnText } from '../schema/schema-text.js';
import { isWindowBound } from '../schema/system-columns.js';
import type { Value } from '../types/value.js';
import { columnSide, comparisonName, conjunctsOf, otherSide } from './comparison.js';
import { disjunctsOf } from './disjuncts.js';
import { invalidWhere } from './pull-query-errors.js';
import { checkWindowBounds } from './window-bounds.js';

export type KeyAccess =
  | { readonly kind: 'lookup'; readonly keys: readonly (readonly Value[])[] }
  | { readonly kind: 'range'; readonly from?: Value; readonly to?: Value }
  | { readonly kind: 'scan' };

export interface PullWhereOptions {
  /** The table's columns, key columns first, in declaration order. */
  readonly schema: LogicalSchema;
  readonly isWindowed: boolean;
  readonly tableScans: boolean;
  readonly rangeScans: boolean;
  /** Evaluates an expression without columns as the type of the key column. Throws a KsqlException. */
  readonly resolveKey: (expression: Expression, keyIndex: number, comparison: Comparison) => Value;
  readonly resolveBigint: (expression: Expression) => Value;
}

const scan: KeyAccess = { kind: 'scan' };
const ordering = new Set(['<', '<=', '>', '>=']);

/** Throws a KsqlException if the clause needs a feature that is disabled or not available in pull queries. */
export function keyAccess(where: Expression, options: PullWhereOptions): KeyAccess {
  const disjuncts = disjunctsOf(where);
  if (disjuncts.some((disjunct) => needsScan(disjunct, options))) return scanOr(options);
  const constraints = disjuncts.map((disjunct) => {
    const constraint = constraintOf(disjunct, options);
    if (options.isWindowed) checkWindowBounds(disjunct, options.resolveBigint);
    return constraint;
  });
  const lookups = constraints.filter((constraint) => constraint.kind === 'equal');
  if (lookups.length === constraints.length) return { kind: 'lookup', keys: lookups.map(({ key }) => key) };
  const [only, ...others] = constraints;
  if (only?.kind !== 'range' || others.length > 0) return scanOr(options);
  if (!options.rangeScans || options.isWindowed) return scanOr(options);
  return only.op.startsWith('<') ? { kind: 'range', to: only.value } : { kind: 'range', from: only.value };
}

export function scanOr(options: Pick<PullWhereOptions, 'tableScans'>): KeyAccess {
  if (options.tableScans) return scan;
  throw new KsqlException(
    'Query requires table scan to be enabled. Table scans can be enabled by setting ' +
      'ksql.query.pull.table.scan.enabled=true',
  );
}

type Constraint =
  | { readonly kind: 'equal'; readonly key: readonly Value[] }
  | { readonly kind: 'range'; readonly op: string; readonly value: Value }
  | { readonly kind: 'none' };

function needsScan(disjunct: Expression, options: PullWhereOptions): boolean {
  const { schema, isWindowed, tableScans } = options;
  const seen = new Set<number>();
  let isScan = false;
  const scanOrThrow = (message: string, windowed = isWindowed): void => {
    if (!tableScans) throw invalidWhere(message, windowed);
    isScan = true;
  };
  for (const part of conjunctsOf(disjunct)) {
    if (part.kind === 'Logical') {
      scanOrThrow(`Only AND expressions are supported: ${expressionText(part)}`, false);
    } else if (part.kind === 'Like' && !part.negated) {
      checkLike(part, options, scanOrThrow);
    } else if (part.kind === 'Comparison') {
      checkComparison(part, options, seen, scanOrThrow);
    } else {
      throw invalidWhere(`Unsupported expression in WHERE clause: ${expressionText(part)}`, false);
    }
  }
  if (isScan) return true;
  if (seen.size === 0) {
    if (tableScans) return true;
    throw invalidWhere(
      `WHERE clause missing key column for disjunct: ${expressionText(disjunct)}`,
      isWindowed,
    );
  }
  if (seen.size === schema.key.length) return false;
  if (tableScans) return true;
  const names = [...seen].sort((a, b) => a - b).map((i) => `\`${schema.key[i]!.name}\``);
  throw invalidWhere(
    'Multi-column sources must specify every key in the WHERE clause. ' +
      `Specified: [${names.join(', ')}] Expected: ${keyText(schema)}`,
    isWindowed,
  );
}

function checkComparison(
  comparison: Comparison,
  { schema, isWindowed, tableScans }: PullWhereOptions,
  seen: Set<number>,
  scanOrThrow: (message: string) => void,
): void {
  const column = columnSide(comparison);
  if (column === undefined) {
    scanOrThrow('A comparison must directly reference a key column');
    return;
  }
  if (columnsOf(otherSide(comparison)).length > 0) {
    scanOrThrow('A comparison must be between a key column and a resolvable expression');
    return;
  }
  if (isWindowBound(column.name)) {
    if (comparison.op !== '=' && !ordering.has(comparison.op)) {
      throw invalidWhere(`Unsupported \`${column.name}\` bounds: ${comparisonName(comparison)}`, true);
    }
    if (!isWindowed) {
      throw invalidWhere('Cannot use WINDOWSTART/WINDOWEND on non-windowed source', false);
    }
    return;
  }
  const index = schema.key.findIndex(({ name }) => name === column.name);
  if (index < 0) return;
  if (comparison.op !== '=' && !ordering.has(comparison.op)) {
    scanOrThrow(`Bound on key columns '${keyText(schema)}' must currently be '='`);
  }
  if (seen.has(index) && !tableScans) {
    throw invalidWhere(
      'A comparison condition on the key column cannot be combined with other comparisons such as an IN predicate',
      isWindowed,
    );
  }
  seen.add(index);
}

function checkLike(
  like: Extract<Expression, { kind: 'Like' }>,
  { schema, isWindowed }: PullWhereOptions,
  scanOrThrow: (message: string) => void,
): void {
  if (like.value.kind !== 'Column') {
    scanOrThrow('Like condition must be between strings');
    return;
  }
  const { name } = like.value;
  const column = [...schema.key, ...schema.value].find((candidate) => candidate.name === name);
  if (column !== undefined && column.type.base !== 'STRING') {
    throw invalidWhere(
      `The column type for Like condition must be VARCHAR. The column type is ${column.type.base}`,
      isWindowed,
    );
  }
  if (like.pattern.kind !== 'String' && like.pattern.kind !== 'Null') {
    throw invalidWhere(`Like condition on non-string pattern ${expressionText(like.pattern)}`, isWindowed);
  }
}

function constraintOf(disjunct: Expression, options: PullWhereOptions): Constraint {
  const found = new Map<number, { readonly op: string; readonly value: Value }>();
  for (const part of conjunctsOf(disjunct)) {
    if (part.kind !== 'Comparison') continue;
    const column = columnSide(part);
    const index = options.schema.key.findIndex(({ name }) => name === column?.name);
    if (index < 0) continue;
    const value = options.resolveKey(otherSide(part), index, part);
    const earlier = found.get(index);
    // Prefer an equality. Otherwise, use the first comparison.
    if (earlier === undefined || (earlier.op !== '=' && part.op === '=')) {
      found.set(index, { op: part.op, value });
    }
  }
  const all = [...found.values()];
  if (all.length > 0 && all.every(({ op }) => op === '=')) {
    return { kind: 'equal', key: options.schema.key.map((_, i) => found.get(i)!.value) };
  }
  const only = found.get(0);
  const type = options.schema.key[0]?.type.base;
  const isRange = only !== undefined && all.length === 1 && (type === 'STRING' || type === 'BYTES');
  // ksqlDB uses the operator as written, even if the column is on the right. The filter corrects the result.
  return isRange && ordering.has(only.op) ? { kind: 'range', ...only } : { kind: 'none' };
}

function keyText(schema: LogicalSchema): string {
  return `[${schema.key.map((column) => columnText(column, true)).join(', ')}]`;
}
