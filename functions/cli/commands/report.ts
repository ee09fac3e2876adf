import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TrailSealError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { createDirectoryStore } from '../../local/directory-store.ts';
import { writeHtmlReport } from '../../report/html/write-html-report.ts';
import type { RunReport } from '../../report/run/run-report.ts';
import { readRunReport } from '../../report/run/run-report-file.ts';
import { narrowedReport } from '../../report/scope/narrowed-report.ts';
import { narrowedStore } from '../../report/scope/narrowed-store.ts';
import { selectRun } from '../../report/tables/tables.ts';
import { openAccess } from '../connection.ts';
import { openRoot } from '../report-root.ts';
import { summary } from '../summary.ts';
import type { Terminal } from '../terminal.ts';
import { scopeOfRun } from './scope-of-run.ts';

/** What every command that reads results takes. */
export interface ResultOptions {
  report: string;
  run?: string;
  profile?: string;
}

/** Opens the root a command reads; only an S3 root makes a connection. */
export async function openResults(options: ResultOptions): Promise<ReportStore> {
  return openRoot(options.report, () => openAccess({ profile: options.profile }));
}

/** `trailseal report`: the summary of a run, or of a scope of it; `--open` shows its page. */
export async function reportCommand(
  options: ResultOptions & { open?: boolean; json?: boolean; scope?: string },
  terminal: Terminal,
): Promise<number> {
  const store = await openResults(options);
  const { report, page } = await (options.scope === undefined
    ? ofRun(store, options)
    : ofScope(store, { ...options, scope: options.scope }));
  terminal.out.write(options.json ? `${JSON.stringify(report)}\n` : summary(report, terminal));
  if (options.open) openPage(await page(), terminal);
  return 0;
}

interface Shown {
  report: RunReport;
  /** The path of its page. @throws TrailSealError USAGE where it is in S3 */
  page(): Promise<string>;
}

async function ofRun(store: ReportStore, { run, report: root }: ResultOptions): Promise<Shown> {
  const { row } = await selectRun(store, run);
  return {
    report: await readRunReport(store, row.run_id),
    async page() {
      const key = runKeys(row.run_id).report('report.html');
      if (root.startsWith('s3://'))
        throw new TrailSealError(
          'USAGE',
          `--open takes a local root: copy ${root}/${key} to this machine and open it.`,
        );
      return resolve(root, key);
    },
  };
}

/** The page of a scope is made when it is asked for, in a private folder that stays for the browser. */
async function ofScope(store: ReportStore, options: ResultOptions & { scope: string }): Promise<Shown> {
  const { run, asked, subset } = await scopeOfRun(store, options);
  const report = await narrowedReport({ store, run, asked, subset });
  return {
    report,
    async page() {
      const folder = createDirectoryStore(await mkdtemp(join(tmpdir(), 'trailseal-page-')));
      const narrowed = narrowedStore(store, asked);
      const written: ReportStore = { ...narrowed, write: (key, body) => folder.write(key, body) };
      await writeHtmlReport({ store: written, report, history: store });
      return join(folder.root, runKeys(run.row.run_id).report('report.html'));
    },
  };
}

function openPage(page: string, terminal: Terminal): void {
  const [command, ...before] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  if (!command) return;
  const opener = spawn(command, [...before, page], { stdio: 'ignore', detached: true });
  opener.on('error', () => terminal.err.write(`There is no program here to open a page with; it is at ${page}\n`));
  opener.unref();
  terminal.err.write(`Opening ${page}\n`);
}
