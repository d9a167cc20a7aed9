import type { CreateAsSelect, InsertInto, Query, Statement } from '../../../sql/ast.js';
import type { Catalog } from '../catalog/catalog.js';
import type { ExecuteResult, StatementTarget, TransientPlan } from '../engine/engine.js';
import type { QueryInfo } from '../engine/query-info.js';
import type { Command } from '../plan/command.js';
import type { Warning } from '../plan/statement-planner.js';
import type { Session } from '../session.js';
import type { EngineContext } from './engine-context.js';
import { explainQuery } from './explain-query.js';
import { planPush } from './push-plan.js';

/** Validates the statements of a request one after the other, on a copy of the engine's catalog and queries. */
export class Sandbox implements StatementTarget {
  readonly #context: EngineContext;

  /** Takes over `context` and changes it. */
  constructor(context: EngineContext) {
    this.#context = context;
  }

  get catalog(): Catalog {
    return this.#context.catalog;
  }

  execute(statement: Statement, session: Session): ExecuteResult {
    const planned = this.#context.plan(statement, session);
    if ('warning' in planned) return warningOf(planned);
    this.#context.apply(planned, true);
    return resultOf(planned, -1);
  }

  explain(statement: CreateAsSelect | InsertInto, session: Session): QueryInfo {
    return explainQuery(this.#context, statement, session);
  }

  planQuery(query: Query, session: Session, text: string): TransientPlan {
    return planPush(this.#context, query, session, text);
  }
}

export function warningOf({ warning, statementText }: Warning): ExecuteResult {
  return { kind: 'warning', message: warning, statementText };
}

export function resultOf(command: Command, sequenceNumber: number): ExecuteResult {
  const { commandId, message, statementText, queryId } = command;
  return {
    kind: 'command',
    commandId,
    message,
    sequenceNumber,
    statementText,
    ...(queryId === undefined ? {} : { queryId }),
  };
}
