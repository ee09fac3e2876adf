import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';

const EXECUTABLE = process.env.CHROMIUM ?? '/usr/bin/chromium';
const INSTALL = 'apt-get install chromium, or name it in CHROMIUM';

/** In CI a missing browser is a failure, elsewhere a skip that says so. */
export const describeWithChromium = (name: string, tests: () => void): void =>
  existsSync(EXECUTABLE) || process.env.TRAILSEAL_CI === '1'
    ? describe(name, tests)
    : describe.skip(`${name} (skipped: no ${EXECUTABLE}: ${INSTALL})`, tests);

export const startChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: EXECUTABLE,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

export interface OpenedPage {
  page: Page;
  /** What the page complained of: console errors and warnings, thrown errors, requests for anything but itself. */
  complaints: string[];
  /** Goes to a place within the page and waits until it is shown. */
  go(hash: string): Promise<void>;
}

export async function openPage(
  browser: Browser,
  file: string,
  options: { width?: number; height?: number; scheme?: 'light' | 'dark'; hash?: string } = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.scheme ?? 'light',
    acceptDownloads: true,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const url = `file://${file}`;
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const to = request.url();
    if (to.split('#')[0] !== url && !to.startsWith('data:') && !to.startsWith('blob:'))
      complaints.push(`request: ${to}`);
  });
  const hash = options.hash ?? '';
  await page.goto(`${url}${hash}`);
  await shown(page, hash);
  return {
    page,
    complaints,
    async go(to) {
      await page.evaluate(`location.hash = ${JSON.stringify(to)}`);
      await shown(page, to);
    },
  };
}

/** The part of a browser's globals that is asked for here: the program itself is typed without a DOM. */
interface Globals {
  document: { documentElement: { dataset: Record<string, string | undefined> } };
  location: { hash: string };
}

/** Waits until the page shows what its hash names. */
export async function shown(page: Page, hash: string | null = null): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      const { document, location } = globalThis as unknown as Globals;
      const { busy, ready } = document.documentElement.dataset;
      return busy === undefined && ready === location.hash && (wanted === null || location.hash === wanted);
    },
    hash,
    { timeout: 20_000 },
  );
}
