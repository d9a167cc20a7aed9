import type { KsqldbClient } from '../ksqldb/ksqldb-client.js';
import { isTransient, KsqldbError } from '../ksqldb/ksqldb-error.js';
import { TOPICS } from './topics.js';

/** `degraded`: payments flow, and something needs a look. `unhealthy`: some do not flow. */
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
  /** trxDate of its newest payment, UTC. */
  readonly newestTrxDate: string;
  /** Negative where a payment is dated ahead. */
  readonly ageSeconds: number;
  /** In the hours looked at. */
  readonly payments: number;
}

/** A partition-wise difference between what is there and what was read, summed. */
export interface LagHealth {
  readonly group: string;
  readonly topic: string;
  /** Records; as text, since offsets have 64 bits. */
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

/** How far back channels are looked at. */
export const CHANNEL_HOURS = 48;

/** The part of the pipeline's health that ksqlDB knows. Throws a KsqldbError where it cannot be reached. */
export async function readKsqldbHealth(client: KsqldbClient, now = Date.now()): Promise<KsqldbHealth> {
  const running = (await client.queries()).filter((query) => query.queryType === 'PERSISTENT');
  const queries = running.map(({ id, state, sinks }) => ({ id, state, writes: sinks }));
  const findings: HealthFinding[] = [];
  for (const { id, state } of queries) {
    if (state === 'RUNNING') continue;
    const word = state === 'PAUSED' ? 'degraded' : 'unhealthy';
    const hint =
      state === 'PAUSED'
        ? `Somebody paused it: RESUME ${id}; lets it go on where it stopped.`
        : `EXPLAIN ${id}; shows its last errors. Correct the cause, then restart the server or replace the query by a migration.`;
    findings.push({ word, message: `query ${id} is ${state}`, hint });
  }
  if (!queries.some((query) => query.writes.includes('PAYMENT_OUTPUT'))) {
    findings.push({
      word: 'unhealthy',
      message: `no query writes ${TOPICS.paymentOutput}: run paystream migrate`,
    });
  }
  if (!queries.some((query) => query.writes.includes('PAYMENT_TRX_AGGR'))) {
    findings.push({
      word: 'unhealthy',
      message: `no query writes ${TOPICS.paymentTrxAggr}: run paystream migrate`,
    });
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
      // Fixed-width text in UTC: it sorts as it reads.
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

/** The worst of the findings. */
export function wordOf(findings: readonly HealthFinding[]): HealthWord {
  if (findings.some(({ word }) => word === 'unhealthy')) return 'unhealthy';
  return findings.length > 0 ? 'degraded' : 'healthy';
}
