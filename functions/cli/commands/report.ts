import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { usageError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { createDirectoryStore } from '../../local/directory-store.ts';
import { type CurrentRuns, currentRuns } from '../../report/current/current-runs.ts';
import { presentStore } from '../../report/current/present-store.ts';
import { plural } from '../../report/html/words.ts';
import { writeHtmlReport } from '../../report/html/write-html-report.ts';
import type { RunReport } from '../../report/run/run-report.ts';
import { readRunReport } from '../../report/run/run-report-file.ts';
import { narrowedReport } from '../../report/scope/narrowed-report.ts';
import { narrowedStore } from '../../report/scope/narrowed-store.ts';
import { selectRun } from '../../report/tables/tables.ts';
import { openAccess } from '../connection.ts';
import { openRoot } from '../report-root.ts';
import { timingsOf } from '../scan/timings.ts';
import { summary } from '../summary.ts';
import { lineWidth, sanitize, type Terminal, wrapped } from '../terminal.ts';
import { sayUnknown, scopeOfRun } from './scope-of-run.ts';

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
  options: ResultOptions & { open?: boolean; json?: boolean; scope?: string; timings?: boolean },
  terminal: Terminal,
): Promise<number> {
  const root = await openResults(options);
  // A run that is asked for by its id is shown as it was.
  const current = options.run === undefined ? await currentRuns(root) : null;
  const store = current ? presentStore(root, current) : root;
  const { report, page } = await (options.scope === undefined
    ? ofRun(store, options)
    : ofScope(store, { ...options, scope: options.scope }));
  terminal.out.write(options.json ? `${JSON.stringify(report)}\n` : summary(report, terminal));
  if (options.timings && !options.json) terminal.out.write(timingsOf(report, terminal));
  if (!options.json && current && options.scope === undefined) terminal.out.write(since(current, terminal));
  if (options.open) openPage(await page(terminal), terminal);
  return 0;
}

/** Accounts that changes have had scanned again since the run, as of when, and what came of it. */
function since({ whole, byAccount }: CurrentRuns, terminal: Terminal): string {
  const runs = new Map([...byAccount.values()].map((run) => [run.row.run_id, run.row]));
  if (runs.size === 0) return '';
  const width = lineWidth(terminal);
  const newest = [...runs.values()].sort((a, b) => (a.run_id < b.run_id ? 1 : -1));
  const lines = newest.slice(0, RUNS_SINCE).map((row) => {
    const accounts = row.because_accounts.filter((account) => byAccount.get(account)?.row.run_id === row.run_id);
    const named = `${accounts.slice(0, 5).join(', ')}${accounts.length > 5 ? ` and ${accounts.length - 5} more` : ''}`;
    return `As of ${row.started_at.slice(0, 16).replace('T', ' ')} ${named}: ${row.findings_failed} failed, ${row.findings_unverified} unverified in run ${row.run_id} (${sanitize(row.scope_filter ?? '')})`;
  });
  const all = `Newer than the run, after changes: ${plural(byAccount.size, 'account')}. Each account: query --named current-state. The run alone: report --run ${whole?.row.run_id}`;
  return `\n${[all, ...lines].map((line) => wrapped(line, { indent: 2, width })).join('\n')}\n`;
}

const RUNS_SINCE = 5;

interface Shown {
  report: RunReport;
  /** The path of its page. @throws TrailSealError USAGE where it is in S3 */
  page(terminal: Terminal): Promise<string>;
}

async function ofRun(store: ReportStore, { run, report: root }: ResultOptions): Promise<Shown> {
  const { row } = await selectRun(store, run);
  const report = await readRunReport(store, row.run_id);
  return {
    report,
    async page() {
      if (report.present) return newPage(store, report);
      const key = runKeys(row.run_id).report('report.html');
      if (root.startsWith('s3://'))
        throw usageError(`--open takes a local root: copy ${root}/${key} to this machine and open it.`);
      return resolve(root, key);
    },
  };
}

async function ofScope(store: ReportStore, options: ResultOptions & { scope: string }): Promise<Shown> {
  const { run, asked, subset } = await scopeOfRun(store, options);
  const report = await narrowedReport({ store, run, asked, subset });
  return {
    report,
    async page(terminal) {
      const { store: narrowed, unknown } = narrowedStore(store, asked);
      const made = await newPage(narrowed, report, store);
      sayUnknown(unknown, terminal);
      return made;
    },
  };
}

/** A page that is in no root is made when it is asked for, in a private folder that stays for the browser. */
async function newPage(store: ReportStore, report: RunReport, history: ReportStore = store): Promise<string> {
  const folder = createDirectoryStore(await mkdtemp(join(tmpdir(), 'trailseal-page-')));
  const written: ReportStore = { ...store, write: (key, body) => folder.write(key, body) };
  await writeHtmlReport({ store: written, report, history });
  return join(folder.root, runKeys(report.run.run_id).report('report.html'));
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
