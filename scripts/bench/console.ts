/**
 * Measures the console in Chromium: size of the page, first paint, and a live tail at 1,000 records per second. Prints each
 * figure with its limit. The browser, the cluster and the producer share this machine.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Kafka, logLevel } from 'kafkajs';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { TOPICS } from '../../src/pipeline/topics.js';
import { launchBrowser } from '../../tests/support/browser.js';
import { type DevProcess, startDevProcess } from '../../tests/support/dev-process.js';

const RATE = 1_000;
const BATCH_MS = 100;
const FRAME_MS = 1_000 / 60;
const LIMITS = { bytes: 350_000, paintMs: 1_000 } as const;
const PAGES = ['/', '/query', '/payments', '/migrations', '/health'] as const;

export async function run(args: readonly string[]): Promise<void> {
  const seconds = Number(args[0] ?? 30);
  say(`machine: ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)} before the run`);
  reportWeight();
  const dev = await startDevProcess(['--ephemeral', '--no-sink', '--console-port', '0']);
  const browser = await launchBrowser();
  try {
    await reportPaint(browser, dev);
    await reportTail(browser, dev, seconds);
  } finally {
    await browser.close();
    await dev.end('SIGTERM');
  }
}

function say(text: string): void {
  console.log(text);
}

function verdict(ok: boolean): string {
  return ok ? 'within' : 'OVER';
}

function reportWeight(): void {
  const folder = resolve(import.meta.dirname, '../../dist/console/web');
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({
      name: entry.name,
      size: gzipSync(readFileSync(join(entry.parentPath, entry.name))).length,
    }))
    .sort((a, b) => b.size - a.size);
  const all = files.reduce((sum, { size }) => sum + size, 0);
  say(
    `page: ${(all / 1_000).toFixed(1)} kB compressed, all ${files.length} files; ${verdict(all < LIMITS.bytes)} the limit of ${LIMITS.bytes / 1_000} kB`,
  );
  const largest = files.slice(0, 3).map(({ name, size }) => `${name} ${(size / 1_000).toFixed(1)} kB`);
  say(`  the largest: ${largest.join(', ')}`);
}

/** Loads each page in a new context without cache. The first one also starts Chromium's renderer. */
async function reportPaint(browser: Browser, dev: DevProcess): Promise<void> {
  for (const path of PAGES) {
    const paints: number[] = [];
    const shown: number[] = [];
    for (let i = 0; i < 3; i++) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(new URL(path, dev.consoleUrl).href);
      await page.locator('main > *').first().waitFor();
      await page.waitForFunction("performance.getEntriesByName('first-contentful-paint').length > 0");
      const paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime";
      paints.push(Number(await page.evaluate(paint)));
      shown.push(Number(await page.evaluate('performance.now()')));
      await page.close();
    }
    const list = (all: readonly number[]) => all.map((ms) => Math.round(ms)).join(', ');
    say(
      `first contentful paint of ${path}: ${list(paints)} ms; ${verdict(Math.max(...paints) < LIMITS.paintMs)} the limit of ${LIMITS.paintMs} ms; the page's own content by ${list(shown)} ms`,
    );
  }
}

/** Measured times between frames, in milliseconds. */
interface Frames {
  readonly gaps: readonly number[];
  readonly longTasks: readonly number[];
}

/** Chromium draws up to 60 times a second. A gap of two frames means that one was dropped. */
const WATCH_FRAMES = `window.bench = { gaps: [], longTasks: [], last: performance.now() };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) bench.longTasks.push(entry.duration);
  }).observe({ type: 'longtask' });
  (function frame(now) {
    bench.gaps.push(now - bench.last);
    bench.last = now;
    requestAnimationFrame(frame);
  })(performance.now());`;

async function reportTail(browser: Browser, dev: DevProcess, seconds: number): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(new URL('/query', dev.consoleUrl).href);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('SELECT * FROM BANK_TRANSFER_PAYMENT EMIT CHANGES;');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText('0 rows · live').waitFor();
  const session = await page.context().newCDPSession(page);
  const before = await heapMb(session);
  await page.evaluate(WATCH_FRAMES);
  await sleep(2_000);
  reportFrames('frames with an idle tail', await framesOf(page), 2);
  const heaps: number[] = [];
  const { sent, took } = await produce(dev, seconds);
  const frames = await framesOf(page);
  const atEnd = await shown(page);
  heaps.push(await heapMb(session));
  reportFrames(`frames at ${RATE} records a second`, frames, took);
  const wanted = `${sent} rows`;
  const waited = performance.now();
  while ((await shown(page)).replaceAll('\u202f', '').split(/ · |, /)[0] !== wanted) {
    if (performance.now() - waited > 30_000) break;
    await sleep(50);
  }
  const late = Math.round(performance.now() - waited);
  const last = await shown(page);
  say(
    `tail: ${sent} records in ${took.toFixed(1)} s, ${(sent / took).toFixed(0)} a second; the page says "${atEnd}", and ${last.replaceAll('\u202f', '').startsWith(wanted) ? `has all ${late} ms later` : `never had all: "${last}"`}`,
  );
  for (let i = 0; i < 2; i++) {
    await produce(dev, seconds / 2);
    await sleep(1_000);
    heaps.push(await heapMb(session));
  }
  say(
    `page's heap after a collection: ${before.toFixed(1)} MB before, then ${heaps.map((mb) => mb.toFixed(1)).join(', ')} MB after ${sent}, ${Math.round(sent * 1.5)} and ${sent * 2} records`,
  );
}

function shown(page: Page): Promise<string> {
  return page.locator('.result-state').innerText();
}

async function heapMb(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1_048_576;
}

async function framesOf(page: Page): Promise<Frames> {
  const seen = (await page.evaluate('({ gaps: bench.gaps, longTasks: bench.longTasks })')) as Frames;
  await page.evaluate('bench.gaps = []; bench.longTasks = [];');
  return seen;
}

function reportFrames(what: string, { gaps, longTasks }: Frames, seconds: number): void {
  const sorted = [...gaps].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
  const dropped = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / FRAME_MS) - 1), 0);
  const due = gaps.length + dropped;
  say(
    `${what}: ${(gaps.length / seconds).toFixed(1)} a second; ${dropped} of ${due} dropped (${((100 * dropped) / Math.max(due, 1)).toFixed(1)} %); half within ${at(0.5)} ms, 99 % within ${at(0.99)} ms, the longest ${Math.round(sorted.at(-1) ?? 0)} ms; ${longTasks.length} tasks over 50 ms`,
  );
}

/** Sends RATE records per second for the given time. Catches up after delays on a busy machine. */
async function produce(
  dev: DevProcess,
  seconds: number,
): Promise<{ readonly sent: number; readonly took: number }> {
  const producer = new Kafka({ brokers: dev.brokers.split(','), logLevel: logLevel.ERROR }).producer();
  await producer.connect();
  try {
    const started = performance.now();
    const total = Math.round(seconds * RATE);
    let sent = 0;
    let acknowledged = Promise.resolve<unknown>(undefined);
    while (sent < total) {
      const elapsed = performance.now() - started + BATCH_MS;
      const due = Math.min(total, Math.floor((elapsed / 1_000) * RATE));
      const messages = Array.from({ length: due - sent }, (_, i) => ({ value: payment(sent + i) }));
      sent = due;
      await acknowledged;
      acknowledged = producer.send({ topic: TOPICS.bankTransferPayment, messages });
      await sleep(BATCH_MS);
    }
    await acknowledged;
    return { sent, took: (performance.now() - started) / 1_000 };
  } finally {
    await producer.disconnect();
  }
}

function payment(id: number): string {
  return `{"trxId":${id},"trxAmount":1.25,"accountNo":"5551234567","accountName":"Ayu Lestari","bankName":"DUKE BANK","referenceNo":"R-${id}","currency":"IDR","customerId":${id % 1_000},"trxDate":"2026-01-05T10:00:00"}`;
}
