import { randomUUID } from 'node:crypto';
import type { Query } from '../../../sql/ast.js';
import type { Analysis } from '../analysis/analysis.js';
import { analyseQuery } from '../analysis/analyze.js';
import { sanitizeQuery } from '../analysis/sanitize.js';
import type { Engine } from '../engine/engine.js';
import { isEnabled, mergedConfig } from '../engine/query-config.js';
import type { RowSource } from '../engine/row-source.js';
import { directStatementError, KsqlException, KsqlStatementException } from '../errors.js';
import { rewriteAnalysis } from '../plan/rewrite-analysis.js';
import { checkPullQuery } from '../pull/check-pull-query.js';
import { pullQueryHelp } from '../pull/pull-query-errors.js';
import { planTablePull } from '../pull/pull-table.js';
import type { Session } from '../session.js';
import { pushSource } from './push-source.js';
import { isScalablePush } from './scalable-push.js';

let lastPullId = 0;

/** ksqlDB names a pull query after the time. Here, names are also unique. */
function nextPullId(now: number): string {
  lastPullId = Math.max(now, lastPullId + 1);
  return `query_${lastPullId}`;
}

/**
 * Opens a SELECT as a source of rows: with EMIT a push query, otherwise a pull query on a table or stream.
 * Throws a KsqlStatementException if the query is invalid.
 */
export function querySource(
  engine: Engine,
  query: Query,
  session: Session,
  statementText: string,
): RowSource {
  if (query.emit !== undefined) {
    const plan = named(statementText, () => engine.planQuery(query, session, statementText));
    if (!isScalablePush(engine, query, mergedConfig(engine, session))) {
      return pushSource(engine, plan, 'PUSH', query.limit);
    }
    if (
      query.select.length > 1 &&
      query.select.some((item) => item.kind === 'Star' && item.source === undefined)
    ) {
      throw new KsqlStatementException(
        'Scalable push queries only support wildcards in the projects if they are the only expression',
        statementText,
      );
    }
    return pushSource(engine, plan, 'PUSH', query.limit, `SCALABLE_PUSH_QUERY_${randomUUID()}`);
  }
  const config = mergedConfig(engine, session);
  const sanitized = sanitize(engine, query, statementText);
  const analysis = named(statementText, (): Analysis => {
    const analysed = analyseQuery(sanitized, engine.catalog, engine.functions, false);
    checkPullQuery(analysed, config);
    return analysed;
  });
  if (!isEnabled(config, 'ksql.pull.queries.enable', true)) {
    throw directStatementError(
      `Pull queries are disabled.${pullQueryHelp}\nPlease set ksql.pull.queries.enable=true to enable this feature.\n`,
      statementText,
    );
  }
  if (analysis.sources[0]!.source.kind === 'TABLE') {
    return named(statementText, () =>
      planTablePull(engine, rewriteAnalysis(analysis, false), config, nextPullId(Date.now())),
    );
  }
  if (!isEnabled(config, 'ksql.query.pull.stream.enabled', true)) {
    throw directStatementError(
      'Pull queries on streams are disabled. To create a push query on the stream, add EMIT CHANGES to the end. ' +
        "To enable pull queries on streams, set the ksql.query.pull.stream.enabled config to 'true'.",
      statementText,
    );
  }
  const asPush: Query = { ...query, emit: 'CHANGES' };
  const plan = named(statementText, () => engine.planQuery(asPush, session, statementText));
  return pushSource(engine, plan, 'PULL_STREAM', query.limit);
}

function sanitize(engine: Engine, query: Query, statementText: string): Query {
  try {
    return sanitizeQuery(query, engine.catalog);
  } catch (error) {
    if (error instanceof KsqlStatementException || !(error instanceof KsqlException)) throw error;
    throw new KsqlStatementException(
      `Exception while preparing statement: ${error.message}`,
      statementText,
      error,
    );
  }
}

/** Errors that do not name a statement belong to the whole query. */
function named<T>(statementText: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    if (error instanceof KsqlStatementException) {
      if (error.statementText === statementText || error.statementText === '') throw error;
      // The error is about a part of the query. ksqlDB keeps that part in the message.
      throw new KsqlStatementException(
        `${error.message}\nStatement: ${error.statementText}`,
        statementText,
        error,
      );
    }
    throw new KsqlStatementException(error.message, statementText, error);
  }
}
