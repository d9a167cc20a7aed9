import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseExact, plain } from '../../src/ksqldb/exact-json.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { samplePayments, seededRandom } from '../../src/pipeline/sample-payments.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { kafkaOf, readTopic, type TopicRecord, windowedKey } from '../support/kafka.js';
import { MIGRATIONS } from '../support/pipeline.js';

const rounds = Number(process.env.PAYSTREAM_CRASH_ROUNDS ?? 12);
const seed = Number(process.env.PAYSTREAM_SEED ?? Date.now() % 1_000_000);
const CUSTOMERS = 20;

interface OutputPayment {
  readonly trxId: string;
  readonly trxDate: string;
  readonly customerId: string;
  readonly paymentType: string;
  readonly currency: string;
}

/** The engine's state, outputs and positions survive kill -9 at any moment: nothing is lost, nothing is doubled. */
describe(`the pipeline through kill -9 (seed ${seed}, ${rounds} rounds)`, () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'paystream-crash-'));
  const random = seededRandom(seed);
  let child: ChildProcess;
  let brokers = '';
  let ksqldbUrl = '';

  async function start(): Promise<void> {
    const script = join(import.meta.dirname, 'cluster-child.ts');
    const port = brokers === '' ? '0' : brokers.split(':')[1]!;
    child = spawn(process.execPath, ['--import', 'tsx', script, dataDir, port], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout! }), 'line'),
      once(child, 'exit').then(() => {
        throw new Error('the cluster ended before it was ready');
      }),
    ])) as [string];
    ({ brokers, ksqldbUrl } = JSON.parse(line) as { brokers: string; ksqldbUrl: string });
  }

  async function kill(): Promise<void> {
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  beforeAll(async () => {
    console.log(`pipeline-crash: seed ${seed}`);
    await start();
    const client = new KsqldbClient({ url: ksqldbUrl });
    await applyMigrations({ client, directory: MIGRATIONS });
    client.close();
  });

  afterAll(() => {
    child?.kill('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('ends with each payment once, and with tables that follow from them', async () => {
    let now = Date.now() - 3_600_000;
    const payments = samplePayments({ seed, customers: CUSTOMERS, now: () => (now += 20) });
    const acknowledged = new Set<string>();
    const sent = new Set<string>();
    let isStopped = false;
    const load = (async () => {
      let producer: Producer | undefined;
      while (!isStopped) {
        const batch = Array.from({ length: 20 }, () => payments.next().value);
        for (const { key } of batch) sent.add(key);
        try {
          if (producer === undefined) {
            producer = kafkaOf(brokers).producer({
              idempotent: true,
              maxInFlightRequests: 1,
              retry: { retries: 1 },
            });
            await producer.connect();
          }
          await producer.sendBatch({
            acks: -1,
            topicMessages: [TOPICS.ccPayment, TOPICS.bankTransferPayment].map((topic) => ({
              topic,
              messages: batch
                .filter((each) => each.topic === topic)
                .map(({ key, value }) => ({ key, value })),
            })),
          });
          for (const { key } of batch) acknowledged.add(key);
        } catch {
          // Killed under the request: whether these arrived is open. A new producer sends the next ones.
          await producer?.disconnect().catch(() => undefined);
          producer = undefined;
        }
      }
      await producer?.disconnect().catch(() => undefined);
    })();
    for (let round = 0; round < rounds; round++) {
      await sleep(50 + Math.floor(random() * 900));
      await kill();
      await start();
    }
    await sleep(300);
    isStopped = true;
    await load;
    expect(acknowledged.size).toBeGreaterThan(rounds);

    const ended = await settledOutput(acknowledged);
    const outputIds = ended.map((payment) => payment.trxId);
    expect(new Set(outputIds).size).toBe(outputIds.length);
    expect([...acknowledged].filter((id) => !outputIds.includes(id))).toEqual([]);
    expect(outputIds.filter((id) => !sent.has(id))).toEqual([]);

    await expectLastFives(ended);
    await expectActivity(ended);
  }, 300_000);

  /** PAYMENT-OUTPUT once it has all that was acknowledged and no more comes. */
  async function settledOutput(acknowledged: ReadonlySet<string>): Promise<readonly OutputPayment[]> {
    let count = -1;
    for (;;) {
      const records = await readTopic(
        brokers,
        TOPICS.paymentOutput,
        (all) => all.length >= acknowledged.size,
      );
      const all = await readAll(TOPICS.paymentOutput, records.length);
      if (all.length === count) return all.map(outputOf);
      count = all.length;
      await sleep(500);
    }
  }

  async function readAll(topic: string, atLeast: number): Promise<readonly TopicRecord[]> {
    const admin = kafkaOf(brokers).admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    const total = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    return await readTopic(brokers, topic, (all) => all.length >= Math.max(total, atLeast));
  }

  function outputOf(record: TopicRecord): OutputPayment {
    const exact = parseExact(record.value ?? '') as Readonly<Record<string, unknown>>;
    const { trxId, trxDate, customerId, paymentType, currency } = exact;
    return {
      trxId: String(trxId),
      trxDate: String(trxDate),
      customerId: String(customerId),
      paymentType: String(paymentType),
      currency: String(currency),
    };
  }

  async function expectLastFives(payments: readonly OutputPayment[]): Promise<void> {
    const expected: Record<string, string[]> = {};
    for (const { customerId, trxDate, trxId } of payments) {
      expected[customerId] = [...(expected[customerId] ?? []), `${trxDate} ${trxId}`];
    }
    for (const list of Object.values(expected)) list.sort().reverse().splice(5);
    const records = await readAll(TOPICS.paymentTrxAggr, 1);
    const actual: Record<string, string[]> = {};
    for (const { key, value } of records) {
      const { payments: five } = plain(parseExact(value ?? '')) as {
        payments: { trxDate: string; trxId: number }[];
      };
      actual[String(windowedKey(key!).customer)] = five.map(
        (payment) => `${payment.trxDate} ${payment.trxId}`,
      );
    }
    expect(actual).toEqual(expected);
  }

  async function expectActivity(payments: readonly OutputPayment[]): Promise<void> {
    const expected: Record<string, number> = {};
    for (const { paymentType, currency } of payments) {
      const group = `${paymentType} ${currency}`;
      expected[group] = (expected[group] ?? 0) + 1;
    }
    const client = new KsqldbClient({ url: ksqldbUrl });
    const rows = await client.pull('SELECT `paymentType`, `currency`, `payments` FROM PAYMENT_ACTIVITY;');
    client.close();
    const actual: Record<string, number> = {};
    for (const [paymentType, currency, count] of rows) {
      const group = `${String(paymentType)} ${String(currency)}`;
      actual[group] = (actual[group] ?? 0) + Number(count);
    }
    expect(actual).toEqual(expected);
  }
});
