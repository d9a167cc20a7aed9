import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { TOPICS } from '../../src/pipeline/topics.js';
import { haveBrowser } from '../support/browser.js';
import { eventually } from '../support/store.js';
import {
  type ConsoleUnderTest,
  checkAndClose,
  consoleUnderTest,
  pushQueries,
  runSql,
  write,
} from './console-support.js';

const MARKUP = '<img src=x onerror="window.hacked=1"><b>Ayu</b>';
const CARD = '4111111111111111';
const CUSTOMER = '9007199254740993';
/** These do not fit into a JavaScript number. */
const TRX_ID = '9223372036854775806';
const AMOUNT = '90071992547409.9312';

/** Every page in a real browser, against the embedded cluster or the one named by the environment. */
describe.skipIf(!haveBrowser)('the console in a browser', () => {
  let under: ConsoleUnderTest;
  let page: Page;

  const card = (id: string, amount: string) =>
    `{"trxId":${id},"trxAmount":${amount},"cardNo":"${CARD}","cardHolder":${JSON.stringify(MARKUP)},"expiryDate":"2029-01-01","issuer":"DUKE BANK","customerId":${CUSTOMER},"trxDate":"2026-01-05T10:00:00"}`;

  beforeAll(async () => {
    under = await consoleUnderTest();
    await under.pay(TOPICS.ccPayment, card(TRX_ID, AMOUNT));
    await under.pay(
      TOPICS.bankTransferPayment,
      '{"trxId":7,"trxAmount":1.5,"accountName":"Fowler","trxDate":"2026-01-05T10:00:00"}',
    );
  });

  afterEach(async () => {
    await checkAndClose(page);
  });

  afterAll(async () => {
    await under?.stop();
  });

  it('Topology: shows the graph, and a source with columns, statement and records with masked card numbers', async () => {
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

  it('Payments: finds a customer by a 64-bit number, and shows the next payment automatically', async () => {
    page = await under.open('/payments');
    await page.getByRole('textbox', { name: 'Customer' }).fill('abc');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('Enter a whole number').waitFor();
    await page.getByRole('textbox', { name: 'Customer' }).fill(CUSTOMER);
    await page.keyboard.press('Enter');
    const table = page.getByRole('table', { name: `Last five payments of customer ${CUSTOMER}` });
    await table.getByText(TRX_ID).waitFor();
    const row = await table.getByRole('row').nth(1).innerText();
    expect(row).toContain('90\u202f071\u202f992\u202f547\u202f409.9312');
    expect(row).toContain(MARKUP);
    expect(row).toContain('411111******1111');
    await under.pay(TOPICS.ccPayment, card('8', '3.25'));
    await table.getByText('3.25').waitFor();
    await page.getByRole('table', { name: 'Rejected payments' }).getByText('customerId is missing').waitFor();
    await page.getByText('since the sink last wrote').waitFor();
    await page.getByRole('img', { name: /^CC_PAYMENT: at most/ }).waitFor();
    await page.getByRole('table', { name: 'Activity by channel and currency' }).getByText('IDR').waitFor();
  });

  it('Query: runs several statements, and shows a pull query as a table', async () => {
    page = await under.open('/query');
    await runSql(
      page,
      `LIST STREAMS;\nSELECT CUSTOMER_ID, \`lastFive\`->\`payments\`[1]->\`trxId\` AS ID\nFROM PAYMENT_TRX_AGGR WHERE CUSTOMER_ID = ${CUSTOMER};`,
    );
    const results = page.getByRole('region', { name: 'Result' });
    await results
      .nth(1)
      .getByText(/1 row · \d+ ms/)
      .waitFor();
    expect(await results.nth(0).getByText('PAYMENT_REJECTED', { exact: true }).count()).toBe(1);
    await results.nth(1).getByText(CUSTOMER, { exact: true }).waitFor();
  });

  it('Query: exports 64-bit ids and long amounts to CSV and JSON exactly', async () => {
    page = await under.open('/query');
    await page.getByLabel('from').selectOption('earliest');
    await runSql(
      page,
      `SELECT CUSTOMER_ID, \`trxId\`, \`trxAmount\`, \`accountName\`, \`referenceNo\`, ARRAY[\`trxId\`] AS IDS\nFROM PAYMENT_OUTPUT WHERE \`trxId\` = ${TRX_ID} EMIT CHANGES LIMIT 1;`,
    );
    const result = page.getByRole('region', { name: 'Result' });
    await result.getByText(/1 row · \d+ ms/).waitFor();
    await result.getByRole('cell', { name: AMOUNT, exact: true }).waitFor();
    const read = async (button: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        result.getByRole('button', { name: button }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(/^paystream-.*\.(csv|json)$/);
      return readFileSync(await download.path(), 'utf8');
    };
    expect(await read('CSV')).toBe(
      `CUSTOMER_ID,trxId,trxAmount,accountName,referenceNo,IDS\r\n${CUSTOMER},${TRX_ID},${AMOUNT},"${MARKUP.replaceAll('"', '""')}",,[${TRX_ID}]\r\n`,
    );
    expect(await read('JSON')).toBe(
      `[\n  {"CUSTOMER_ID": ${CUSTOMER}, "trxId": ${TRX_ID}, "trxAmount": ${AMOUNT}, "accountName": ${JSON.stringify(MARKUP)}, "referenceNo": null, "IDS": [${TRX_ID}]}\n]\n`,
    );
  });

  it('Query: marks the position of an error, and runs no statement that writes', async () => {
    page = await under.open('/query');
    await runSql(page, 'LIST STREAMS;\nSELEC * FROM X;');
    await page.locator('.error-box').first().waitFor();
    expect(await page.locator('.cm-lintRange-error').innerText()).toBe('SELEC');
    await runSql(page, 'SELECT NO_SUCH_COLUMN FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page
      .locator('.error-box')
      .getByText(/NO_SUCH_COLUMN/)
      .waitFor();
    expect(await page.locator('.cm-lintRange-error').innerText()).toBe('NO_SUCH_COLUMN');
    await runSql(page, 'LIST TABLES; DROP STREAM PAYMENT_REJECTED;');
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
    await write(page, 'SELECT  FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page.keyboard.press('Control+Home');
    for (let i = 0; i < 7; i++) await page.keyboard.press('ArrowRight');
    await page.keyboard.type('trxAm');
    await page.locator('.cm-tooltip-autocomplete').getByText('`trxAmount`').waitFor();
    // The list ignores keys for a moment after it opens, because they may be meant for the text.
    await page.waitForTimeout(200);
    await page.keyboard.press('Enter');
    expect(await page.locator('.cm-content').innerText()).toContain('SELECT `trxAmount` FROM');
    await page.keyboard.type(', SUBSTR');
    await page.locator('.cm-tooltip-autocomplete').getByText('SUBSTRING').first().waitFor();
  });

  it('Query: a tail is live, can be paused, and ends on the server with the page', async () => {
    page = await under.open('/query');
    const before = await pushQueries(under);
    await runSql(page, 'SELECT `trxId` FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page.getByText('0 rows · live').waitFor();
    expect(await pushQueries(under)).toBe(before + 1);
    await under.pay(TOPICS.ccPayment, card('101', '1'));
    await page.getByText('1 row · live').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await under.pay(TOPICS.ccPayment, card('102', '1'));
    await page.getByText('paused, 1 new').waitFor();
    expect(await page.getByRole('cell', { name: '102', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('cell', { name: '102', exact: true }).waitFor();
    await page.close();
    await eventually(async () => expect(await pushQueries(under)).toBe(before));
    page = await under.open('/query');
    await runSql(page, 'SELECT `trxId` FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page.getByText('0 rows · live').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('stopped').waitFor();
    await eventually(async () => expect(await pushQueries(under)).toBe(before));
  });

  it('Query: leaving for another page or another site ends the tail on the server', async () => {
    page = await under.open('/query');
    const before = await pushQueries(under);
    for (const leave of [
      () => page.getByRole('link', { name: 'Health' }).click(),
      () => page.goto('about:blank'),
    ]) {
      await page.goto(new URL('/query', under.console.url).href);
      await runSql(page, 'SELECT `trxId` FROM PAYMENT_OUTPUT EMIT CHANGES;');
      await page.getByText('0 rows · live').waitFor();
      await eventually(async () => expect(await pushQueries(under)).toBe(before + 1));
      await leave();
      await eventually(async () => expect(await pushQueries(under)).toBe(before));
    }
    await page.goto(under.console.url);
  });

  it('Query: the history keeps statements with masked card numbers until it is cleared', async () => {
    page = await under.open('/query');
    const history = page.getByRole('region', { name: 'History' });
    await history.getByText('in this browser only').waitFor();
    await runSql(page, `SELECT * FROM NO_SUCH_STREAM WHERE CARD = '${CARD}' EMIT CHANGES;`);
    await history.getByRole('button', { name: /NO_SUCH_STREAM.*failed/s }).waitFor();
    await runSql(page, 'LIST TOPICS;');
    await history.getByRole('button', { name: /^LIST TOPICS/ }).waitFor();
    await page.reload();
    const entries = history.getByRole('listitem');
    await entries.nth(1).waitFor();
    expect(await entries.count()).toBe(2);
    expect(await entries.nth(0).innerText()).toContain('LIST TOPICS;');
    expect(await entries.nth(1).innerText()).toContain('411111******1111');
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(CARD);
    await entries.nth(0).getByRole('button').click();
    expect(await page.locator('.cm-content').innerText()).toBe('LIST TOPICS;');
    await history.getByRole('button', { name: 'clear' }).click();
    expect(await entries.count()).toBe(0);
    expect(await page.evaluate('localStorage.getItem("paystream.history")')).toBeNull();
  });

  it('Migrations: shows versions, plan and drift', async () => {
    page = await under.open('/migrations');
    const table = page.getByRole('table', { name: 'Migrations' });
    await table.getByText('MIGRATED').first().waitFor();
    expect(await table.getByText('MIGRATED').count()).toBe(6);
    await page.getByText('Nothing is pending').waitFor();
    await page.getByRole('button', { name: 'Compare' }).click();
    const drift = page.getByRole('region', { name: 'Drift' });
    await drift.getByText('The cluster matches its migrations.').waitFor();
  });

  it('Health: shows the verdict and the reasons', async () => {
    page = await under.open('/health');
    await page.getByLabel('Verdict').getByText('healthy').waitFor();
    await page.getByRole('region', { name: 'Queries' }).getByText('RUNNING').first().waitFor();
    await page.getByRole('region', { name: 'Channels' }).getByText('CC', { exact: true }).waitFor();
  });

  it('fits a phone, and works with the keyboard alone', async () => {
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
