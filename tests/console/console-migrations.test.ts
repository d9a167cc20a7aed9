import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KsqldbClient } from '../../src/ksqldb/ksqldb-client.js';
import { applyMigrations } from '../../src/migrations/apply-migrations.js';
import { haveBrowser } from '../support/browser.js';
import { type ConsoleUnderTest, checkAndClose, consoleUnderTest } from './console-support.js';

const HISTORY = { stream: 'CONSOLE_BOOK_EVENTS', table: 'CONSOLE_BOOK' };
const SOURCE = (name: string) =>
  `CREATE STREAM ${name} (A INT) WITH (KAFKA_TOPIC='${name.replaceAll('_', '-')}', PARTITIONS=1, VALUE_FORMAT='JSON');`;

/** Failed migrations in a real browser. They have their own folder and history, separate from the pipeline's. */
describe.skipIf(!haveBrowser)('the migrations page', () => {
  let under: ConsoleUnderTest;
  let page: Page;
  let url: string;
  const directory = join(mkdtempSync(join(tmpdir(), 'paystream-console-')), 'migrations');
  const file = (name: string, sql: string) => writeFileSync(join(directory, name), sql);

  async function clean(): Promise<void> {
    for (const name of ['CONSOLE_M1', 'CONSOLE_M2', 'CONSOLE_M3', 'CONSOLE_EXTRA'])
      await under.execute(`DROP STREAM IF EXISTS ${name} DELETE TOPIC;`);
    await under.execute(`DROP TABLE IF EXISTS ${HISTORY.table} DELETE TOPIC;`);
    await under.execute(`DROP STREAM IF EXISTS ${HISTORY.stream} DELETE TOPIC;`);
  }

  beforeAll(async () => {
    mkdirSync(directory);
    under = await consoleUnderTest();
    await clean();
    file('V000001__first.sql', SOURCE('CONSOLE_M1'));
    file(
      'V000002__second.sql',
      `${SOURCE('CONSOLE_M2')}\nCREATE STREAM CONSOLE_BAD AS SELECT * FROM CONSOLE_NOWHERE;`,
    );
    const client = new KsqldbClient({ url: under.cluster.ksqldbUrl });
    try {
      await applyMigrations({ client, directory, history: HISTORY }).catch(() => undefined);
    } finally {
      client.close();
    }
    ({ url } = await under.more({ migrations: { directory, metadata: HISTORY } }));
  });

  afterEach(async () => {
    await checkAndClose(page);
  });

  afterAll(async () => {
    if (under !== undefined) await clean();
    await under?.stop();
    rmSync(join(directory, '..'), { recursive: true });
  });

  const versions = () => page.getByRole('table', { name: 'Migrations' });
  const plan = () => page.getByRole('region', { name: 'Plan' });

  it('shows which migration failed, where, and why the server rejects the rest', async () => {
    page = await under.open('/migrations', { url });
    const failed = versions().getByRole('row', { name: /second/ });
    await failed.getByText('ERROR', { exact: true }).waitFor();
    await failed.getByText('stopped at statement 2 of 2').waitFor();
    await failed.getByText(/CONSOLE_NOWHERE/).waitFor();
    expect(await versions().getByRole('row', { name: /first/ }).innerText()).toContain('MIGRATED');
    await plan()
      .getByRole('alert')
      .getByText(/CONSOLE_NOWHERE/)
      .waitFor();
  });

  it('shows pending migrations with changes and lint findings as soon as a file is written', async () => {
    page = await under.open('/migrations', { url });
    await versions().getByText('ERROR', { exact: true }).waitFor();
    file('V000002__second.sql', `${SOURCE('CONSOLE_M2')}\nDROP STREAM IF EXISTS CONSOLE_BAD;`);
    file('V000003__third.sql', 'CREATE STREAM CONSOLE_M3 AS SELECT * FROM CONSOLE_M1 EMIT CHANGES;');
    await versions().getByRole('row', { name: /third/ }).getByText('PENDING').waitFor();
    const third = plan().getByRole('region', { name: 'Version 3' });
    await third.getByText('+ create stream').waitFor();
    await third.getByText('CONSOLE_M3', { exact: true }).first().waitFor();
    await third.locator('.finding').getByText('SELECT * is frozen').waitFor();
    await page.getByText('at version 1, 2 pending').waitFor();
  });

  it('shows how the cluster drifted from the applied files', async () => {
    await under.execute('DROP STREAM CONSOLE_M1 DELETE TOPIC;');
    await under.execute(SOURCE('CONSOLE_EXTRA'));
    page = await under.open('/migrations', { url });
    await page.getByRole('button', { name: 'Compare' }).click();
    const drift = page.getByRole('region', { name: 'Drift' });
    await drift.getByRole('listitem').filter({ hasText: 'CONSOLE_M1' }).getByText('missing').waitFor();
    await drift
      .getByRole('listitem')
      .filter({ hasText: 'CONSOLE_EXTRA' })
      .getByText('extra', { exact: true })
      .waitFor();
  });
});
