import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectedLastFives } from '../../src/pipeline/demo.js';
import { samplePayments } from '../../src/pipeline/sample-payments.js';
import { openStore } from '../../src/store/open-store.js';
import { type DevProcess, MAIN, startDevProcess } from '../support/dev-process.js';
import { kafkaOf, readTopic } from '../support/kafka.js';
import { eventually, storedLastFives } from '../support/store.js';

/** `paystream dev` as a process of its own: it needs the build. */
describe('paystream dev', () => {
  let dataDir: string;
  let running: DevProcess | undefined;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'paystream-dev-'));
  });

  afterEach(async () => {
    await running?.end('SIGKILL');
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** Sends payments and waits until the store shows the five newest of all that were ever sent. */
  async function payAndCheck(dev: DevProcess, sent: ReturnType<typeof take>, batch: ReturnType<typeof take>) {
    const producer = kafkaOf(dev.brokers).producer();
    await producer.connect();
    for (const { topic, key, value } of batch) await producer.send({ topic, messages: [{ key, value }] });
    await producer.disconnect();
    const store = await openStore(dev.storeUrl);
    try {
      await eventually(async () => {
        const stored = Object.entries(await storedLastFives(store)).map(
          ([customer, payments]) =>
            [customer, payments.map((p) => `${p.trxDate} ${p.trxId} ${p.trxAmount}`)] as const,
        );
        expect(new Map(stored)).toEqual(expectedLastFives(sent));
      });
    } finally {
      await store.close();
    }
  }

  function take(payments: ReturnType<typeof samplePayments>, count: number) {
    return Array.from({ length: count }, () => payments.next().value);
  }

  it.each(['SIGTERM', 'SIGKILL'] as const)('goes on from its data folder after %s', async (signal) => {
    let now = Date.now() - 60_000;
    const source = samplePayments({ seed: 5, customers: 3, now: () => (now += 10) });
    const first = take(source, 60);
    running = await startDevProcess(['--data-dir', dataDir]);
    await payAndCheck(running, first, first);
    expect(await running.end(signal)).toBe(signal === 'SIGTERM' ? 0 : signal);

    const second = take(source, 60);
    running = await startDevProcess(['--data-dir', dataDir]);
    await payAndCheck(running, [...first, ...second], second);
    // Nothing lost, nothing twice: the common topic holds each payment once.
    const all = [...first, ...second];
    const output = await readTopic(
      running.brokers,
      'PAYMENT-OUTPUT',
      (records) => records.length >= all.length,
    );
    const ids = output.map((record) => /"trxId":(\d+)/.exec(record.value ?? '')?.[1]).sort();
    expect(ids).toEqual(all.map((payment) => payment.key).sort());
    expect(await running.end('SIGINT')).toBe(0);
    running = undefined;
  });

  it('refuses a port that is taken, and says which', async () => {
    running = await startDevProcess(['--ephemeral']);
    const port = running.brokers.split(':')[1] ?? '';
    const second = await promisify(execFile)(process.execPath, [
      MAIN,
      'dev',
      '--ephemeral',
      '--kafka-port',
      port,
    ]).then(
      () => undefined,
      (error: { readonly code: number; readonly stderr: string }) => error,
    );
    expect(second?.code).toBeGreaterThan(0);
    expect(second?.stderr).toContain(port);
  });
});
