import { PaystreamError } from '../errors/paystream-error.js';
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

/** What the status asks of Kafka. */
export interface PipelineKafka {
  /** Records in a topic; null if there is no such topic. */
  countOf(topic: string): Promise<{ readonly total: bigint; readonly lastHour: bigint } | null>;
  /** End offsets by partition; null if there is no such topic. */
  endOffsets(topic: string): Promise<ReadonlyMap<number, bigint> | null>;
  /** The lag of the groups whose names start with `prefix`. */
  groupLags(prefix: string): Promise<readonly LagHealth[]>;
}

/** Where to look. A part that is left out is not looked at. */
export interface PipelineSources {
  /** Connects to Kafka for the duration of the action. */
  readonly withKafka?: <T>(action: (kafka: PipelineKafka) => Promise<T>) => Promise<T>;
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
  if (sources.withKafka === undefined) return unknown;
  const { ksqlServiceId } = await client.info();
  try {
    return await sources.withKafka(async (kafka) => {
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
      const lags = await kafka.groupLags(`_confluent-ksql-${ksqlServiceId}query_`);
      return { rejected, processingLogErrors, lags: [...lags, ...(await sinkLag(sources, kafka, findings))] };
    });
  } catch (error) {
    if (error instanceof PaystreamError) throw error;
    findings.push({ word: 'unhealthy', message: `Kafka is unreachable: ${(error as Error).message}` });
    return unknown;
  }
}

/** Compares the sink's stored positions with the end of its topic. */
async function sinkLag(
  { openStore, sink }: PipelineSources,
  kafka: PipelineKafka,
  findings: HealthFinding[],
): Promise<readonly LagHealth[]> {
  const topic = sink?.topic ?? TOPICS.paymentTrxAggr;
  const group = sink?.groupId ?? SINK_GROUP;
  const ends = await kafka.endOffsets(topic);
  if (openStore === undefined || ends === null) return [];
  try {
    const store = await openStore();
    try {
      const { rows } = await store.query<{ partition: number; next_offset: string }>(
        'SELECT partition, next_offset FROM sink_offset WHERE consumer_group = $1 AND topic = $2',
        [group, topic],
      );
      const read = new Map(rows.map((row) => [Number(row.partition), BigInt(row.next_offset)]));
      let lag = 0n;
      for (const [partition, end] of ends) {
        const at = read.get(partition) ?? 0n;
        if (end > at) lag += end - at;
      }
      return [{ group, topic, lag: String(lag) }];
    } finally {
      await store.close();
    }
  } catch (error) {
    const message = (error as Error).message.split('\n')[0];
    findings.push({ word: 'unhealthy', message: `the customer store is unreachable: ${message}` });
    return [];
  }
}
