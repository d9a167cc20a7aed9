import type { Query } from '../../../sql/ast.js';
import type { TransientPlan } from '../engine/engine.js';
import { idleQuery, type QueryInfo } from '../engine/query-info.js';
import { planText, topologyText } from '../plan/plan-text.js';
import type { QueryPlan } from '../plan/step.js';
import type { Session } from '../session.js';
import type { EngineContext } from './engine-context.js';

/** A push query's public plan with the parts that only the engine uses. */
export interface PushPlan extends TransientPlan {
  readonly plan: QueryPlan;
  readonly session: Session;
}

let lastNumber = 0n;

export function planPush(context: EngineContext, query: Query, session: Session, text: string): PushPlan {
  const plan = context.planPush(query, session, text);
  const { root, sources, limit } = plan;
  lastNumber = BigInt(Date.now()) * 1_000_000n + (lastNumber % 1_000_000n) + 1n;
  const id = `transient_${query.from.left.alias}_${lastNumber}`;
  return {
    id,
    statementText: text,
    columns: root.schema.value,
    schema: root.schema,
    kind: root.output,
    ...(root.window === undefined ? {} : { window: root.window }),
    sources,
    ...(limit === undefined ? {} : { limit }),
    executionPlan: planText(plan, id),
    topology: topologyText(plan),
    plan,
    session,
  };
}

export function pushInfo(id: string, plan: TransientPlan, session: Session): QueryInfo {
  return {
    ...idleQuery,
    id,
    statementText: plan.statementText,
    type: 'PUSH',
    sources: plan.sources.map((source) => source.name),
    schema: plan.schema,
    ...(plan.window === undefined ? {} : { window: plan.window }),
    executionPlan: plan.executionPlan,
    topology: plan.topology,
    overrides: session.properties,
  };
}
