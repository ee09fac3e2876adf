import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { describeWithChromium, openPage, startChromium } from './chromium.ts';
import { type SimulatedReport, simulatedReport } from './simulated-report.ts';

/** With this set the pictures go to docs/images, where the README shows them; otherwise they are only tried. */
const KEPT = process.env.TRAILSEAL_SCREENSHOTS === '1';
const LARGEST = 300_000;

describeWithChromium('pictures of report.html for the documentation', () => {
  let folder: string;
  let pictures: string;
  let made: SimulatedReport;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trailseal-html-'));
    pictures = KEPT ? 'docs/images' : join(folder, 'images');
    mkdirSync(pictures, { recursive: true });
    made = await simulatedReport(join(folder, 'report'), {
      spec: 'accounts=60,regions=17,seed=7,now=2026-11-02T10:00:00Z',
    });
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const worst = (): string =>
    made.runs[0]?.report.worst_findings.find((f) => f.resource_arn.includes(':trail/'))?.resource_arn ?? '';
  const PICTURES: [name: string, hash: () => string, scheme: 'light' | 'dark', width: number, height: number][] = [
    ['report', () => '#/summary', 'light', 1200, 860],
    ['report-dark', () => '#/summary', 'dark', 1200, 860],
    ['coverage', () => '#/coverage?ou=Root%2FWorkloads%2FProd', 'light', 1200, 860],
    ['findings', () => '#/findings?status=FAIL', 'light', 1200, 860],
    ['trail', () => `#/trail/${encodeURIComponent(worst())}`, 'dark', 1200, 860],
    ['phone', () => '#/summary', 'light', 360, 740],
  ];
  test.each(PICTURES)('%s.png', async (name, hash, scheme, width, height) => {
    const opened = await openPage(browser, made.runs[0]?.file ?? '', { scheme, width, height, hash: hash() });
    const path = join(pictures, `${name}.png`);
    await opened.page.screenshot({ path });
    await opened.page.context().close();
    expect(opened.complaints).toEqual([]);
    expect(statSync(path).size).toBeGreaterThan(10_000);
    expect(statSync(path).size).toBeLessThan(LARGEST);
  });
});
