import type { ColumnReference, Expression } from '../../../sql/ast.js';
import { type SqlType, sameType } from '../../../sql/sql-type.js';
import type { Analysis, JoinInfo, JoinType } from '../analysis/analysis.js';
import { ColumnAliases, joinColumnName } from '../analysis/column-names.js';
import { unqualified } from '../analysis/columns.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { replaceColumns } from '../expressions/rewrite.js';
import { formatNamed } from '../formats/index.js';
import type { Column, LogicalSchema } from '../schema/schema.js';
import { quoteNever, typeText } from '../schema/schema-text.js';
import { chooseKeyFormat, keyForJoin, rekeyForJoin } from './join-keys.js';
import { equivalentKeys, type JoinBranch, type JoinTree, joinTree, viableKeys } from './join-tree.js';
import { durationMs, type PlanNode, type PlannerEnv, type Projection, typeIn } from './planner-env.js';
import { projectionOf } from './projection.js';
import { keysMissing, sourceNode, starColumns } from './source-node.js';
import { type Step, sourceSteps } from './step.js';

/** Plans the joins of FROM. Prefixes each source's columns with its alias and determines each join's key. */
export function planJoins(analysis: Analysis, env: PlannerEnv): PlanNode {
  const tree = joinTree(analysis.joins) as JoinBranch;
  const original = projectionOf(analysis.select);
  const { step, key } = new JoinPlanner(env, original).join(tree, '');
  const aliases = new Set(analysis.sources.map((source) => source.alias));
  const order = leaves(tree);
  return {
    step,
    selectStar: (alias) => {
      const names = order
        .filter((source) => alias === undefined || source.alias === alias)
        .flatMap(({ alias: name, columns }) => columns.map((column) => joinColumnName(name, column)));
      if (alias !== undefined && !aliases.has(alias)) {
        throw new KsqlException(`'${alias}' is not a valid stream/table name or alias.`);
      }
      return alias === undefined && key.kind === 'synthetic' ? [step.schema.key[0]!.name, ...names] : names;
    },
    resolveSelect: (_, expression) => expression,
    checkKey: (sink, projection) => checkJoinKey(sink, projection, key, step),
  };
}

/** The column that is the key of a join's result. */
type JoinKey =
  | { readonly kind: 'column'; readonly name: string; readonly viable: readonly ColumnReference[] }
  | { readonly kind: 'synthetic'; readonly name: string }
  | { readonly kind: 'foreign'; readonly alias: string; readonly columns: readonly Column[] };

interface Side {
  readonly step: Step;
  readonly tree: JoinTree;
}

interface Leaf {
  readonly alias: string;
  readonly columns: readonly string[];
}

function leaves(tree: JoinTree): readonly Leaf[] {
  if (tree.kind === 'join') return [...leaves(tree.left), ...leaves(tree.right)];
  const { alias } = tree.source;
  return [{ alias, columns: starColumns(sourceNode(tree.source, '').step.schema) }];
}

const joinTypeTexts: Readonly<Record<JoinType, string>> = {
  INNER: '[INNER] JOIN',
  LEFT: 'LEFT [OUTER] JOIN',
  RIGHT: 'RIGHT [OUTER] JOIN',
  OUTER: '[FULL] OUTER JOIN',
};

const within = {
  missing:
    'Stream-Stream joins must have a WITHIN clause specified. None was provided. To learn about how to specify a ' +
    'WITHIN clause with a stream-stream join, please visit: ' +
    'https://docs.confluent.io/current/ksql/docs/syntax-reference.html#create-stream-as-select',
  streamTable:
    'A window definition was provided for a Stream-Table join. These joins are not windowed. Please drop the window ' +
    'definition (ie. the WITHIN clause) and try to execute your join again.',
  tableTable:
    'A window definition was provided for a Table-Table join. These joins are not windowed. Please drop the window ' +
    'definition (i.e. the WITHIN clause) and try to execute your Table-Table join again.',
};

class JoinPlanner {
  readonly #env: PlannerEnv;
  readonly #projection: Projection;

  constructor(env: PlannerEnv, projection: Projection) {
    this.#env = env;
    this.#projection = projection;
  }

  join(tree: JoinBranch, prefix: string): { readonly step: Step; readonly key: JoinKey } {
    const left = this.#side(tree.left, `${prefix}L_`, `KafkaTopic_${prefix}Left`);
    const right = this.#side(tree.right, `${prefix}R_`, `KafkaTopic_${prefix}Right`);
    const { info } = tree;
    const foreignKey = this.#verify(info, left, right);
    if (foreignKey !== undefined) return this.#foreignKeyJoin(info, left, right, foreignKey, prefix);
    const key = this.#keyOf(tree);
    const leftKeyed = this.#prepare(left, info.leftExpression, `${prefix}Left`);
    const rightKeyed = this.#prepare(right, info.rightExpression, `${prefix}Right`);
    checkKeyTypes(leftKeyed.schema, rightKeyed.schema);
    const format = chooseKeyFormat(leftKeyed, rightKeyed, this.#env);
    const leftStep = rekeyForJoin(leftKeyed, format);
    const rightStep = rekeyForJoin(rightKeyed, format);
    return { step: this.#joinStep(info, key, leftStep, rightStep, prefix), key };
  }

  #side(tree: JoinTree, prefix: string, context: string): Side {
    if (tree.kind === 'join') return { step: this.join(tree, prefix).step, tree };
    return { step: sourceNode(tree.source, context).step, tree };
  }

  #keyOf(tree: JoinBranch): Exclude<JoinKey, { readonly kind: 'foreign' }> {
    const viable = viableKeys(tree);
    if (viable.length === 0) {
      const schemas = sourceSchemasOf(tree);
      return { kind: 'synthetic', name: new ColumnAliases(schemas).syntheticJoinKey() };
    }
    const column = viable.find((e) => this.#projection.contains(e)) ?? viable[0]!;
    return { kind: 'column', name: joinColumnName(column.source!, column.name), viable };
  }

  /** Repartitions a side by its join expression and prefixes its columns with its alias. */
  #prepare(side: Side, expression: Expression, name: string): Step {
    if (side.tree.kind === 'join') {
      if (equivalentKeys(side.tree).has(expressionText(expression))) return side.step;
      const rewritten = replaceColumns(expression, (c) => unqualified(joinColumnName(c.source!, c.name)));
      return keyForJoin(side.step, rewritten, `${name}SourceKeyed`, this.#env);
    }
    const plain = replaceColumns(expression, (c) => unqualified(c.name));
    const step = keyForJoin(side.step, plain, `${name}SourceKeyed`, this.#env);
    return prefixed(step, side.tree.source.alias, `PrependAlias${name}`);
  }

  #joinStep(
    info: JoinInfo,
    { name }: { readonly name: string },
    left: Step,
    right: Step,
    prefix: string,
  ): Step {
    const value = [...left.schema.value, ...right.schema.value];
    const keyColumn: Column = { name, type: left.schema.key[0]!.type };
    const appendsKey = !value.some((column) => column.name === name);
    const schema: LogicalSchema = {
      key: [keyColumn],
      value: appendsKey ? [...value, keyColumn] : value,
      headers: [],
    };
    const common = {
      left,
      right,
      type: info.type,
      appendsKey,
      schema,
      keyFormat: left.keyFormat,
      context: [`${prefix}Join`],
      ...(left.window === undefined ? {} : { window: left.window }),
    };
    formatNamed(left.keyFormat.format).validate(left.schema.key, left.keyFormat.properties, true);
    this.#checkPartitions(left, right);
    if (left.output === 'TABLE') {
      if (info.within !== undefined) throw new KsqlException(within.tableTable);
      return { ...common, kind: 'tableTableJoin', output: 'TABLE' };
    }
    if (right.output === 'TABLE') {
      if (info.within !== undefined) throw new KsqlException(within.streamTable);
      if (info.type !== 'INNER' && info.type !== 'LEFT') {
        throw new KsqlException(`Invalid join type encountered: ${joinTypeTexts[info.type]}`);
      }
      return { ...common, kind: 'streamTableJoin', output: 'STREAM' };
    }
    if (info.within === undefined) throw new KsqlException(within.missing);
    const { before, after, grace } = info.within;
    return {
      ...common,
      kind: 'streamStreamJoin',
      output: 'STREAM',
      beforeMs: durationMs(before),
      afterMs: durationMs(after),
      ...(grace === undefined ? {} : { graceMs: durationMs(grace) }),
    };
  }

  #checkPartitions(left: Step, right: Step): void {
    const a = partitionsOf(left, this.#env);
    const b = partitionsOf(right, this.#env);
    if (a === undefined || b === undefined || a === b) return;
    const l = `\`${sourceSteps(left)[0]!.alias}\``;
    const r = `\`${sourceSteps(right)[0]!.alias}\``;
    throw new KsqlException(
      `Can't join ${l} with ${r} since the number of partitions don't match. ${l} partitions = ${a}; ` +
        `${r} partitions = ${b}. Please repartition either one so that the number of partitions match.`,
    );
  }

  /** Checks that the two sides can be joined. Returns the foreign key's expression for a foreign-key join. */
  #verify(info: JoinInfo, left: Side, right: Side): Expression | undefined {
    const names = `${info.left.source.name} ${joinTypeTexts[info.type]} ${info.right.source.name}`;
    const [a, b] = info.flipped
      ? [info.rightExpression, info.leftExpression]
      : [info.leftExpression, info.rightExpression];
    const condition = `${expressionText(a)} = ${expressionText(b)}`;
    if (left.step.output === 'STREAM') {
      if (right.step.output === 'STREAM') return undefined;
      if (info.type === 'OUTER') {
        throw new KsqlException(
          `Invalid join type: full-outer join not supported for stream-table join. Got ${names}.`,
        );
      }
      if (!isKeyOf(info.rightExpression, right)) {
        throw new KsqlException(
          `Invalid join condition: stream-table joins require to join on the table's primary key. Got ${condition}.`,
        );
      }
      return undefined;
    }
    if (right.step.output === 'STREAM') {
      throw new KsqlException(
        `Invalid join order: table-stream joins are not supported; only stream-table joins. Got ${names}.`,
      );
    }
    if (!isKeyOf(info.rightExpression, right)) {
      throw new KsqlException(
        'Invalid join condition: table-table joins require to join on the primary key of the right input table. ' +
          `Got ${condition}.`,
      );
    }
    if (!isKeyOf(info.leftExpression, left))
      return this.#verifyForeignKey(info, left, right, names, condition);
    checkTypes(left.step.schema.key[0]!.type, right.step.schema.key[0]!.type, info);
    return undefined;
  }

  #verifyForeignKey(info: JoinInfo, left: Side, right: Side, names: string, condition: string): Expression {
    if (info.type === 'OUTER') {
      throw new KsqlException(
        `Invalid join type: full-outer join not supported for foreign-key table-table join. Got ${names}.`,
      );
    }
    if (left.tree.kind === 'join' || right.tree.kind === 'join') {
      throw new KsqlException(
        'Invalid join condition: foreign-key table-table joins are not supported as part of n-way joins. ' +
          `Got ${condition}.`,
      );
    }
    const plain = replaceColumns(info.leftExpression, (c) => unqualified(c.name));
    const type = typeIn(plain, left.step.schema, this.#env);
    checkTypes(type, right.step.schema.key[0]!.type, info);
    if (left.step.window !== undefined || right.step.window !== undefined) {
      throw new KsqlException('Foreign-key table-table joins are not supported on windowed tables.');
    }
    return info.leftExpression;
  }

  #foreignKeyJoin(
    info: JoinInfo,
    left: Side,
    right: Side,
    foreignKey: Expression,
    prefix: string,
  ): { readonly step: Step; readonly key: JoinKey } {
    if (info.type === 'RIGHT') throw new KsqlException('RIGHT OUTER JOIN on a foreign key is not supported');
    if (info.within !== undefined) throw new KsqlException(within.tableTable);
    const leftStep = prefixed(left.step, info.left.alias, `PrependAlias${prefix}Left`);
    const rightStep = prefixed(right.step, info.right.alias, `PrependAlias${prefix}Right`);
    const step: Step = {
      kind: 'foreignKeyJoin',
      left: leftStep,
      right: rightStep,
      type: info.type as 'INNER' | 'LEFT',
      foreignKey: replaceColumns(foreignKey, (c) => unqualified(joinColumnName(c.source!, c.name))),
      schema: {
        key: leftStep.schema.key,
        value: [...leftStep.schema.value, ...rightStep.schema.value],
        headers: [],
      },
      output: 'TABLE',
      keyFormat: leftStep.keyFormat,
      context: [`${prefix}Join`],
    };
    return { step, key: { kind: 'foreign', alias: info.left.alias, columns: info.left.source.schema.key } };
  }
}

function checkJoinKey(sink: string, projection: Projection, key: JoinKey, step: Step): void {
  switch (key.kind) {
    case 'foreign': {
      const missing = key.columns.filter(
        ({ name }) =>
          !projection.contains({ kind: 'Column', source: key.alias, name }) &&
          !projection.contains(unqualified(joinColumnName(key.alias, name))),
      );
      if (missing.length === 0) return;
      const word = missing.length === 1 ? 'column' : 'columns';
      throw new KsqlException(
        `Primary key ${word} missing in projection. For foreign-key table-table joins, the projection must include all ` +
          `primary key columns from the left input table (\`${key.alias}\`). Missing ${word}: ` +
          `${missing.map(({ name }) => `\`${name}\``).join(', ')}.`,
      );
    }
    case 'synthetic': {
      const column = unqualified(step.schema.key[0]!.name);
      if (!projection.contains(column)) throw keysMissing(sink, 'join expression', [column], true, true);
      return;
    }
    case 'column': {
      const rewritten = key.viable.map((c) => unqualified(joinColumnName(c.source!, c.name)));
      if (![...rewritten, ...key.viable].some((c) => projection.contains(c))) {
        throw keysMissing(sink, 'join expression', key.viable, true, false);
      }
    }
  }
}

/** Whether the expression is the only key column of its source. */
function isKeyOf(e: Expression, side: Side): boolean {
  if (e.kind !== 'Column') return false;
  const source =
    side.tree.kind === 'leaf'
      ? sourceSteps(side.step)[0]
      : sourceSteps(side.step).find((candidate) => candidate.alias === e.source);
  const key = source?.source.schema.key ?? [];
  return key.length === 1 && key[0]!.name === e.name;
}

function checkTypes(left: SqlType | null, right: SqlType, info: JoinInfo): void {
  if (left !== null && sameType(left, right)) return;
  const l = `${expressionText(info.leftExpression)}{${left === null ? 'null' : typeText(left, quoteNever)}}`;
  const r = `${expressionText(info.rightExpression)}{${typeText(right, quoteNever)}}`;
  throw new KsqlException(
    `Invalid join condition: types don't match. Got ${info.flipped ? r : l} = ${info.flipped ? l : r}.`,
  );
}

function checkKeyTypes(left: LogicalSchema, right: LogicalSchema): void {
  const a = left.key[0];
  const b = right.key[0];
  if (left.key.length !== 1 || right.key.length !== 1 || a === undefined || b === undefined) {
    throw new KsqlException('Multi-key joins not supported');
  }
  if (!sameType(a.type, b.type)) {
    throw new KsqlException(`Invalid join. Key types differ: ${typeText(a.type)} vs ${typeText(b.type)}`);
  }
}

function sourceSchemasOf(tree: JoinTree): readonly LogicalSchema[] {
  return tree.kind === 'leaf'
    ? [tree.source.source.schema]
    : [...sourceSchemasOf(tree.left), ...sourceSchemasOf(tree.right)];
}

/** The partition count of a join's side. ksqlDB uses the count of the rightmost source. */
function partitionsOf(step: Step, env: PlannerEnv): number | undefined {
  const source = sourceSteps(step).at(-1)!;
  return env.partitionsOf(source.source.topic);
}

function prefixed(step: Step, alias: string, context: string): Step {
  const rename = (column: Column): Column => ({
    name: joinColumnName(alias, column.name),
    type: column.type,
  });
  return {
    kind: 'select',
    input: step,
    items: step.schema.value.map(({ name }) => ({
      name: joinColumnName(alias, name),
      expression: unqualified(name),
    })),
    schema: { key: step.schema.key.map(rename), value: step.schema.value.map(rename), headers: [] },
    output: step.output,
    keyFormat: step.keyFormat,
    context: [context],
    ...(step.window === undefined ? {} : { window: step.window }),
  };
}
