/**
 * Creates the pictures of the console in docs/images, from a new cluster with sample payments:
 * `npx tsx scripts/screenshots.ts`. Requires `npm run build` and Chromium.
 */
import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { KsqldbClient } from '../src/ksqldb/ksqldb-client.js';
import { TOPICS } from '../src/pipeline/topics.js';
import { launchBrowser } from '../tests/support/browser.js';
import { startDevProcess } from '../tests/support/dev-process.js';

const folder = resolve(import.meta.dirname, '../docs/images');
const MOST_BYTES = 200_000;

const REJECTED = [
  '{"trxId":901,"trxAmount":120000,"accountName":"Ayu Lestari","trxDate":"2026-01-05T10:00:00"}',
  '{"trxId":902,"trxAmount":88.5,"accountName":"Fowler","customerId":3,"trxDate":"5 January"}',
  '{"trxId":903,"accountName":"Farah","customerId":4,"trxDate":"2026-01-05T10:00:00"}',
];

mkdirSync(folder, { recursive: true });
const dev = await startDevProcess(['--ephemeral', '--sample', '--console-port', '0']);
const browser = await launchBrowser();
try {
  const producer = new Kafka({ brokers: dev.brokers.split(','), logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({
    topic: TOPICS.bankTransferPayment,
    messages: REJECTED.map((value) => ({ value })),
  });
  await producer.disconnect();

  const page = await browser.newPage({ viewport: { width: 1240, height: 720 }, colorScheme: 'light' });
  const shoot = async (name: string) => {
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    const { size } = statSync(path);
    if (size > MOST_BYTES) throw new Error(`${path} is too large: ${size} bytes`);
    console.log(`${path} ${Math.round(size / 1024)} kB`);
  };
  await page.goto(dev.consoleUrl);
  await page.getByText('customer store').waitFor();
  // Wait until the charts have some history to show.
  await sleep(32_000);
  await shoot('console-topology');
  await page
    .getByRole('button', { name: /^PAYMENT_OUTPUT/ })
    .first()
    .click();
  await page.getByText('The earliest records').waitFor();
  await shoot('console-source');

  await page.goto(new URL('/payments', dev.consoleUrl).href);
  await page.getByRole('textbox', { name: 'Customer' }).fill('3');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('table', { name: 'Last five payments of customer 3' }).waitFor();
  await sleep(5_000);
  await shoot('console-payments');

  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(new URL('/query', dev.consoleUrl).href);
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(
    "-- Large transfers as they arrive.\nSELECT CUSTOMER_ID, `trxId`, `trxAmount`, `currency`, `accountName`, `bankName`, `trxDate`\nFROM PAYMENT_OUTPUT\nWHERE `paymentType` = 'BANK_TRF' AND `trxAmount` > 500000\nEMIT CHANGES;",
  );
  await page.getByLabel('from').selectOption('earliest');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByText(/rows.*live/).waitFor();
  await sleep(1_500);
  await shoot('console-query');

  await page.goto(new URL('/migrations', dev.consoleUrl).href);
  await page.getByText('Nothing is pending').waitFor();
  await shoot('console-migrations');
  await page.goto(new URL('/health', dev.consoleUrl).href);
  await page.getByLabel('Verdict').waitFor();
  await shoot('console-health');
  // TOPK with k = 0 fails at the first record, which stops the query.
  const client = new KsqldbClient({ url: dev.ksqldbUrl });
  await client.executeAndWait(
    'CREATE TABLE NEWEST_PAYMENT AS SELECT `customerId`, TOPK(`trxId`, 0) AS IDS FROM PAYMENT_OUTPUT GROUP BY `customerId` EMIT CHANGES;',
  );
  client.close();
  await page.goto(dev.consoleUrl);
  await page.locator('.node.state-bad').click();
  await page.locator('.panel .error-box').first().waitFor();
  await sleep(6_000);
  await shoot('console-error');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(new URL('/payments', dev.consoleUrl).href);
  await page.getByText('since the sink last wrote').waitFor();
  await sleep(1_500);
  await shoot('console-phone');
} finally {
  await browser.close();
  await dev.end('SIGTERM');
}
