/**
 * Measures payments per second from the source topics to PAYMENT-TRX-AGGR. Fills the topics, applies the migrations, and
 * waits for all results. For comparison, it also measures how fast the same Kafka client reads the same records.
 */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { seededRandom } from '../../src/pipeline/sample-payments.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { startDevProcess } from './dev-process.js';

const PARTITIONS = 6;
const CUSTOMERS = 10_000;
const MARKERS_A_PARTITION = 24;
const BATCH = 5_000;
const FIRST_MARKER = 1_000_000_000_000n;

export async function run(args: readonly string[]): Promise<void> {
  const each = Number(args[0] ?? 300_000);
  const dev = await startDevProcess(['--ephemeral', '--no-migrate', '--no-sink']);
  const kafka = new Kafka({ brokers: dev.brokers.split(','), logLevel: logLevel.ERROR });
  const client = new KsqldbClient({ url: dev.ksqldbUrl, timeoutMs: 120_000 });
  try {
    const topics = [TOPICS.ccPayment, TOPICS.bankTransferPayment];
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS })) });
    await admin.disconnect();
    const markers = await load(kafka, each);
    const total = each * 2;
    console.log(`loaded ${total} payments of ${CUSTOMERS} customers`);

    const cpuBefore = dev.cpuSeconds();
    const started = performance.now();
    await applyMigrations({ client, directory: resolve(import.meta.dirname, '../../ksql/migrations') });
    await waitForMarkers(kafka, markers);
    const seconds = (performance.now() - started) / 1_000;
    const cpu = dev.cpuSeconds() - cpuBefore;
    console.log(
      `pipeline    ${Math.round(total / seconds)} payments/s (${seconds.toFixed(1)} s; six migrations applied in it)`,
    );
    console.log(`CPU         ${Math.round((cpu / total) * 1e6)} µs per payment`);
    console.log(`peak memory ${Math.round(dev.peakMemoryMb())} MB`);

    const readSeconds = await readAll(kafka, topics, total + markers.size);
    console.log(
      `limit       ${Math.round(total / readSeconds)} payments/s only read with kafkajs; pipeline/limit ${(readSeconds / seconds).toFixed(2)}`,
    );
  } finally {
    client.close();
    await dev.stop();
  }
}

/** Fills both topics. The last record of every partition is a marker with its own customer. */
async function load(kafka: Kafka, each: number): Promise<Set<bigint>> {
  const producer = kafka.producer();
  await producer.connect();
  const random = seededRandom(1);
  const below = (n: number) => Math.floor(random() * n);
  const start = Date.now() - 3_600_000;
  let trxId = 0;
  let marker = FIRST_MARKER;
  const markers = new Set<bigint>();
  const value = (topic: string, customer: bigint | number) => {
    trxId += 1;
    const date = new Date(start + below(3_000_000)).toISOString().slice(0, 23);
    const common = `"trxId":${trxId},"trxAmount":${1 + below(1_000_000)}.${10 + below(89)},"customerId":${customer},"trxDate":"${date}"`;
    return topic === TOPICS.ccPayment
      ? `{${common},"cardNo":"4111111111111111","cardHolder":"Fowler","expiryDate":"2029-01-01","issuer":"DUKE BANK"}`
      : `{${common},"accountNo":"5905149026","accountName":"Farah","bankName":"ATOZ BANK","referenceNo":"REF-${trxId}","currency":"IDR"}`;
  };
  for (const topic of [TOPICS.ccPayment, TOPICS.bankTransferPayment]) {
    for (let sent = 0; sent < each; sent += BATCH) {
      const messages = Array.from({ length: Math.min(BATCH, each - sent) }, (_, i) => ({
        partition: (sent + i) % PARTITIONS,
        key: String(trxId),
        value: value(topic, 1 + below(CUSTOMERS)),
      }));
      await producer.send({ topic, messages });
    }
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const messages = Array.from({ length: MARKERS_A_PARTITION }, () => {
        marker += 1n;
        markers.add(marker);
        return { partition, key: 'marker', value: value(topic, marker) };
      });
      await producer.send({ topic, messages });
    }
  }
  await producer.disconnect();
  return markers;
}

async function waitForMarkers(kafka: Kafka, markers: Set<bigint>): Promise<void> {
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPICS.paymentTrxAggr], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          for (const { key } of batch.messages) if (key !== null) markers.delete(key.readBigInt64BE(0));
          if (markers.size === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
}

/** Returns the seconds to read the given number of records, from the first fetch to the last record. */
async function readAll(kafka: Kafka, topics: readonly string[], count: number): Promise<number> {
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  let left = count;
  let started = 0;
  const seconds = await new Promise<number>((resolve, reject) => {
    consumer.on('consumer.group_join', () => {
      started = performance.now();
    });
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          left -= batch.messages.length;
          if (left <= 0) resolve((performance.now() - started) / 1_000);
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return seconds;
}
