import { PaystreamError } from '../errors/paystream-error.js';
import type { KafkaAdmin } from '../kafka/admin.js';
import { recordsAfter } from '../kafka/offsets.js';
import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import type { Store } from '../store/store.js';
import {
  type HealthFinding,
  type HealthWord,
  type KsqldbHealth,
  type LagHealth,
  readKsqldbHealth,
  wordOf,
} from './health.js';
import { TOPICS } from './topics.js';

/** The consumer group of the sink unless the configuration names another. */
export const SINK_GROUP = 'paystream-sink';
/** A group that is more records behind than this is degraded. */
const MAX_LAG = 10_000n;

/** Records of a topic, as decimal text since offsets have 64 bits. */
export interface TopicCount {
  /** Records that the topic still retains. */
  readonly total: string;
  readonly lastHour: string;
}

interface KafkaHealth {
  /** Null if the topic does not exist or Kafka was not asked. */
  readonly rejected: TopicCount | null;
  readonly processingLogErrors: TopicCount | null;
  readonly lags: readonly LagHealth[];
}

/** The verdict of `paystream status` and of the console's health page, and what it is based on. */
export interface PipelineStatus extends KsqldbHealth, KafkaHealth {
  readonly status: HealthWord;
}

/** Where to look. A part that is left out is not looked at. */
export interface PipelineSources {
  /** Connects to Kafka; the status closes the connection. */
  readonly openKafka?: () => KafkaAdmin;
  /** Opens the customer store; the status closes it. */
  readonly openStore?: () => Promise<Store>;
  readonly sink?: { readonly topic?: string; readonly groupId?: string };
  readonly maxLag?: bigint;
}

/**
 * Reads the state of queries, channels, topics and consumer groups, and derives one verdict.
 *
 * @throws KsqldbError when ksqlDB is unreachable; PaystreamError when Kafka refuses TLS or the credentials.
 */
export async function readPipelineStatus(
  client: KsqldbClient,
  sources: PipelineSources,
): Promise<PipelineStatus> {
  const ksqldb = await readKsqldbHealth(client);
  const findings: HealthFinding[] = [...ksqldb.findings];
  const kafka = await readKafka(client, sources, findings);
  for (const { group, topic, lag } of kafka.lags) {
    if (BigInt(lag) <= (sources.maxLag ?? MAX_LAG)) continue;
    findings.push({
      word: 'degraded',
      message: `${group} is ${lag} records behind on ${topic}`,
      hint: 'If the lag does not shrink, the server or the sink is stuck or too slow. Check its log.',
    });
  }
  return { ...ksqldb, ...kafka, status: wordOf(findings), findings };
}

async function readKafka(
  client: KsqldbClient,
  sources: PipelineSources,
  findings: HealthFinding[],
): Promise<KafkaHealth> {
  const unknown = { rejected: null, processingLogErrors: null, lags: [] };
  if (sources.openKafka === undefined) return unknown;
  const { ksqlServiceId } = await client.info();
  try {
    const kafka = sources.openKafka();
    try {
      const count = async (topic: string): Promise<TopicCount | null> => {
        const found = await kafka.countOf(topic);
        return found === null ? null : { total: String(found.total), lastHour: String(found.lastHour) };
      };
      const rejected = await count(TOPICS.paymentRejected);
      const processingLogErrors = await count(`${ksqlServiceId}ksql_processing_log`);
      if (processingLogErrors !== null && processingLogErrors.lastHour !== '0') {
        findings.push({
          word: 'degraded',
          message: `${processingLogErrors.lastHour} processing log entries in the last hour`,
          hint: 'Read them: paystream query "SELECT * FROM KSQL_PROCESSING_LOG EMIT CHANGES;" --from-beginning',
        });
      }
      const groups = await kafka.groupLags(`_confluent-ksql-${ksqlServiceId}query_`);
      const lags = groups.map((group) => ({ ...group, lag: String(group.lag) }));
      return { rejected, processingLogErrors, lags: [...lags, ...(await sinkLag(sources, kafka, findings))] };
    } finally {
      await kafka.close();
    }
  } catch (error) {
    if (error instanceof PaystreamError) throw error;
    findings.push({ word: 'unhealthy', message: `Kafka is unreachable: ${(error as Error).message}` });
    return unknown;
  }
}

/** Compares the sink's stored positions with the end of its topic. */
async function sinkLag(
  { openStore, sink }: PipelineSources,
  kafka: KafkaAdmin,
  findings: HealthFinding[],
): Promise<readonly LagHealth[]> {
  const topic = sink?.topic ?? TOPICS.paymentTrxAggr;
  const group = sink?.groupId ?? SINK_GROUP;
  const offsets = await kafka.offsets(topic);
  if (openStore === undefined || offsets === null) return [];
  try {
    const store = await openStore();
    try {
      const { rows } = await store.query<{ partition: number; next_offset: string }>(
        'SELECT partition, next_offset FROM sink_offset WHERE consumer_group = $1 AND topic = $2',
        [group, topic],
      );
      const read = new Map(rows.map((row) => [Number(row.partition), BigInt(row.next_offset)]));
      const positions = new Map(
        [...offsets.keys()].map((partition) => [partition, read.get(partition) ?? 0n]),
      );
      return [{ group, topic, lag: String(recordsAfter(positions, offsets)) }];
    } finally {
      await store.close();
    }
  } catch (error) {
    const message = (error as Error).message.split('\n')[0];
    findings.push({ word: 'unhealthy', message: `the customer store is unreachable: ${message}` });
    return [];
  }
}
