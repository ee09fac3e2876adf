import { createHash } from 'node:crypto';
import { runKeys } from '../../domain/plan.ts';
import type { ReportStore } from '../../domain/store.ts';
import { type Manifest, parseManifest } from '../manifest.ts';
import type { FinishedRun } from '../tables.ts';

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
  const previous = manifest.previous_run_id;
  if (previous !== null) {
    const before = await store.read(runKeys(previous).manifest);
    if (!before) problems.push(`Run ${previous}, which run ${row.run_id} follows, is no longer there.`);
    else if (!isFollowed(before, manifest))
      problems.push(`The manifest of run ${previous} is not the one that run ${row.run_id} followed: it was changed.`);
  }
  return { manifest, sha256, problems };
}

/** Whether these bytes, or a manifest that they superseded, are what the later run named. */
export function isFollowed(before: Uint8Array, { previous_manifest_sha256: named }: Manifest): boolean {
  if (named === null) return false;
  if (createHash('sha256').update(before).digest('hex') === named) return true;
  const kept = parseManifest(before)?.files.find(({ key }) => key.endsWith(`/superseded/${named}.json`));
  return kept?.sha256 === named;
}
