import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { createDirectoryStore } from '../../../functions/local/directory-store.ts';
import { openTables, type Tables } from '../../../functions/local/duckdb.ts';
import { trailseal } from '../../cli/trailseal.ts';
import { describeWithChromium, type OpenedPage, openPage, shown, startChromium } from './chromium.ts';
import { type SimulatedReport, simulatedReport } from './simulated-report.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Words of headings, heads of tables and numbers that are broken within: none of them may. */
const BROKEN_WORDS = `[...document.querySelectorAll('main > .view:not([hidden]) :is(h1, h2, h3, th, .count, .verdict, .severity, .status-badge, figcaption, td.number)')]
  .filter((element) => element.checkVisibility())
  .flatMap((element) => [...element.childNodes].filter(({ nodeType }) => nodeType === 3))
  .flatMap((node) => [...node.data.matchAll(/[A-Za-z0-9,]+/g)].filter(([word]) => word.length < 25).flatMap(({ 0: word, index }) => {
    const range = document.createRange();
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1 ? [word] : [];
  }))`;

describeWithChromium('report.html of a simulated organization', () => {
  let folder: string;
  let made: SimulatedReport;
  let tables: Tables;
  let browser: Browser;
  let opened: OpenedPage;
  let page: Page;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'trailseal-html-'));
    made = await simulatedReport(join(folder, 'report'), { spec: 'accounts=60,regions=6,seed=11', times: 2 });
    tables = await openTables({ store: createDirectoryStore(made.root) });
    browser = await startChromium();
    opened = await openPage(browser, newest().file);
    page = opened.page;
  });
  afterAll(async () => {
    await browser?.close();
    await tables?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const newest = () => {
    const run = made.runs.at(-1);
    if (!run) throw new Error('no run');
    return run;
  };
  /** The rows of a query, each as the list of its values. */
  const sql = async (query: string): Promise<unknown[][]> => {
    const rows: unknown[][] = [];
    for await (const row of (await tables.query(query)).rows) rows.push(Object.values(row));
    return rows;
  };
  const count = async (query: string): Promise<number> => Number((await sql(query))[0]?.[0]);
  const text = (selector: string): Promise<string> => page.locator(selector).innerText();
  const numbers = (of: string): number[] => [...of.matchAll(/\d[\d,]*/g)].map(([n]) => Number(n.replaceAll(',', '')));
  const matched = async (): Promise<number> => numbers(await text('#matches'))[0] ?? Number.NaN;

  test('the first screen says what DuckDB says', async () => {
    await opened.go('#/summary');
    const worst = await sql(`
      WITH ranked AS (SELECT account_id, min(list_position(
        ['UNENCRYPTED','NO_TRAIL','NOT_LOGGING','BROKEN','FOREIGN_KEY','UNVERIFIED','ENCRYPTED','NOT_APPLICABLE'], verdict)) AS place
        FROM latest_coverage GROUP BY account_id)
      SELECT ['UNENCRYPTED','NO_TRAIL','NOT_LOGGING','BROKEN','FOREIGN_KEY','UNVERIFIED','ENCRYPTED','NOT_APPLICABLE'][place], count(*) FROM ranked GROUP BY 1`);
    const cards = await page.locator('#account-cards .card').all();
    expect(cards).toHaveLength(8);
    for (const card of cards) {
      const verdict = await card.getAttribute('data-verdict');
      const expected = worst.find(([name]) => name === verdict)?.[1] ?? 0;
      expect([verdict, Number(await card.locator('.count').innerText())]).toEqual([verdict, Number(expected)]);
    }
    const states = await sql('SELECT state, count(*) FROM latest_coverage GROUP BY 1');
    const rows = await page.locator('#states tbody tr').all();
    expect(rows).toHaveLength(states.length);
    for (const row of rows) {
      const [name, number] = [await row.locator('th').innerText(), await row.locator('td').first().innerText()];
      expect([name, numbers(number)[0]]).toEqual([name, Number(states.find(([state]) => state === name)?.[1])]);
    }
    for (const [status, expected] of await sql('SELECT status, count(*) FROM latest_findings GROUP BY 1')) {
      const row = page
        .locator('#statuses tbody tr')
        .filter({ has: page.getByRole('rowheader', { name: String(status), exact: true }) });
      expect([status, numbers(await row.locator('td').first().innerText())[0]]).toEqual([status, Number(expected)]);
    }
    const run = newest();
    expect(await text('.status')).toContain(run.report.run.status);
    const causes = await page.locator('#causes > li').all();
    for (const item of causes) {
      const id = await item.getAttribute('data-cause');
      const [expected] = await sql(
        `SELECT count(*), any_value(root_cause), any_value(root_cause_fix) FROM latest_findings WHERE root_cause_id = '${id}'`,
      );
      const shownText = await item.innerText();
      expect(shownText).toContain(`${expected?.[0]} finding`);
      expect(shownText).toContain(String(expected?.[1]));
      expect(shownText).toContain(String(expected?.[2]));
    }
    expect(await page.locator('[data-change="still_failing"]').innerText()).toContain(
      String(run.report.changes.still_failing),
    );
    expect(run.report.changes.previous_run_id).toBe(made.runs[0]?.id);
  });

  test('history has a bar for each run, with its numbers as a table', async () => {
    await opened.go('#/summary');
    await page.locator('#chart-history details summary').click();
    const expected = await sql('SELECT encrypted FROM runs ORDER BY run_id');
    const found = await page.locator('#chart-history tbody tr').all();
    expect(found).toHaveLength(2);
    for (const [index, row] of found.entries())
      expect(numbers(await row.locator('td').first().innerText())[0]).toBe(Number(expected[index]?.[0]));
    expect(await page.locator('#chart-history svg').first().getAttribute('aria-label')).toContain('2 runs');
  });

  test('the map counts and colours as DuckDB does, and drills from an OU to an account to its regions', async () => {
    await opened.go('#/coverage');
    for (const row of await page.locator('#map tbody tr[data-ou]').all()) {
      const ou = String(await row.getAttribute('data-ou')).replaceAll("'", "''");
      const expected = await sql(
        `SELECT region, verdict, count(*) FROM latest_coverage WHERE ou_path = '${ou}' OR starts_with(ou_path, '${ou}/') GROUP BY ALL`,
      );
      const labels = await row
        .locator('td a')
        .evaluateAll((links) => links.map((l) => String(l.getAttribute('aria-label'))));
      for (const label of labels) {
        const region = label.split(/[:,]/)[0];
        const sum = numbers(label.slice(label.indexOf(':'))).reduce((a, b) => a + b, 0);
        const of = expected.filter(([name]) => name === region);
        expect([label, sum]).toEqual([label, of.reduce((a, [, , n]) => a + Number(n), 0)]);
        const sealed = Number(of.find(([, verdict]) => verdict === 'ENCRYPTED')?.[2] ?? 0);
        if (sealed > 0) expect(label).toContain(`${sealed} encrypted`);
      }
    }
    await page.locator('#map tbody tr[data-ou] th a').last().click();
    await shown(page);
    await opened.go('#/coverage?by=accounts');
    const first = page.locator('#map tbody tr[data-account]').first();
    const account = String(await first.getAttribute('data-account'));
    await first.locator('td a').nth(2).click();
    await shown(page);
    expect(page.url()).toContain(`#/account/${account}?region=`);
    const verdicts = await sql(
      `SELECT region, verdict, state FROM latest_coverage WHERE account_id = '${account}' ORDER BY region`,
    );
    const rows = await page
      .locator('#targets tbody tr')
      .evaluateAll((all) =>
        all.map((r) => [String(r.getAttribute('data-region')), String(r.children[2]?.textContent)]),
      );
    expect(rows).toEqual(verdicts.map(([region, , state]) => [region, state]));
    expect(await page.locator('#targets tr[aria-current="true"]').count()).toBe(1);
  });

  test.each([
    ['trails', 'SELECT count(*) FROM latest_trails'],
    ['keys', 'SELECT count(*) FROM latest_keys'],
    ['buckets', 'SELECT count(*) FROM latest_buckets'],
    [
      'findings',
      "SELECT count(*) FROM latest_findings WHERE resource_type <> 'target' OR status NOT IN ('PASS','NOT_APPLICABLE')",
    ],
    ['findings?status=FAIL', "SELECT count(*) FROM latest_findings WHERE status = 'FAIL'"],
    [
      'findings?status=UNVERIFIED&control=region-recorded',
      "SELECT count(*) FROM latest_findings WHERE status = 'UNVERIFIED' AND control_id = 'region-recorded'",
    ],
    [
      'findings?type=trail&q=account-trail%20us-east-1',
      "SELECT count(*) FROM latest_findings WHERE resource_type = 'trail' AND resource_arn LIKE '%account-trail%' AND resource_arn LIKE '%us-east-1%'",
    ],
    [
      'trails?verdict=SEALED&organization=false',
      "SELECT count(*) FROM latest_trails WHERE verdict = 'SEALED' AND NOT is_organization",
    ],
    ['keys?rotation=true', 'SELECT count(*) FROM latest_keys WHERE rotation_enabled'],
    [
      'coverage?by=accounts&worst=ENCRYPTED',
      "SELECT count(*) FROM (SELECT account_id FROM latest_coverage GROUP BY 1 HAVING bool_or(verdict = 'ENCRYPTED') AND bool_and(verdict IN ('ENCRYPTED', 'NOT_APPLICABLE')))",
    ],
  ])('#/%s lists as many rows as DuckDB finds', async (hash, query) => {
    await opened.go(`#/${hash}`);
    const expected = await count(query);
    expect(await matched()).toBe(expected);
    const drawn = await page.locator('#view table:not(#decrypt-table) tbody tr').count();
    expect(drawn).toBe(Math.min(expected, hash.startsWith('coverage') ? 60 : 50));
  });

  test('a filter that is chosen goes into the hash, and comes back from it', async () => {
    await opened.go('#/findings');
    await page.selectOption('#filter-severity', 'CRITICAL');
    await shown(page, '#/findings?severity=CRITICAL');
    await page.fill('#search', 'key-usable');
    await shown(page, '#/findings?severity=CRITICAL&q=key-usable');
    const expected = await count(
      "SELECT count(*) FROM latest_findings WHERE severity = 'CRITICAL' AND control_id = 'trail-key-usable'",
    );
    expect(await matched()).toBe(expected);
    const again = await openPage(browser, newest().file, { hash: '#/findings?severity=CRITICAL&q=key-usable' });
    expect(numbers(await again.page.locator('#matches').innerText())[0]).toBe(expected);
    expect(await again.page.inputValue('#search')).toBe('key-usable');
    await again.page.context().close();
    await page.click('#clear');
    await shown(page, '#/findings');
  });

  test('sorts both ways, and pages', async () => {
    await opened.go('#/findings?type=target');
    await page.click('[data-sort="account_id"]');
    await shown(page, '#/findings?type=target&sort=account_id');
    const first = () => page.locator('#findings-table tbody tr td:nth-child(4) a').first().innerText();
    const [low, high] =
      (
        await sql(
          "SELECT min(account_id), max(account_id) FROM latest_findings WHERE resource_type = 'target' AND status NOT IN ('PASS','NOT_APPLICABLE')",
        )
      )[0] ?? [];
    expect(await first()).toContain(String(low));
    await page.click('[data-sort="account_id"]');
    await shown(page, '#/findings?type=target&sort=account_id&dir=desc');
    expect(await first()).toContain(String(high));
    expect(await page.locator('th[aria-sort="descending"]').innerText()).toContain('Account');
    await page.click('#page-last');
    await shown(page);
    expect(await first()).not.toContain(String(high));
    const total = await matched();
    expect(await text('#page-number')).toBe(`Page ${Math.ceil(total / 50)} of ${Math.ceil(total / 50)}`);
    expect(await page.locator('#findings-table tbody tr').count()).toBe(((total - 1) % 50) + 1);
  });

  test('dead keys lead the table of keys, unknown ones follow', async () => {
    await opened.go('#/keys');
    const states = await page.locator('#keys-table tbody tr td:nth-child(2)').allInnerTexts();
    const place = (state: string) => (state === 'Enabled' ? 2 : state === 'unknown' ? 1 : 0);
    expect(new Set(states.map(place))).toEqual(new Set([0, 1, 2]));
    expect(states.map(place)).toEqual(states.map(place).toSorted());
  });

  test('the download holds the rows that match, as the table has them', async () => {
    await opened.go('#/findings?status=FAIL');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    const rows = parse(readFileSync(await download.path()), { columns: true, bom: true }) as Record<string, string>[];
    const columns = [
      'finding_id',
      'control_id',
      'status',
      'severity',
      'account_id',
      'region',
      'resource_arn',
      'expected',
      'observed',
      'detail',
      'root_cause_id',
    ];
    const expected = await sql(
      `SELECT ${columns.join(', ')}, array_to_string(evidence_refs, ' | ') FROM latest_findings WHERE status = 'FAIL'`,
    );
    const key = (cells: unknown[]) => JSON.stringify(cells.map((cell) => (cell === null ? '' : String(cell))));
    // Ids are told to a spreadsheet as text.
    const plain = (text: string | undefined) => text?.replace(/^="(\d{12})"$/, '$1');
    expect(rows[0]?.account_id).toMatch(/^="\d{12}"$/);
    expect(rows.map((row) => key([...columns.map((name) => plain(row[name])), row.evidence_refs])).sort()).toEqual(
      expected.map(key).sort(),
    );
  });

  test('a trail has a page of its own: verdict, evidence, and the fix as trailseal remediate writes it', async () => {
    const [row] = await sql(
      "SELECT t.trail_arn, t.bucket, f.observed, f.evidence_refs[1], f.root_cause_id FROM latest_trails t JOIN latest_findings f ON f.resource_arn = t.trail_arn WHERE t.verdict = 'UNSEALED' AND f.status = 'FAIL' AND f.control_id = 'trail-kms-encrypted' ORDER BY 1 LIMIT 1",
    );
    const [arn, cause] = [String(row?.[0]), String(row?.[4])];
    await opened.go(`#/trail/${encodeURIComponent(arn)}`);
    const body = String(await page.locator('#view').textContent());
    for (const value of row?.slice(0, 4) ?? []) expect(body).toContain(String(value));
    for (const format of ['aws-cli', 'terraform', 'console']) {
      const words = ['remediate', '--report', made.root, '--trail', arn, '--cause', cause, '--format', format];
      const { out } = await trailseal(words);
      const written = await page.locator('.fix-format pre code').allTextContents();
      expect(out.length).toBeGreaterThan(200);
      expect([format, written.some((content) => content.length > 200 && out.includes(content.trim()))]).toEqual([
        format,
        true,
      ]);
    }
  });

  test('the fix of a stopped trail without a key waits for no delivery, as the command does not', async () => {
    const [row] = await sql(
      "SELECT t.trail_arn, f.root_cause_id FROM latest_trails t JOIN latest_findings f ON f.resource_arn = t.trail_arn WHERE t.verdict = 'UNSEALED' AND NOT t.is_logging AND f.control_id = 'trail-kms-encrypted' ORDER BY 1 LIMIT 1",
    );
    const [arn, cause] = [String(row?.[0]), String(row?.[1])];
    await opened.go(`#/trail/${encodeURIComponent(arn)}`);
    const words = ['remediate', '--report', made.root, '--trail', arn, '--cause', cause, '--format', 'aws-cli'];
    const { out } = await trailseal(words);
    const [script = ''] = await page.locator('.fix-format pre code').allTextContents();
    expect(out).toContain(script.trim());
    expect(script).toContain('Delivery is not waited for');
    expect(script).not.toMatch(/^delivered /m);
  });

  test('answers of the frameworks are those of report.json, with the disclaimer', async () => {
    await opened.go('#/frameworks');
    expect(await text('#frameworks')).toContain('do not by themselves ensure compliance');
    for (const result of newest().report.frameworks) {
      const row = page.locator(`tr[data-framework="${result.frameworkId}"]`);
      const cells = await row.locator('td').evaluateAll((all) => all.map((cell) => Number(cell.textContent)));
      expect([result.frameworkId, ...cells]).toEqual([result.frameworkId, ...Object.values(result.outcomes)]);
    }
  });

  const VIEWS = [
    '#/summary',
    '#/coverage',
    '#/coverage?by=accounts',
    '#/findings',
    '#/trails',
    '#/keys',
    '#/buckets',
    '#/frameworks',
  ];
  /** What a scheme of colours changes. */
  const COLOURS = ['color-contrast', 'link-in-text-block'];
  test.each([
    [1920, 'axe finds nothing in light and in dark, and nothing sticks out'],
    [320, 'axe finds nothing in light and in dark, and nothing sticks out'],
    // No rule of style is for these widths alone.
    [1280, 'nothing sticks out'],
    [390, 'nothing sticks out'],
  ])('at %i pixels %s', async (width, what) => {
    const other = await openPage(browser, newest().file, { width, height: 800 });
    await other.page.evaluate(AXE);
    const account = newest().report.worst_findings[0]?.account_id ?? '';
    const trail = newest().report.worst_findings.find((f) => f.resource_arn.includes(':trail/'))?.resource_arn ?? '';
    const [[key, bucket] = []] = await sql(
      'SELECT kms_key_arn, bucket FROM latest_trails WHERE kms_key_arn IS NOT NULL ORDER BY 1 LIMIT 1',
    );
    for (const hash of [
      ...VIEWS,
      `#/account/${account}`,
      `#/trail/${encodeURIComponent(trail)}`,
      `#/finding/${newest().report.worst_findings[0]?.finding_id}`,
      `#/key/${encodeURIComponent(String(key))}`,
      `#/bucket/${String(bucket)}`,
      '#/findings?cols=status,observed,detail',
      '#/account/nobody',
      `#/frameworks/${newest().report.frameworks[0]?.frameworkId}`,
    ]) {
      await other.go(hash);
      // What is hidden is not looked through, but for once: the frameworks are many.
      const seen =
        hash === '#/summary' ? 'document' : `{ include: [['.top'], ['main > .view:not([hidden])'], ['footer']] }`;
      const schemes = [
        ['light', { rules: { 'target-size': { enabled: true } } }],
        ['dark', { runOnly: COLOURS }],
      ] as const;
      for (const [colorScheme, options] of what.startsWith('axe') ? schemes : []) {
        await other.page.emulateMedia({ colorScheme });
        const violations = (await other.page.evaluate(
          `axe.run(${seen}, ${JSON.stringify({ resultTypes: ['violations'], ...options })}).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html.slice(0, 160)).slice(0, 3).join(" | ")))`,
        )) as string[];
        expect([hash, colorScheme, violations]).toEqual([hash, colorScheme, []]);
      }
      expect([hash, await other.page.evaluate('document.documentElement.scrollWidth')]).toEqual([hash, width]);
      expect([hash, await other.page.evaluate(BROKEN_WORDS)]).toEqual([hash, []]);
    }
    expect(other.complaints).toEqual([]);
    await other.page.context().close();
  });

  test('parts of bars tell on hover and on focus, move by arrows, and lead to as many rows as they say', async () => {
    await opened.go('#/summary');
    const parts = page.locator('#chart-ous svg[data-drawn="broad"] a');
    const first = parts.first();
    const words = String(await first.getAttribute('aria-label'));
    await first.locator('path').first().hover();
    expect(await text('#tip')).toBe(words);
    await page.mouse.move(1, 1);
    expect(await page.locator('#tip').isVisible()).toBe(false);
    await first.focus();
    expect(await text('#tip')).toBe(words);
    await page.keyboard.press('ArrowDown');
    const next = String(await page.evaluate('document.activeElement.getAttribute("aria-label")'));
    expect([next === words, await text('#tip')]).toEqual([false, next]);
    expect(await page.locator('#chart-ous svg[data-drawn="broad"] [tabindex="0"]').count()).toBe(1);
    const links = await parts.evaluateAll((all) =>
      all.map((one) => [String(one.getAttribute('aria-label')), String(one.getAttribute('href'))]),
    );
    for (const [label = '', href = ''] of links.slice(0, 8)) {
      await opened.go(href);
      expect([label, await matched()]).toEqual([label, numbers(label.slice(label.indexOf(':')))[0]]);
    }
    await opened.go('#/summary');
    const control = page.locator('#chart-controls svg[data-drawn="broad"] a[href*="status=FAIL"]').first();
    const failing = numbers(String(await control.getAttribute('aria-label')).split(':')[1] ?? '')[0];
    await control.focus();
    await page.keyboard.press('Enter');
    await shown(page);
    expect(await matched()).toBe(failing);
    await opened.go('#/coverage');
    await page.locator('#map .cell a').nth(4).hover();
    expect(await text('#tip')).toBe(await page.locator('#map .cell a').nth(4).getAttribute('aria-label'));
  });

  test('on a phone charts fit and can be read, and a row of a table is a block with the names of its columns', async () => {
    const phone = await openPage(browser, newest().file, { width: 390, height: 844 });
    const drawn = await phone.page.locator('.chart svg:visible').evaluateAll((all) =>
      all.map((svg) => {
        const { width, right } = svg.getBoundingClientRect();
        const letters = [...svg.querySelectorAll('text')].map((one) =>
          Number.parseFloat(String(one.getAttribute('font-size'))),
        );
        const scale = width / Number(String(svg.getAttribute('viewBox')).split(' ')[2]);
        return { fits: right <= 390, smallest: Math.min(...letters) * scale };
      }),
    );
    expect(drawn).toHaveLength(4);
    for (const { fits, smallest } of drawn) expect([fits, smallest >= 10]).toEqual([true, true]);
    await phone.go('#/findings?type=trail&status=FAIL');
    const cell = phone.page.locator('#findings-table tbody tr').first().locator('td').nth(2);
    const box = await cell.boundingBox();
    expect([Number(box?.width) > 300, Number(box?.height) < 60]).toEqual([true, true]);
    expect(await cell.evaluate((td) => getComputedStyle(td, '::before').content)).toBe('"Control"');
    await phone.page.context().close();
  });

  test('a requirement leads to its open findings, each with its fix, and the command of the pack can be copied', async () => {
    const requirement = newest()
      .report.frameworks.flatMap(({ frameworkId, requirements }) =>
        requirements.map((one) => ({ frameworkId, ...one })),
      )
      .find(({ counts, controls }) => counts.FAIL > 0 && controls.length > 1);
    await opened.go(`#/frameworks/${requirement?.frameworkId}`);
    expect(await text('#frameworks-title')).not.toBe('Frameworks');
    expect(await page.locator('.framework:visible').count()).toBe(1);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('.framework:visible .copy').click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `trailseal evidence --framework ${requirement?.frameworkId} --out ${requirement?.frameworkId}.zip`,
    );
    const open = page.locator('.framework:visible .requirement a[href*="status=FAIL,UNVERIFIED"]').first();
    const said = numbers(await open.innerText())[0];
    await open.click();
    await shown(page);
    expect(await matched()).toBe(said);
    const fix = page.locator('#findings-table tbody tr').first().locator('td[data-label="Fix"] a');
    expect(await fix.getAttribute('href')).toMatch(/^#\/findings\?cause=rc-[0-9a-f]{12}$/);
    await fix.click();
    await shown(page);
    expect(await text('#view .notice')).toContain('trailseal remediate --cause rc-');
    await opened.go('#/frameworks');
    expect(await text('#frameworks-title')).toBe('Frameworks');
  });

  test('the keyboard alone goes everywhere', async () => {
    const other = await openPage(browser, newest().file);
    const { page: typed } = other;
    await typed.keyboard.press('Tab');
    expect(await typed.evaluate('document.activeElement.id')).toBe('skip');
    await typed.keyboard.press('Tab');
    await typed.keyboard.press('Tab');
    await typed.keyboard.press('Enter');
    await shown(typed, '#/coverage');
    expect(await typed.evaluate('document.activeElement.id')).toBe('view');
    for (let presses = 0; presses < 12; presses++) {
      await typed.keyboard.press('Tab');
      if (await typed.evaluate('document.activeElement.closest("#map") !== null')) break;
    }
    await typed.keyboard.press('ArrowDown');
    await typed.keyboard.press('ArrowRight');
    const label = await typed.evaluate('document.activeElement.getAttribute("aria-label")');
    expect(label).toMatch(/^[a-z]+-[a-z]+-\d[:,] /);
    await typed.keyboard.press('Tab');
    expect(await typed.evaluate('document.activeElement.closest("#map") === null')).toBe(true);
    await typed.keyboard.press('Shift+Tab');
    expect(await typed.evaluate('document.activeElement.getAttribute("aria-label")')).toBe(label);
    await typed.keyboard.press('Enter');
    await shown(typed);
    expect(typed.url()).toContain('#/coverage?ou=');
    await other.go('#/findings');
    await typed.focus('[data-sort="region"]');
    await typed.keyboard.press('Enter');
    await shown(typed, '#/findings?sort=region');
    expect(await typed.evaluate('document.activeElement.dataset.sort')).toBe('region');
    await typed.context().close();
  });

  test('printed it is what is seen; the summary on two pages at most', async () => {
    const printed = async (hash: string) => {
      await opened.go(hash);
      const pdf = (await page.pdf({ preferCSSPageSize: true, printBackground: true })).toString('latin1');
      return (pdf.match(/\/Type\s*\/Page\b/g) ?? []).length;
    };
    const pages = await printed('#/summary');
    expect([pages > 0, pages <= 2]).toEqual([true, true]);
    await opened.go('#/findings?status=FAIL');
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('#findings-table').isVisible()).toBe(true);
    expect(await page.locator('#summary').isVisible()).toBe(false);
    await opened.go('#/summary');
    expect(await page.locator('#overview-map').isVisible()).toBe(true);
    await page.emulateMedia({ media: null });
  });

  test('a finding, a key and a bucket have pages with links to one another and to the AWS Console', async () => {
    const [row] = await sql(
      "SELECT f.finding_id, f.observed, t.kms_key_arn, t.bucket, t.trail_arn FROM latest_trails t JOIN latest_findings f ON f.resource_arn = t.trail_arn WHERE t.kms_key_arn IS NOT NULL AND f.status = 'FAIL' ORDER BY 1 LIMIT 1",
    );
    const [id, seen, key, bucket, trail] = (row ?? []).map(String);
    await opened.go(`#/findings?arn=${encodeURIComponent(String(trail))}&cols=observed`);
    await page.locator(`#findings-table a[href="#/finding/${id}"]`).click();
    await shown(page, `#/finding/${id}`);
    expect(await page.locator('#view').innerText()).toContain(
      String(seen).replaceAll(/T(\d\d:\d\d:\d\d)\.\d+Z/g, ' $1 UTC'),
    );
    expect(await page.title()).toMatch(/^.+ · TrailSeal (COMPLETE|PARTIAL) /);
    const [, , , region] = String(trail).split(':');
    const console = page.locator('#view a.outside').first();
    expect(await console.getAttribute('href')).toBe(
      `https://${region}.console.aws.amazon.com/cloudtrailv2/home?region=${region}#/trails/${encodeURIComponent(String(trail))}`,
    );
    for (const [hash, wanted] of [
      [`#/key/${encodeURIComponent(String(key))}`, String(trail)],
      [`#/bucket/${bucket}`, String(trail)],
    ] as const) {
      await opened.go(hash);
      expect(await page.locator(`#view a[href="#/trail/${encodeURIComponent(wanted)}"]`).count()).toBeGreaterThan(0);
    }
    await opened.go('#/finding/0');
    expect(await text('#view-title')).toBe('Finding not found');
  });

  test('columns are chosen into the hash, and a slash goes to the search', async () => {
    await opened.go('#/keys');
    await page.locator('#columns').click();
    await page.locator('#column-origin').uncheck();
    await page.locator('#column-multi_region').check();
    await shown(page);
    expect(page.url()).toContain('cols=');
    const heads = (await page.locator('#keys-table thead th').allInnerTexts()).map((head) => head.trim().toLowerCase());
    expect([heads.includes('origin'), heads.includes('multi region')]).toEqual([false, true]);
    await page.locator('#columns').click();
    await page.keyboard.press('/');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
    await opened.go('#/summary');
    await page.locator('body').press('/');
    await shown(page, '#/findings');
    expect(await page.evaluate('document.activeElement.id')).toBe('search');
  });

  test('the first screen has the map of organizational units and Regions', async () => {
    await opened.go('#/summary');
    await page.locator('#overview-map tbody tr[data-ou]').first().waitFor();
    expect(await page.locator('#overview-map thead th.region').count()).toBe(
      await count('SELECT count(DISTINCT region) FROM latest_coverage'),
    );
  });

  test('nothing was complained of, and nothing was asked of a network', () => {
    expect(opened.complaints).toEqual([]);
  });
});
