import type { Writable } from 'node:stream';
import { runKeys } from '../../domain/model/plan.ts';
import { isRunId, runDate } from '../../domain/model/run-id.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { csvBody } from '../exports/csv.ts';
import { isWhole, rowFilter, type Subset } from '../scope/subset.ts';
import { type Row, TABLE_NAMES, type TableName } from '../tables/columns.ts';
import { parquetBody } from '../tables/parquet/parquet.ts';
import { type FinishedRun, readTable } from '../tables/tables.ts';
import { checkedManifest, followedRunProblem } from './chain.ts';
import { coverPage } from './cover/cover.ts';
import { checksums } from './integrity/checksums.ts';
import type { TimestampAuthority } from './integrity/timestamp.ts';
import { verifyGuide } from './integrity/verify-guide.ts';
import { type Manifest, type ManifestSigner, parseManifest, signatureText } from './manifest.ts';
import { DAYS_FILE, daysCsv, REQUIREMENTS_FILE, RUNS_FILE, requirementsCsv, runsCsv } from './pack-csv.ts';
import {
  PACK_CHECKSUMS,
  PACK_CHECKSUMS_SIGNATURE,
  PACK_GUIDE,
  PACK_MANIFEST,
  PACK_SIGNATURE,
  PACK_TIMESTAMP,
  type PackedFile,
  type PackManifest,
  packPath,
} from './pack-manifest.ts';
import { type Day, daysOf } from './period.ts';
import { type PackChoice, type PreparedPack, preparePack } from './prepare-pack.ts';
import { saysSimulated } from './provenance.ts';
import type { RunFacts } from './run-facts.ts';
import { createZipWriter, type ZipWriter } from './zip/zip-writer.ts';

export interface PackRequest extends PackChoice {
  signer: ManifestSigner;
  /** Attests when the pack was there; null for a pack without a time stamp, which says so. */
  timestampAuthority: TimestampAuthority | null;
  made: {
    /** ISO 8601 UTC. */
    at: string;
    /** User and machine. */
    by: string;
  };
  /** Receives the zip. */
  sink: Writable;
  toolVersion: string;
}

/**
 * Writes an evidence pack: of each run its tables, raw answers, waivers, settings and manifest, then what they come to
 * for one framework, the cover, a signed manifest of it all, and the same as checksums for standard tools. Files are
 * streamed from the report root; what is held is the manifest and what the cover shows. The same runs, key, maker and
 * moment give the same bytes, but for a time stamp.
 * Where the root is not what the runs' manifests say, the pack is made and says so: `problems`.
 * @throws TrailSealError USAGE, TABLE, STORE, TIMESTAMP
 */
export async function writePack(request: PackRequest & { prepared?: PreparedPack }): Promise<PackManifest> {
  const { store, framework, period, signer } = request;
  const { runs, failed, parts, facts, status, name, ...prepared } = request.prepared ?? (await preparePack(request));
  const problems = [...prepared.problems];
  const whole = isWhole(request.subset);

  const zip = createZipWriter({ sink: request.sink, folder: name });
  const files: PackedFile[] = [];
  const packed: PackManifest['runs'] = [];
  const origin: Origin = { simulated: false };
  for (const known of facts) {
    request.signal?.throwIfAborted();
    const { run } = known;
    const subset = parts.get(run.row.run_id) ?? null;
    const { manifest, sha256, problems: found } = await checkedManifest(store, run);
    problems.push(...found);
    const into: RunTarget = { zip, files, problems, store, run, subset, manifest, signal: request.signal };
    await addTables(into);
    await addEvidence(into, known, origin);
    packed.push({
      run_id: run.row.run_id,
      run_date: run.runDate,
      status: run.row.status as 'COMPLETE' | 'PARTIAL',
      scope: run.row.scope as 'ORGANIZATION' | 'FILTERED',
      manifest_sha256: sha256,
    });
  }
  problems.push(...(await missedByTheNext(request)));
  for (const { runId, runDate: date } of failed) {
    packed.push({ run_id: runId, run_date: date, status: 'FAILED', scope: null, manifest_sha256: null });
  }
  const days = period ? daysOf(period, facts, failed) : [];
  const newest = facts.at(-1);
  const pack: Omit<PackManifest, 'files'> = {
    version: 1,
    kind: 'trailseal-evidence-pack',
    name,
    tool_version: request.toolVersion,
    made_at: request.made.at,
    made_by: request.made.by,
    timestamp_url: request.timestampAuthority?.url ?? null,
    framework: { id: framework.id, name: framework.name, version: framework.version },
    period,
    subset: whole
      ? null
      : {
          accounts: [...request.subset.accounts].sort(),
          ous: [...request.subset.ous].sort(),
          tags: [...(request.subset.tags ?? [])].sort(),
          scope: request.subset.scope
            ? { name: request.subset.scope.name, holds: [...request.subset.scope.holds] }
            : null,
          accounts_shown: newest?.part?.accounts ?? 0,
          accounts_in_runs: newest?.whole.accounts ?? 0,
        },
    status,
    simulated: origin.simulated,
    runs: packed.sort((a, b) => (a.run_id < b.run_id ? -1 : 1)),
    problems,
  };
  files.push(await zip.add('results.json', resultsText(pack, facts, days)));
  files.push(await zip.add(REQUIREMENTS_FILE, encoded(requirementsCsv(framework, facts))));
  if (period) {
    files.push(await zip.add(DAYS_FILE, encoded(daysCsv(days))));
    files.push(await zip.add(RUNS_FILE, encoded(runsCsv(pack.runs, facts))));
  }
  const signedWith = { keyName: signer.keyName, local: !signer.keyName.startsWith('arn:') };
  const organizationId = newest?.run.row.organization_id ?? null;
  files.push(await zip.add('cover.html', coverPage({ pack, runs: facts, days, signedWith, organizationId })));
  const guide = { keyName: signer.keyName, algorithm: signer.algorithm, timestampUrl: pack.timestamp_url };
  files.push(await zip.add(PACK_GUIDE, verifyGuide(guide)));
  const manifest: PackManifest = { ...pack, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
  const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
  const listed = [...manifest.files, await zip.add(PACK_MANIFEST, bytes)];
  listed.push(await zip.add(PACK_SIGNATURE, await signatureText(signer, bytes)));
  if (request.timestampAuthority)
    listed.push(await zip.add(PACK_TIMESTAMP, await request.timestampAuthority.stamp(bytes)));
  const sums = checksums(listed);
  await zip.add(PACK_CHECKSUMS, sums);
  await zip.add(PACK_CHECKSUMS_SIGNATURE, await signer.sign(sums));
  await zip.end();
  return manifest;
}

/** What was taken from the end of a period is missed by the run that came after it. */
async function missedByTheNext({ store, next, period }: PackRequest): Promise<string[]> {
  const bytes = next && (await store.read(runKeys(next.row.run_id).manifest));
  const manifest = bytes ? parseManifest(bytes) : null;
  const previous = manifest?.previous_run_id ?? null;
  if (!manifest || !period || previous === null || !isRunId(previous)) return [];
  const date = runDate(previous);
  const problem = date >= period.from && date <= period.to ? await followedRunProblem(store, manifest) : null;
  return problem === null ? [] : [problem];
}

interface Origin {
  simulated: boolean;
}

interface RunTarget {
  zip: ZipWriter;
  files: PackedFile[];
  problems: string[];
  store: ReportStore;
  run: FinishedRun;
  subset: Subset | null;
  manifest: Manifest | null;
  signal: AbortSignal | undefined;
}

/** Every table as CSV, and as Parquet: the run's own file, or where the pack shows a part the rows of that part. */
async function addTables(target: RunTarget): Promise<void> {
  const { zip, files, run, subset } = target;
  const { run_id: runId } = run.row;
  for (const table of TABLE_NAMES) {
    const rows = () => tableRows(target, table);
    files.push(await zip.add(`runs/${runId}/tables/${table}.csv`, csvBody(table, rows())));
    if (subset && table !== 'runs')
      files.push(await zip.add(`runs/${runId}/tables/${table}.parquet`, parquetBody(table, rows())));
    else await addFile(target, runKeys(runId).table(table, run.runDate));
  }
}

async function* tableRows<T extends TableName>({ store, run, subset }: RunTarget, table: T): AsyncGenerator<Row<T>> {
  const keep = subset ? rowFilter(table, subset) : () => true;
  for await (const row of readTable({ store, table, runId: run.row.run_id, runDate: run.runDate })) {
    if (keep(row as Row<TableName>)) yield row;
  }
}

/** The raw answers with all that is kept beside them; of a part, those that its findings rest on. */
async function addEvidence(target: RunTarget, { evidenceAccounts }: RunFacts, origin: Origin): Promise<void> {
  const { store, run, problems, manifest, subset } = target;
  const keys = runKeys(run.row.run_id);
  const seen = new Set<string>();
  for await (const key of store.list(keys.evidence)) {
    const file = key.slice(keys.evidence.length);
    seen.add(key);
    if (evidenceAccounts && !concerns(file, evidenceAccounts)) continue;
    if (/^run-[^/]+\.json$/.test(file)) origin.simulated ||= await isSimulated(store, key);
    await addFile(target, key);
  }
  if (!subset) await addFile(target, keys.report('report.json'));
  for (const { key } of manifest?.files ?? []) {
    if (key.startsWith(keys.evidence) && !seen.has(key))
      problems.push(`${key} is in the manifest of its run, and is gone.`);
  }
}

/** `<account>.<hash>.ndjson.gz`, `inspect-<owner>-<hash>.<hash>.ndjson.gz`, and what is about the run as a whole but its list of accounts. */
function concerns(file: string, accounts: ReadonlySet<string>): boolean {
  const [, account] = /^(?:inspect-)?(\d{12})\b/.exec(file) ?? [];
  return account === undefined ? !file.startsWith('population-') : accounts.has(account);
}

async function isSimulated(store: ReportStore, key: string): Promise<boolean> {
  const bytes = await store.read(key);
  return bytes !== null && saysSimulated(bytes);
}

/** One file of the root as it is, compared with what the run's manifest says of it. */
async function addFile({ zip, files, problems, store, run, manifest, signal }: RunTarget, key: string): Promise<void> {
  signal?.throwIfAborted();
  const path = packPath(run.row.run_id, key);
  const body = await store.open(key);
  if (!body || path === null) {
    if (!body) problems.push(`${key} is gone.`);
    return;
  }
  const file = await zip.add(path, body);
  files.push(file);
  const listed = hashesOf(manifest).get(key);
  // The manifest and what is written after it are not in it.
  if (!manifest || key === runKeys(run.row.run_id).manifest || key.endsWith('/manifest.sig.json')) return;
  if (key.startsWith('tables/runs/')) return;
  if (listed === undefined) problems.push(`${key} is not in the manifest of its run.`);
  else if (listed !== file.sha256) problems.push(`${key} is not what the manifest of its run says: it was changed.`);
}

const hashes = new WeakMap<Manifest, Map<string, string>>();
const hashesOf = (manifest: Manifest | null): Map<string, string> => {
  if (!manifest) return new Map();
  const known = hashes.get(manifest) ?? new Map(manifest.files.map(({ key, sha256 }) => [key, sha256]));
  hashes.set(manifest, known);
  return known;
};

/** For programs: what the cover says, of every run. */
function resultsText(pack: Omit<PackManifest, 'files'>, facts: readonly RunFacts[], days: readonly Day[]): string {
  const runs = facts.map(
    ({ run, status, whole, part, listed, exceptionsTotal, openTotal, gapsTotal, absent, waivers }) => ({
      run: { ...run.row, run_date: run.runDate },
      shown_status: status,
      accounts_listed: listed?.accounts ?? null,
      part,
      whole,
      exceptions: exceptionsTotal,
      open: openTotal,
      unanswered: gapsTotal,
      absent,
      waivers,
    }),
  );
  return `${JSON.stringify({ ...pack, days, runs }, null, 1)}\n`;
}

async function* encoded(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const part of text) yield encoder.encode(part);
}
