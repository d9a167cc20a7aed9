import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Kafka, Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, kafka, run } from './kafka-support.js';

const rounds = Number(process.env.PAYSTREAM_CRASH_ROUNDS ?? 200);
const dataDir = mkdtempSync(join(tmpdir(), 'kafka-crash-'));
/** Beside the packages that the code needs. */
const compiled = resolve(import.meta.dirname, `../../node_modules/.cache/kafka-crash-${process.pid}`);
const children = new Set<ChildProcess>();
let current: ChildProcess;
let spare: ChildProcess;

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(dataDir, { recursive: true, force: true });
  rmSync(compiled, { recursive: true, force: true });
});

/** Hundreds of brokers are started: none of them should have to compile its code first. */
beforeAll(async () => {
  await run(resolve(import.meta.dirname, '../../node_modules/.bin/tsc'), [
    ...['--ignoreConfig', '--noCheck', '--module', 'nodenext', '--target', 'es2023', '--types', 'node'],
    ...['--rootDir', resolve(import.meta.dirname, '../../src'), '--outDir', compiled],
    resolve(import.meta.dirname, '../../src/embedded/kafka/broker.ts'),
  ]);
});

function load(): ChildProcess {
  const script = join(import.meta.dirname, 'kafka-crash-child.mjs');
  const child = spawn(process.execPath, [script, dataDir, compiled], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** Lets the process that waits take over, and loads the one after it meanwhile. */
function begin(port: number): void {
  current = spare;
  current.stdin!.write(`${port}\n`);
  spare = load();
}

async function ready(): Promise<number> {
  const child = current;
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the broker ended with ${code} before it was ready`);
  });
  const [line] = (await Promise.race([once(createInterface({ input: child.stdout! }), 'line'), ended])) as [
    string,
  ];
  ended.catch(() => {});
  return Number(line.split(' ')[1]);
}

async function kill(): Promise<void> {
  const exited = once(current, 'exit');
  current.kill('SIGKILL');
  await exited;
}

/** Sends numbered records until told to stop; what was acknowledged is noted. */
class IdempotentLoad {
  readonly acknowledged: number[] = [];
  #next = 0;
  #isStopped = false;

  async run(client: Kafka): Promise<void> {
    let producer: Producer | undefined;
    while (!this.#isStopped) {
      try {
        if (producer === undefined) {
          producer = client.producer({ idempotent: true, maxInFlightRequests: 1 });
          await producer.connect();
        }
        const numbers = Array.from({ length: 5 }, () => this.#next++);
        await producer.send({ topic: 'plain', messages: numbers.map((n) => ({ value: String(n) })) });
        this.acknowledged.push(...numbers);
      } catch {
        // Whether these records are there is open; the next ones come from a new producer.
        await producer?.disconnect().catch(() => {});
        producer = undefined;
      }
    }
    await producer?.disconnect().catch(() => {});
  }

  stop(): void {
    this.#isStopped = true;
  }
}

/** Transactions of three records in two topics; every third one is aborted. */
class TransactionalLoad {
  readonly committed: number[] = [];
  readonly aborted: number[] = [];
  #next = 0;
  #isStopped = false;

  async run(client: Kafka): Promise<void> {
    let producer: Producer | undefined;
    while (!this.#isStopped) {
      const id = this.#next++;
      try {
        if (producer === undefined) {
          producer = client.producer({ transactionalId: 'crash', idempotent: true, maxInFlightRequests: 1 });
          await producer.connect();
        }
        const transaction = await producer.transaction();
        const isAborted = id % 3 === 2;
        if (isAborted) this.aborted.push(id);
        await transaction.send({ topic: 'tx-a', messages: [{ value: `${id}` }, { value: `${id}` }] });
        await transaction.send({ topic: 'tx-b', messages: [{ value: `${id}` }] });
        if (isAborted) await transaction.abort();
        else await transaction.commit();
        if (!isAborted) this.committed.push(id);
      } catch {
        await producer?.disconnect().catch(() => {});
        producer = undefined;
      }
    }
    await producer?.disconnect().catch(() => {});
  }

  stop(): void {
    this.#isStopped = true;
  }
}

/** All that a read_committed consumer sees of a topic, up to a record sent now. */
async function readCommitted(client: Kafka, topic: string): Promise<number[]> {
  const end = `end ${Math.random()}`;
  const producer = client.producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: end }] });
  await producer.disconnect();
  const consumer = client.consumer({ groupId: `${topic} ${end}`, maxWaitTimeInMs: 100 });
  const values: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      values.push(message.value!.toString());
    },
  });
  await eventually(() => values.includes(end));
  await consumer.disconnect();
  return values.filter((value) => !value.startsWith('end')).map(Number);
}

describe('a broker that is killed under load', () => {
  it(`has every acknowledged record once, in order, and no aborted one, after ${rounds} rounds`, async () => {
    spare = load();
    begin(0);
    const port = await ready();
    const client = kafka(`127.0.0.1:${port}`, {
      connectionTimeout: 1000,
      requestTimeout: 3000,
      retry: { initialRetryTime: 20, maxRetryTime: 100, retries: 100 },
    });
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({
      topics: ['plain', 'tx-a', 'tx-b'].map((topic) => ({ topic, numPartitions: 1 })),
    });
    await admin.disconnect();
    const plain = new IdempotentLoad();
    const transactional = new TransactionalLoad();
    const loads = [plain.run(client), transactional.run(client)];
    for (let round = 0; round < rounds; round++) {
      const before = [plain.acknowledged.length, transactional.committed.length] as const;
      await eventually(
        () =>
          plain.acknowledged.length > before[0] + 10 &&
          transactional.committed.length > before[1] + (round % 3),
      );
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
      await kill();
      begin(port);
      if (round % 5 === 0) {
        // Once more, at any moment of the recovery.
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
        await kill();
        begin(port);
      }
    }
    await ready();
    plain.stop();
    transactional.stop();
    await Promise.all(loads);

    const seen = await readCommitted(client, 'plain');
    const positions = new Map(seen.map((n, i) => [n, i]));
    expect(positions.size).toBe(seen.length);
    expect(plain.acknowledged.filter((n) => !positions.has(n))).toEqual([]);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));

    const a = await readCommitted(client, 'tx-a');
    const b = await readCommitted(client, 'tx-b');
    expect(a).toEqual(b.flatMap((id) => [id, id]));
    expect(new Set(b).size).toBe(b.length);
    expect(transactional.committed.filter((id) => !b.includes(id))).toEqual([]);
    expect(transactional.aborted.filter((id) => b.includes(id))).toEqual([]);
    await kill();
  }, 900_000);
});
