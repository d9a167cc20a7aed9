import type { Expression } from '../../../sql/ast.js';
import type { Analysis } from '../analysis/analysis.js';
import { isEnabled } from '../engine/query-config.js';
import { KsqlException } from '../errors.js';
import { columnsOf } from '../expressions/rewrite.js';
import { isPseudoColumn, ROWTIME } from '../schema/system-columns.js';
import { pullQueryHelp } from './pull-query-errors.js';

/** Checks ksqlDB's rules for pull queries on tables and streams. Throws a KsqlException. */
export function checkPullQuery(analysis: Analysis, config: ReadonlyMap<string, string>): void {
  const refuse = (message: string): never => {
    throw new KsqlException(message + pullQueryHelp);
  };
  const noClause = (clause: string): never => refuse(`Pull queries don't support ${clause} clauses.`);
  if (analysis.joins.length > 0) noClause('JOIN');
  if (analysis.window !== undefined) noClause('WINDOW');
  if (analysis.groupBy !== undefined && !analysis.isGlobalAggregate) noClause('GROUP BY');
  if (analysis.partitionBy !== undefined) noClause('PARTITION BY');
  if (analysis.having !== undefined) noClause('HAVING');
  if (analysis.limit !== undefined) {
    if (!isEnabled(config, 'ksql.query.pull.limit.clause.enabled', true)) {
      refuse(
        'LIMIT clause in pull queries is currently disabled. ' +
          'You can enable them by setting ksql.query.pull.limit.clause.enabled=true.',
      );
    }
    if (analysis.limit < 0) refuse("Pull queries don't support negative integers in the LIMIT clause.");
  }
  const forbidden = (expressions: readonly Expression[]): string =>
    expressions
      .flatMap(columnsOf)
      .filter(({ name }) => isPseudoColumn(name) && name !== ROWTIME)
      .map(({ name }) => `\`${name}\``)
      .join(', ');
  const selected = forbidden(
    analysis.select.flatMap((item) => (item.kind === 'Single' ? [item.expression] : [])),
  );
  if (selected !== '') {
    refuse(`Pull queries don't support the following columns in SELECT clauses: ${selected}\n`);
  }
  const filtered = forbidden(analysis.where === undefined ? [] : [analysis.where]);
  if (filtered !== '') {
    refuse(`Pull queries don't support the following columns in WHERE clauses: ${filtered}\n`);
  }
}
