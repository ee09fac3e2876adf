import { existsSync } from 'node:fs';
import { figure, mustHold, type Scenario } from '../figure.ts';
import { runWorker } from '../worker.ts';
import type { BrowseInput, BrowseOutput } from '../workers/browse.ts';
import type { HtmlInput, HtmlOutput } from '../workers/html.ts';
import type { ReportInput, ReportOutput } from '../workers/report.ts';
import { grownRun } from './report.ts';
import { seconds } from './scan.ts';

const scenario = 'html';
const patient = { timeoutMs: 3_600_000 };
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

interface Size {
  accounts: number;
  regions: number;
  /** Megabytes of the file and milliseconds until it shows its first screen, where there is a goal. */
  goals?: { megabytes: number; open: number };
}

/** report.html: how large it is, what it takes to write, and how fast Chromium shows it. */
export const html: Scenario = {
  name: scenario,
  title: 'report.html: its size, what writing takes, and how fast it opens',
  async run({ quick, long, folder, say }) {
    const sizes: Size[] = quick
      ? [{ accounts: 1_000, regions: 17 }]
      : [
          { accounts: 10_000, regions: 17, goals: { megabytes: 10, open: 2_000 } },
          ...(long ? [{ accounts: 50_000, regions: 17 }] : []),
          { accounts: 50_000, regions: 34 },
        ];
    if (!existsSync(CHROMIUM)) say(`no ${CHROMIUM}: how fast it opens is left out (CHROMIUM names another)`);
    const figures = [];
    for (const { accounts, regions, goals } of sizes) {
      const at = `${accounts} × ${regions}`;
      say(`${at}: growing a scan`);
      const grown = await grownRun({ folder, model: quick ? 60 : 300, accounts, regions });
      const of = { root: grown.root, runId: grown.runId };
      await runWorker<ReportOutput>('report', of satisfies ReportInput, patient);
      say(`${at}: writing the page`);
      const { output: made, peakRssMb } = await runWorker<HtmlOutput>('html', of satisfies HtmlInput, patient);
      figures.push(
        figure(scenario, `${at}: size`, made.bytes / 1e6, 'MB', {
          ...(goals ? { goal: goals.megabytes } : {}),
          note: `${made.trails} trails, ${made.findings} open findings`,
        }),
        figure(scenario, `${at}: peak memory of writing`, peakRssMb, 'MB', { goal: 512, note: seconds(made.wallMs) }),
      );
      if (!existsSync(CHROMIUM)) continue;
      say(`${at}: opening it`);
      const browse: BrowseInput = { file: made.file, executable: CHROMIUM, times: quick ? 1 : 3 };
      const { output: seen } = await runWorker<BrowseOutput>('browse', browse, patient);
      mustHold(seen.accounts === grown.accounts, `the map shows ${seen.accounts} accounts`);
      mustHold(seen.errors.length === 0, `the page failed: ${seen.errors.join('; ').slice(0, 300)}`);
      figures.push(
        figure(scenario, `${at}: opens in`, seen.open, 'ms', goals ? { goal: goals.open } : {}),
        figure(scenario, `${at}: then the map, the first time`, seen.coverage, 'ms'),
        figure(scenario, `${at}: then the findings, the first time`, seen.findings, 'ms'),
        figure(scenario, `${at}: then a filter and a search`, seen.search, 'ms'),
      );
    }
    return figures;
  },
};
