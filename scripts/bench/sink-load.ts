/** Measures a separate `paystream sink` process under load: latency at a steady rate, and memory over many records. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { Broker } from '../../src/embedded/kafka/broker.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';

const PARTITIONS = 4;
const MAIN = resolve(import.meta.dirname, '../../dist/cli/main.js');

/** The only payment of a customer. */
function aggregate(customer: number, n: number): Message & { readonly partition: number } {
  const key = Buffer.alloc(16);
  key.writeBigInt64BE(BigInt(customer));
  const date = new Date(1_795_000_000_000 + n).toISOString().slice(0, 23);
  return {
    key,
    partition: customer % PARTITIONS,
    value: `{"customerId":${customer},"payments":[{"trxId":${n},"trxAmount":${n % 900_000}.2500,"customerId":${customer},"trxDate":"${date}","paymentType":"CC","accountNo":"411111******1111","accountName":"Ayu","bankName":"DUKE BANK","referenceNo":"REF-${n}","currency":"IDR"}]}`,
  };
}

interface Bench {
  readonly kafka: Kafka;
  readonly sink: ChildProcess;
  /** Returns the number of records in the store. */
  stored(): Promise<number>;
  query<Row>(text: string): Promise<readonly Row[]>;
}

/** A broker in this process with its data on disk, and a sink in a separate process. */
async function withSink(storeUrl: string, work: (bench: Bench) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'paystream-bench-sink-'));
  const broker = await Broker.start({ dataDir: join(folder, 'broker') });
  const kafka = new Kafka({ brokers: [broker.brokers], logLevel: logLevel.NOTHING });
  const store = await openStore(storeUrl);
  await migrateStore(store);
  await store.script('TRUNCATE customer_payment, sink_offset');
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPICS.paymentTrxAggr, numPartitions: PARTITIONS }] });
  await admin.disconnect();
  writeFileSync(join(folder, 'paystream.yaml'), 'sink:\n  http:\n    port: 0\n');
  const sink = spawn(
    process.execPath,
    [MAIN, 'sink', '--kafka-brokers', broker.brokers, '--database-url', storeUrl],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  sink.stderr!.on('data', (text: Buffer) => {
    said = `${said}${text.toString()}`.slice(-2_000);
  });
  const ended = once(sink, 'exit');
  const query = async <Row>(text: string) => (await store.query<Row>(text)).rows;
  const stored = async () =>
    Number((await query<{ n: string }>('SELECT coalesce(sum(next_offset), 0) AS n FROM sink_offset'))[0]!.n);
  try {
    await Promise.race([
      work({ kafka, sink, stored, query }),
      ended.then(() => {
        throw new Error(`paystream sink exited: ${said}`);
      }),
    ]);
  } finally {
    sink.kill('SIGTERM');
    await ended;
    await broker.stop();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Measures commits of a single row at the same rate, the lower bound for any sink. Returns sorted milliseconds. */
async function bareCommits(storeUrl: string, rate: number, seconds: number): Promise<readonly number[]> {
  const store = await openStore(storeUrl);
  await store.script('CREATE TABLE bench_commit (n bigint PRIMARY KEY, note text)');
  const note = 'x'.repeat(400);
  const took: number[] = [];
  const writing: Promise<void>[] = [];
  const started = performance.now();
  for (let n = 0; n < rate * seconds; ) {
    const due = Math.min(rate * seconds, Math.floor(((performance.now() - started) * rate) / 1_000));
    for (; n < due; n++) {
      const from = performance.now();
      writing.push(
        store
          .query('INSERT INTO bench_commit VALUES ($1, $2)', [n, note], { name: 'bench_commit' })
          .then(() => {
            took.push(performance.now() - from);
          }),
      );
    }
    await sleep(2);
  }
  await Promise.all(writing);
  await store.close();
  return took.sort((a, b) => a - b);
}

/** Measures the time from the aggregate's Kafka timestamp, set on send, to the write time of the row. */
export async function latency(where: string, storeUrl: string, seconds: number): Promise<void> {
  const rate = 500;
  const warmUp = rate * 5;
  await withSink(storeUrl, async ({ kafka, stored, query }) => {
    const producer = kafka.producer();
    await producer.connect();
    const count = warmUp + rate * seconds;
    const sending: Promise<unknown>[] = [];
    const started = performance.now();
    for (let n = 0; n < count; ) {
      const due = Math.min(count, Math.floor(((performance.now() - started) * rate) / 1_000));
      if (due > n) {
        const messages = Array.from({ length: due - n }, (_, i) => aggregate(n + i + 1, n + i + 1));
        sending.push(producer.send({ topic: TOPICS.paymentTrxAggr, messages }));
        n = due;
      }
      await sleep(2);
    }
    await Promise.all(sending);
    while ((await stored()) < count) await sleep(50);
    await producer.disconnect();
    const [row] = await query<Record<'p50' | 'p95' | 'p99', string>>(
      `SELECT ${[50, 95, 99]
        .map(
          (p) =>
            `percentile_cont(0.${p}) WITHIN GROUP (ORDER BY extract(epoch FROM written_at - event_at) * 1000) AS p${p}`,
        )
        .join(', ')} FROM customer_payment WHERE trx_id > ${warmUp}`,
    );
    const ms = (text: string) => Number(text).toFixed(1);
    console.log(
      `${where}: aggregate to store at ${rate}/s for ${seconds} s: p50 ${ms(row!.p50)} ms, p95 ${ms(row!.p95)} ms, p99 ${ms(row!.p99)} ms`,
    );
    const slowest = await query<{ second: string; ms: string; records: string }>(
      `SELECT floor((trx_id - ${warmUp}) / ${rate}) AS second, max(extract(epoch FROM written_at - event_at) * 1000) AS ms,
         count(*) FILTER (WHERE written_at - event_at > interval '50 ms') AS records
       FROM customer_payment WHERE trx_id > ${warmUp} GROUP BY 1 ORDER BY 2 DESC LIMIT 3`,
    );
    const seconds3 = slowest.map(
      (one) => `second ${one.second}: ${ms(one.ms)} ms, ${one.records} records over 50 ms`,
    );
    console.log(`${where}: the slowest seconds: ${seconds3.join('; ')}`);
  });
  const bare = await bareCommits(storeUrl, rate, Math.min(10, seconds));
  const [b50, b95, b99] = [0.5, 0.95, 0.99].map((p) => bare[Math.floor(bare.length * p)]!.toFixed(1));
  console.log(
    `${where}: beside it, a commit of one row at the same rate: p50 ${b50} ms, p95 ${b95} ms, p99 ${b99} ms`,
  );
}

function residentMb(pid: number): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((one) => one.startsWith('VmRSS:'));
  return Number(line?.replaceAll(/\D/g, '')) / 1_024;
}

/** Measures the sink's resident memory while it stores many records, up to a time limit. */
export async function memory(
  where: string,
  storeUrl: string,
  records: number,
  maxSeconds: number,
): Promise<void> {
  await withSink(storeUrl, async ({ kafka, sink, stored }) => {
    const producer = kafka.producer();
    await producer.connect();
    const started = performance.now();
    const isOver = () => performance.now() - started > maxSeconds * 1_000;
    let sent = 0;
    let done = 0;
    const producing = (async () => {
      while (sent < records && !isOver()) {
        // Do not run far ahead, because the broker in this process needs CPU as well.
        if (sent - done > 200_000) {
          await sleep(20);
          continue;
        }
        const messages = Array.from({ length: 2_000 }, (_, i) =>
          aggregate(1 + ((sent + i) % 50_000), sent + i),
        );
        await producer.send({ topic: TOPICS.paymentTrxAggr, messages });
        sent += messages.length;
      }
    })();
    const samples: { readonly records: number; readonly mb: number }[] = [];
    while (!isOver() && done < records) {
      await sleep(500);
      done = await stored();
      samples.push({ records: done, mb: residentMb(sink.pid!) });
    }
    await producing;
    await producer.disconnect();
    const seconds = (performance.now() - started) / 1_000;
    const peak = Math.max(...samples.map(({ mb }) => mb));
    const at = (part: number) => samples.find((sample) => sample.records >= done * part)!;
    const course = [0.1, 0.25, 0.5, 0.75, 1].map(
      (part) => `${Math.round(at(part).mb)} MB at ${at(part).records}`,
    );
    console.log(
      `${where}: ${done} records in ${Math.round(seconds)} s (${Math.round(done / seconds)}/s); resident memory at most ${Math.round(peak)} MB: ${course.join(', ')}`,
    );
  });
}
