import type { Expression } from '../../../sql/ast.js';
import { type Analysis, locationPrefix } from '../analysis/analysis.js';
import { tableFunctionColumnName } from '../analysis/column-names.js';
import { unqualified } from '../analysis/columns.js';
import { keyFormatFor } from '../catalog/key-format.js';
import { KsqlException } from '../errors.js';
import { sameExpression, transform } from '../expressions/rewrite.js';
import type { Column } from '../schema/schema.js';
import { planAggregate } from './aggregate-planner.js';
import { planFilter } from './filter.js';
import { planProjection } from './final-projection.js';
import { planJoins } from './join-planner.js';
import { commonOf, type PlanNode, type PlannerEnv, type PlanTarget, typeIn } from './planner-env.js';
import { needsRepartition, repartitionedSchema, tableRepartition } from './repartition.js';
import { rewriteAnalysis } from './rewrite-analysis.js';
import { keysMissing, sourceNode, starColumns } from './source-node.js';

/**
 * Turns an analysed query into a plan, in ksqlDB's order: sources and joins, WHERE, PARTITION BY, table functions,
 * then aggregation or projection.
 *
 * @throws KsqlException with ksqlDB's message
 */
export function planSelect(analysis: Analysis, env: PlannerEnv, target: PlanTarget | undefined): PlanNode {
  const isJoin = analysis.sources.length > 1;
  const rewritten = rewriteAnalysis(analysis, isJoin);
  let node = isJoin ? planJoins(analysis, env) : sourceNode(analysis.sources[0]!, 'KsqlTopic');
  if (rewritten.where !== undefined) node = planFilter(node, rewritten.where, env, ['WhereFilter']);
  if (rewritten.partitionBy !== undefined) {
    node = planPartitionBy(node, rewritten.partitionBy, analysis.partitionBy!, env);
  }
  if (rewritten.tableFunctions.length > 0) node = planFlatMap(node, rewritten, env);
  if (rewritten.groupBy !== undefined) {
    node = planAggregate(node, rewritten, env, target);
  } else {
    if (rewritten.window !== undefined) {
      throw new KsqlException(
        `${locationPrefix(rewritten.window.at)}WINDOW clause requires a GROUP BY clause.`,
      );
    }
    node = planProjection(node, rewritten, env, target);
  }
  if (rewritten.emitFinal && (rewritten.groupBy === undefined || rewritten.window === undefined)) {
    throw new KsqlException('EMIT FINAL is only supported for windowed aggregations.');
  }
  return node;
}

function planPartitionBy(
  node: PlanNode,
  keys: readonly Expression[],
  original: readonly Expression[],
  env: PlannerEnv,
): PlanNode {
  const input = node.step;
  const { schema, appended } = repartitionedSchema(input.schema, keys, env);
  const isNull = keys[0]?.kind === 'Null';
  const isMoved = isNull || needsRepartition(input.schema, keys);
  if (isMoved && input.output === 'TABLE') throw tableRepartition(input.schema, keys);
  if (isMoved && input.window !== undefined) {
    throw new KsqlException(
      'Implicit repartitioning of windowed sources is not supported. See https://github.com/confluentinc/ksql/issues/4385.',
    );
  }
  const types = schema.key.map((column) => column.type);
  return {
    step: isMoved
      ? {
          ...commonOf(node),
          kind: 'partitionBy',
          input,
          expressions: isNull ? [] : keys,
          appended,
          schema,
          keyFormat: keyFormatFor(input.keyFormat, types, true),
          context: ['PartitionBy'],
        }
      : input,
    selectStar: () => starColumns(schema),
    resolveSelect: (_, expression) => {
      const index = isNull ? -1 : keys.findIndex((key) => sameExpression(key, expression));
      return index < 0 ? expression : unqualified(schema.key[index]!.name);
    },
    checkKey: (sink, projection) => {
      if (!isNull && !keys.every((key) => projection.contains(key))) {
        throw keysMissing(sink, 'partitioning expression', original);
      }
    },
  };
}

function planFlatMap(node: PlanNode, analysis: Analysis, env: PlannerEnv): PlanNode {
  const { schema } = node.step;
  const columns = analysis.tableFunctions.map((call, i): Column => {
    const type = typeIn(call, schema, env);
    return { name: tableFunctionColumnName(i), type: type! };
  });
  let next = 0;
  const replacements = new Map<number, Expression>();
  analysis.select.forEach((item, index) => {
    if (item.kind !== 'Single') return;
    const rewritten = transform(item.expression, (part) =>
      part.kind === 'Call' && env.functions.get(part.name)?.kind === 'table'
        ? unqualified(tableFunctionColumnName(next++))
        : undefined,
    );
    if (!sameExpression(rewritten, item.expression)) replacements.set(index, rewritten);
  });
  return {
    step: {
      ...commonOf(node),
      kind: 'flatMap',
      input: node.step,
      functions: analysis.tableFunctions,
      schema: { ...schema, value: [...schema.value, ...columns] },
      context: ['FlatMap'],
    },
    selectStar: node.selectStar,
    resolveSelect: (index, expression) => replacements.get(index) ?? node.resolveSelect(index, expression),
    checkKey: node.checkKey,
  };
}
