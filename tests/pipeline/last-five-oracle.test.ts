import type { Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/pipeline/sample-payments.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { type RunningSink, startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import { kafkaOf, readTopic, type TopicRecord } from '../support/kafka.js';
import { lastFiveOracle } from '../support/last-five-oracle.js';
import { applyPipeline } from '../support/pipeline.js';
import { eventually, storedLastFives } from '../support/store.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';

const seed = Number(process.env.PAYSTREAM_SEED ?? 1);
const runs = Number(process.env.PAYSTREAM_ORACLE_RUNS ?? 20);
const DAY_MS = 86_400_000;
/** Names that spoil a careless encoding: separators, NUL, a lone surrogate, quotes, right-to-left text, nothing. */
const NAMES = [
  '"Farah"',
  '"Fow\\u001fler"',
  '"\\u001e"',
  '"Fa\\u0000rah"',
  '"\\ud83d"',
  '"\\ud83d\\ude00"',
  '"O\'Neil \\"Fa\\" \\\\ Sons"',
  '"\\u202eעברית"',
  '""',
  'null',
];

/** Random payments with corrections, duplicates, late and missing fields: the store equals the oracle, row for row. */
describe(`the last five of random payments (seeds ${seed} to ${seed + runs - 1})`, () => {
  let cluster: TestCluster;
  let store: Store;
  let producer: Producer;
  const sinks: RunningSink[] = [];

  beforeAll(async () => {
    cluster = await testCluster();
    await applyPipeline(cluster);
    store = await openStore(cluster.databaseUrl);
    await migrateStore(store);
    producer = kafkaOf(cluster.brokers).producer();
    await producer.connect();
  });

  afterAll(async () => {
    await Promise.all(sinks.map((sink) => sink.stop()));
    await producer?.disconnect();
    await store?.close();
    await cluster?.stop();
  });

  const joinSink = async () => {
    sinks.push(await startSink({ brokers: cluster.brokers.split(','), store, groupId: 'oracle' }));
  };

  /** One channel record as JSON text; ids and amounts are written by hand, so that they stay exact. */
  function recordsOf(run: number, now: number) {
    const random = seededRandom(run);
    const below = (n: number) => Math.floor(random() * n);
    const pick = (list: readonly string[]) => list[below(list.length)]!;
    const customers = 1 + below(4);
    // In every fourth run, four payments come in many versions: the ten kept versions do not suffice there.
    const ids = run % 4 === 0 ? 1 : 12;
    const records = [];
    for (let n = 0; n < 60; n++) {
      const trxId = below(2) === 0 ? 1 + below(ids) : 9_007_199_254_740_993n + BigInt(below(ids));
      // Three windows of arrival; within one, records are not in order.
      const timestamp = now - (2 - Math.floor(n / 20)) * 30 * DAY_MS + below(60_000) - 120_000;
      const trxDate = new Date(now - 70 * DAY_MS + below(run % 4 === 0 ? 2 : 40) * 1_000)
        .toISOString()
        .slice(0, 23);
      const fields: Record<string, string> = {
        trxId: String(trxId),
        trxAmount: pick([`${below(5)}.5`, `${below(1_000_000)}.${String(below(10_000)).padStart(4, '0')}`]),
        customerId: String(run * 100 + 1 + below(customers)),
        trxDate: pick([`"${trxDate}"`, `"${trxDate.slice(0, 19)}"`]),
      };
      if (below(15) === 0) fields[pick(Object.keys(fields))] = 'null';
      if (below(40) === 0) fields.trxId = pick(['9223372036854775808', '-5', '0']);
      if (below(40) === 0) fields.trxDate = `"${new Date(timestamp + DAY_MS).toISOString().slice(0, 19)}"`;
      const isCard = below(2) === 0;
      const rest: Record<string, string> = isCard
        ? {
            cardNo: pick(['"4111111111111111"', '"123"', 'null']),
            cardHolder: pick(NAMES),
            issuer: '"DUKE BANK"',
          }
        : {
            accountNo: '"5905149026"',
            accountName: pick(NAMES),
            bankName: pick(NAMES),
            referenceNo: pick(NAMES),
            currency: '"USD"',
          };
      const value = `{${Object.entries({ ...fields, ...rest })
        .map(([name, text]) => `"${name}":${text}`)
        .join(',')}}`;
      const record = {
        topic: isCard ? TOPICS.ccPayment : TOPICS.bankTransferPayment,
        key: String(n),
        value,
        timestamp: String(timestamp),
      };
      records.push(record);
      // Sent again, at the same time or later.
      if (below(8) === 0) records.push({ ...record, timestamp: String(timestamp + below(3) * 1_000) });
    }
    return records;
  }

  it('equals the oracle over PAYMENT-OUTPUT', async () => {
    const now = Date.now();
    await joinSink();
    let sent = 0;
    for (let run = seed; run < seed + runs; run++) {
      const records = recordsOf(run, now);
      for (const topic of [TOPICS.ccPayment, TOPICS.bankTransferPayment]) {
        const messages = records.filter((record) => record.topic === topic);
        sent += messages.length;
        await producer.send({ topic, messages });
      }
      // Sinks come and go while payments flow.
      if (run % 5 === 1) await joinSink();
      if (run % 5 === 3) await sinks.shift()?.stop();
      if (sinks.length === 0) await joinSink();
    }

    const output = await readTopic(
      cluster.brokers,
      TOPICS.paymentOutput,
      (all) => all.length >= sent,
      120_000,
    );
    expect(output.length).toBe(sent);
    const oracle = lastFiveOracle(output);
    expect(oracle.rejected).toBeGreaterThan(0);
    const exact = (all: Readonly<Record<string, unknown>>) =>
      Object.fromEntries(Object.entries(all).filter(([customer]) => !oracle.truncated.has(customer)));
    await eventually(async () => {
      expect(exact(await storedLastFives(store))).toEqual(exact(oracle.lastFives));
    }, 120_000);
    expect((await store.query('SELECT 1 FROM sink_dead_letter')).rowCount).toBe(0);
    const rows = await store.query<{ count: string }>('SELECT count(*) FROM customer_payment');
    const stored = await storedLastFives(store);
    expect(Number(rows.rows[0]!.count)).toBe(Object.values(stored).flat().length);

    // If its ten newest versions belong to fewer than five payments, the aggregate says that payments may be missing.
    expect(oracle.truncated.size).toBeGreaterThan(runs >= 4 ? 0 : -1);
    const marked = (records: readonly TopicRecord[]) =>
      new Set(records.filter(isTruncated).map((record) => String(record.key!.readBigInt64BE(0))));
    await readTopic(cluster.brokers, TOPICS.paymentTrxAggr, (records) => {
      const customers = marked(records);
      return [...oracle.truncated].every((customer) => customers.has(customer));
    });
  }, 300_000);

  const isTruncated = (record: TopicRecord) => record.value?.endsWith('"truncated":true}') === true;
});
