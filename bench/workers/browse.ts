import { chromium } from 'playwright-core';
import { serve } from './serve.ts';

/** Opens a page in Chromium, each time in a browser of its own, and goes to its heaviest views. */
export interface BrowseInput {
  file: string;
  executable: string;
  times: number;
}

/** Medians, in milliseconds. */
export interface BrowseOutput {
  open: number;
  coverage: number;
  findings: number;
  search: number;
  /** Accounts that the map says it has. */
  accounts: number;
  /** Errors of the page. */
  errors: string[];
}

interface Globals {
  document: { documentElement: { dataset: Record<string, string | undefined> } };
  location: { hash: string };
}

await serve(async ({ file, executable, times }: BrowseInput): Promise<BrowseOutput> => {
  const spans: Record<'open' | 'coverage' | 'findings' | 'search', number[]> = {
    open: [],
    coverage: [],
    findings: [],
    search: [],
  };
  const errors: string[] = [];
  let accounts = 0;
  for (let time = 0; time < times; time++) {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ];
    const browser = await chromium.launch({ executablePath: executable, args });
    try {
      const page = await browser.newPage();
      page.on('pageerror', (error) => errors.push(error.message));
      const went = async (to: () => Promise<unknown>, hash: string): Promise<number> => {
        const began = performance.now();
        await to();
        await page.waitForFunction(
          (wanted) => {
            const { document, location } = globalThis as unknown as Globals;
            const { busy, ready } = document.documentElement.dataset;
            return busy === undefined && ready === wanted && location.hash === wanted;
          },
          hash,
          { timeout: 120_000 },
        );
        return performance.now() - began;
      };
      const go = (hash: string) => went(() => page.evaluate(`location.hash = ${JSON.stringify(hash)}`), hash);
      spans.open.push(await went(() => page.goto(`file://${file}`), ''));
      spans.coverage.push(await go('#/coverage'));
      accounts = Number(((await page.textContent('#matches')) ?? '').split(' ')[0]?.replaceAll(',', ''));
      spans.findings.push(await go('#/findings'));
      spans.search.push(await go('#/findings?status=FAIL&q=account-trail'));
    } finally {
      await browser.close();
    }
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
  return {
    open: median(spans.open),
    coverage: median(spans.coverage),
    findings: median(spans.findings),
    search: median(spans.search),
    accounts,
    errors,
  };
});
