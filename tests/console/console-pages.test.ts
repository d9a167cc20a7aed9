import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { haveBrowser } from '../support/browser.js';
import { kafkaOf } from '../support/kafka.js';
import { eventually } from '../support/store.js';
import { type ConsoleUnderTest, consoleUnderTest } from './console-support.js';

const MARKUP = '<img src=x onerror="window.hacked=1"><b>Ayu</b>';
const CARD = '4111111111111111';
const CUSTOMER = '9007199254740993';
/** No JavaScript number holds these. */
const TRX_ID = '9223372036854775806';
const AMOUNT = '90071992547409.9312';

/** Every page of the console in a real browser, against the embedded cluster or the one that the environment names. */
describe.skipIf(!haveBrowser)('the console in a browser', () => {
  let under: ConsoleUnderTest;
  let page: Page;

  async function pay(topic: string, value: string): Promise<void> {
    const producer = kafkaOf(under.cluster.brokers).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ key: 'k', value }] });
    await producer.disconnect();
  }

  const card = (id: string, amount: string) =>
    `{"trxId":${id},"trxAmount":${amount},"cardNo":"${CARD}","cardHolder":${JSON.stringify(MARKUP)},"expiryDate":"2029-01-01","issuer":"DUKE BANK","customerId":${CUSTOMER},"trxDate":"2026-01-05T10:00:00"}`;

  beforeAll(async () => {
    under = await consoleUnderTest();
    await pay(TOPICS.ccPayment, card(TRX_ID, AMOUNT));
    await pay(
      TOPICS.bankTransferPayment,
      '{"trxId":7,"trxAmount":1.5,"accountName":"Fowler","trxDate":"2026-01-05T10:00:00"}',
    );
  });

  afterEach(async () => {
    if (page === undefined) return;
    // Markup in a field must never have become part of a page.
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(await page.locator('img').count()).toBe(0);
    await page.close();
  });

  afterAll(async () => {
    await under?.stop();
  });

  async function write(sql: string): Promise<void> {
    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(sql);
    await page.keyboard.press('Escape');
  }

  async function runSql(sql: string): Promise<void> {
    await write(sql);
    await page.getByRole('button', { name: 'Run' }).click();
  }

  it('Topology: shows the graph, and a source with its columns, statement and records, card numbers struck out', async () => {
    page = await under.open('/');
    await page
      .getByRole('button', { name: /^CC_PAYMENT \d|^CC_PAYMENT\s*(–|\d)/ })
      .first()
      .waitFor();
    const queries = page.getByRole('region', { name: /^Queries/ });
    await queries.getByText('BANK_TRANSFER_PAYMENT').first().waitFor();
    expect(await queries.getByText('RUNNING').count()).toBe(5);
    await page.locator('[id="source:CC_PAYMENT"]').click();
    const panel = page.getByRole('complementary', { name: 'CC_PAYMENT' });
    await panel.getByRole('cell', { name: 'DECIMAL(19, 4)' }).waitFor();
    await panel.getByText('CREATE STREAM CC_PAYMENT').waitFor();
    await panel.getByText('411111******1111').first().waitFor();
    expect(await panel.getByText(MARKUP).count()).toBeGreaterThan(0);
    expect(await page.content()).not.toContain(CARD);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('Payments: finds a customer, exactly, and shows the next payment by itself', async () => {
    page = await under.open('/payments');
    await page.getByRole('textbox', { name: 'Customer' }).fill('abc');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('has digits only').waitFor();
    await page.getByRole('textbox', { name: 'Customer' }).fill(CUSTOMER);
    await page.keyboard.press('Enter');
    const table = page.getByRole('table', { name: `Last five payments of customer ${CUSTOMER}` });
    await table.getByText(TRX_ID).waitFor();
    const row = await table.getByRole('row').nth(1).innerText();
    expect(row).toContain('90\u202f071\u202f992\u202f547\u202f409.9312');
    expect(row).toContain(MARKUP);
    expect(row).toContain('411111******1111');
    await pay(TOPICS.ccPayment, card('8', '3.25'));
    await table.getByText('3.25').waitFor();
    await page.getByRole('table', { name: 'Rejected payments' }).getByText('customerId is missing').waitFor();
    await page.getByRole('table', { name: 'Activity by channel and currency' }).getByText('IDR').waitFor();
  });

  it('Query: several statements, exact numbers, a pull query as a table, export to CSV and JSON', async () => {
    page = await under.open('/query');
    await runSql(
      `LIST STREAMS;\nSELECT CUSTOMER_ID, \`payments\`[1]->\`trxId\` AS ID, \`payments\`[1]->\`trxAmount\` AS AMOUNT\nFROM PAYMENT_TRX_AGGR WHERE CUSTOMER_ID = ${CUSTOMER};`,
    );
    const results = page.getByRole('region', { name: 'Result' });
    await results
      .nth(1)
      .getByText(/1 row · \d+ ms/)
      .waitFor();
    expect(await results.nth(0).getByText('PAYMENT_REJECTED', { exact: true }).count()).toBe(1);
    await results.nth(1).getByText(CUSTOMER, { exact: true }).waitFor();
    const read = async (button: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        results.nth(1).getByRole('button', { name: button }).click(),
      ]);
      return readFileSync(await download.path(), 'utf8');
    };
    expect(await read('CSV')).toMatch(new RegExp(`^CUSTOMER_ID,ID,AMOUNT\r\n${CUSTOMER},\\d+,[\\d.]+\r\n$`));
    expect(await read('JSON')).toMatch(
      new RegExp(`{"CUSTOMER_ID": ${CUSTOMER}, "ID": \\d+, "AMOUNT": [\\d.]+}`),
    );
  });

  it('Query: an error stands at its place, and nothing that writes is run', async () => {
    page = await under.open('/query');
    await runSql('LIST STREAMS;\nSELEC * FROM X;');
    await page.locator('.error-box').first().waitFor();
    expect(await page.locator('.cm-lintRange-error').innerText()).toBe('SELEC');
    await runSql('SELECT NO_SUCH_COLUMN FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page
      .locator('.error-box')
      .getByText(/NO_SUCH_COLUMN/)
      .waitFor();
    await runSql('LIST TABLES; DROP STREAM PAYMENT_REJECTED;');
    await page.getByText('CONSOLE_READ_ONLY').waitFor();
    expect(await page.getByRole('region', { name: 'Result' }).count()).toBe(0);
    const client = new KsqldbClient({ url: under.cluster.ksqldbUrl });
    expect(await client.describe('PAYMENT_REJECTED')).toBeDefined();
    client.close();
    await page
      .getByRole('button', { name: /failed/ })
      .first()
      .waitFor();
  });

  it('Query: completes names, columns and functions', async () => {
    page = await under.open('/query');
    await page.waitForResponse((response) => response.url().endsWith('/api/catalog'));
    await write('SELECT  FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page.keyboard.press('Control+Home');
    for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.type('trxAm');
    await page.locator('.cm-tooltip-autocomplete').getByText('`trxAmount`').waitFor();
    // The list ignores a key that comes as it opens: it may have been meant for the text.
    await page.waitForTimeout(200);
    await page.keyboard.press('Enter');
    expect(await page.locator('.cm-content').innerText()).toContain('SELECT `trxAmount` FROM');
    await page.keyboard.type(', SUBSTR');
    await page.locator('.cm-tooltip-autocomplete').getByText('SUBSTRING').first().waitFor();
  });

  it('Query: a tail is live, pauses, and ends on the server with the page', async () => {
    page = await under.open('/query');
    const pushQueries = async () => {
      const client = new KsqldbClient({ url: under.cluster.ksqldbUrl });
      const all = await client.queries();
      client.close();
      return all.filter(({ queryType }) => queryType === 'PUSH').length;
    };
    const before = await pushQueries();
    await runSql('SELECT `trxId` FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page.getByText('0 rows · live').waitFor();
    expect(await pushQueries()).toBe(before + 1);
    await pay(TOPICS.ccPayment, card('101', '1'));
    await page.getByText('1 row · live').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await pay(TOPICS.ccPayment, card('102', '1'));
    await page.getByText('paused, 1 new').waitFor();
    expect(await page.getByRole('cell', { name: '102', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('cell', { name: '102', exact: true }).waitFor();
    await page.close();
    await eventually(async () => expect(await pushQueries()).toBe(before));
    page = await under.open('/query');
    await runSql('SELECT `trxId` FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page.getByText('0 rows · live').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('stopped').waitFor();
    await eventually(async () => expect(await pushQueries()).toBe(before));
  });

  it('Migrations: what is applied, what is planned, what has drifted', async () => {
    page = await under.open('/migrations');
    const table = page.getByRole('table', { name: 'Migrations' });
    await table.getByText('MIGRATED').first().waitFor();
    expect(await table.getByText('MIGRATED').count()).toBe(6);
    await page.getByText('Nothing is pending').waitFor();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('LEFT_OVER').waitFor();
  });

  it('shows a server that went away, and goes on by itself when it is back', async () => {
    page = await under.open('/');
    await page.getByRole('status').getByText('up').waitFor();
    under.gate.shut();
    await page.getByRole('status').getByText('down').waitFor();
    await page.getByRole('alert').getByText('KSQLDB_UNREACHABLE').waitFor();
    const health = await under.open('/health');
    await health.getByLabel('Verdict').getByText('unhealthy').waitFor();
    await health.close();
    under.gate.openAgain();
    await page.getByRole('status').getByText('up').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('Health: the verdict and what it rests on', async () => {
    page = await under.open('/health');
    await page.getByLabel('Verdict').getByText('healthy').waitFor();
    await page.getByRole('region', { name: 'Queries' }).getByText('RUNNING').first().waitFor();
    await page.getByRole('region', { name: 'Channels' }).getByText('CC', { exact: true }).waitFor();
  });

  it('fits a phone, and is worked by the keyboard alone', async () => {
    page = await under.open('/');
    await page.setViewportSize({ width: 375, height: 700 });
    for (const name of ['Query', 'Payments', 'Migrations', 'Health', 'Topology']) {
      const link = page.getByRole('navigation').getByRole('link', { name });
      await link.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1, name }).waitFor();
      await page.waitForTimeout(50);
      const wide = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect(wide, `${name} is wider than the screen`).toBe(0);
    }
    await page.locator('[id="query:CC_PAYMENT"]').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'CC_PAYMENT' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await page.evaluate('document.activeElement.id')).toBe('query:CC_PAYMENT');
  });
});
