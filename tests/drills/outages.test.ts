import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRunRealKafka, type RealKafka, startRealKafka } from '../../scripts/real-kafka.js';
import { type RunningSink, startSink } from '../../src/sink/sink.js';
import { openStore } from '../../src/store/open-store.js';
import type { Store } from '../../src/store/store.js';
import type { Aggregate } from '../sink/support/aggregates.js';
import { createTopic } from '../sink/support/environments.js';
import { canRunPostgres, type PostgresServer, startPostgresServer } from '../sink/support/postgres-server.js';
import { type AggregateProducer, aggregateProducer } from '../sink/support/producing.js';
import { eventually } from '../sink/support/store-contents.js';

const CUSTOMERS = 20n;
const here = canRunPostgres && process.env.PAYSTREAM_SKIP_REAL_KAFKA !== '1' && (await canRunRealKafka());

/** The aggregate after a customer's `count`-th payment. */
function aggregate(customerId: bigint, count: number, paymentType: string): Aggregate {
  const payments = Array.from({ length: Math.min(5, count) }, (_, back) => {
    const n = count - back;
    return {
      trxId: String(n),
      trxAmount: `${n}.5000`,
      customerId: String(customerId),
      trxDate: `2026-01-${String(n).padStart(2, '0')}T00:00:00.000`,
      paymentType,
      accountName: 'Ayu',
    };
  });
  return { customerId, windowStart: 0n, offset: 0n, payments };
}

const everyone = (count: number, type: string) =>
  Array.from({ length: Number(CUSTOMERS) }, (_, i) => aggregate(BigInt(i), count, type));

interface Answer {
  readonly status: number;
  readonly newest: string | undefined;
}

/** Real Kafka, real PostgreSQL: what the customer service sees while one of them is away. */
describe.skipIf(!here)('drills on Kafka and PostgreSQL', () => {
  let kafka: RealKafka;
  let postgres: PostgresServer;
  let store: Store;
  let sink: RunningSink;
  let producer: AggregateProducer;

  beforeAll(async () => {
    [kafka, postgres] = await Promise.all([startRealKafka(), startPostgresServer()]);
    store = await openStore(postgres.url);
    const topic = await createTopic(kafka.brokers, 3);
    sink = await startSink({
      brokers: [kafka.brokers],
      store,
      topic,
      groupId: 'drill',
      migrate: true,
      http: { port: 0 },
      maxRestarts: 1_000,
      sessionTimeoutMs: 6_000,
    });
    producer = await aggregateProducer(kafka.brokers, topic, 3);
    await producer.send(everyone(1, 'CC'));
    await complete('1');
  });
  afterAll(async () => {
    await sink?.stop();
    await producer?.close();
    await store?.close();
    await Promise.all([postgres?.stop(), kafka?.stop()]);
  });

  async function read(customer: bigint | number): Promise<Answer> {
    const response = await fetch(`${sink.httpUrl}/customers/${customer}/payments`, {
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (response.status !== 200) return { status: response.status, newest: undefined };
    const { payments } = JSON.parse(text) as { readonly payments: readonly { readonly trxId: number }[] };
    return { status: 200, newest: String(payments[0]?.trxId) };
  }

  /** Every customer's newest payment is this one. */
  async function complete(newest: string): Promise<void> {
    await eventually(async () => {
      for (let customer = 0n; customer < CUSTOMERS; customer++) {
        expect(await read(customer)).toEqual({ status: 200, newest });
      }
    }, 60_000);
  }

  /** Reads on and on while something happens, and gives all answers. */
  async function readingDuring(event: () => Promise<void>): Promise<readonly Answer[]> {
    const answers: Answer[] = [];
    let over = false;
    const reader = (async () => {
      for (let n = 0; !over; n++) {
        answers.push(await read(n % Number(CUSTOMERS)));
        await new Promise((next) => setTimeout(next, 5));
      }
    })();
    try {
      await event();
    } finally {
      over = true;
      await reader;
    }
    return answers;
  }

  it('Kafka is killed and comes back: every read is answered from the store, then all is there', async () => {
    const answers = await readingDuring(async () => {
      await kafka.kill();
      await new Promise((next) => setTimeout(next, 3_000));
      await kafka.restart();
    });
    expect(answers.length).toBeGreaterThan(100);
    expect(answers.every(({ status, newest }) => status === 200 && newest === '1')).toBe(true);
    await producer.send(everyone(2, 'CC'));
    await complete('2');
    await eventually(async () => expect((await fetch(`${sink.httpUrl}/readyz`)).status).toBe(200));
  });

  it('PostgreSQL is killed and comes back: reads are answered or asked to try again, none is wrong, then all is there', async () => {
    const answers = await readingDuring(async () => {
      const restarted = postgres.killAndRestart();
      await producer.send(everyone(3, 'CC'));
      await restarted;
      await complete('3');
    });
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    expect(
      answers.filter(({ status }) => status === 200).every(({ newest }) => newest === '2' || newest === '3'),
    ).toBe(true);
    expect(sink.status().state).toBe('running');
    // Nothing twice: three payments a customer.
    const { rows } = await store.query<{ n: string }>('SELECT count(*) AS n FROM customer_payment');
    expect(rows[0]!.n).toBe(String(CUSTOMERS * 3n));
  });

  it('a payment service falls silent: the others’ payments go on, and its own come when it is back', async () => {
    const half = (type: string, count: number, of: bigint) =>
      everyone(count, type).filter(({ customerId }) => customerId % 2n === of);
    // Cards are silent; transfers of the odd customers go on.
    const answers = await readingDuring(async () => {
      await producer.send(half('BANK_TRF', 4, 1n));
      await eventually(async () => expect(await read(1)).toEqual({ status: 200, newest: '4' }));
    });
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await read(0)).toEqual({ status: 200, newest: '3' });
    await producer.send(half('CC', 4, 0n));
    await complete('4');
  });
});
