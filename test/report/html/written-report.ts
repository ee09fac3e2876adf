import { FRAMEWORKS } from '../../../functions/domain/frameworks/catalogue.ts';
import { frameworkResults } from '../../../functions/domain/frameworks/results.ts';
import { COVERAGE_STATES, COVERAGE_VERDICTS, TRAIL_VERDICTS } from '../../../functions/domain/model/vocabulary.ts';
import { writeHtmlReport } from '../../../functions/report/html/write-html-report.ts';
import type { RunReport } from '../../../functions/report/run/run-report.ts';
import type {
  BucketRow,
  CoverageRow,
  FindingRow,
  KeyRow,
  RunRow,
  TrailRow,
} from '../../../functions/report/tables/columns.ts';
import { writeTable } from '../../../functions/report/tables/tables.ts';
import { MemoryStore } from '../memory-store.ts';
import { RUN, runRow } from '../tables/sample-rows.ts';

export const RUN_DATE = '2025-12-05';

export interface Rows {
  coverage?: CoverageRow[];
  findings?: FindingRow[];
  trails?: TrailRow[];
  keys?: KeyRow[];
  buckets?: BucketRow[];
}

const zeros = <K extends string>(keys: readonly K[]): Record<K, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;

/** What report.json says of these rows, as far as the page needs it. */
export function reportOf(rows: Rows, run: Partial<RunRow> = {}, more: Partial<RunReport> = {}): RunReport {
  const coverage = rows.coverage ?? [];
  const findings = rows.findings ?? [];
  const states = zeros(COVERAGE_STATES);
  const verdicts = zeros(COVERAGE_VERDICTS);
  const accounts = new Map<string, Set<string>>();
  for (const row of coverage) {
    states[row.state] += 1;
    verdicts[row.verdict] += 1;
    accounts.set(row.account_id, (accounts.get(row.account_id) ?? new Set()).add(row.verdict));
  }
  const byAccount = zeros(COVERAGE_VERDICTS);
  for (const seen of accounts.values()) byAccount[COVERAGE_VERDICTS.find((v) => seen.has(v)) ?? 'NOT_APPLICABLE'] += 1;
  const trails = zeros(TRAIL_VERDICTS);
  for (const row of rows.trails ?? []) trails[row.verdict] += 1;
  const statuses = () => zeros(['PASS', 'FAIL', 'UNVERIFIED', 'NOT_APPLICABLE', 'WAIVED'] as const);
  const byStatus = statuses();
  const byControl: Record<string, ReturnType<typeof statuses>> = {};
  for (const row of findings) {
    byStatus[row.status] += 1;
    byControl[row.control_id] ??= statuses();
    const control = byControl[row.control_id];
    if (control) control[row.status] += 1;
  }
  return {
    version: 1,
    run: {
      ...runRow({
        accounts: accounts.size,
        regions: new Set(coverage.map((c) => c.region)).size,
        targets: coverage.length,
        ...run,
      }),
      run_date: RUN_DATE,
    },
    accounts: { total: accounts.size, by_verdict: byAccount },
    targets: { total: coverage.length, by_state: states, by_verdict: verdicts, inferred: 0 },
    trails: { total: rows.trails?.length ?? 0, by_verdict: trails },
    findings: { by_status: byStatus, by_control: byControl },
    root_causes: [],
    root_causes_total: 0,
    worst_findings: [],
    changes: {
      previous_run_id: null,
      newly_failing: 0,
      fixed: 0,
      still_failing: 0,
      trails_newly_failing: [],
      trails_fixed: [],
    },
    frameworks: FRAMEWORKS.map((framework) =>
      frameworkResults({ framework, counts: new Map(Object.entries(byControl)), runStatus: run.status ?? 'COMPLETE' }),
    ),
    waivers: { in_force: 0, expired: [], matching_nothing: [], listed: [] },
    corrupt_files: [],
    notes: [],
    ...more,
  };
}

/** Writes the tables that are given, and the page of them. */
export async function writtenReport(
  rows: Rows,
  {
    run,
    more,
    store = new MemoryStore(),
  }: { run?: Partial<RunRow>; more?: Partial<RunReport>; store?: MemoryStore } = {},
): Promise<{ html: string; store: MemoryStore; report: RunReport }> {
  const report = reportOf(rows, run, more);
  const at = { store, runId: RUN, runDate: RUN_DATE };
  if (rows.coverage) await writeTable({ ...at, table: 'coverage', rows: rows.coverage });
  if (rows.findings) await writeTable({ ...at, table: 'findings', rows: rows.findings });
  if (rows.trails) await writeTable({ ...at, table: 'trails', rows: rows.trails });
  if (rows.keys) await writeTable({ ...at, table: 'keys', rows: rows.keys });
  if (rows.buckets) await writeTable({ ...at, table: 'buckets', rows: rows.buckets });
  await writeHtmlReport({ store, report });
  const bytes = await store.read(`reports/${RUN}/report.html`);
  return { html: new TextDecoder().decode(bytes ?? undefined), store, report };
}

export const EMPTY: Required<Rows> = { coverage: [], findings: [], trails: [], keys: [], buckets: [] };
