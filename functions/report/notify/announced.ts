import * as z from 'zod';
import { ACCOUNT_ID } from '../../domain/model/arn.ts';
import type { ReportStore, SharedObject } from '../../domain/model/store.ts';
import type { RunStatus } from '../../domain/model/vocabulary.ts';
import { jsonParserOf, orNull } from '../../domain/run/parsed.ts';
import { type CurrentPart, currentParts, currentRuns } from '../current/current-runs.ts';
import type { FindingRow } from '../tables/columns.ts';
import { readTable } from '../tables/tables.ts';

/** What the events of all runs together have said of trails. */
export const ANNOUNCED_KEY = 'reports/announced.json';

const announcedSchema = z.object({
  version: z.literal(1),
  /** The newest run of the whole organization among those that were announced; null for none. */
  whole: z.string().nullable(),
  /** The newest run of an account, where it is newer than that. */
  accounts: z.record(z.string().regex(ACCOUNT_ID), z.string()),
  /** Of each trail the controls that were last known to fail, or to be waived. */
  trails: z.record(z.string(), z.record(z.string(), z.enum(['FAIL', 'WAIVED']))),
  /** The last runs with what they announced: a step that is tried again says the same. */
  runs: z.array(z.object({ run: z.string(), failing: z.array(z.string()), fixed: z.array(z.string()) })),
});
type Announced = z.infer<typeof announcedSchema>;
const parseAnnounced = jsonParserOf(announcedSchema, null);

const NOTHING: Announced = { version: 1, whole: null, accounts: {}, trails: {}, runs: [] };
const RUNS_KEPT = 10;

/** The run that ended, as far as this goes by it. */
export interface EndedRun {
  run_id: string;
  run_date: string;
  scope: string;
  status: RunStatus;
  /** Another one where the run was resumed: it is announced again, with what is new by then. */
  finished_at: string;
  /** Accounts that a change had scanned again; empty for a run that no change started. */
  because_accounts: readonly string[];
}

/** Trails to be announced, by ARN, sorted. */
export interface TrailNews {
  failing: readonly string[];
  fixed: readonly string[];
}

/**
 * What of a run's trails has not been announced yet, kept as announced from then on: each change once, whichever runs see
 * it, in whatever order they end. What an older run says of an account that a newer one has announced is passed over.
 * Where nothing is kept yet, the runs before this one count as announced, and so does the first run of all.
 * @throws Error where others write so often that this never gets its turn
 */
export async function trailNews(store: ReportStore, shared: SharedObject, run: EndedRun): Promise<TrailNews> {
  const name = `${run.run_id} ${run.finished_at}`;
  const seen = await seenIn(store, run);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { text, version } = await shared.read();
    const before = orNull(parseAnnounced(text ?? '')) ?? (await announcedBefore(store, run));
    const known = before?.runs.find((announced) => announced.run === name);
    if (known) return { failing: known.failing, fixed: known.fixed };
    const { after, news } = announce(before ?? NOTHING, run, seen);
    const mine = before === null ? { failing: [], fixed: [] } : news;
    const runs = [...after.runs, { run: name, ...mine }].slice(-RUNS_KEPT);
    if (await shared.replace(`${JSON.stringify({ ...after, runs })}\n`, version)) return mine;
  }
  throw new Error(`${ANNOUNCED_KEY} was written by others ${ATTEMPTS} times in a row`);
}

const ATTEMPTS = 20;

type TrailFinding = Pick<FindingRow, 'control_id' | 'status' | 'account_id' | 'resource_arn'>;

/** What a run says of trails. */
interface Seen {
  /** Accounts that it looked into; null for all of them. */
  accounts: ReadonlySet<string> | null;
  /** By trail. */
  findings: ReadonlyMap<string, TrailFinding[]>;
}

async function seenIn(store: ReportStore, run: EndedRun): Promise<Seen> {
  const at = { store, runId: run.run_id, runDate: run.run_date };
  const accounts = run.scope === 'ORGANIZATION' ? null : new Set(run.because_accounts);
  const narrowed = run.because_accounts.length > 0;
  if (accounts !== null && !narrowed)
    for await (const row of readTable({ ...at, table: 'coverage', columns: ['account_id', 'state'] as const }))
      if (row.state === 'SCANNED') accounts.add(row.account_id);
  const findings = new Map<string, TrailFinding[]>();
  // The owners of organization trails, which are scanned beside, are seen in part alone.
  for await (const row of trailFindings(at))
    if (!narrowed || accounts?.has(row.account_id ?? ''))
      findings.set(row.resource_arn, [...(findings.get(row.resource_arn) ?? []), row]);
  return { accounts, findings };
}

async function* trailFindings(at: {
  store: ReportStore;
  runId: string;
  runDate: string;
}): AsyncGenerator<TrailFinding> {
  const columns = ['control_id', 'status', 'account_id', 'resource_type', 'resource_arn'] as const;
  for await (const row of readTable({ ...at, table: 'findings', columns }))
    if (row.resource_type === 'trail') yield row;
}

function announce(before: Announced, run: EndedRun, seen: Seen): { after: Announced; news: TrailNews } {
  const newest = (account: string): string => {
    const own = before.accounts[account] ?? '';
    return own > (before.whole ?? '') ? own : (before.whole ?? '');
  };
  /** Whether the run is the newest that says something of an account. */
  const counts = (account: string): boolean => newest(account) <= run.run_id;
  const whole = run.scope === 'ORGANIZATION' && run.run_id > (before.whole ?? '') ? run.run_id : before.whole;
  const accounts = new Map(Object.entries(before.accounts));
  for (const account of seen.accounts ?? []) if (counts(account)) accounts.set(account, run.run_id);
  const failing = new Set<string>();
  const fixed = new Set<string>();
  const trails = new Map(
    Object.entries(before.trails).filter(([arn]) => !isGone(arn, { run, seen }) || !counts(ownerOf(arn))),
  );
  for (const [arn, findings] of seen.findings) {
    if (!counts(ownerOf(arn))) continue;
    const unmet = new Map(Object.entries(trails.get(arn) ?? {}));
    for (const { control_id: control, status } of findings) {
      if (status === 'FAIL' && unmet.get(control) !== 'FAIL') failing.add(arn);
      if (status === 'PASS' && unmet.has(control)) fixed.add(arn);
      if (status === 'FAIL' || status === 'WAIVED') unmet.set(control, status);
      // What could not be determined changes nothing.
      else if (status !== 'UNVERIFIED') unmet.delete(control);
    }
    if (unmet.size > 0) trails.set(arn, Object.fromEntries(unmet));
    else trails.delete(arn);
  }
  return {
    after: {
      ...{ version: 1, whole, trails: Object.fromEntries(trails), runs: before.runs },
      accounts: Object.fromEntries([...accounts].filter(([, id]) => id > (whole ?? ''))),
    },
    // A trail that got one thing right and another wrong is not fixed.
    news: { failing: [...failing].sort(), fixed: [...fixed].filter((arn) => !failing.has(arn)).sort() },
  };
}

/** Whether a run that is COMPLETE would have the trail, if it were there still. */
const isGone = (arn: string, { run, seen }: { run: EndedRun; seen: Seen }): boolean =>
  run.status === 'COMPLETE' && !seen.findings.has(arn) && (seen.accounts?.has(ownerOf(arn)) ?? true);

const ownerOf = (arn: string): string => arn.split(':')[4] ?? '';

/** The present before a run, as if it had been announced; null where there is none. */
async function announcedBefore(store: ReportStore, run: EndedRun): Promise<Announced | null> {
  const current = await currentRuns(store, { before: run.run_id });
  const parts: CurrentPart[] = [...currentParts(current)];
  if (parts.length === 0) return null;
  const trails: Announced['trails'] = {};
  for (const { run: part, shows } of parts)
    for await (const row of trailFindings({ store, runId: part.row.run_id, runDate: part.runDate }))
      if (shows(row.account_id) && (row.status === 'FAIL' || row.status === 'WAIVED'))
        trails[row.resource_arn] = { ...trails[row.resource_arn], [row.control_id]: row.status };
  const accounts = [...current.byAccount].map(([account, { row }]) => [account, row.run_id] as const);
  return { ...NOTHING, whole: current.whole?.row.run_id ?? null, accounts: Object.fromEntries(accounts), trails };
}
