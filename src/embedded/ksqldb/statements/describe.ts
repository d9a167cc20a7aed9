/** DESCRIBE, DESCRIBE STREAMS/TABLES, and the EXTENDED forms of LIST STREAMS/TABLES. */
import type { Catalog } from '../catalog/catalog.js';
import type { DataSource } from '../catalog/data-source.js';
import type { QueryInfo } from '../engine/query-info.js';
import { KsqlStatementException } from '../errors.js';
import type { StatementContext } from './context.js';
import { fieldInfos, runningQuery, type Warning } from './entities.js';

export interface DescribedSource {
  readonly description: object;
  readonly warnings: readonly Warning[];
}

export function describeSource(
  context: StatementContext,
  catalog: Catalog,
  name: string,
  extended: boolean,
  statementText: string,
): DescribedSource {
  const source = catalog.source(name);
  if (source === undefined) {
    throw new KsqlStatementException(
      `Could not find STREAM/TABLE '${name}' in the Metastore${catalog.alternatives(name)}`,
      statementText,
    );
  }
  return describe(context, source, extended);
}

export function describe(context: StatementContext, source: DataSource, extended: boolean): DescribedSource {
  const { engine } = context;
  const topic = engine.store.topic(source.topic);
  const queries = engine.queries().filter((query) => query.type !== 'PUSH');
  const writers = queries.filter((query) => query.sink === source.name);
  const stats = topicStats(context, source.topic);
  return {
    description: {
      name: source.name,
      windowType: source.window?.type ?? null,
      readQueries: queries.filter((query) => query.sources.includes(source.name)).map(runningQuery),
      writeQueries: writers.map(runningQuery),
      fields: fieldInfos(source.schema),
      type: source.kind,
      timestamp: source.timestamp?.column ?? '',
      statistics: extended ? formatStats(stats) : '',
      errorStats: '',
      extended,
      keyFormat: source.keyFormat.format,
      valueFormat: source.valueFormat.format,
      topic: source.topic,
      partitions: topic?.partitions.length ?? 0,
      replication: topic === undefined ? 0 : 1,
      statement: source.statementText,
      queryOffsetSummaries: extended ? writers.map((query) => offsetSummary(context, query)) : [],
      sourceConstraints: engine.catalog.derived(source.name),
      clusterStatistics: stats.map(({ name, value, timestamp }) => ({
        name,
        host: context.host,
        value,
        timestamp,
      })),
      clusterErrorStats: [],
    },
    warnings:
      topic === undefined
        ? [{ message: 'Error from Kafka: This server does not host this topic-partition.' }]
        : [],
  };
}

/** Returns the consumer group that ksqlDB uses for a persistent query. */
export function consumerGroupId(serviceId: string, queryId: string): string {
  return `_confluent-ksql-${serviceId}query_${queryId}`;
}

function offsetSummary(context: StatementContext, query: QueryInfo): object {
  const topics = [...new Set(query.offsets.map((offset) => offset.topic))];
  return {
    groupId: consumerGroupId(context.engine.serviceId, query.id),
    topicSummaries: topics.map((kafkaTopic) => ({
      kafkaTopic,
      offsets: query.offsets
        .filter((offset) => offset.topic === kafkaTopic)
        .map((offset) => ({
          partition: offset.partition,
          logStartOffset: context.engine.store.partition(kafkaTopic, offset.partition)?.startOffset ?? 0,
          logEndOffset: offset.end,
          consumerOffset: offset.position,
        })),
    })),
  };
}

interface Stat {
  readonly name: string;
  readonly value: number;
  readonly timestamp: number;
}

/** ksqlDB computes rates over the last 100 seconds. */
const statWindowSeconds = 100;

function topicStats(context: StatementContext, topic: string): readonly Stat[] {
  const queries = context.engine.queries();
  const writers = queries.filter((query) => query.sinkTopic === topic);
  const written = writers.reduce((sum, query) => sum + query.metrics.recordsOut, 0);
  const stats: Stat[] = [];
  if (written > 0) {
    const last = Math.max(...writers.map((query) => query.metrics.lastOutput));
    const isRecent = context.clock() - last < statWindowSeconds * 1000;
    stats.push(
      stat('messages-per-sec', isRecent ? written / statWindowSeconds : 0, last),
      stat('total-messages', written, last),
    );
  }
  const read = queries.reduce((sum, query) => sum + readFrom(context, query, topic), 0);
  if (read > 0) {
    const now = context.clock();
    stats.push(
      stat('consumer-messages-per-sec', read / statWindowSeconds, now),
      stat('consumer-total-messages', read, now),
      stat('consumer-total-bytes', bytesIn(context, topic), now),
    );
  }
  return stats;
}

function stat(name: string, value: number, timestamp: number): Stat {
  return { name, value, timestamp };
}

function readFrom(context: StatementContext, query: QueryInfo, topic: string): number {
  let count = 0;
  for (const offset of query.offsets) {
    if (offset.topic !== topic) continue;
    const start = context.engine.store.partition(topic, offset.partition)?.startOffset ?? 0;
    count += Math.max(0, offset.position - start);
  }
  return count;
}

function bytesIn(context: StatementContext, topic: string): number {
  const partitions = context.engine.store.topic(topic)?.partitions ?? [];
  return partitions.reduce((sum, partition) => sum + partition.size, 0);
}

const deprecationNotice =
  'The statistics field is deprecated and will be removed in a future version of ksql. ' +
  'Please update your client to the latest version and use statisticsMap instead.\n';

function formatStats(stats: readonly Stat[]): string {
  const first = stats[0];
  if (first === undefined) return '';
  const shown = stats.map(({ name, value }) => {
    const digits = name.endsWith('per-sec') ? value.toFixed(2) : value.toFixed(0);
    return `${name.padStart(16)}:${digits.padStart(10)} `;
  });
  const last = `${'last-message'.padStart(16)}: ${new Date(first.timestamp).toISOString()}`;
  return `${deprecationNotice}${shown.join('')}${last}`;
}
