import { createHash } from 'node:crypto';
import { runKeys } from '../../domain/model/plan.ts';
import { isRunId, runDate } from '../../domain/model/run-id.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import type { FinishedRun } from '../tables/tables.ts';
import { type Manifest, parseManifest } from './manifest.ts';

export interface RunManifest {
  manifest: Manifest | null;
  sha256: string | null;
  /** What is wrong with it, in sentences. */
  problems: string[];
}

/** A run's manifest, checked against the `runs` table and against the manifest of the run that it follows. */
export async function checkedManifest(store: ReportStore, { row }: FinishedRun): Promise<RunManifest> {
  const key = runKeys(row.run_id).manifest;
  const bytes = await store.read(key);
  if (!bytes) return { manifest: null, sha256: null, problems: [`Run ${row.run_id} has no manifest: ${key} is gone.`] };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const manifest = parseManifest(bytes);
  if (!manifest) return { manifest, sha256, problems: [`The manifest of run ${row.run_id} cannot be read.`] };
  const problems: string[] = [];
  if (row.manifest_sha256 !== sha256)
    problems.push(`The manifest of run ${row.run_id} is not the one that the runs table names: one was changed.`);
  const followed = await followedRunProblem(store, manifest);
  return { manifest, sha256, problems: followed === null ? problems : [...problems, followed] };
}

/** What is wrong with the run that this one follows; null where it is as it was, or there was none. */
export async function followedRunProblem(store: ReportStore, manifest: Manifest): Promise<string | null> {
  const { run_id: runId, previous_run_id: previous } = manifest;
  if (previous === null) return null;
  const keys = runKeys(previous);
  const before = isRunId(previous) ? await store.read(keys.manifest) : null;
  if (!before) return `Run ${previous}, which run ${runId} follows, is no longer there.`;
  if (!isFollowed(manifestLink(before, parseManifest(before)), manifest))
    return `The manifest of run ${previous} is not the one that run ${runId} followed: it was changed.`;
  // The runs table was where the later run found it.
  if (!(await store.read(keys.table('runs', runDate(previous)))))
    return `Run ${previous}, which run ${runId} follows, is no longer in the runs table: it was taken out.`;
  return null;
}

/** By which hashes a manifest may have been followed: its own, and those of the manifests it superseded. */
export interface ManifestLink {
  sha256: string;
  superseded: ReadonlySet<string>;
}

export function manifestLink(bytes: Uint8Array, manifest: Manifest | null): ManifestLink {
  const superseded = new Set<string>();
  for (const { key, sha256 } of manifest?.files ?? [])
    if (key.endsWith(`/superseded/${sha256}.json`)) superseded.add(sha256);
  return { sha256: createHash('sha256').update(bytes).digest('hex'), superseded };
}

/** Whether this manifest, or one that it superseded, is what the later run named. */
export const isFollowed = (
  { sha256, superseded }: ManifestLink,
  { previous_manifest_sha256: named }: Pick<Manifest, 'previous_manifest_sha256'>,
): boolean => named !== null && (sha256 === named || superseded.has(named));
