import type { CreateAsSelect, CreateSource, Literal, Query } from '../../../sql/ast.js';
import { formatStatement } from '../../../sql/format-statement.js';
import type { SourceProperties } from '../analysis/with-properties.js';
import { KsqlException } from '../errors.js';
import type { TopicPlan } from './command.js';
import type { PlannerContext } from './planner-context.js';
import { durationMs } from './planner-env.js';

const weekMs = 604_800_000;

export interface SinkTopic extends TopicPlan {
  readonly retentionMs: number;
}

/** Adds the defaults that ksqlDB shows to a statement's WITH clause. Keeps the properties that it has. */
export function withTopicProperties<T extends CreateSource | CreateAsSelect>(
  statement: T,
  filled: Readonly<Record<string, string | number | undefined>>,
): T {
  const properties = new Map(statement.with);
  for (const [name, value] of Object.entries(filled)) {
    if (value === undefined) continue;
    const isFormat = name === 'KEY_FORMAT' || name === 'VALUE_FORMAT';
    if (properties.has(name) || (isFormat && properties.has('FORMAT'))) continue;
    properties.set(name, literal(value));
  }
  return { ...statement, with: properties };
}

function literal(value: string | number): Literal {
  if (typeof value === 'string') return { kind: 'String', value };
  return Math.abs(value) > 0x7fffffff ? { kind: 'Long', value: BigInt(value) } : { kind: 'Integer', value };
}

function rejectRetention(isCompacted: boolean, properties: SourceProperties): void {
  if (!isCompacted || properties.retentionMs === undefined) return;
  throw new KsqlException(
    'Invalid config variable in the WITH clause: RETENTION_MS. Non-windowed tables do not support retention.',
  );
}

function rejectCleanupPolicy(properties: SourceProperties): void {
  if (properties.cleanupPolicy === undefined) return;
  throw new KsqlException(
    'Invalid config variable in the WITH clause: CLEANUP_POLICY.\n' +
      'The CLEANUP_POLICY config is automatically inferred based on the type of source (STREAM or TABLE).\n' +
      "Users can't set the CLEANUP_POLICY config manually.",
  );
}

function checkCounts(properties: SourceProperties): void {
  if (properties.partitions !== undefined && properties.partitions < 1) {
    throw new KsqlException(`Invalid number of partitions: ${properties.partitions}`);
  }
}

/** The topic of CREATE STREAM or TABLE. It exists, or is created with PARTITIONS. */
export function sourceTopic(
  statement: CreateSource,
  properties: SourceProperties,
  context: PlannerContext,
): TopicPlan {
  rejectCleanupPolicy(properties);
  checkCounts(properties);
  const name = properties.topic!;
  const isTable = statement.sourceType === 'TABLE';
  const existing = context.assumedPartitions === undefined ? context.topic(name) : undefined;
  const wanted = properties.partitions ?? context.assumedPartitions;
  if (existing === undefined && wanted === undefined) {
    const example = withTopicProperties(statement, {
      KEY_FORMAT:
        properties.keyFormat ?? context.config.get('ksql.persistence.default.format.key') ?? 'KAFKA',
      VALUE_FORMAT: properties.valueFormat ?? context.config.get('ksql.persistence.default.format.value'),
      PARTITIONS: 2,
    });
    throw new KsqlException(
      `Topic '${name}' does not exist. If you want to create a new topic for the stream/table please re-run the ` +
        "statement providing the required 'PARTITIONS' configuration in the WITH clause (and optionally 'REPLICAS'). " +
        `For example: ${formatStatement(example)};`,
    );
  }
  rejectRetention(isTable, properties);
  if (existing !== undefined) checkExisting(name, existing, wanted, properties);
  const retention = properties.retentionMs ?? weekMs;
  return {
    name,
    partitions: existing?.partitions ?? wanted!,
    configs: isTable
      ? { 'cleanup.policy': 'compact' }
      : { 'cleanup.policy': 'delete', 'retention.ms': String(retention) },
  };
}

function checkExisting(
  name: string,
  existing: { readonly partitions: number; readonly retentionMs: number },
  wanted: number | undefined,
  properties: SourceProperties,
): void {
  const partitions = wanted ?? existing.partitions;
  const replicas = properties.replicas ?? 1;
  const retention = properties.retentionMs ?? existing.retentionMs;
  if (partitions === existing.partitions && replicas <= 1 && retention === existing.retentionMs) return;
  throw new KsqlException(
    `A Kafka topic with the name '${name}' already exists, with different partition/replica/retention configuration ` +
      `than required. KSQL expects ${partitions} partitions (topic has ${existing.partitions}), ${replicas} replication ` +
      `factor (topic has 1), and ${retention} retention (topic has ${existing.retentionMs}).`,
    undefined,
    'KSQL_TOPIC_EXISTS',
  );
}

/** The topic of CREATE ... AS SELECT. By default it has the properties of the first source's topic. */
export function sinkTopic(
  statement: CreateAsSelect,
  query: Query,
  properties: SourceProperties,
  context: PlannerContext,
): SinkTopic {
  rejectCleanupPolicy(properties);
  checkCounts(properties);
  const prefix = context.config.get('ksql.output.topic.name.prefix') ?? '';
  const name = properties.topic ?? prefix + statement.name;
  const source = context.catalog.source(query.from.left.name)!;
  const like = context.topic(source.topic);
  const isTable = statement.sourceType === 'TABLE';
  const { window } = query;
  const policy = !isTable ? 'delete' : window === undefined ? 'compact' : 'compact,delete';
  rejectRetention(policy === 'compact', properties);
  const existing = context.assumedPartitions === undefined ? context.topic(name) : undefined;
  const partitions = properties.partitions ?? context.assumedPartitions ?? like?.partitions ?? 1;
  const base = properties.retentionMs ?? like?.retentionMs ?? weekMs;
  const windowed = isTable && window?.retention !== undefined ? durationMs(window.retention) : undefined;
  const retention = windowed === undefined ? base : Math.max(base, windowed);
  if (existing !== undefined && existing.partitions !== partitions) {
    checkExisting(name, existing, partitions, properties);
  }
  return {
    name,
    partitions: existing?.partitions ?? partitions,
    retentionMs: windowed ?? base,
    configs:
      policy === 'compact'
        ? { 'cleanup.policy': policy }
        : { 'cleanup.policy': policy, 'retention.ms': String(retention) },
  };
}
