import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openConsole } from '../../src/cli/open-console.js';
import type { Config } from '../../src/config/config.js';
import type { RunningConsole } from '../../src/console/start-console.js';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { startSink } from '../../src/sink/sink.js';
import { migrateStore } from '../../src/store/migrate-store.js';
import { openStore } from '../../src/store/open-store.js';
import { launchBrowser } from '../support/browser.js';
import { kafkaOf } from '../support/kafka.js';
import { applyPipeline, MIGRATIONS } from '../support/pipeline.js';
import { type TestCluster, testCluster } from '../support/test-cluster.js';
import { Gate } from './gate.js';

export interface MoreConsole {
  readonly allowWrite?: boolean;
  readonly host?: string;
  readonly token?: string;
  readonly port?: number;
  /** Separate migrations with a separate history. */
  readonly migrations?: Partial<Config['migrations']>;
  readonly ksqldb?: Partial<Config['ksqldb']>;
  readonly kafka?: Partial<Config['kafka']>;
  readonly store?: Partial<Config['store']>;
}

/** A pipeline with its sink, a console in front of it, and a browser. */
export interface ConsoleUnderTest {
  readonly cluster: TestCluster;
  readonly console: RunningConsole;
  readonly browser: Browser;
  /** The proxy between the console and ksqlDB. */
  readonly gate: Gate;
  /** The proxy between the console and the customer store. */
  readonly storeGate: Gate;
  /** Starts another console on the same pipeline, as the command line would. */
  more(options: MoreConsole): Promise<RunningConsole>;
  /** Opens a page of this console, or of the one in `url`. */
  open(path: string, options?: BrowserContextOptions & { readonly url?: string }): Promise<Page>;
  /** Publishes one record. */
  pay(topic: string, value: string): Promise<void>;
  /** Runs statements directly on the server, not through the console. */
  execute(sql: string): Promise<void>;
  stop(): Promise<void>;
}

/** Chromium adds inline styles to text that is typed into highlighted code. The policy drops them, so ignore those. */
const WATCH_POLICY = `window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    const typed = event.violatedDirective === 'style-src-attr' && event.target.closest?.('.cm-content');
    if (!typed) window.violations.push(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile);
  });`;

/** Uses the cluster named by the environment, or else an embedded one. */
export async function consoleUnderTest(options: MoreConsole = {}): Promise<ConsoleUnderTest> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };
  try {
    const cluster = await testCluster();
    stops.push(() => cluster.stop());
    await applyPipeline(cluster);
    const store = await openStore(cluster.databaseUrl);
    stops.push(() => store.close());
    await migrateStore(store);
    const groupId = `console-${Date.now()}`;
    const sink = await startSink({ brokers: cluster.brokers.split(','), store, groupId });
    stops.push(() => sink.stop());
    const gate = await Gate.start(cluster.ksqldbUrl);
    stops.push(() => gate.stop());
    const storeGate = await Gate.start(cluster.databaseUrl);
    stops.push(() => storeGate.stop());
    const databaseUrl = new URL(cluster.databaseUrl);
    databaseUrl.host = `127.0.0.1:${storeGate.port}`;
    const config: Config = {
      ksqldb: { url: gate.url },
      kafka: { brokers: cluster.brokers.split(',') },
      store: { url: databaseUrl.href },
      migrations: { directory: MIGRATIONS, tests: '', variables: {}, metadata: {} },
      sink: { groupId },
    };
    const more = async (wanted: MoreConsole) => {
      const migrations = { ...config.migrations, ...wanted.migrations };
      const one = await openConsole(
        {
          ...config,
          ksqldb: { ...config.ksqldb, ...wanted.ksqldb },
          kafka: { ...config.kafka, ...wanted.kafka },
          store: { ...config.store, ...wanted.store },
          migrations,
        },
        { host: '127.0.0.1', port: 0, ...wanted, store: true, directory: migrations.directory },
      );
      stops.push(() => one.stop());
      return one;
    };
    const console = await more(options);
    const browser = await launchBrowser();
    stops.push(() => browser.close());
    return {
      cluster,
      console,
      browser,
      gate,
      storeGate,
      more,
      open: async (path, { url = console.url, ...context } = {}) => {
        const page = await browser.newPage(context);
        page.setDefaultTimeout(20_000);
        await page.addInitScript({ content: WATCH_POLICY });
        await page.goto(new URL(path, url).href);
        return page;
      },
      pay: async (topic, value) => {
        const producer = kafkaOf(cluster.brokers).producer();
        await producer.connect();
        await producer.send({ topic, messages: [{ key: 'k', value }] });
        await producer.disconnect();
      },
      execute: async (sql) => {
        const client = new KsqldbClient({ url: cluster.ksqldbUrl });
        try {
          await client.executeAndWait(sql);
        } finally {
          client.close();
        }
      },
      stop,
    };
  } catch (error) {
    // Report the first error, and only log later ones.
    await stop().catch((later: unknown) => console.error(later));
    throw error;
  }
}

/** Checks what must be true of every page, then closes it. */
export async function checkAndClose(page: Page | undefined): Promise<void> {
  if (page === undefined || page.isClosed()) return;
  expect(await page.evaluate('window.hacked'), 'markup in a record was executed').toBeUndefined();
  expect(await page.locator('img').count(), 'markup in a record became part of the page').toBe(0);
  expect(await page.evaluate('window.violations'), 'the page violates its own policy').toEqual([]);
  await page.close();
}

export async function write(page: Page, sql: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
  await page.keyboard.press('Escape');
}

export async function runSql(page: Page, sql: string): Promise<void> {
  await write(page, sql);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
}

/** Returns the number of push queries on the server. */
export async function pushQueries({ cluster }: ConsoleUnderTest): Promise<number> {
  const client = new KsqldbClient({ url: cluster.ksqldbUrl });
  try {
    return (await client.queries()).filter(({ queryType }) => queryType === 'PUSH').length;
  } finally {
    client.close();
  }
}
