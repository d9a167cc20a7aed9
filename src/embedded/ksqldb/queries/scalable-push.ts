import type { Query } from '../../../sql/ast.js';
import type { Engine } from '../engine/engine.js';
import { isEnabled } from '../engine/query-config.js';
import { columnsOf } from '../expressions/rewrite.js';
import { isPseudoColumn, ROWTIME } from '../schema/system-columns.js';

/**
 * Tells whether ksqlDB would serve the push query from the output of its source's only persistent query
 * (`ksql.query.push.v2.enabled`). Such a query starts at the latest row and keeps no state.
 *
 * Source: ksqlDB's ScalablePushUtil.
 */
export function isScalablePush(engine: Engine, query: Query, config: ReadonlyMap<string, string>): boolean {
  if (!isEnabled(config, 'ksql.query.push.v2.enabled', false)) return false;
  const reset = config.get('auto.offset.reset') ?? config.get('ksql.streams.auto.offset.reset') ?? 'latest';
  const expressions = [
    ...query.select.flatMap((item) => (item.kind === 'Single' ? [item.expression] : [])),
    ...(query.where === undefined ? [] : [query.where]),
  ];
  return (
    reset.toLowerCase() === 'latest' &&
    query.emit === 'CHANGES' &&
    query.from.joins.length === 0 &&
    query.groupBy === undefined &&
    query.window === undefined &&
    query.having === undefined &&
    query.partitionBy === undefined &&
    engine.catalog.writers(query.from.left.name).length === 1 &&
    !expressions.flatMap(columnsOf).some(({ name }) => isPseudoColumn(name) && name !== ROWTIME)
  );
}
