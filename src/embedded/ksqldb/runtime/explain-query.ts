import type { CreateAsSelect, InsertInto } from '../../../sql/ast.js';
import { idleQuery, type QueryInfo } from '../engine/query-info.js';
import { KsqlException } from '../errors.js';
import { planText, topologyText } from '../plan/plan-text.js';
import type { Session } from '../session.js';
import type { EngineContext } from './engine-context.js';

/** Describes the persistent query that a statement would start. Changes nothing. */
export function explainQuery(
  context: EngineContext,
  statement: CreateAsSelect | InsertInto,
  session: Session,
): QueryInfo {
  const planned = context.sandbox().plan(statement, session);
  const change = 'warning' in planned ? undefined : planned.changes.find(({ kind }) => kind === 'startQuery');
  if (change?.kind !== 'startQuery') throw new KsqlException('The statement does not run a query');
  const { query } = change;
  const { root, sink, sources } = query.plan;
  return {
    ...idleQuery,
    id: query.id,
    statementText: query.statementText,
    type: query.type,
    sources: sources.map((source) => source.name),
    ...(sink === undefined ? {} : { sink: sink.name, sinkTopic: sink.topic }),
    schema: root.schema,
    ...(root.window === undefined ? {} : { window: root.window }),
    executionPlan: planText(query.plan, query.id),
    topology: topologyText(query.plan),
    overrides: query.overrides,
  };
}
