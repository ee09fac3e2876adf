import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { TrailSealError } from '../../domain/model/errors.ts';
import { runKeys } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { readRunReport } from '../../report/run/run-report-file.ts';
import { selectRun } from '../../report/tables/tables.ts';
import { openAccess } from '../connection.ts';
import { openRoot } from '../report-root.ts';
import { summary } from '../summary.ts';
import type { Terminal } from '../terminal.ts';

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

/** `trailseal report`: the summary of a run; `--open` shows its page. */
export async function reportCommand(
  options: ResultOptions & { open?: boolean; json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const store = await openResults(options);
  const { row } = await selectRun(store, options.run);
  const report = await readRunReport(store, row.run_id);
  terminal.out.write(options.json ? `${JSON.stringify(report)}\n` : summary(report, terminal));
  if (options.open) openPage(options.report, row.run_id, terminal);
  return 0;
}

function openPage(root: string, runId: string, terminal: Terminal): void {
  const key = runKeys(runId).report('report.html');
  if (root.startsWith('s3://'))
    throw new TrailSealError('USAGE', `--open takes a local root: copy ${root}/${key} to this machine and open it.`);
  const page = resolve(root, key);
  const [command, ...before] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  if (!command) return;
  const opener = spawn(command, [...before, page], { stdio: 'ignore', detached: true });
  opener.on('error', () => terminal.err.write(`There is no program here to open a page with; it is at ${page}\n`));
  opener.unref();
  terminal.err.write(`Opening ${page}\n`);
}
