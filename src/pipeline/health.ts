import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { isTransient, KsqldbError } from '../ksqldb/ksqldb-error.js';
import { TOPICS } from './topics.js';

/** `degraded`: payments flow, but something needs attention. `unhealthy`: some payments do not flow. */
export type HealthWord = 'healthy' | 'degraded' | 'unhealthy';

export interface QueryHealth {
  readonly id: string;
  readonly state: string;
  /** The streams and tables that it writes. */
  readonly writes: readonly string[];
}

export interface ChannelHealth {
  /** CC, BANK_TRF, ... */
  readonly paymentType: string;
  /** trxDate of its newest payment, in UTC. */
  readonly newestTrxDate: string;
  /** Age of the newest payment. Negative if it is dated in the future. */
  readonly ageSeconds: number;
  /** Payments in the last `CHANNEL_HOURS` hours. */
  readonly payments: number;
}

/** How far a consumer group is behind on a topic. */
export interface LagHealth {
  readonly group: string;
  readonly topic: string;
  /** Records, summed over partitions; decimal text since offsets have 64 bits. */
  readonly lag: string;
}

export interface HealthFinding {
  readonly word: Exclude<HealthWord, 'healthy'>;
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
}

export interface KsqldbHealth {
  readonly queries: readonly QueryHealth[];
  readonly channels: readonly ChannelHealth[];
  readonly findings: readonly HealthFinding[];
}

/** How far back the activity of channels is read. */
export const CHANNEL_HOURS = 48;

/** Streams that must have a running query, with their topics. */
const WRITTEN = { PAYMENT_OUTPUT: TOPICS.paymentOutput, PAYMENT_TRX_AGGR: TOPICS.paymentTrxAggr } as const;

/** Reads the part of the pipeline's health that ksqlDB knows. Throws KsqldbError when ksqlDB is unreachable. */
export async function readKsqldbHealth(client: KsqldbClient, now = Date.now()): Promise<KsqldbHealth> {
  const running = (await client.queries()).filter((query) => query.queryType === 'PERSISTENT');
  const queries = running.map(({ id, state, sinks }) => ({ id, state, writes: sinks }));
  const findings: HealthFinding[] = [];
  for (const { id, state } of queries) {
    const message = `query ${id} is ${state}`;
    if (state === 'PAUSED') {
      findings.push({ word: 'degraded', message, hint: `Resume it where it stopped: RESUME ${id};` });
    } else if (state !== 'RUNNING') {
      const hint = `Run EXPLAIN ${id}; to see its last errors. Fix the cause, then restart the server or replace the query with a migration.`;
      findings.push({ word: 'unhealthy', message, hint });
    }
  }
  for (const [stream, topic] of Object.entries(WRITTEN)) {
    if (queries.some((query) => query.writes.includes(stream))) continue;
    const hint = 'Apply the migrations: paystream migrate';
    findings.push({ word: 'unhealthy', message: `no query writes ${topic}`, hint });
  }
  return { queries, channels: await readChannels(client, now, findings), findings };
}

async function readChannels(
  client: KsqldbClient,
  now: number,
  findings: HealthFinding[],
): Promise<readonly ChannelHealth[]> {
  const from = now - CHANNEL_HOURS * 3_600_000;
  let rows: Awaited<ReturnType<KsqldbClient['pull']>>;
  try {
    rows = await client.pull(
      `SELECT \`paymentType\`, \`newestTrxDate\`, \`payments\` FROM PAYMENT_ACTIVITY WHERE WINDOWSTART >= ${from};`,
      { timeoutMs: 5_000 },
    );
  } catch (error) {
    if (!(error instanceof KsqldbError) || isTransient(error)) throw error;
    findings.push({ word: 'degraded', message: `channels are unknown: ${error.message.split('\n')[0]}` });
    return [];
  }
  const channels = new Map<string, { newest: string; payments: bigint }>();
  for (const [type, newest, payments] of rows) {
    const name = String(type ?? 'none');
    const known = channels.get(name) ?? { newest: '', payments: 0n };
    channels.set(name, {
      // Fixed-width text in UTC sorts in time order.
      newest: String(newest ?? '') > known.newest ? String(newest) : known.newest,
      payments: known.payments + BigInt(String(payments ?? 0)),
    });
  }
  return [...channels]
    .map(([paymentType, { newest, payments }]) => ({
      paymentType,
      newestTrxDate: newest,
      ageSeconds: Math.round((now - Date.parse(`${newest}Z`)) / 1_000),
      payments: Number(payments),
    }))
    .sort((a, b) => (a.paymentType < b.paymentType ? -1 : 1));
}

/** Returns the worst of the findings. */
export function wordOf(findings: readonly HealthFinding[]): HealthWord {
  if (findings.some(({ word }) => word === 'unhealthy')) return 'unhealthy';
  return findings.length > 0 ? 'degraded' : 'healthy';
}
