import type { Analysis } from '../analysis/analysis.js';
import { KsqlException } from '../errors.js';
import type { LogicalSchema } from '../schema/schema.js';
import { isPseudoColumn, isWindowBound } from '../schema/system-columns.js';
import { commonOf, type PlanNode, type PlannerEnv, type PlanTarget } from './planner-env.js';
import { checkColumnsExist, projectedColumns, projectionOf, selectItems } from './projection.js';
import type { SelectItemPlan } from './step.js';

/** Plans the SELECT list of a query without aggregation. Persistent queries write key columns into the key only. */
export function planProjection(
  node: PlanNode,
  analysis: Analysis,
  env: PlannerEnv,
  target: PlanTarget | undefined,
): PlanNode {
  const parent = node.step.schema;
  const projection = projectionOf(analysis.select);
  const items = selectItems(node, analysis.select, target?.schema);
  const columns = projectedColumns(parent, items, env);
  let schema: LogicalSchema;
  let rowItems = items;
  if (analysis.isPersistent) {
    const names = keyNames(parent, items);
    const key = columns.filter((column) => column.isKey).map(({ name, type }) => ({ name, type }));
    const isKeyName = new Set(key.map((column) => column.name));
    schema = {
      key,
      value: columns
        .filter(
          (c) => !c.isKey && !isPseudoColumn(c.name) && !isWindowBound(c.name) && !isKeyName.has(c.name),
        )
        .map(({ name, type }) => ({ name, type })),
      headers: [],
    };
    rowItems = items.filter((item) => !names.has(item));
    // The schema omits a second copy of the key under its own name, so the row omits it as well.
    const kept = new Set(schema.value.map((column) => column.name));
    rowItems = rowItems.filter((item) => kept.has(item.name));
  } else {
    schema = { key: parent.key, value: columns.map(({ name, type }) => ({ name, type })), headers: [] };
  }
  if (schema.value.length === 0) throw new KsqlException('The projection contains no value columns.');
  checkColumnsExist(analysis.select, node);
  const result: PlanNode = {
    ...node,
    step: {
      ...commonOf(node),
      kind: 'select',
      input: node.step,
      items: rowItems,
      schema,
      context: ['Project'],
    },
  };
  return { ...result, checkKey: (sink) => node.checkKey(sink, projection) };
}

/** The items that name a key column or a window bound, which are written into the record's key. */
function keyNames(parent: LogicalSchema, items: readonly SelectItemPlan[]): ReadonlySet<SelectItemPlan> {
  const seen = new Map<string, Set<string>>();
  const found = new Set<SelectItemPlan>();
  for (const item of items) {
    if (item.expression.kind !== 'Column') continue;
    const { name } = item.expression;
    if (isWindowBound(name) && item.name === name) {
      found.add(item);
    } else if (parent.key.some((column) => column.name === name)) {
      found.add(item);
      const aliases = seen.get(name);
      if (aliases === undefined) seen.set(name, new Set([item.name]));
      else aliases.add(item.name);
    }
  }
  for (const [name, aliases] of seen) {
    if (aliases.size < 2) continue;
    throw new KsqlException(
      `The projection contains a key column (\`${name}\`) more than once, aliased as: ` +
        `${joinAnd([...aliases].sort())}.\n${onceOnly}`,
    );
  }
  return found;
}

export const onceOnly =
  'Each key column must only be in the projection once. If you intended to copy the key into the value, then ' +
  'consider using the `AS_VALUE` function to indicate which key reference should be copied.';

function joinAnd(names: readonly string[]): string {
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
