/** The console in Chromium: weight of the page, first paint, and a live tail at 1,000 records a second. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Kafka, logLevel } from 'kafkajs';
import { TOPICS } from '../../src/pipeline/topics.js';
import { launchBrowser } from '../../tests/support/browser.js';
import { startDevProcess } from '../../tests/support/dev-process.js';

const RATE = 1_000;
const BATCH_MS = 100;

interface Frames {
  readonly frames: number;
  readonly gaps: readonly number[];
}

export async function run(args: readonly string[]): Promise<void> {
  const seconds = Number(args[0] ?? 30);
  const folder = resolve(import.meta.dirname, '../../dist/console/web');
  const weight = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => gzipSync(readFileSync(join(entry.parentPath, entry.name))).length)
    .reduce((sum, size) => sum + size, 0);
  console.log(`page: ${Math.round(weight / 1_000)} kB compressed, all of it`);
  const dev = await startDevProcess(['--ephemeral', '--no-sink', '--console-port', '0']);
  const browser = await launchBrowser();
  const producer = new Kafka({ brokers: dev.brokers.split(','), logLevel: logLevel.ERROR }).producer();
  try {
    await producer.connect();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const paints: number[] = [];
    for (let i = 0; i < 5; i++) {
      await page.goto(dev.consoleUrl);
      await page
        .getByRole('button', { name: /PAYMENT_OUTPUT/ })
        .first()
        .waitFor();
      paints.push(
        Number(await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0].startTime')),
      );
    }
    console.log(`first contentful paint: ${paints.map((ms) => `${Math.round(ms)} ms`).join(', ')}`);

    await page.goto(new URL('/query', dev.consoleUrl).href);
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('SELECT * FROM BANK_TRANSFER_PAYMENT EMIT CHANGES;');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('0 rows · live').waitFor();
    const session = await page.context().newCDPSession(page);
    const heapMb = async () => {
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      return usedSize / 1_048_576;
    };
    const before = await heapMb();
    await page.evaluate(`window.bench = { frames: 0, gaps: [], last: performance.now() };
      (function frame(now) {
        bench.frames++;
        const gap = now - bench.last;
        if (gap > 50) bench.gaps.push(gap);
        bench.last = now;
        requestAnimationFrame(frame);
      })(performance.now());`);
    const started = performance.now();
    let sent = 0;
    let acknowledged = Promise.resolve<unknown>(undefined);
    const heaps: number[] = [];
    while (performance.now() - started < seconds * 1_000) {
      const due = Math.floor(((performance.now() - started) / 1_000) * RATE) + (RATE * BATCH_MS) / 1_000;
      const messages = Array.from({ length: due - sent }, (_, i) => ({
        value: `{"trxId":${sent + i},"trxAmount":1.25,"accountNo":"5551234567","accountName":"Ayu Lestari","bankName":"DUKE BANK","referenceNo":"R-${sent + i}","currency":"IDR","customerId":${(sent + i) % 1_000},"trxDate":"2026-01-05T10:00:00"}`,
      }));
      sent = due;
      await acknowledged;
      acknowledged = producer.send({ topic: TOPICS.bankTransferPayment, messages });
      if (heaps.length < (performance.now() - started) / 10_000) heaps.push(await heapMb());
      await sleep(BATCH_MS);
    }
    await acknowledged;
    const took = (performance.now() - started) / 1_000;
    const { frames, gaps } = (await page.evaluate('bench')) as Frames;
    const shown = () => page.locator('.result-state').innerText();
    const atEnd = await shown();
    await sleep(1_500);
    console.log(
      `tail: ${sent} records in ${took.toFixed(1)} s; the page says "${atEnd}", then "${await shown()}"`,
    );
    console.log(
      `frames: ${(frames / took).toFixed(1)} a second; ${gaps.length} over 50 ms, the longest ${Math.round(Math.max(0, ...gaps))} ms`,
    );
    heaps.push(await heapMb());
    console.log(
      `page's heap: ${before.toFixed(1)} MB before, then ${heaps.map((mb) => mb.toFixed(1)).join(', ')} MB`,
    );
  } finally {
    await producer.disconnect();
    await browser.close();
    await dev.end('SIGTERM');
  }
}
