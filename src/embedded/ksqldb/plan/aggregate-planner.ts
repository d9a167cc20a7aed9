import type { ColumnReference, Expression, FunctionCall } from '../../../sql/ast.js';
import { BIGINT, type SqlType } from '../../../sql/sql-type.js';
import { analyseAggregate } from '../analysis/aggregate-analysis.js';
import type { Analysis } from '../analysis/analysis.js';
import { aggregateColumnName, ColumnAliases, joinColumnName } from '../analysis/column-names.js';
import { joinGrammatically, unqualified } from '../analysis/columns.js';
import type { SideFormat } from '../catalog/data-source.js';
import { keyFormatFor } from '../catalog/key-format.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { columnsOf, rewriteTimeLiterals, sameExpression, transform } from '../expressions/rewrite.js';
import { resolveAggregateCall } from '../expressions/typing.js';
import { formatNamed } from '../formats/index.js';
import { writtenName } from '../functions/display-names.js';
import type { Column, LogicalSchema } from '../schema/schema.js';
import { ROWTIME, WINDOWEND, WINDOWSTART, withPseudoAndKeyColumns } from '../schema/system-columns.js';
import { bindAggregate } from './bind-aggregate.js';
import { checkCondition } from './filter.js';
import { onceOnly } from './final-projection.js';
import { columnScope, type PlanNode, type PlannerEnv, type PlanTarget, typeIn } from './planner-env.js';
import { projectedColumns, selectItems } from './projection.js';
import { needsRepartition } from './repartition.js';
import { keysMissing } from './source-node.js';
import type { AggregateStep, GroupByStep, SelectItemPlan, SelectStep, Step } from './step.js';
import { windowInfoOf, windowPlan } from './window-plan.js';

/** Plans GROUP BY: the columns that it needs, the grouping, the aggregation, HAVING and the projection. */
export function planAggregate(
  node: PlanNode,
  analysis: Analysis,
  env: PlannerEnv,
  target: PlanTarget | undefined,
): PlanNode {
  const groupBy = analysis.groupBy!;
  const source = node.step.schema;
  const items = selectItems(node, analysis.select, target?.schema);
  const first = analysis.sources[0]!.alias;
  const defaultColumn = unqualified(analysis.sources.length > 1 ? joinColumnName(first, ROWTIME) : ROWTIME);
  const found = analyseAggregate(
    {
      select: items.map((item) => item.expression),
      ...(analysis.where === undefined ? {} : { where: analysis.where }),
      groupBy,
      ...(analysis.having === undefined ? {} : { having: analysis.having }),
      isWindowed: analysis.window !== undefined,
      defaultColumn,
    },
    env.functions,
  );
  const schema = aggregateSchema(node, analysis, items, env);
  if (analysis.having !== undefined) {
    checkCondition(analysis.having, rewriteTimeLiterals(analysis.having), source, env, 'HAVING');
  }
  const nameAggregates = aggregateNamer(env);
  const finals = items.map((item) => ({ name: item.name, expression: nameAggregates(item.expression) }));
  const having =
    analysis.having === undefined ? undefined : rewriteTimeLiterals(nameAggregates(analysis.having));
  const grouped = new Set(groupBy.map(expressionText));
  const projected = analysis.isPersistent
    ? finals.filter((item) => !grouped.has(expressionText(item.expression)))
    : finals;

  const internal = new InternalColumns(found.required, found.args);
  const prepared = internal.prepare(node.step, env);
  const group = groupStep(prepared, groupBy, analysis.isGlobalAggregate, env);
  const functions = found.functions.map((call) => internal.resolveCall(call, source, env));
  if (group.output === 'TABLE') checkTableAggregate(analysis, functions, group.schema, env);
  const read = new Set(
    [...projected.map((item) => item.expression), ...(having === undefined ? [] : [having])]
      .flatMap(columnsOf)
      .map((column) => column.name),
  );
  checkStates(functions, group.schema, analysis, env);
  const aggregate = aggregateStep(group, found.required, read, functions, analysis, env);

  let step: Step = aggregate;
  if (having !== undefined) {
    step = {
      kind: 'filter',
      input: step,
      condition: having,
      context: ['Aggregate', 'HavingFilter'],
      schema: step.schema,
      output: 'TABLE',
      keyFormat: step.keyFormat,
      ...(step.window === undefined ? {} : { window: step.window }),
    };
  }
  const result: SelectStep = {
    kind: 'select',
    input: step,
    items: projected,
    schema,
    output: 'TABLE',
    keyFormat: step.keyFormat,
    context: ['Aggregate', 'Project'],
    ...(step.window === undefined ? {} : { window: step.window }),
  };
  return {
    step: result,
    selectStar: () => [],
    resolveSelect: (_, expression) => expression,
    checkKey: (sink) => checkGroupingKeys(sink, analysis, items, found.functions),
  };
}

function checkGroupingKeys(
  sink: string,
  analysis: Analysis,
  items: readonly SelectItemPlan[],
  functions: readonly FunctionCall[],
): void {
  const missing = analysis.groupBy!.filter((e) => !items.some((item) => sameExpression(item.expression, e)));
  if (missing.length === 0) return;
  if (analysis.isGlobalAggregate) {
    throw new KsqlException(
      'CREATE TABLE AS SELECT statement does not support aggregate function ' +
        `[${functions.map(expressionText).join(', ')}] without a GROUP BY clause.`,
    );
  }
  throw keysMissing(sink, 'grouping expression', missing);
}

/** Replaces aggregate calls by the columns that hold their results, which are numbered across expressions. */
function aggregateNamer(env: PlannerEnv): (e: Expression) => Expression {
  let next = 0;
  return (e) =>
    transform(e, (part) =>
      part.kind === 'Call' && env.functions.get(part.name)?.kind === 'aggregate'
        ? unqualified(aggregateColumnName(next++))
        : undefined,
    );
}

function aggregateSchema(
  node: PlanNode,
  analysis: Analysis,
  items: readonly SelectItemPlan[],
  env: PlannerEnv,
): LogicalSchema {
  const source = node.step.schema;
  const visible: LogicalSchema =
    analysis.window === undefined
      ? source
      : {
          ...source,
          value: [
            ...source.value,
            ...withPseudoAndKeyColumns({ key: [], value: [], headers: [] }, true).value.filter(
              ({ name }) => !source.value.some((column) => column.name === name),
            ),
          ],
        };
  const columns = projectedColumns(visible, items, env);
  const nameOf = (e: Expression): string | undefined => {
    const names = items.filter((item) => sameExpression(item.expression, e)).map((item) => item.name);
    if (names.length < 2) return names[0];
    throw new KsqlException(
      `The projection contains a key column more than once: ${joinGrammatically(
        names.map((name) => `\`${name}\``),
        'and',
      )}.\n${onceOnly}`,
    );
  };
  const names = analysis.groupBy!.map(nameOf);
  let value: readonly Column[] = columns.map(({ name, type }) => ({ name, type }));
  if (analysis.isPersistent) {
    const keys = new Set(names);
    value = value.filter((column) => !keys.has(column.name));
    if (value.length === 0) throw new KsqlException('The projection contains no value columns.');
  }
  const aliases = new ColumnAliases([source]);
  const key = analysis.groupBy!.map((e, i): Column => {
    const type = typeIn(e, source, env);
    if (type === null) throw new KsqlException("Can't infer a type of null.");
    return { name: names[i] ?? (e.kind === 'Column' ? e.name : aliases.for(e)), type };
  });
  return { key, value, headers: [] };
}

/** The columns of the grouped rows: the required columns keep their names, arguments get internal ones. */
class InternalColumns {
  readonly #items: SelectItemPlan[] = [];
  readonly #names = new Map<string, string>();

  constructor(required: readonly ColumnReference[], args: readonly Expression[]) {
    for (const e of [...required, ...args]) {
      const text = expressionText(e);
      if (this.#names.has(text)) continue;
      const name = e.kind === 'Column' ? e.name : `KSQL_INTERNAL_COL_${this.#items.length}`;
      this.#items.push({ name, expression: e });
      this.#names.set(text, name);
    }
  }

  prepare(input: Step, env: PlannerEnv): SelectStep {
    const value = this.#items.map(({ name, expression }): Column => {
      const type = typeIn(expression, input.schema, env);
      // NULL has no type. Resolving the function rejects it later.
      return { name, type: type ?? BIGINT };
    });
    return {
      kind: 'select',
      input,
      items: this.#items,
      schema: { key: input.schema.key, value, headers: [] },
      output: input.output,
      keyFormat: input.keyFormat,
      context: ['Aggregate', 'Prepare'],
      ...(input.window === undefined ? {} : { window: input.window }),
    };
  }

  /** Rewrites a call to use the internal columns. Constant arguments stay literals. */
  resolveCall(call: FunctionCall, source: LogicalSchema, env: PlannerEnv): FunctionCall {
    const { constantCount } = resolveAggregateCall(call, columnScope(source.value, env));
    const columns = call.args.length - constantCount;
    const args = call.args.map((arg, i) =>
      i < columns ? unqualified(this.#names.get(expressionText(arg))!) : arg,
    );
    return { kind: 'Call', name: call.name, args };
  }
}

function groupStep(
  prepared: SelectStep,
  groupBy: readonly Expression[],
  isGlobal: boolean,
  env: PlannerEnv,
): GroupByStep {
  const { schema } = prepared;
  const context = ['Aggregate', 'GroupBy'];
  const byKey = prepared.output === 'STREAM' && !isGlobal && !needsRepartition(schema, groupBy);
  if (byKey) {
    if (prepared.window !== undefined) {
      throw new KsqlException('Group by on windowed should always require rekey');
    }
    const { keyFormat } = prepared;
    return {
      kind: 'groupBy',
      input: prepared,
      expressions: [],
      schema,
      output: 'STREAM',
      keyFormat,
      context,
    };
  }
  const aliases = new ColumnAliases([schema]);
  const key = groupBy.map(
    (e): Column => ({
      name: e.kind === 'Column' ? e.name : aliases.for(e),
      type: typeIn(e, schema, env)!,
    }),
  );
  const inherited: SideFormat =
    prepared.output === 'STREAM' && prepared.keyFormat.format === 'NONE'
      ? { format: env.config.get('ksql.persistence.default.format.key') ?? 'KAFKA', properties: {} }
      : prepared.keyFormat;
  return {
    kind: 'groupBy',
    input: prepared,
    expressions: groupBy,
    schema: { key, value: schema.value, headers: [] },
    output: prepared.output,
    keyFormat: keyFormatFor(
      inherited,
      key.map((column) => column.type),
      true,
    ),
    context,
  };
}

function checkTableAggregate(
  analysis: Analysis,
  functions: readonly FunctionCall[],
  schema: LogicalSchema,
  env: PlannerEnv,
): void {
  if (analysis.window !== undefined) {
    throw new KsqlException('Windowing not supported for table aggregations.');
  }
  const scope = columnScope(schema.value, env);
  const unsupported = new Set(
    functions
      .filter((call) => bindAggregate(call, scope).bound.undo === undefined)
      .map((call) => writtenName(call.name)),
  );
  if (unsupported.size === 0) return;
  throw new KsqlException(
    `The aggregation function${unsupported.size === 1 ? '' : 's'} ${joinGrammatically([...unsupported], 'and')} ` +
      'cannot be applied to a table source, only to a stream source.',
  );
}

/** Checks that the source's value format can serialize the functions' states, which ksqlDB stores in that format. */
function checkStates(
  functions: readonly FunctionCall[],
  schema: LogicalSchema,
  analysis: Analysis,
  env: PlannerEnv,
): void {
  const scope = columnScope(schema.value, env);
  const format = formatNamed(analysis.sources[0]!.source.valueFormat.format);
  const states = functions.map((call, i) => ({
    name: aggregateColumnName(i),
    type: bindAggregate(call, scope).bound.stateType,
  }));
  try {
    format.validate(states, {}, false);
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    throw new KsqlException(
      'One of the functions used in the statement has an intermediate type that the value format can not handle. ' +
        'Please remove the function or change the format.',
      error,
    );
  }
}

function aggregateStep(
  group: GroupByStep,
  required: readonly ColumnReference[],
  read: ReadonlySet<string>,
  functions: readonly FunctionCall[],
  analysis: Analysis,
  env: PlannerEnv,
): AggregateStep {
  const { window } = analysis;
  const keep = required.map((column) => column.name).filter((name) => read.has(name));
  const typeOfColumn = (name: string): SqlType =>
    group.schema.value.find((column) => column.name === name)!.type;
  const value: Column[] = keep.map((name) => ({ name, type: typeOfColumn(name) }));
  functions.forEach((call, i) => {
    value.push({ name: aggregateColumnName(i), type: typeIn(call, group.schema, env)! });
  });
  if (window !== undefined) {
    value.push({ name: WINDOWSTART, type: BIGINT }, { name: WINDOWEND, type: BIGINT });
  }
  const windowing = window === undefined ? undefined : windowPlan(window, analysis.emitFinal);
  return {
    kind: 'aggregate',
    input: group,
    keep,
    required: required.map((column) => column.name),
    functions,
    schema: { key: group.schema.key, value, headers: [] },
    output: 'TABLE',
    keyFormat: group.keyFormat,
    context: ['Aggregate', 'Aggregate'],
    ...(windowing === undefined ? {} : { windowing, window: windowInfoOf(windowing) }),
  };
}
