/** EXPLAIN and SHOW QUERIES EXTENDED. */
import type { ExplainStatement } from '../../../sql/ast.js';
import type { StatementTarget } from '../engine/engine.js';
import type { QueryInfo } from '../engine/query-info.js';
import { KsqlException, KsqlStatementException } from '../errors.js';
import type { LogicalSchema, WindowInfo } from '../schema/schema.js';
import type { Session } from '../session.js';
import type { StatementContext } from './context.js';
import { consumerGroupId } from './describe.js';
import { fieldInfos, overallState, queryType } from './entities.js';

/** A running persistent or push query. */
export function describeQuery(context: StatementContext, info: QueryInfo): object {
  return description({
    id: info.id,
    statementText: info.statementText,
    schema: info.schema,
    window: info.type === 'PUSH' ? undefined : info.window,
    sources: info.sources,
    sinks: info.sink === undefined ? [] : [info.sink],
    topology: info.topology,
    executionPlan: info.executionPlan,
    overrides: info.overrides,
    hostStatus: { [context.host]: info.state },
    queryType: queryType(info),
    errors:
      info.error === undefined
        ? []
        : [{ timestamp: info.error.time, errorMessage: info.error.message, type: info.error.type }],
    tasks: tasks(info),
    consumerGroupId: consumerGroupId(context.engine.serviceId, info.id),
    state: overallState(info),
  });
}

export function explain(
  context: StatementContext,
  target: StatementTarget,
  statement: ExplainStatement,
  session: Session,
  statementText: string,
): object {
  try {
    if (statement.queryId !== undefined) return explainRunning(context, statement.queryId);
    return explainStatement(context, target, statement, session, statementText);
  } catch (error) {
    if (error instanceof KsqlStatementException || !(error instanceof KsqlException)) throw error;
    throw new KsqlStatementException(error.message, statementText, error);
  }
}

function explainRunning(context: StatementContext, queryId: string): object {
  const info = context.engine.query(queryId);
  if (info === undefined || info.type === 'PUSH') {
    throw new KsqlException(
      `Query with id:${queryId} does not exist, use SHOW QUERIES to view the full set of queries.`,
    );
  }
  return describeQuery(context, info);
}

function explainStatement(
  context: StatementContext,
  target: StatementTarget,
  explained: ExplainStatement,
  session: Session,
  statementText: string,
): object {
  const statement = explained.statement;
  const text = statementText.slice('EXPLAIN '.length);
  const serviceId = context.engine.serviceId;
  if (statement?.kind === 'Query') {
    const plan = target.planQuery(statement.query, session, text);
    const group = `_confluent-ksql-${serviceId}transient_${plan.id}_${context.clock()}`;
    return description({
      id: plan.id,
      statementText: text,
      schema: plan.schema,
      window: undefined,
      sources: plan.sources.map((source) => source.name),
      sinks: [],
      topology: plan.topology,
      executionPlan: plan.executionPlan,
      overrides: session.properties,
      hostStatus: {},
      queryType: 'PUSH',
      errors: [],
      tasks: [],
      consumerGroupId: group,
      state: null,
    });
  }
  if (statement?.kind === 'CreateAsSelect' || statement?.kind === 'InsertInto') {
    const info = target.explain(statement, session);
    return description({
      id: info.id,
      statementText: text,
      schema: info.schema,
      window: info.window,
      sources: info.sources,
      sinks: info.sink === undefined ? [] : [info.sink],
      topology: info.topology,
      executionPlan: info.executionPlan,
      overrides: session.properties,
      hostStatus: {},
      queryType: 'PERSISTENT',
      errors: [],
      tasks: [],
      consumerGroupId: consumerGroupId(serviceId, info.id),
      state: null,
    });
  }
  throw new KsqlException('The provided statement does not run a ksql query');
}

interface Described {
  readonly id: string;
  readonly statementText: string;
  readonly schema: LogicalSchema;
  readonly window: WindowInfo | undefined;
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly topology: string;
  readonly executionPlan: string;
  readonly overrides: ReadonlyMap<string, string>;
  readonly hostStatus: Readonly<Record<string, string>>;
  readonly queryType: 'PERSISTENT' | 'PUSH';
  readonly errors: readonly object[];
  readonly tasks: readonly object[];
  readonly consumerGroupId: string;
  readonly state: string | null;
}

function description(query: Described): object {
  return {
    id: query.id,
    statementText: query.statementText,
    windowType: query.window?.type ?? null,
    fields: fieldInfos(query.schema),
    sources: query.sources,
    sinks: query.sinks,
    topology: query.topology,
    executionPlan: query.executionPlan,
    overriddenProperties: Object.fromEntries(query.overrides),
    ksqlHostQueryStatus: query.hostStatus,
    queryType: query.queryType,
    queryErrors: query.errors,
    tasksMetadata: query.tasks,
    consumerGroupId: query.consumerGroupId,
    state: query.state,
  };
}

/** One task per partition, as in Kafka Streams for a query without a repartition step. */
function tasks(info: QueryInfo): readonly object[] {
  const partitions = [...new Set(info.offsets.map((offset) => offset.partition))].sort((a, b) => a - b);
  return partitions.map((partition) => ({
    taskId: `0_${partition}`,
    topicOffsets: info.offsets
      .filter((offset) => offset.partition === partition)
      .map((offset) => ({
        topicPartitionEntity: { topic: offset.topic, partition },
        endOffset: offset.end - 1,
        committedOffset: offset.position === 0 ? -1 : offset.position,
      })),
    timeCurrentIdlingStarted: null,
  }));
}
