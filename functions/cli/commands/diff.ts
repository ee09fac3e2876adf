import { once } from 'node:events';
import {
  CHANGE_KINDS,
  type ComparedFinding,
  type ComparedRun,
  type ComparedTarget,
  diffRuns,
  type RunChange,
} from '../../domain/judge/diff.ts';
import { decidedBy } from '../../domain/judge/finding-words.ts';
import { usageError } from '../../domain/model/errors.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { SEVERITIES, type Severity, zeros } from '../../domain/model/vocabulary.ts';
import { openTables, type Tables } from '../../local/duckdb.ts';
import { type FinishedRun, finishedRuns, requireTables, selectRun } from '../../report/tables/tables.ts';
import { foldedColumns, lineWidth, sanitize, type Terminal, wrapped } from '../terminal.ts';
import { openResults, type ResultOptions } from './report.ts';

/** Lines of each kind, in the text; `--json` has every change. */
const SHOWN = 25;

/** A row of `findings`, as far as a reader of the difference wants it. */
interface DiffFinding extends ComparedFinding {
  control_id: string;
  severity: string;
  reason: string | null;
  account_name: string | null;
  resource_arn: string;
  observed: string | null;
  waiver_id: string | null;
  waived_until: string | null;
}

type Kind = (typeof CHANGE_KINDS)[number];

/** `trailseal diff [RUN_A] [RUN_B]`: 0 nothing new fails, 2 something does. */
export async function diffCommand(
  [earlier, later]: readonly [string | undefined, string | undefined],
  options: Omit<ResultOptions, 'run'> & { json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const store = await openResults(options);
  const after = await selectRun(store, later);
  const before = await selectRun(store, earlier ?? (await previousOf(store, after)));
  for (const run of [before, after]) await requireTables(store, run, ['coverage', 'findings']);
  for (const note of notes(before, after))
    terminal.err.write(
      `${wrapped(`Note: ${sanitize(note)}`, { indent: 6, width: terminal.err.isTTY ? lineWidth({ out: terminal.err }) : Number.POSITIVE_INFINITY })}\n`,
    );
  const tables = await openTables({ store, runId: after.row.run_id });
  try {
    const changes = diffRuns({ before: await compared(tables, before), after: await compared(tables, after) });
    const counts = options.json
      ? await writeJson(changes, { before, after, out: terminal.out })
      : await writeText(changes, { before, after, terminal });
    return counts.NEWLY_FAILING > 0 ? 2 : 0;
  } finally {
    await tables.close();
  }
}

/** The run that a later one is compared with where none is named: the newest before it of the same scope and filter. */
async function previousOf(store: ReportStore, { row: after }: FinishedRun): Promise<string> {
  for await (const { row } of finishedRuns(store))
    if (row.run_id < after.run_id && row.scope === after.scope && row.scope_filter === after.scope_filter)
      return row.run_id;
  throw usageError(
    `There is no run of the same scope before ${after.run_id} to compare it with: \`trailseal runs\` lists what there is.`,
  );
}

/** What makes two runs hard to compare. */
function notes({ row: before }: FinishedRun, { row: after }: FinishedRun): string[] {
  const all: string[] = [];
  if (before.run_id === after.run_id)
    throw usageError('Both runs are the same: give the earlier one, then the later one.');
  if (before.run_id > after.run_id)
    all.push(`${before.run_id} is the later run: what is called new was there before. The earlier one comes first.`);
  const scope = ({ scope, scope_filter }: FinishedRun['row']) => scope_filter ?? scope;
  if (scope(before) !== scope(after))
    all.push(`The runs have different scopes: ${scope(before)}, then ${scope(after)}.`);
  for (const { run_id, status } of [before, after]) {
    if (status === 'PARTIAL') all.push(`Run ${run_id} is PARTIAL: what it did not see is not counted as fixed.`);
  }
  return all;
}

/** Both tables in the order that a comparison needs, row by row. */
async function compared(tables: Tables, { row, runDate }: FinishedRun): Promise<ComparedRun<DiffFinding>> {
  const parameters = { run: row.run_id, date: runDate };
  const coverage = await tables.query(
    'SELECT account_id, region, state FROM coverage WHERE run_date = $date AND run_id = $run ORDER BY account_id, region',
    parameters,
  );
  const findings = await tables.query(
    `SELECT finding_id, control_id, status, reason, severity, account_id, account_name, region, resource_type,
       resource_arn, observed, first_seen_at, waiver_id, waived_until
     FROM findings WHERE run_date = $date AND run_id = $run ORDER BY finding_id`,
    parameters,
  );
  return {
    coverage: coverage.rows as AsyncIterable<unknown> as AsyncIterable<ComparedTarget>,
    findings: findings.rows as AsyncIterable<unknown> as AsyncIterable<DiffFinding>,
  };
}

interface Runs {
  before: FinishedRun;
  after: FinishedRun;
}

/** One JSON object, written as it comes: `{before, after, changes: […], counts}`. */
async function writeJson(
  changes: AsyncIterable<RunChange<DiffFinding>>,
  { before, after, out }: Runs & { out: NodeJS.WriteStream },
): Promise<Record<Kind, number>> {
  const counts = zeros(CHANGE_KINDS);
  out.write(`{"before":${JSON.stringify(named(before))},"after":${JSON.stringify(named(after))},"changes":[`);
  let separator = '\n';
  for await (const change of changes) {
    counts[change.kind] += 1;
    if (!out.write(`${separator}${JSON.stringify(change)}`)) await once(out, 'drain');
    separator = ',\n';
  }
  out.write(`\n],"counts":${JSON.stringify(counts)}}\n`);
  return counts;
}

const named = ({ row, runDate }: FinishedRun) => ({
  run_id: row.run_id,
  run_date: runDate,
  status: row.status,
  scope: row.scope,
  scope_filter: row.scope_filter,
});

const TITLES: Record<Kind, string> = {
  NEWLY_FAILING: 'Newly failing',
  NEWLY_UNREACHABLE: 'Newly unreachable',
  NEWLY_UNVERIFIED: 'Newly unverified',
  NO_LONGER_VERIFIED: 'Failed before, could not be verified now',
  STILL_FAILING: 'Still failing',
  STILL_UNVERIFIED: 'Still unverified',
  WAIVED_SINCE: 'Waived since',
  STILL_WAIVED: 'Still waived',
  FIXED: 'Fixed',
  FOUND_MET: 'Unverified before, passes now',
  NO_LONGER_APPLICABLE: 'No longer applicable',
  GONE: 'Resource deleted (not counted as fixed)',
  NOT_SEEN: 'Not seen: its account or Region did not answer',
  NOT_IN_SCOPE: 'Not in the scope of the later run',
  LEFT_SCOPE: 'Accounts and Regions no longer in scope',
  REACHABLE_AGAIN: 'Reachable again',
  ENTERED_SCOPE: 'Accounts and Regions newly in scope',
};

async function writeText(
  changes: AsyncIterable<RunChange<DiffFinding>>,
  { before, after, terminal }: Runs & { terminal: Terminal },
): Promise<Record<Kind, number>> {
  const counts = zeros(CHANGE_KINDS);
  const kept = new Map<Kind, Digest>();
  for await (const change of changes) {
    counts[change.kind] += 1;
    const digest = kept.get(change.kind) ?? new Digest();
    kept.set(change.kind, digest);
    digest.add(change);
  }
  const { out, style } = terminal;
  // What goes elsewhere is searched by line.
  const width = out.isTTY ? lineWidth(terminal) : Number.POSITIVE_INFINITY;
  const runs = `${style('bold', `Run ${before.row.run_id}`)} (${before.runDate}) → ${style('bold', after.row.run_id)} (${after.runDate})`;
  out.write(`${wrapped(runs, { indent: 2, width })}\n`);
  const some = CHANGE_KINDS.filter((kind) => counts[kind] > 0);
  if (some.length === 0) out.write('\nNeither run has an open finding, and nothing changed.\n');
  for (const kind of some) {
    const { rows, more } = kept.get(kind)?.lines() ?? { rows: [], more: 0 };
    out.write(
      `\n${style('bold', `${TITLES[kind]}: ${counts[kind]}`)}\n${foldedColumns(rows, { details: 2, width })}\n`,
    );
    if (more > 0) out.write(`  … and ${more} more (--json has all)\n`);
  }
  const end = `${counts.NEWLY_FAILING > 0 ? style('red', `${counts.NEWLY_FAILING} newly failing`) : 'Nothing new fails'}, ${counts.FIXED} fixed, ${counts.STILL_FAILING} still failing, ${counts.NEWLY_UNREACHABLE} newly unreachable, ${counts.WAIVED_SINCE} waived since.`;
  out.write(`\n${wrapped(end, { indent: 2, width })}\n`);
  return counts;
}

/** The changes of one kind, worst first: a line for each resource, and one for all regions of an account. */
class Digest {
  #worst: { rank: number; row: string[] }[] = [];
  #left = 0;
  readonly #accounts = new Map<string, { row: (regions: string) => string[]; rank: number; regions: string[] }>();

  add(change: RunChange<DiffFinding>): void {
    if ('account_id' in change) {
      const states = `${change.before ?? 'not there'} → ${change.after ?? 'not there'}`;
      const row = (regions: string) => [change.account_id, regions, states];
      this.#addRegion(`${change.account_id} ${states}`, { rank: 0, row, region: change.region });
      return;
    }
    const finding = change.after ?? change.before;
    if (!finding) return;
    const severity = SEVERITIES.indexOf(finding.severity as Severity);
    const account = `${finding.account_id ?? '?'}${finding.account_name ? ` ${sanitize(finding.account_name).slice(0, 30)}` : ''}`;
    const cells = (where: string) => [finding.severity, finding.control_id, account, where, said(change)];
    if (finding.resource_type !== 'target') {
      this.#addRow(severity * 2, cells(sanitize(finding.resource_arn)));
      return;
    }
    this.#addRegion(`${finding.account_id} ${finding.control_id} ${finding.reason}`, {
      rank: severity * 2 + 1,
      row: cells,
      region: finding.region ?? '',
    });
  }

  lines(): { rows: string[][]; more: number } {
    for (const { row, rank, regions } of this.#accounts.values()) {
      const [first = ''] = regions;
      this.#addRow(rank, row(regions.length === 1 ? first : `${regions.length} Regions`));
    }
    this.#accounts.clear();
    return { rows: this.#worst.map(({ row }) => row), more: this.#left };
  }

  #addRegion(
    key: string,
    { rank, row, region }: { rank: number; row: (regions: string) => string[]; region: string },
  ): void {
    const known = this.#accounts.get(key) ?? { row, rank, regions: [] };
    known.regions.push(region);
    this.#accounts.set(key, known);
  }

  #addRow(rank: number, row: string[]): void {
    const at = this.#worst.findIndex((other) => other.rank > rank);
    this.#worst.splice(at < 0 ? this.#worst.length : at, 0, { rank, row });
    if (this.#worst.length > SHOWN) {
      this.#worst.pop();
      this.#left += 1;
    }
  }
}

function said(change: Exclude<RunChange<DiffFinding>, { account_id: string }>): string {
  const observed = change.after ? sanitize(decidedBy(change.after)).slice(0, 120) : '';
  switch (change.kind) {
    case 'NEWLY_FAILING':
    case 'NEWLY_UNVERIFIED':
      return `${change.because}: ${observed}`;
    case 'STILL_FAILING':
    case 'STILL_UNVERIFIED':
    case 'NO_LONGER_VERIFIED':
      return `since ${change.since?.slice(0, 10) ?? '?'}: ${observed}`;
    case 'WAIVED_SINCE':
    case 'STILL_WAIVED':
      return `${sanitize(change.after.waiver_id ?? '')} until ${change.after.waived_until?.slice(0, 10) ?? '?'}`;
    default:
      return observed;
  }
}
