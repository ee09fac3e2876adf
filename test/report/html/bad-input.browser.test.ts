import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { bucketRow, coverageRow, findingRow, keyRow, trailRow } from '../tables/sample-rows.ts';
import { describeWithChromium, type OpenedPage, openPage, startChromium } from './chromium.ts';
import { EMPTY, type Rows, writtenReport } from './written-report.ts';

describeWithChromium('report.html of runs out of the ordinary', () => {
  let folder: string;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trailseal-html-'));
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  let written = 0;
  async function open(rows: Rows, more: Parameters<typeof writtenReport>[1] = {}): Promise<OpenedPage> {
    const { html } = await writtenReport(rows, more);
    const file = join(folder, `${written++}.html`);
    writeFileSync(file, html);
    return openPage(browser, file);
  }

  test('no accounts: says so in every view', async () => {
    const { page, go, complaints } = await open(EMPTY);
    expect(await page.locator('h1').first().innerText()).toBe('This run has no accounts');
    await go('#/coverage');
    expect(await page.locator('#view').innerText()).toContain('This run has no accounts.');
    await go('#/findings');
    expect(await page.locator('#view').innerText()).toContain('This run has none.');
    expect(complaints).toEqual([]);
  });

  test('an encrypted account whose own trail fails says which trail covers it, and what to run', async () => {
    const other = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/main';
    const own = 'arn:aws:cloudtrail:eu-west-1:222222222222:trail/local';
    const { page, go } = await open({
      ...EMPTY,
      coverage: [
        coverageRow({
          account_id: '222222222222',
          verdict: 'ENCRYPTED',
          trail_arns: [other, own],
          recording_trail_arns: [other],
        }),
      ],
      trails: [
        trailRow({ trail_arn: other }),
        trailRow({
          trail_arn: own,
          name: 'local',
          account_id: '222222222222',
          is_organization: false,
          verdict: 'STOPPED',
        }),
      ],
      findings: [
        findingRow({
          ...{ control_id: 'trail-delivering', status: 'FAIL', account_id: '222222222222', resource_arn: own },
          ...{
            root_cause_id: 'rc-0123456789ab',
            root_cause: 'Logging is stopped',
            root_cause_fix: 'aws cloudtrail start-logging.',
          },
        }),
      ],
    });
    await go('#/account/222222222222');
    expect(await page.locator('#covered-by').innerText()).toMatch(
      /^Covered by organization trail .*main.*; this account's own trail fails: .*local.*\.$/,
    );
    await page.locator('.finding summary').first().click();
    // Prose is no command: only what can be run is offered to be copied.
    expect(await page.locator('#view .copyable code').allInnerTexts()).toEqual([
      'trailseal remediate --cause rc-0123456789ab --format aws-cli',
    ]);
  });

  test('one account, no earlier run', async () => {
    const { page, go, complaints } = await open({ ...EMPTY, coverage: [coverageRow()] });
    expect(await page.locator('h1').first().innerText()).toBe('1 of 1 account has KMS-encrypted CloudTrail logs');
    expect(await page.locator('#changes').innerText()).toContain('No earlier run');
    await go('#/coverage');
    expect(await page.locator('#map tbody tr[data-account]').count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test('only denied accounts: nothing is sealed, and why is said', async () => {
    const denied = ['111111111111', '222222222222'].map((account_id) =>
      coverageRow({
        account_id,
        state: 'ACCESS_DENIED',
        verdict: 'UNVERIFIED',
        basis: 'NONE',
        error_code: 'AccessDenied',
        error_message: `not authorized to assume arn:aws:iam::${account_id}:role/TrailSealAudit`,
        observed_at: null,
      }),
    );
    const { page, go } = await open({ ...EMPTY, coverage: denied }, { run: { status: 'PARTIAL' } });
    expect(await page.locator('.headline').innerText()).toMatch(
      /0 of 2 accounts have KMS-encrypted CloudTrail logs[\s\S]*PARTIAL[\s\S]*2 ACCESS_DENIED of 2/,
    );
    await go('#/account/222222222222');
    expect(await page.locator('#targets').innerText()).toContain('arn:aws:iam::222222222222:role/TrailSealAudit');
  });

  test.each(['coverage', 'findings', 'trails', 'keys', 'buckets'] as const)(
    'a missing table %s is named, the others work',
    async (name) => {
      const rows: Rows = {
        coverage: [coverageRow()],
        findings: [findingRow()],
        trails: [trailRow()],
        keys: [keyRow()],
        buckets: [bucketRow()],
      };
      delete rows[name];
      const { page, go, complaints } = await open(rows);
      expect(await page.locator('.notice').first().innerText()).toContain(`has no table ${name}`);
      await go(`#/${name}`);
      expect(await page.locator('#view').innerText()).toContain(`has no table ${name}`);
      const other = name === 'trails' ? 'keys' : 'trails';
      await go(`#/${other}`);
      expect(await page.locator('#matches').innerText()).toContain('1 of 1');
      expect(complaints).toEqual([]);
    },
  );

  test.each([
    ['markup', '<img src=x onerror=alert(1)>'],
    ['a script', '</script><script>alert(1)</script>'],
    ['a scheme', 'javascript:alert(1)'],
    ['quotes', `"' onmouseover='alert(1)" \``],
    ['a template', '${alert(1)} {{7*7}} &lt;b&gt;'],
    ['200 characters', 'Ww'.repeat(100)],
    ['right to left', '\u202Egnp.exe\u202C שלום'],
    ['signs of our own', 'a\u0001b\u0002c\u0003d\u0004'],
    ['a formula', '=HYPERLINK("http://example.com")'],
  ])('a name with %s is text everywhere', async (_, evil) => {
    const arn = `arn:aws:cloudtrail:us-east-1:111111111111:trail/${evil}`;
    const { page, go, complaints } = await open(
      {
        coverage: [
          coverageRow({
            account_name: evil,
            ou_path: `Root/${evil}`,
            error_code: evil,
            error_message: evil,
            reason: evil,
          }),
        ],
        findings: [
          findingRow({
            resource_arn: arn,
            account_name: evil,
            ou_path: `Root/${evil}`,
            observed: evil,
            detail: evil,
            evidence_refs: [evil],
            root_cause: evil,
            root_cause_fix: evil,
            waiver_id: evil,
          }),
        ],
        trails: [trailRow({ trail_arn: arn, name: evil, bucket: evil })],
        keys: [keyRow({ reason: evil })],
        buckets: [bucketRow({ bucket: evil })],
      },
      { more: { notes: [evil] } },
    );
    for (const hash of [
      '#/summary',
      '#/coverage',
      '#/coverage?by=accounts',
      '#/findings',
      '#/trails',
      '#/keys',
      '#/buckets',
      '#/account/111111111111',
      `#/trail/${encodeURIComponent(arn)}`,
      `#/findings?q=${encodeURIComponent(evil.slice(0, 40))}`,
    ]) {
      await go(hash);
      const section = page.locator('main > .view:not([hidden])');
      if (!/q=|summary|coverage$/.test(hash)) expect(await section.textContent()).toContain(evil);
      expect(await page.evaluate('document.querySelectorAll("main img, main iframe, main script").length')).toBe(0);
      expect(
        // Whatever a name holds, it leads to AWS's console or documentation, or nowhere.
        await page.evaluate(
          '[...document.querySelectorAll("a")].map((a) => a.getAttribute("href")).filter((href) => !href.startsWith("#") && !/^https:\\/\\/([a-z0-9-]+\\.)+amazon\\.com\\//.test(href))',
        ),
      ).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
