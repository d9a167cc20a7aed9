import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { type DevProcess, startDevProcess } from '../support/dev-process.js';
import { kafkaOf } from '../support/kafka.js';

/** None of these may be anywhere but on CC-PAYMENT. The last one is short, and one is sent as a number. */
const CARDS = [
  '4111111111111111',
  '5500005555555559',
  '340000123456789',
  '6011000990139424',
  '471629384756',
] as const;
const [visa, master, amex, discover, short] = CARDS;

const payment = (trxId: number, cardNo: unknown, more: object = {}) =>
  JSON.stringify({
    trxId,
    trxAmount: 12.5,
    cardNo,
    cardHolder: 'Ayu',
    expiryDate: '2030-01-01',
    issuer: 'NORTH BANK',
    customerId: 7,
    trxDate: '2026-01-02T03:04:05',
    ...more,
  });

/** What works, what is rejected, and what cannot be read: each names a card. */
const RECORDS: readonly string[] = [
  payment(1, visa),
  payment(2, Number(master)),
  payment(3, short),
  payment(4, amex, { customerId: null }),
  payment(5, discover, { trxDate: 'yesterday' }),
  payment(6, visa, { trxDate: visa }),
  payment(7, visa, { trxAmount: 0.123456789 }),
  payment(8, visa, { trxAmount: master }),
  payment(9, visa, { trxId: discover.padEnd(30, '0') }),
  payment(10, { number: visa }),
  payment(11, [master]),
  payment(12, visa).slice(0, -5),
  `${amex},12.5,Ayu`,
  `"${discover}"`,
  payment(13, visa, { trxAmount: 'much', customerId: amex }),
];

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

const cardsIn = (text: string) => CARDS.filter((card) => text.includes(card));

async function eventually(check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await check())) {
    if (Date.now() > deadline) throw new Error('not what was waited for after 60 s');
    await new Promise((next) => setTimeout(next, 50));
  }
}

describe('a run with failures in it', () => {
  let folder: string;
  let dev: DevProcess;
  let client: KsqldbClient;
  let store: pg.Client;
  const errors: string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'paystream-cards-'));
    dev = await startDevProcess(['--data-dir', folder]);
    client = new KsqldbClient({ url: dev.ksqldbUrl });
    const producer = kafkaOf(dev.brokers).producer();
    await producer.connect();
    await producer.send({ topic: 'CC-PAYMENT', messages: RECORDS.map((value) => ({ value })) });
    store = new pg.Client({ connectionString: dev.storeUrl });
    // The last test stops the server under it.
    store.on('error', () => {});
    await store.connect();
    // Each record has become a payment or an entry of the processing log; then one more goes all the way.
    const admin = kafkaOf(dev.brokers).admin();
    await admin.connect();
    await eventually(async () => {
      const topics = await admin.listTopics();
      const log = topics.find((topic) => topic.endsWith('processing_log'));
      let seen = 0n;
      for (const topic of ['PAYMENT-OUTPUT', ...(log === undefined ? [] : [log])]) {
        for (const { high } of await admin.fetchTopicOffsets(topic)) seen += BigInt(high);
      }
      return seen >= BigInt(RECORDS.length);
    });
    await admin.disconnect();
    await producer.send({ topic: 'CC-PAYMENT', messages: [{ value: payment(99, visa, { customerId: 8 }) }] });
    await producer.disconnect();
    await eventually(async () => {
      const { rows } = await store.query('SELECT FROM customer_payment WHERE trx_id IN (1, 2, 3, 99)');
      return rows.length === 4;
    });

    // What people type, and the server refuses.
    for (const sql of [
      `INSERT INTO CC_PAYMENT (\`trxId\`, \`cardNo\`) VALUES ('x', '${visa}');`,
      `INSERT INTO CC_PAYMENT (\`trxId\`, \`trxAmount\`, \`cardNo\`) VALUES (1, 1.123456789, '${visa}');`,
      `INSERT INTO CC_PAYMENT (\`trxId\`, \`nothing\`) VALUES (1, '${master}');`,
    ]) {
      await client.execute(sql).then(
        () => expect.unreachable('the server took it'),
        (error: Error) => errors.push(`${error.name} ${error.message}`),
      );
    }
  });
  afterAll(async () => {
    await store?.end();
    client?.close();
    await dev?.end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('has card numbers on CC-PAYMENT and on no other topic', async () => {
    const kafka = kafkaOf(dev.brokers);
    const admin = kafka.admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => topic !== '__consumer_offsets');
    const wanted = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(high) > BigInt(low)) wanted.set(`${topic}/${partition}`, BigInt(high) - 1n);
      }
    }
    await admin.disconnect();
    const found = new Map<string, Set<string>>();
    const reached = new Map<string, bigint>();
    const consumer = kafka.consumer({ groupId: 'card-search', maxWaitTimeInMs: 50 });
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch }) => {
        for (const { key, value } of batch.messages) {
          for (const card of cardsIn(`${key?.toString('latin1')} ${value?.toString('latin1')}`)) {
            found.set(batch.topic, (found.get(batch.topic) ?? new Set()).add(card));
          }
        }
        reached.set(`${batch.topic}/${batch.partition}`, BigInt(batch.lastOffset()));
      },
    });
    await eventually(async () => [...wanted].every(([at, last]) => (reached.get(at) ?? -1n) >= last));
    await consumer.disconnect();
    expect([...found.keys()]).toEqual(['CC-PAYMENT']);
    expect([...(found.get('CC-PAYMENT') ?? [])].sort()).toEqual([...CARDS].sort());
    expect(topics).toEqual(
      expect.arrayContaining(['PAYMENT-OUTPUT', 'PAYMENT-REJECTED', 'PAYMENT-TRX-AGGR']),
    );
    expect(topics.some((topic) => topic.endsWith('processing_log'))).toBe(true);
  });

  it('has none in the store, which shows first six and last four', async () => {
    const { rows: tables } = await store.query<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'",
    );
    let text = '';
    for (const { name } of tables) {
      const { rows } = await store.query<{ line: string }>(`SELECT t::text AS line FROM "${name}" t`);
      text += rows.map(({ line }) => line).join('\n');
    }
    expect(cardsIn(text)).toEqual([]);
    expect(text).toContain('411111******1111');
  });

  it('has none in an error message', () => {
    expect(errors).toHaveLength(3);
    expect(cardsIn(errors.join('\n'))).toEqual([]);
  });

  it('has none in the log, nor in any file but those of CC-PAYMENT', async () => {
    await dev.end('SIGTERM');
    expect(cardsIn(dev.stderr())).toEqual([]);
    const where = new Set<string>();
    let scanned = 0;
    for (const path of files(folder)) {
      scanned += 1;
      if (cardsIn(readFileSync(path, 'latin1')).length > 0) where.add(relative(folder, path));
    }
    expect(scanned).toBeGreaterThan(50);
    expect([...where].filter((path) => !path.includes('CC-PAYMENT'))).toEqual([]);
    expect(where.size).toBeGreaterThan(0);
  });
});
