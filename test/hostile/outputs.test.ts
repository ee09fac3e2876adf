import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { summary } from '../../functions/cli/summary.ts';
import { openTables } from '../../functions/local/duckdb.ts';
import { type AsffPublisher, asffJson } from '../../functions/report/exports/asff.ts';
import { ocsfLines } from '../../functions/report/exports/ocsf.ts';
import { oscalJson } from '../../functions/report/exports/oscal.ts';
import { writeHtmlReport } from '../../functions/report/html/write-html-report.ts';
import { runEvents } from '../../functions/report/notify/run-events.ts';
import { runMessage } from '../../functions/report/notify/run-message.ts';
import { formatResult, RESULT_FORMATS } from '../../functions/report/queries/format.ts';
import { allRows } from '../../functions/report/queries/query-result.ts';
import type { FindingRow, RunRow } from '../../functions/report/tables/columns.ts';
import { HOSTILE } from '../../functions/simulator/presets/hostile.ts';
import { atDepth } from '../depth.ts';
import { packTo, signingPair } from '../report/evidence/scanned-root.ts';
import { unzipped } from '../report/evidence/zip-surgery.ts';
import { NO_NEWS } from '../report/sample-report.ts';
import { type ScannedWorld, scanWorld } from '../scan-world.ts';

/** What a terminal, a log or a mail program obeys; line breaks are the output's own. */
const OBEYED = /[^\P{Cc}\n]|[\p{Cf}\p{Cs}\u2028\u2029]/u;
/** Markup of theirs that would be markup, wherever it stands in a page. */
const MARKUP = /<script>alert|<img src=x|<svg\/onload/i;
const PLAIN = { out: process.stdout, err: process.stderr, style: (_: string, text: string) => text };

/** One scan of an organization in which every name, prefix, description and error message attacks its reader. */
describe('an organization of hostile names', () => {
  let world: ScannedWorld;
  let findings: FindingRow[];
  let run: RunRow;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trailseal-outputs-'));
    world = await scanWorld(
      {
        hostile: true,
        accounts: HOSTILE.length + 6,
        regions: atDepth({ quick: 2, deep: 3 }),
        seed: 11,
        deniedRoles: 0.1,
      },
      { ports: { extras: (report, store) => writeHtmlReport({ store, report, history: store }) } },
    );
    findings = await world.rows('findings');
    run = (await world.rows('runs'))[0] as RunRow;
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const joined = async (chunks: AsyncIterable<string>): Promise<string> => {
    let text = '';
    for await (const chunk of chunks) text += chunk;
    return text;
  };

  test('is kept as it is: every name can be found again by SQL, and names no file', async () => {
    const tables = await openTables({ store: world.store, runId: world.runId });
    try {
      const rows = await allRows(await tables.query('SELECT DISTINCT account_name FROM latest_coverage'));
      const names = new Set(rows.map((row) => row.account_name));
      // Half a pair cannot be written as UTF-8, and is replaced.
      for (const name of HOSTILE)
        expect([name.slice(0, 40), names.has(Buffer.from(name).toString())]).toEqual([name.slice(0, 40), true]);
    } finally {
      await tables.close();
    }
    for (const key of world.store.files.keys()) expect(key).toMatch(/^[\w./=-]+$/);
  });

  test('is safe in the terminal: the summary, and answers of queries in every format', async () => {
    expect(summary(world.report, PLAIN)).not.toMatch(OBEYED);
    const tables = await openTables({ store: world.store, runId: world.runId });
    try {
      for (const format of RESULT_FORMATS) {
        const sql = 'SELECT account_name, ou_path, error_message, reason FROM latest_coverage ORDER BY ALL';
        const text = await joined(
          formatResult(await tables.query(sql), { format, width: format === 'table' ? 100 : null }),
        );
        expect(text.length).toBeGreaterThan(5_000);
        // CSV is for programs: there a control character is data, between quotes.
        if (format !== 'csv') expect(text).not.toMatch(OBEYED);
        else expectNoFormulas(text);
      }
    } finally {
      await tables.close();
    }
  });

  test('is safe in a spreadsheet: no cell of findings.csv is a formula, and none breaks a row', () => {
    const text = world.store.text(`reports/${world.runId}/findings.csv`);
    expect(expectNoFormulas(text)).toBeGreaterThan(20);
  });

  test('is safe in a browser: report.html and the cover of an evidence pack', async () => {
    const html = world.store.text(`reports/${world.runId}/report.html`);
    expect(html).not.toMatch(MARKUP);
    const file = join(folder, 'pack.zip');
    await packTo(file, { store: world.store, runId: world.runId, signer: signingPair().signer });
    const files = await unzipped(file);
    for (const { path } of files) expect(path).toMatch(/^[\w./=-]+$/);
    const cover = files.find(({ path }) => path.endsWith('cover.html'))?.bytes.toString() ?? '';
    expect(cover.length).toBeGreaterThan(1_000);
    expect(cover).not.toMatch(MARKUP);
    expect(cover).not.toMatch(OBEYED);
    expect((await readFile(file)).length).toBeGreaterThan(1_000);
  });

  test('is safe in exports, messages and events, which stay what their readers parse', async () => {
    const publisher: AsffPublisher = {
      accountId: '111111111111',
      region: 'us-east-1',
      partition: 'aws',
    } as AsffPublisher;
    const ocsf = await joined(ocsfLines({ findings, run }));
    const asff = await joined(asffJson({ findings, run, publisher }));
    const oscal = await joined(oscalJson({ findings: () => findings, run }));
    for (const text of [ocsf, asff, oscal]) expect(text).not.toMatch(OBEYED);
    for (const line of ocsf.trimEnd().split('\n')) JSON.parse(line);
    JSON.parse(asff);
    JSON.parse(oscal);
    const { subject, body } = runMessage(world.report, { root: 's3://b', overdue: [], trails: NO_NEWS });
    expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
    expect(body).toMatch(/^[\x20-\x7e\n]+$/);
    for (const { detail } of runEvents(world.report, { root: 's3://b', overdue: [], trails: NO_NEWS }))
      expect(JSON.stringify(detail)).not.toMatch(/\n/);
  });
});

/** Whatever a spreadsheet would run begins with an apostrophe, and every record has all columns. @returns records */
function expectNoFormulas(text: string): number {
  const records = parse(text, { bom: true, relax_column_count: false }) as string[][];
  // A number alone is kept from being changed, and nothing to run.
  const cells = records.flat().filter((cell) => !/^="\d[\d.+Ee-]*"$/.test(cell));
  for (const cell of cells) expect(cell).not.toMatch(/^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u);
  return records.length;
}
