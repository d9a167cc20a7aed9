/**
 * Measures how fast the store accepts aggregates, with the merge alone and with the whole sink and a broker. For
 * comparison, it runs a COPY of the same records and a bare batched upsert of one JSON row per customer, which moves the
 * offset in the same transaction. Prints ratios.
 *
 * `npm run bench -- sink [records] [customers]`. With a separate sink process on PostgreSQL:
 * `npm run bench -- sink latency [seconds]` at 500 records per second, and
 * `npm run bench -- sink memory [records] [maximum seconds]`.
 */
import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { openEmbeddedStore } from '../../src/embedded/cluster.js';
import { Broker } from '../../src/embedded/kafka/broker.js';
import type { ConsumedRecord } from '../../src/kafka/consumer.js';
import { type PartitionBatch, writeBatch } from '../../src/sink/batch-writer.js';
import { startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { initOffset } from '../../src/store/sink-offsets.js';
import type { Store } from '../../src/store/store.js';
import { latency, memory } from './sink-load.js';

const BATCH = 1_000;
const PARTITIONS = 4;

interface Source {
  readonly records: readonly ConsumedRecord[];
  readonly customers: readonly bigint[];
}

/** Creates the five newest payments after each payment of a random customer: one row to insert, one to prune. */
function makeRecords(count: number, customers: number): Source {
  const lastFive = new Map<number, string[]>();
  const records: ConsumedRecord[] = [];
  const ids: bigint[] = [];
  for (let n = 0; n < count; n++) {
    const customer = 1 + Math.floor(Math.random() * customers);
    const trxDate = new Date(1_795_000_000_000 + n * 10).toISOString().slice(0, 23);
    const payment = `{"trxId":${1_000_000 + n},"trxAmount":${1 + (n % 900_000)}.2500,"customerId":${customer},"trxDate":"${trxDate}","paymentType":"${n % 2 === 0 ? 'CC' : 'BANK_TRF'}","accountNo":"411111******1111","accountName":"Ayu Lestari","bankName":"DUKE BANK","referenceNo":"REF-${n}","currency":"IDR"}`;
    const five = [payment, ...(lastFive.get(customer) ?? [])].slice(0, 5);
    lastFive.set(customer, five);
    const key = Buffer.alloc(16);
    key.writeBigInt64BE(BigInt(customer));
    ids.push(BigInt(customer));
    records.push({
      offset: BigInt(n),
      timestamp: BigInt(Date.now()),
      key,
      value: Buffer.from(`{"customerId":${customer},"payments":[${five.join(',')}]}`),
    });
  }
  return { records, customers: ids };
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - started);
}

/** Runs COPY with the driver's own protocol support. */
class CopyIn {
  readonly done: Promise<void>;
  #settle!: { resolve: () => void; reject: (error: Error) => void };

  constructor(
    readonly text: string,
    readonly lines: readonly string[],
  ) {
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  submit(connection: { query(text: string): void }): void {
    connection.query(this.text);
  }

  handleCopyInResponse(connection: { sendCopyFromChunk(chunk: Buffer): void; endCopyFrom(): void }): void {
    for (let at = 0; at < this.lines.length; at += BATCH) {
      connection.sendCopyFromChunk(Buffer.from(this.lines.slice(at, at + BATCH).join('')));
    }
    connection.endCopyFrom();
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#settle.resolve();
  }

  handleError(error: Error): void {
    this.#settle.reject(error);
  }
}

async function copy(url: string, { records, customers }: Source): Promise<number> {
  const lines = records.map(
    ({ value }, n) => `${n}\t${customers[n]}\t${value!.toString().replaceAll('\\', '\\\\')}\n`,
  );
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE TABLE bench_copy (n bigint, customer_id bigint, value jsonb)');
  const rate = await perSecond(records.length, async () => {
    const copying = new CopyIn('COPY bench_copy FROM STDIN', lines);
    client.query(copying as unknown as pg.Submittable);
    await copying.done;
  });
  await client.end();
  return rate;
}

/** Upserts a batch: the last JSON row of each customer, with the offset in the same transaction. */
async function upsertBatch(store: Store, { records, customers }: Source, at: number): Promise<void> {
  const last = new Map<bigint, string>();
  for (let n = at; n < Math.min(at + BATCH, records.length); n++) {
    last.set(customers[n]!, records[n]!.value!.toString());
  }
  await store.transaction(async (tx) => {
    await tx.query('UPDATE bench_offset SET next_offset = $1', [at + BATCH]);
    await tx.query(
      `INSERT INTO bench_upsert SELECT * FROM unnest($1::bigint[], $2::jsonb[]) AS r (id, value) ORDER BY id
       ON CONFLICT (customer_id) DO UPDATE SET value = excluded.value`,
      [[...last.keys()], [...last.values()]],
      { name: 'bench_upsert' },
    );
  });
}

/**
 * Alternates the bare upsert and the sink's merge batch by batch, so that both see the same load, the same checkpoints
 * and the same growth of the records.
 */
async function upsertBesideMerge(
  store: Store,
  source: Source,
): Promise<{ readonly bare: number; readonly merge: number }> {
  const { records } = source;
  await store.script(`CREATE TABLE bench_upsert (customer_id bigint PRIMARY KEY, value jsonb NOT NULL);
    CREATE TABLE bench_offset (next_offset bigint); INSERT INTO bench_offset VALUES (0)`);
  const claim = { group: 'bench', topic: 'bench', partition: 0, claim: 'bench' };
  await initOffset(store, claim, 0n);
  let bareMs = 0;
  let mergeMs = 0;
  for (let at = 0; at < records.length; at += BATCH) {
    const part = records.slice(at, at + BATCH);
    const batch: PartitionBatch = {
      claim,
      from: BigInt(at),
      to: BigInt(at + part.length),
      records: part,
    };
    const started = performance.now();
    await upsertBatch(store, source, at);
    const between = performance.now();
    await writeBatch(store, batch);
    bareMs += between - started;
    mergeMs += performance.now() - between;
  }
  return { bare: (records.length * 1_000) / bareMs, merge: (records.length * 1_000) / mergeMs };
}

async function wholeSink(store: Store, { records, customers }: Source): Promise<number> {
  await store.script('TRUNCATE customer_payment');
  const broker = await Broker.start({ dataDir: null });
  const kafka = new Kafka({ brokers: [broker.brokers], logLevel: logLevel.NOTHING });
  const topic = `bench-${randomBytes(4).toString('hex')}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  for (let at = 0; at < records.length; at += BATCH) {
    const messages = records.slice(at, at + BATCH).map(({ key, value }, n) => ({
      key,
      value,
      partition: Number(customers[at + n]! % BigInt(PARTITIONS)),
    }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  const sink = await startSink({ brokers: [broker.brokers], store, groupId: topic, topic });
  while (sink.status().records === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const first = sink.status().records;
  const rate = await perSecond(records.length - first, async () => {
    while (sink.status().records < records.length) await new Promise((resolve) => setTimeout(resolve, 5));
  });
  await sink.stop();
  await broker.stop();
  return rate;
}

function report(where: string, what: string, rate: number, bare: number): void {
  const ratio = (rate / bare).toFixed(2);
  console.log(
    `${where.padEnd(12)}${what.padEnd(46)}${Math.round(rate).toString().padStart(8)}/s${ratio.padStart(8)}`,
  );
}

/** Measures a store and closes it. COPY requires the URL of a PostgreSQL server. */
async function benchStore(where: string, store: Store, source: Source, url?: string): Promise<void> {
  await migrateStore(store);
  const { bare, merge } = await upsertBesideMerge(store, source);
  if (url !== undefined) report(where, 'COPY of the records', await copy(url, source), bare);
  report(where, 'bare upsert, one JSON row per customer', bare, bare);
  report(where, "the sink's merge, one row per payment", merge, bare);
  report(where, `the sink from a broker, ${PARTITIONS} partitions`, await wholeSink(store, source), bare);
  await store.close();
}

/** Creates a database on the PostgreSQL server. Prints the reason if the server is unavailable. */
async function withDatabase(work: (url: string) => Promise<void>): Promise<void> {
  const adminUrl = process.env.PAYSTREAM_TEST_DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  const admin = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 2_000 });
  const reached = await admin.connect().then(
    () => true,
    (error: Error) => {
      console.log(`PostgreSQL is skipped: ${error.message}`);
      return false;
    },
  );
  if (!reached) return;
  const name = `paystream_bench_${randomBytes(4).toString('hex')}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  try {
    await work(url.href);
  } finally {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
}

export async function run(args: readonly string[]): Promise<void> {
  const [what, ...rest] = args;
  if (what === 'latency') {
    await withDatabase((url) => latency('PostgreSQL', url, Number(rest[0] ?? 30)));
    return;
  }
  if (what === 'memory') {
    const [records, seconds] = [Number(rest[0] ?? 5_000_000), Number(rest[1] ?? 600)];
    await withDatabase((url) => memory('PostgreSQL', url, records, seconds));
    return;
  }
  const count = Number(args[0] ?? 60_000);
  const customers = Number(args[1] ?? 10_000);
  const source = makeRecords(count, customers);
  const bytes = source.records.reduce((sum, { value }) => sum + value!.length, 0);
  console.log(
    `${count} records of ${customers} customers, ${Math.round(bytes / count)} bytes each, batches of ${BATCH}`,
  );
  console.log(`${'store'.padEnd(12)}${'what'.padEnd(46)}${'records'.padStart(10)}${'ratio'.padStart(8)}`);
  await withDatabase(async (url) => benchStore('PostgreSQL', await openStore(url), source, url));
  await benchStore('PGlite', await openEmbeddedStore('pglite:memory'), source);
}
