import { TrailSealError } from '../../domain/model/errors.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import {
  COVERAGE_VERDICTS,
  type CoverageVerdict,
  SHOWN_VERDICTS,
  type ShownVerdict,
  shownVerdict,
  zeros,
} from '../../domain/model/vocabulary.ts';
import type { RunReport } from '../run/run-report.ts';
import { type CoverageRow, columnsOf, type FindingRow, type Row, type TableName } from '../tables/columns.ts';
import { readTable } from '../tables/tables.ts';
import { Pack } from './pack.ts';
import { type PackedTable, type PackedValue, SIGNED_COLUMNS, SIGNED_TEXTS } from './pack-format.ts';
import { type PlaceWords, withSigns } from './place-words.ts';

/** Long error messages are cut here; the tables have them whole. Characters. */
const MESSAGE_LENGTH = 500;

/** A run's tables packed for the page, and what the first screen needs of them. */
export interface RunTables {
  packs: Map<PackedTable, Pack>;
  missing: Partial<Record<PackedTable, string>>;
  /** In the order of the coverage table. */
  regions: string[];
  /** Accounts in scope by the worst verdict of their regions, per OU. */
  ous: Map<string, Record<CoverageVerdict, number>>;
}

type Source = { store: ReportStore; report: RunReport };

/** Reads the run's tables back, a row group in memory at a time. A table that is gone is named, not fatal. */
export async function readRunTables(source: Source): Promise<RunTables> {
  const tables: RunTables = { packs: new Map(), missing: {}, regions: [], ous: new Map() };
  await orMissing(tables, ['accounts', 'targets'], () => packCoverage(source, tables));
  await orMissing(tables, ['findings', 'causes'], () => packFindings(source, tables));
  for (const table of ['trails', 'keys', 'buckets'] as const)
    await orMissing(tables, [table], () => packTable(source, tables, table));
  return tables;
}

async function orMissing(tables: RunTables, names: PackedTable[], read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof TrailSealError && error.code === 'TABLE')) throw error;
    for (const name of names) {
      tables.missing[name] = error.message;
      tables.packs.delete(name);
    }
  }
}

const rowsOf = <T extends TableName>({ store, report }: Source, table: T): AsyncGenerator<Row<T>> =>
  readTable({ store, table, runId: report.run.run_id, runDate: report.run.run_date });

/** Coverage as two tables: the accounts, and for each its targets in the order of the regions. */
async function packCoverage(source: Source, tables: RunTables): Promise<void> {
  const accounts = new Pack();
  const account = {
    id: accounts.dictionary('account_id'),
    name: accounts.dictionary('account_name'),
    state: accounts.dictionary('account_state'),
    joined: accounts.dictionary('joined_at'),
    ou: accounts.dictionary('ou_path'),
    worst: accounts.dictionary('worst'),
    observed: accounts.dictionary('observed_at'),
    calls: accounts.count('api_calls'),
    targets: accounts.count('targets'),
  };
  const targets = new Pack();
  const region = targets.dictionary('region');
  // What alike targets share is one entry: state, verdict, basis, reason, cause, error code and message.
  const outcome = targets.dictionary('outcome');
  const seen = targets.dictionary('trail_arns');
  const recording = targets.dictionary('recording_trail_arns');
  tables.packs.set('accounts', accounts).set('targets', targets);
  const regions = new Set<string>();

  let open: {
    row: CoverageRow;
    verdicts: Set<ShownVerdict>;
    observed: string | null;
    calls: number;
    targets: number;
  } | null = null;
  const close = () => {
    if (!open) return;
    const { row, verdicts } = open;
    const worst = SHOWN_VERDICTS.find((verdict) => verdicts.has(verdict)) ?? 'NOT_APPLICABLE';
    account.id.add(row.account_id);
    account.name.add(row.account_name);
    account.state.add(row.account_state);
    account.joined.add(row.joined_at);
    account.ou.add(row.ou_path);
    account.worst.add(worst);
    account.observed.add(open.observed);
    account.calls.add(open.calls);
    account.targets.add(open.targets);
    accounts.next();
    if (worst === 'EXCLUDED') return;
    const ou = tables.ous.get(row.ou_path) ?? zeros(COVERAGE_VERDICTS);
    ou[worst] += 1;
    tables.ous.set(row.ou_path, ou);
  };
  for await (const row of rowsOf(source, 'coverage')) {
    if (open?.row.account_id !== row.account_id) {
      close();
      open = { row, verdicts: new Set(), observed: null, calls: 0, targets: 0 };
    }
    open.verdicts.add(shownVerdict(row));
    if (row.observed_at && (open.observed === null || row.observed_at > open.observed)) open.observed = row.observed_at;
    open.calls += row.api_calls;
    open.targets += 1;
    const words = { account: row.account_id, region: row.region, arn: null };
    const signed = (text: string | null) => (text === null ? null : withSigns(text.slice(0, MESSAGE_LENGTH), words));
    regions.add(row.region);
    region.add(row.region);
    outcome.add([
      row.state,
      row.verdict,
      row.basis,
      row.reason,
      row.root_cause_id,
      row.error_code,
      signed(row.error_message),
    ]);
    seen.add(row.trail_arns.map((arn) => withSigns(arn, words)));
    recording.add(row.recording_trail_arns.map((arn) => withSigns(arn, words)));
    targets.next();
  }
  close();
  tables.regions = [...regions].sort();
}

/** What the page has no use for: it computes the ids, has what is expected from the control, and the cause in a table. */
const LEFT_OUT: readonly string[] = [
  ...['run_id', 'finding_id', 'expected', 'observed_at'],
  ...['root_cause', 'root_cause_fix', 'root_cause_severity'],
];

const signedAs = (value: PackedValue, words: PlaceWords): PackedValue =>
  Array.isArray(value)
    ? value.map((text) => withSigns(String(text), words))
    : typeof value === 'string'
      ? withSigns(value, words)
      : value;

/**
 * Findings but those of targets that are met: coverage has these, by the million. The ids are left out: they are
 * hashes of control and resource, which the page computes where it shows one.
 */
async function packFindings(source: Source, tables: RunTables): Promise<void> {
  const findings = new Pack();
  const columns = columnsOf('findings').flatMap(({ name }) =>
    LEFT_OUT.includes(name) ? [] : [[name as keyof FindingRow, findings.dictionary(name)] as const],
  );
  const causes = new Map<string, { title: string; fix: string }>();
  tables.packs.set('findings', findings);
  for await (const row of rowsOf(source, 'findings')) {
    if (row.resource_type === 'target' && (row.status === 'PASS' || row.status === 'NOT_APPLICABLE')) continue;
    const place = { account: row.account_id, region: row.region, arn: null };
    const words = { ...place, arn: row.resource_arn };
    for (const [name, column] of columns)
      column.add(
        SIGNED_TEXTS.includes(name) ? signedAs(row[name], name === 'resource_arn' ? place : words) : row[name],
      );
    findings.next();
    if (row.root_cause_id !== null && !causes.has(row.root_cause_id))
      causes.set(row.root_cause_id, { title: row.root_cause ?? '', fix: row.root_cause_fix ?? '' });
  }
  tables.packs.set('causes', packCauses(source.report, causes));
}

function packCauses(report: RunReport, found: Map<string, { title: string; fix: string }>): Pack {
  const pack = new Pack();
  const listed = new Map(report.root_causes.map((cause) => [cause.id, cause]));
  const columns = ['id', 'title', 'fix', 'severity', 'resource'] as const;
  const texts = columns.map((name) => [name, pack.dictionary(name)] as const);
  for (const { id, title, fix } of report.root_causes) if (!found.has(id)) found.set(id, { title, fix });
  for (const [id, { title, fix }] of found) {
    const cause = listed.get(id);
    const row = { id, title, fix, severity: cause?.severity ?? null, resource: cause?.resource ?? null };
    for (const [name, column] of texts) column.add(row[name]);
    pack.next();
  }
  return pack;
}

/** Every column of a small table. ARNs differ in little but their account and region. */
async function packTable(source: Source, tables: RunTables, table: 'trails' | 'keys' | 'buckets'): Promise<void> {
  const pack = new Pack();
  tables.packs.set(table, pack);
  const columns = columnsOf(table).filter(({ name }) => name !== 'run_id');
  const packed = columns.map(({ name, type }) =>
    type === 'bigint' ? { name, count: pack.count(name) } : { name, dictionary: pack.dictionary(name) },
  );
  for await (const row of rowsOf(source, table)) {
    const values = row as unknown as Record<string, PackedValue>;
    const account = values.account_id as string | null;
    const region = (values.home_region ?? values.region ?? null) as string | null;
    for (const column of packed) {
      const value = values[column.name] ?? null;
      if (column.count) column.count.add(value as number | null);
      else
        column.dictionary.add(
          SIGNED_COLUMNS.includes(column.name) ? signedAs(value, { account, region, arn: null }) : value,
        );
    }
    pack.next();
  }
}
