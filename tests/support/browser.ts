import { existsSync } from 'node:fs';
import type { Browser } from 'playwright-core';

const PATHS = [process.env.PAYSTREAM_CHROMIUM ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const found = PATHS.find((path) => path !== '' && existsSync(path));

if (found === undefined) {
  if (process.env.PAYSTREAM_REQUIRE_TOOLS === '1') {
    throw new Error('Chromium is required here and was not found: install the package chromium');
  }
  console.error('The tests of the console are skipped: no /usr/bin/chromium');
}

/** True where Chromium is installed. */
export const haveBrowser = found !== undefined;

/** Debian's Chromium, without a sandbox of its own: tests run in containers that allow none. */
export async function launchBrowser(): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return await chromium.launch({
    executablePath: found as string,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
