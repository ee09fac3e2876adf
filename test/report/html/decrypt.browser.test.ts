import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { coverageRow, keyRow } from '../tables/sample-rows.ts';
import { describeWithChromium, openPage, startChromium } from './chromium.ts';
import { EMPTY, type Rows, writtenReport } from './written-report.ts';

const OWN = 'o-abcde12345';
const arn = (n: number): string => `arn:aws:kms:us-east-1:111111111111:key/${n}`;

describeWithChromium('who can decrypt, on the page', () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trailseal-decrypt-'));
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(rows: Rows) {
    const { html } = await writtenReport(rows, { run: { organization_id: OWN } });
    const file = join(folder, 'report.html');
    writeFileSync(file, html);
    const opened = await openPage(browser, file);
    await opened.go('#/keys');
    return opened;
  }

  test('names every reader outside a key’s account, the furthest first, and the keys of which nothing is known', async () => {
    const { page, complaints } = await open({
      ...EMPTY,
      coverage: [coverageRow({ account_id: '222222222222' })],
      keys: [
        keyRow({ key_arn: arn(1), external_readers: ['222222222222', OWN], policy_read: true }),
        keyRow({
          key_arn: arn(2),
          external_readers: ['*', 'arn:aws:iam::999999999999:role/<b>siem</b>', 'o-other12345'],
          policy_read: true,
        }),
        keyRow({ key_arn: arn(3), external_readers: [], policy_read: false }),
        keyRow({ key_arn: arn(4), external_readers: [], policy_read: true }),
      ],
    });
    const rows = await page
      .locator('#decrypt-table tbody tr')
      .evaluateAll((found) =>
        found.map((row) =>
          [...(row as unknown as { cells: Iterable<{ innerText: string }> }).cells].map((cell) =>
            cell.innerText.replace(/\s+/g, ' ').trim(),
          ),
        ),
      );
    expect(rows.map(([, who, where]) => [who, where])).toEqual([
      ['not known: the policy was not read', ''],
      ['anyone', 'anyone, or not known whom'],
      ['arn:aws:iam::999999999999:role/<b>siem</b>', 'outside the organization'],
      ['every principal of organization o-other12345', 'outside the organization'],
      [expect.stringContaining('222222222222'), 'in the organization'],
      [`every principal of organization ${OWN}`, 'in the organization'],
    ]);
    const section = await page.locator('#decrypt').innerText();
    expect(section).toContain('1 of 4 keys let nobody outside');
    expect(rows[0]?.[0]).toContain('key/3');
    expect(complaints).toEqual([]);
  });

  test('says so where no key lets anybody, and where there are none', async () => {
    const { page } = await open({ ...EMPTY, keys: [keyRow({ external_readers: [], policy_read: true })] });
    expect(await page.locator('#decrypt').innerText()).toContain('1 of 1 key lets nobody outside');
    expect(await page.locator('#decrypt-table').count()).toBe(0);
    const none = await open(EMPTY);
    expect(await none.page.locator('#decrypt').count()).toBe(0);
  });
});
