/** Measures the latency from produce to store at 100 payments per second, through `paystream dev` with its sink. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { TOPICS } from '../../src/pipeline/topics.js';
import { openStore } from '../../src/store/open-store.js';
import { startDevProcess } from './dev-process.js';

const RATE = 100;
const WARM_UP = 300;

export async function run(args: readonly string[]): Promise<void> {
  const count = Number(args[0] ?? 3_000) + WARM_UP;
  const dev = await startDevProcess(['--ephemeral']);
  const kafka = new Kafka({ brokers: dev.brokers.split(','), logLevel: logLevel.ERROR });
  const store = await openStore(dev.storeUrl);
  const producer = kafka.producer();
  await producer.connect();
  const sentAt = new Map<string, number>();
  let failed: unknown;
  try {
    const started = performance.now();
    for (let i = 1; i <= count; i++) {
      const delay = started + (i * 1_000) / RATE - performance.now();
      if (delay > 0) await sleep(delay);
      // Each payment has its own customer, so nothing is pruned and every write time is kept.
      const value = `{"trxId":${i},"trxAmount":1.25,"accountNo":"1","accountName":"F","bankName":"B","referenceNo":"R","currency":"IDR","customerId":${i},"trxDate":"${new Date().toISOString().slice(0, 23)}"}`;
      sentAt.set(String(i), Date.now());
      producer
        .send({ topic: TOPICS.bankTransferPayment, messages: [{ key: String(i), value }] })
        .catch((error) => {
          failed = error;
        });
    }
    await sleep(2_000);
    if (failed !== undefined) throw failed;
    const { rows } = await store.query<{ trx_id: string; written_ms: string }>(
      'SELECT trx_id, (extract(epoch FROM written_at) * 1000)::numeric(20, 3)::text AS written_ms FROM customer_payment',
    );
    if (rows.length !== count) throw new Error(`Only ${rows.length} of ${count} payments are in the store`);
    const latencies = rows
      .filter((row) => Number(row.trx_id) > WARM_UP)
      .map((row) => Number(row.written_ms) - (sentAt.get(row.trx_id) ?? Number.NaN))
      .sort((a, b) => a - b);
    const at = (p: number) =>
      `${latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * p))]?.toFixed(1)} ms`;
    console.log(
      `produce to store at ${RATE}/s, ${latencies.length} payments: p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}`,
    );
    console.log(`peak memory ${Math.round(dev.peakMemoryMb())} MB, CPU ${dev.cpuSeconds().toFixed(1)} s`);
  } finally {
    await producer.disconnect();
    await store.close();
    await dev.stop();
  }
}
