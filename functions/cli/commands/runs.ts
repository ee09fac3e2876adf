import { finishedRuns } from '../../report/tables/tables.ts';
import { columnsWithProse, lineWidth, sanitize, type Terminal } from '../terminal.ts';
import { openResults, type ResultOptions } from './report.ts';

/** Older ones are in `query --named run-history`. */
const SHOWN = 50;

/** `trailseal runs`: the finished runs of a root, newest first. */
export async function runsCommand(
  options: Omit<ResultOptions, 'run'> & { json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const store = await openResults(options);
  const rows: string[][] = [];
  const json: object[] = [];
  for await (const { row } of finishedRuns(store)) {
    if (options.json) json.push(row);
    else if (rows.length < SHOWN)
      rows.push([
        row.run_id,
        `${row.started_at.slice(0, 10)} ${row.started_at.slice(11, 16)}`,
        row.status,
        `${row.findings_failed} failed, ${row.findings_unverified} unverified, ${row.accounts} accounts${row.scope === 'FILTERED' ? `, filtered: ${sanitize(row.scope_filter ?? '')}` : ''}`,
      ]);
    else break;
  }
  if (options.json) terminal.out.write(`${JSON.stringify(json, null, 1)}\n`);
  else if (rows.length === 0) terminal.out.write(`There is no finished run in ${sanitize(store.root)}.\n`);
  else
    terminal.out.write(
      `${columnsWithProse(rows, lineWidth(terminal))}\n${rows.length === SHOWN ? '  … all of them: query --named run-history\n' : ''}`,
    );
  return 0;
}
