import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startConsole } from '../../src/console/start-console.js';
import { haveBrowser, launchBrowser } from '../support/browser.js';
import { startDevProcess } from '../support/dev-process.js';
import { eventually } from '../support/store.js';
import {
  type ConsoleUnderTest,
  checkAndClose,
  consoleUnderTest,
  pushQueries,
  runSql,
} from './console-support.js';

const STOPS = '[id^="query:CTAS_CONSOLE_STOPS"]';

/** The failures that a user of an open page can see, in a real browser. */
describe.skipIf(!haveBrowser)('an open page of the console', () => {
  let under: ConsoleUnderTest;
  let page: Page;

  beforeAll(async () => {
    under = await consoleUnderTest();
  });

  afterEach(async () => {
    under.gate.release();
    under.gate.openAgain();
    under.storeGate.openAgain();
    await checkAndClose(page);
  });

  afterAll(async () => {
    await under?.stop();
  });

  const serverState = () => page.locator('header').getByRole('status');

  it('shows a failed query in red on every page, with its error and what to do', async () => {
    // TOPK with k = 0 fails at the first record, which stops the query.
    await under.execute(
      "CREATE STREAM CONSOLE_SRC (ID BIGINT KEY, V BIGINT) WITH (KAFKA_TOPIC='CONSOLE-SRC', PARTITIONS=1, VALUE_FORMAT='JSON');" +
        'CREATE TABLE CONSOLE_STOPS AS SELECT ID, TOPK(V, 0) AS T FROM CONSOLE_SRC GROUP BY ID EMIT CHANGES;',
    );
    try {
      page = await under.open('/');
      const node = page.locator(STOPS);
      await node.waitFor();
      const border = async () =>
        String(await page.evaluate(`getComputedStyle(document.querySelector('${STOPS}')).borderTopColor`));
      const calm = await border();
      await under.execute('INSERT INTO CONSOLE_SRC (ID, V) VALUES (1, 2);');
      // A real ksqlDB may keep restarting the query at the same record and report RUNNING.
      await node.getByText(/ERROR|failed recently/).waitFor({ timeout: 60_000 });
      const stopped = (await node.innerText()).includes('ERROR');
      const alarmed = await border();
      expect(alarmed).not.toBe(calm);
      const [red = 0, , blue = 0] = (alarmed.match(/\d+/g) ?? []).map(Number);
      expect(red).toBeGreaterThan(2 * blue);
      await node.click();
      const panel = page.getByRole('complementary', { name: /^CTAS_CONSOLE_STOPS/ });
      await panel.locator('.error-box').first().waitFor();
      expect((await panel.locator('.error-box .message').first().innerText()).length).toBeGreaterThan(10);
      if (stopped) {
        await panel.getByText('Fix the cause').waitFor();
        expect(await page.locator('.edge.failed').count()).toBe(2);
        await page.getByText('1 in error', { exact: true }).first().waitFor();
        await page.getByRole('link', { name: 'Topology , 1 in error' }).waitFor();
        await page.getByRole('link', { name: 'Health' }).click();
        await page.getByLabel('Verdict').getByText('unhealthy').waitFor();
        await page
          .getByRole('region', { name: 'What to do' })
          .getByText(/Run EXPLAIN CTAS_CONSOLE_STOPS\w*; to see its last errors/)
          .waitFor();
      }
    } finally {
      // A real server that is restarting the query ends it slowly and rejects statements in the meantime.
      for (const drop of ['TABLE IF EXISTS CONSOLE_STOPS', 'STREAM IF EXISTS CONSOLE_SRC'])
        await eventually(() => under.execute(`DROP ${drop} DELETE TOPIC;`), 60_000);
    }
    await page.getByRole('link', { name: /^Topology/ }).click();
    await page.locator('[id="source:CONSOLE_SRC"]').waitFor({ state: 'detached' });
    expect(await page.locator('.node.state-bad').count()).toBe(0);
  });

  it('shows that a server is slow, then down, and recovers when it responds', async () => {
    page = await under.open('/');
    await serverState().getByText('up').waitFor();
    under.gate.hold();
    await serverState().getByText('slow').waitFor();
    await page.getByText('ksqlDB is responding slowly.').waitFor();
    expect(await page.locator('.node').count(), 'known data stays').toBeGreaterThan(5);
    under.gate.release();
    await serverState().getByText('up').waitFor();
    await page.getByText('ksqlDB is responding slowly.').waitFor({ state: 'detached' });
    under.gate.hold();
    await serverState().getByText('down').waitFor({ timeout: 40_000 });
    await page.getByText('Reconnecting automatically').waitFor();
    expect(await page.locator('.topology.stale .node').count()).toBeGreaterThan(5);
    under.gate.release();
    await serverState().getByText('up').waitFor({ timeout: 40_000 });
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.locator('.topology.stale').waitFor({ state: 'detached' });
  });

  it('shows that a server is gone, and reconnects when it is back', async () => {
    page = await under.open('/');
    await serverState().getByText('up').waitFor();
    under.gate.shut();
    await serverState().getByText('down').waitFor();
    await page.getByRole('alert').getByText('KSQLDB_UNREACHABLE').waitFor();
    const health = await under.open('/health');
    await health.getByLabel('Verdict').getByText('unhealthy').waitFor();
    // A page that was opened in the meantime also loads once the server is back.
    const migrations = await under.open('/migrations');
    await migrations.getByRole('region', { name: 'Versions' }).getByRole('alert').waitFor();
    under.gate.openAgain();
    await serverState().getByText('up').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await health
      .getByLabel('Verdict')
      .getByText(/^(healthy|degraded)$/)
      .waitFor();
    await migrations.getByText('Nothing is pending').waitFor();
    await checkAndClose(health);
    await checkAndClose(migrations);
  });

  it('ends a live tail when the server is gone, and can run it again', async () => {
    page = await under.open('/query');
    const before = await pushQueries(under);
    await runSql(page, 'SELECT * FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page.getByText('0 rows · live').waitFor();
    under.gate.shut();
    await page.getByRole('region', { name: 'Result' }).getByRole('alert').waitFor();
    expect(await page.getByRole('button', { name: 'Stop' }).isDisabled()).toBe(true);
    under.gate.openAgain();
    // At most, because a real server may still be ending the query of an earlier page.
    await eventually(async () => expect(await pushQueries(under)).toBeLessThanOrEqual(before));
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('0 rows · live').waitFor();
  });

  it('ends a tail on the server if the page closes before the server responds', async () => {
    page = await under.open('/query');
    await page.waitForResponse((response) => response.url().endsWith('/api/catalog'));
    const before = await pushQueries(under);
    under.gate.hold();
    await runSql(page, 'SELECT * FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await eventually(async () => expect(await pushQueries(under)).toBe(before + 1));
    await page.close();
    under.gate.release();
    await eventually(async () => expect(await pushQueries(under)).toBe(before));
  });

  it('shows that the store is gone, and reconnects when it is back', async () => {
    page = await under.open('/payments');
    await page.getByRole('textbox', { name: 'Customer' }).fill('1');
    await page.keyboard.press('Enter');
    await page.getByText('The store has no payments for customer 1.').waitFor();
    under.storeGate.shut();
    await page.getByRole('region', { name: 'Store' }).getByText('STORE_UNREACHABLE').waitFor();
    under.storeGate.openAgain();
    await page.getByText('dead letters').waitFor();
    await page.getByText('The store has no payments for customer 1.').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('notices that the console restarted', async () => {
    const first = await under.more({});
    page = await under.open('/', { url: first.url });
    await serverState().getByText('up').waitFor();
    await first.stop();
    await page.getByRole('alert').getByText('CONSOLE_UNREACHABLE').waitFor();
    await under.more({ port: Number(new URL(first.url).port) });
    await serverState().getByText('up').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });
});

/** Runs only against the embedded server, because a test must not restart an external cluster. */
describe.skipIf(!haveBrowser)('a server that restarts under an open page', () => {
  it('comes back with its queries', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'paystream-console-'));
    const args = ['--data-dir', dataDir, '--no-sink', '--no-console'];
    let server = await startDevProcess(args);
    const console = await startConsole({ ksqldb: { url: server.ksqldbUrl }, port: 0, version: 'test' });
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(console.url);
      const running = page.getByRole('region', { name: 'Queries (5)' }).getByText('RUNNING');
      await eventually(async () => expect(await running.count()).toBe(5));
      await server.end('SIGKILL');
      await page.getByRole('alert').getByText('KSQLDB_UNREACHABLE').waitFor();
      server = await startDevProcess([...args, '--ksqldb-port', new URL(server.ksqldbUrl).port]);
      await page.locator('header').getByRole('status').getByText('up').waitFor();
      await eventually(async () => expect(await running.count()).toBe(5));
      expect(await page.getByRole('alert').count()).toBe(0);
    } finally {
      await browser.close();
      await console.stop();
      await server.end('SIGKILL');
      rmSync(dataDir, { recursive: true });
    }
  });
});
