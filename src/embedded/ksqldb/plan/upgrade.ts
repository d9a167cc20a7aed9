import type { DataSource } from '../catalog/data-source.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import type { Column } from '../schema/schema.js';
import { columnText, schemaText } from '../schema/schema-text.js';
import { sameSideFormat } from './planner-env.js';
import { inputsOf, type QueryPlan, type Step } from './step.js';

/** @throws KsqlException if CREATE OR REPLACE would change a source in a way that breaks its readers */
export function checkSourceUpgrade(from: DataSource, to: DataSource): void {
  const issues: string[] = [];
  const compare = (name: string, a: string, b: string): void => {
    if (a !== b)
      issues.push(`DataSource '\`${from.name}\`' has ${name} = ${a} which is not upgradeable to ${b}`);
  };
  compare('type', kindName(from), kindName(to));
  const isSameTopic =
    from.topic === to.topic &&
    sameSideFormat(from.keyFormat, to.keyFormat) &&
    sameSideFormat(from.valueFormat, to.valueFormat) &&
    from.window?.type === to.window?.type &&
    from.window?.sizeMs === to.window?.sizeMs;
  if (!isSameTopic) compare('topic', topicText(from), topicText(to));
  compare('timestampColumn', timestampText(from), timestampText(to));
  const schemas = schemaIssue(from, to);
  if (schemas !== undefined) {
    issues.push(
      `DataSource '\`${from.name}\`' has schema = ${schemaText(from.schema)} which is not upgradeable to ` +
        `${schemaText(to.schema)}. (${schemas})`,
    );
  }
  if (issues.length > 0) throw new KsqlException(`Cannot upgrade data source: ${issues.join('\n\tAND ')}`);
}

const kindName = (source: DataSource): string => (source.kind === 'STREAM' ? 'KSTREAM' : 'KTABLE');
const timestampText = ({ timestamp }: DataSource): string =>
  timestamp === undefined
    ? 'Optional.empty'
    : `Optional[TimestampColumn{column=\`${timestamp.column}\`, format=${timestamp.format ?? ''}}]`;
const topicText = (source: DataSource): string =>
  `KsqlTopic{kafkaTopicName='${source.topic}', keyFormat=${source.keyFormat.format}, valueFormat=${source.valueFormat.format}}`;

/** Describes the incompatible changes of a schema. Columns may only be added at the end. */
function schemaIssue(from: DataSource, to: DataSource): string | undefined {
  const keys = changed(from.schema.key, to.schema.key, true);
  if (keys.length > 0) {
    return `Key columns must be identical. The following key columns are changed, missing or reordered: [${keys.join(', ')}]`;
  }
  const values = changed(from.schema.value, to.schema.value, false);
  if (values.length > 0)
    return `The following columns are changed, missing or reordered: [${values.join(', ')}]`;
  return undefined;
}

function changed(from: readonly Column[], to: readonly Column[], isKey: boolean): readonly string[] {
  const texts = to.map((column) => columnText(column, isKey));
  return from
    .map((column, i) => ({ text: columnText(column, isKey), i }))
    .filter(({ text, i }) => texts[i] !== text)
    .map(({ text }) => text);
}

/** @throws KsqlException if CREATE OR REPLACE would change a query so that it cannot continue with its state */
export function checkQueryUpgrade(from: QueryPlan, to: QueryPlan): void {
  compareSteps(from.root, to.root);
}

const stepNames: Readonly<Record<Step['kind'], string>> = {
  source: 'StreamSource',
  filter: 'StreamFilter',
  select: 'StreamSelect',
  partitionBy: 'StreamSelectKey',
  rekeyTable: 'TableSelectKey',
  flatMap: 'StreamFlatMap',
  groupBy: 'StreamGroupBy',
  aggregate: 'StreamAggregate',
  streamStreamJoin: 'StreamStreamJoin',
  streamTableJoin: 'StreamTableJoin',
  tableTableJoin: 'TableTableJoin',
  foreignKeyJoin: 'ForeignKeyTableTableJoin',
};

function nameOf(step: Step): string {
  const name =
    step.kind === 'groupBy' && step.expressions.length === 0 && step.output === 'STREAM'
      ? 'StreamGroupByKey'
      : stepNames[step.kind];
  if (step.kind === 'aggregate') {
    if (step.windowing !== undefined) return 'StreamWindowedAggregate';
    return step.input.output === 'TABLE' ? 'TableAggregate' : name;
  }
  const isTable = step.output === 'TABLE' && !name.startsWith('Table') && !name.startsWith('Foreign');
  return isTable ? name.replace('Stream', 'Table') : name;
}

const upgradable = new Set([
  'StreamSource',
  'TableSource',
  'StreamFilter',
  'TableFilter',
  'StreamSelect',
  'TableSelect',
  'StreamSelectKey',
  'StreamGroupBy',
  'StreamGroupByKey',
  'StreamAggregate',
  'StreamFlatMap',
]);

/** Compares two plans step by step. Only filters and projections may be added or removed. */
function compareSteps(from: Step, to: Step): void {
  for (const step of [from, to]) {
    const name = nameOf(step);
    if (!upgradable.has(name)) throw new KsqlException(`Upgrades not yet supported for ${name}`);
  }
  if (isPassive(from) || isPassive(to)) {
    if (isPassive(from)) compareSteps(inputsOf(from)[0]!, to);
    else compareSteps(from, inputsOf(to)[0]!);
    return;
  }
  const match = (what: string, a: string, b: string): void => {
    if (a === b) return;
    throw new KsqlException(
      `Query is not upgradeable. Plan step of type ${nameOf(from)} must have matching ${what}. ` +
        `Values differ: ${a} vs. ${b}`,
    );
  };
  match('class', nameOf(from), nameOf(to));
  if (from.kind === 'source' && to.kind === 'source') {
    match('topicName', from.source.topic, to.source.topic);
    return;
  }
  if (from.kind === 'partitionBy' && to.kind === 'partitionBy') {
    match(
      'keyExpressions',
      listText(from.expressions.map(expressionText)),
      listText(to.expressions.map(expressionText)),
    );
  }
  if (from.kind === 'groupBy' && to.kind === 'groupBy') {
    match(
      'groupByExpressions',
      listText(from.expressions.map(expressionText)),
      listText(to.expressions.map(expressionText)),
    );
  }
  if (from.kind === 'aggregate' && to.kind === 'aggregate') {
    const columns = (step: typeof from): string => listText(step.required.map((name) => `\`${name}\``));
    match('columns not part of aggregate', columns(from), columns(to));
    const functions = (step: typeof from): string => listText(step.functions.map(expressionText));
    match('aggregate functions', functions(from), functions(to));
  }
  const a = inputsOf(from);
  const b = inputsOf(to);
  a.forEach((input, i) => {
    compareSteps(input, b[i]!);
  });
}

const isPassive = (step: Step): boolean => step.kind === 'filter' || step.kind === 'select';
const listText = (items: readonly string[]): string => `[${items.join(', ')}]`;
