import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TOPICS } from '../../src/pipeline/topics.js';
import { haveBrowser } from '../support/browser.js';
import { type ConsoleUnderTest, checkAndClose, consoleUnderTest, runSql } from './console-support.js';

const PAGES = ['/', '/query', '/payments', '/migrations', '/health'] as const;
const CUSTOMER = '4242';

const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'dark, as wide as a phone', colorScheme: 'dark', viewport: { width: 375, height: 700 } },
] as const;

/** Checks WCAG 2.2 AA with axe-core, and that every task works with the keyboard alone. */
describe.skipIf(!haveBrowser)('accessibility of the console', () => {
  let under: ConsoleUnderTest;
  let page: Page;

  beforeAll(async () => {
    under = await consoleUnderTest();
    await under.pay(
      TOPICS.ccPayment,
      `{"trxId":1,"trxAmount":10.5,"cardNo":"4111111111111111","cardHolder":"Ayu","expiryDate":"2029-01-01","issuer":"DUKE BANK","customerId":${CUSTOMER},"trxDate":"2026-01-05T10:00:00"}`,
    );
    await under.pay(
      TOPICS.bankTransferPayment,
      '{"trxId":7,"trxAmount":1.5,"accountName":"Fowler","trxDate":"2026-01-05T10:00:00"}',
    );
  });

  afterEach(async () => {
    under.gate.openAgain();
    await checkAndClose(page);
  });

  afterAll(async () => {
    await under?.stop();
  });

  async function expectNoViolations(what: string): Promise<void> {
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate(
      `axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })`,
    )) as axe.AxeResults;
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
      what,
    ).toEqual([]);
  }

  it.each(LOOKS)('axe-core finds no violations: $name', async ({ colorScheme, viewport }) => {
    page = await under.open('/', { colorScheme, viewport });
    await page.locator('.node').first().waitFor();
    await expectNoViolations('Topology');
    await page.locator('[id="source:CC_PAYMENT"]').click();
    await page.getByText('The earliest records').waitFor();
    await expectNoViolations('Topology with a source');
    await page.keyboard.press('Escape');
    await page.locator('[id="query:CC_PAYMENT"]').click();
    await page.getByRole('button', { name: 'Explain in Query' }).waitFor();
    await expectNoViolations('Topology with a query');

    await page.goto(new URL('/query', under.console.url).href);
    await page.getByRole('region', { name: 'Examples' }).waitFor();
    await expectNoViolations('Query');
    await page.getByLabel('from').selectOption('earliest');
    await runSql(page, 'LIST TOPICS; SELECT * FROM PAYMENT_OUTPUT EMIT CHANGES;');
    await page.getByText(/[1-9] rows? · live/).waitFor();
    await expectNoViolations('Query with a table and a live tail');
    await runSql(page, 'SELEC;');
    await page.getByRole('alert').first().waitFor();
    await expectNoViolations('Query with an error');

    await page.goto(new URL('/payments', under.console.url).href);
    await page.getByRole('textbox', { name: 'Customer' }).fill(CUSTOMER);
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: `Last five payments of customer ${CUSTOMER}` }).waitFor();
    await page.getByRole('table', { name: 'Rejected payments' }).waitFor();
    await page.getByRole('table', { name: 'Activity by channel and currency' }).waitFor();
    await expectNoViolations('Payments');

    await page.goto(new URL('/migrations', under.console.url).href);
    await page.getByText('Nothing is pending').waitFor();
    await expectNoViolations('Migrations');
    await page.goto(new URL('/health', under.console.url).href);
    await page.getByRole('region', { name: 'Queries' }).getByText('RUNNING').first().waitFor();
    await expectNoViolations('Health');
    under.gate.shut();
    await page.getByText('Reconnecting automatically').waitFor();
    await page.getByLabel('Verdict').getByText('unhealthy').waitFor();
    await expectNoViolations('Health of a server that is down');
  });

  it('axe-core finds no violations in the token form', async () => {
    const guarded = await under.more({ host: '0.0.0.0', token: 'token' });
    page = await under.open('/', { url: guarded.url.replace(/#.*/, '') });
    await page.getByLabel(/^Token: /).fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await expectNoViolations('Token');
  });

  /** Returns the accessible name of the focused element, and whether the focus is visible. */
  async function focused(): Promise<{ readonly name: string; readonly seen: boolean }> {
    return (await page.evaluate(`(() => {
      const element = document.activeElement;
      const box = element.closest('.cm-editor') ?? element;
      const style = getComputedStyle(box);
      const seen = style.outlineStyle !== 'none' || element.classList.contains('cm-content');
      return { name: element.getAttribute('aria-label') ?? element.labels?.[0]?.innerText ?? element.innerText ?? '', seen };
    })()`)) as { readonly name: string; readonly seen: boolean };
  }

  /** Presses Tab until `name` has the focus. Every element on the way must show its focus. */
  async function tabTo(name: RegExp): Promise<void> {
    const passed: string[] = [];
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      const now = await focused();
      passed.push(now.name);
      expect(now.seen, `'${now.name}' has the focus and does not show it`).toBe(true);
      if (name.test(now.name)) return;
    }
    throw new Error(`Tab never came to ${name}; it passed ${passed.join(', ')}`);
  }

  it('is worked by the keyboard alone: look at a source, tail it, pause, stop, find a customer', async () => {
    page = await under.open('/');
    await page.locator('.node').first().waitFor();
    await page.keyboard.press('Tab');
    expect((await focused()).name).toBe('Skip to content');
    await page.keyboard.press('Enter');
    await tabTo(/^PAYMENT_OUTPUT\b/);
    await page.keyboard.press('Enter');
    const panel = page.getByRole('complementary', { name: 'PAYMENT_OUTPUT' });
    await panel.getByRole('button', { name: 'Tail in Query' }).waitFor();
    await tabTo(/^Tail in Query/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Query' }).waitFor();
    await page.locator('.cm-content').waitFor();
    expect((await focused()).name).toBe('ksqlDB statements');
    await page.keyboard.press('Control+Enter');
    await page.getByText('0 rows · live').waitFor();
    await tabTo(/Pause/);
    await page.keyboard.press('Space');
    await page.getByText('paused, 0 new').waitFor();
    expect((await focused()).name).toMatch(/Resume/);
    await page.keyboard.press('Space');
    await page.getByText('0 rows · live').waitFor();
    await page.keyboard.press('Shift+Tab');
    expect((await focused()).name).toMatch(/Stop/);
    await page.keyboard.press('Enter');
    await page.getByText('stopped').waitFor();
    await page.goto(new URL('/payments', under.console.url).href);
    await page.getByRole('textbox', { name: 'Customer' }).waitFor();
    await tabTo(/^Customer/);
    await page.keyboard.type(CUSTOMER);
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: `Last five payments of customer ${CUSTOMER}` }).waitFor();
  });

  it('lets Tab leave the editor, and comes to everything on every page with a focus that is seen', async () => {
    for (const path of PAGES) {
      page = await under.open(path);
      await page.locator('main > *').first().waitFor();
      await page.getByRole('status').getByText('up').waitFor();
      const order: string[] = [];
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press('Tab');
        if ((await page.evaluate('document.activeElement === document.body')) === true) break;
        const now = await focused();
        expect(now.seen, `${path}: '${now.name}' has the focus and does not show it`).toBe(true);
        order.push(now.name);
      }
      expect(order.length, `${path}: ${order.join(', ')}`).toBeLessThan(80);
      expect(order.length, `${path}: ${order.join(', ')}`).toBeGreaterThan(6);
      await page.close();
    }
  });

  it('stands still where less motion is asked for', async () => {
    page = await under.open('/', { reducedMotion: 'reduce' });
    await page.locator('.node').first().waitFor();
    expect(
      await page.evaluate(
        `document.getAnimations().filter(({ playState }) => playState === 'running').length`,
      ),
    ).toBe(0);
  });
});
