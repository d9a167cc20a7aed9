import type { Config } from '../../config/config.js';
import { PaystreamError } from '../../errors/paystream-error.js';
import { KsqldbClient } from '../../ksqldb/ksqldb-client.js';
import {
  CHANNEL_HOURS,
  type HealthFinding,
  type HealthWord,
  type KsqldbHealth,
  type LagHealth,
  readKsqldbHealth,
  wordOf,
} from '../../pipeline/health.js';
import { TOPICS } from '../../pipeline/topics.js';
import { configOf } from '../endpoints.js';
import { EXIT } from '../exit-codes.js';
import { openConfiguredStore } from '../open-configured-store.js';
import { out, styled } from '../output.js';
import { tableLines } from '../table.js';
import { type KafkaStatus, withKafkaStatus } from './kafka-status.js';

export interface StatusFlags {
  readonly config?: string;
  readonly ksqldbUrl?: string;
  readonly kafkaBrokers?: string;
  readonly databaseUrl?: string;
  readonly json?: boolean;
  readonly maxLag: string;
}

interface TopicCounts {
  readonly rejected: { readonly total: string; readonly lastHour: string } | null;
  readonly processingLogErrors: { readonly total: string; readonly lastHour: string } | null;
}

interface KafkaPart extends TopicCounts {
  readonly lags: readonly LagHealth[];
}

const COLORS = { healthy: 'green', degraded: 'yellow', unhealthy: 'red' } as const;

export interface PipelineStatus extends KsqldbHealth, KafkaPart {
  readonly status: HealthWord;
}

export async function runPipelineStatus(flags: StatusFlags): Promise<void> {
  const maxLag = wholeLag(flags.maxLag);
  const config = await configOf(flags);
  const client = new KsqldbClient(config.ksqldb);
  try {
    const status = await readPipelineStatus(config, client, maxLag);
    if (flags.json === true) out(JSON.stringify(status));
    else {
      show(status, status);
      for (const finding of status.findings) {
        out(`${styled(COLORS[finding.word], finding.word)} ${finding.message}`);
        if (finding.hint !== undefined) out(`  ${finding.hint}`);
      }
      out(styled(COLORS[status.status], status.status));
    }
    if (status.status !== 'healthy') process.exitCode = EXIT.failed;
  } finally {
    client.close();
  }
}

/** A group that is further behind than this is degraded, unless told otherwise. */
export const MAX_LAG = 10_000n;

/** The verdict, and what it rests on. The console shows the same. */
export async function readPipelineStatus(
  config: Config,
  client: KsqldbClient,
  maxLag = MAX_LAG,
): Promise<PipelineStatus> {
  const info = await client.info();
  const ksqldb = await readKsqldbHealth(client);
  const findings: HealthFinding[] = [...ksqldb.findings];
  const kafka = await readKafka(config, info.ksqlServiceId, findings);
  for (const { group, topic, lag } of kafka.lags) {
    if (BigInt(lag) <= maxLag) continue;
    findings.push({
      word: 'degraded',
      message: `${group} is ${lag} records behind on ${topic}`,
      hint: 'If it does not go down by itself, the server or the sink is too slow, or stands still: look at its log.',
    });
  }
  return { status: wordOf(findings), ...ksqldb, ...kafka, findings };
}

function wholeLag(text: string): bigint {
  if (!/^\d+$/.test(text)) throw new PaystreamError('USAGE', `--max-lag: '${text}' is no number of records.`);
  return BigInt(text);
}

async function readKafka(config: Config, serviceId: string, findings: HealthFinding[]): Promise<KafkaPart> {
  try {
    return await withKafkaStatus(config.kafka, async (kafka) => {
      const counts = await readCounts(kafka, serviceId, findings);
      const lags = [
        ...(await kafka.groupLags(`_confluent-ksql-${serviceId}query_`)),
        ...(await sinkLag(config, kafka, findings)),
      ];
      return { ...counts, lags };
    });
  } catch (error) {
    if (error instanceof PaystreamError) throw error;
    findings.push({ word: 'unhealthy', message: `Kafka cannot be asked: ${(error as Error).message}` });
    return { rejected: null, processingLogErrors: null, lags: [] };
  }
}

async function readCounts(
  kafka: KafkaStatus,
  serviceId: string,
  findings: HealthFinding[],
): Promise<TopicCounts> {
  const texts = (count: { total: bigint; lastHour: bigint } | null) =>
    count === null ? null : { total: String(count.total), lastHour: String(count.lastHour) };
  const rejected = await kafka.countOf(TOPICS.paymentRejected);
  const log = await kafka.countOf(`${serviceId}ksql_processing_log`);
  if (log !== null && log.lastHour > 0n) {
    findings.push({
      word: 'degraded',
      message: `${log.lastHour} processing-log entries in the last hour: paystream query "SELECT * FROM KSQL_PROCESSING_LOG EMIT CHANGES;" --from-beginning`,
    });
  }
  return { rejected: texts(rejected), processingLogErrors: texts(log) };
}

/** What the store has against what the topic has. */
async function sinkLag(
  config: Config,
  kafka: KafkaStatus,
  findings: HealthFinding[],
): Promise<readonly LagHealth[]> {
  const topic = config.sink.topic ?? TOPICS.paymentTrxAggr;
  const ends = await kafka.endOffsets(topic);
  if (ends === null) return [];
  try {
    const store = await openConfiguredStore(config.store);
    try {
      const group = config.sink.groupId ?? 'paystream-sink';
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
    findings.push({ word: 'unhealthy', message: `the customer store cannot be asked: ${message}` });
    return [];
  }
}

function show(ksqldb: KsqldbHealth, kafka: KafkaPart): void {
  const dimHead = (cell: string, _column: number, row: number) => (row === -1 ? styled('dim', cell) : cell);
  const section = (columns: readonly string[], rows: readonly (readonly string[])[]) => {
    if (rows.length === 0) return;
    for (const line of tableLines(
      columns.map((name) => ({ name })),
      rows,
      dimHead,
    ))
      out(line);
    out('');
  };
  section(
    ['query', 'state', 'writes'],
    ksqldb.queries.map(({ id, state, writes }) => [id, state, writes.join(', ')]),
  );
  section(
    ['channel', 'newest payment (UTC)', 'age', `payments in ${CHANNEL_HOURS} h`],
    ksqldb.channels.map(({ paymentType, newestTrxDate, ageSeconds, payments }) => [
      paymentType,
      newestTrxDate,
      age(ageSeconds),
      String(payments),
    ]),
  );
  section(
    ['group', 'topic', 'lag'],
    kafka.lags.map(({ group, topic, lag }) => [group, topic, lag]),
  );
  const counts = [
    ['rejected payments', kafka.rejected],
    ['processing-log entries', kafka.processingLogErrors],
  ] as const;
  section(
    ['what', 'last hour', 'kept'],
    counts.flatMap(([name, count]) => (count === null ? [] : [[name, count.lastHour, count.total]])),
  );
}

function age(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 0) return 'ahead';
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
