import type { KeyObject } from 'node:crypto';
import { isFollowed, type ManifestLink, manifestLink } from '../chain.ts';
import { type Manifest, type ManifestSignature, parseManifest, parseSignature } from '../manifest.ts';
import { type PackManifest, packPath } from '../pack-manifest.ts';
import { signatureBytes, signingKeyOf, type Tell, type Verification } from './verification.ts';

/**
 * Each run recorded its files when it ended, and the run before it: the pack must agree with both. One run's manifest
 * is in memory at a time.
 */
export async function checkRuns(request: {
  pack: PackManifest;
  /** A file of the pack that is what its manifest says, else null. */
  read(path: string): Promise<Uint8Array | null>;
  keys: readonly KeyObject[];
  /** Where it holds. */
  packSignature: ManifestSignature | null;
  verification: Verification;
  tell: Tell;
}): Promise<void> {
  const { pack, read, tell } = request;
  const files = new Map(pack.files.map((file) => [file.path, file.sha256]));
  const links = new Map<string, RunLink>();
  for (const { run_id: runId, status } of pack.runs) {
    if (status === 'FAILED') continue;
    const path = `runs/${runId}/evidence/manifest.json`;
    const bytes = await read(path);
    const manifest = bytes && parseManifest(bytes);
    if (!bytes || !manifest) {
      if (!files.has(path)) tell('RUN', path, 'The run has no manifest of its own.');
      else if (bytes) tell('RUN', path, "The run's own manifest cannot be read.");
      continue;
    }
    const { previous_run_id, previous_manifest_sha256 } = manifest;
    links.set(runId, { ...manifestLink(bytes, manifest), previous_run_id, previous_manifest_sha256 });
    if (manifest.run_id !== runId) tell('RUN', path, `It is the manifest of run ${manifest.run_id}.`);
    if (manifest.status !== status) tell('RUN', path, `The run was ${manifest.status}; the pack calls it ${status}.`);
    for (const { key, sha256 } of manifest.files) {
      const inPack = packPath(runId, key);
      // Of a part, tables hold some rows and not every answer is there.
      if (inPack === null || (pack.subset !== null && inPack.includes('/tables/'))) continue;
      const found = files.get(inPack);
      if (found === undefined && pack.subset === null)
        tell('RUN', inPack, 'The run recorded it, and it is not in the pack.');
      if (found !== undefined && found !== sha256)
        tell('RUN', inPack, 'It is not what the run recorded when it ended.');
    }
    await runSignature({ ...request, runId, bytes });
  }
  for (const [runId, link] of links) {
    const before = link.previous_run_id === null ? undefined : links.get(link.previous_run_id);
    if (before && !isFollowed(before, link))
      tell(
        'RUN',
        `runs/${runId}/evidence/manifest.json`,
        `It follows another state of run ${link.previous_run_id} than the pack holds.`,
      );
  }
  if (pack.period !== null) gaps(pack, links, request.verification);
}

/** What is kept of a run's manifest once it was checked. */
type RunLink = ManifestLink & Pick<Manifest, 'previous_run_id' | 'previous_manifest_sha256'>;

/** The scanner may have signed with another key than the pack's maker: that is said, and left to the pack's signature. */
async function runSignature(
  request: Parameters<typeof checkRuns>[0] & { runId: string; bytes: Uint8Array },
): Promise<void> {
  const { read, keys, packSignature, runId, bytes, verification, tell } = request;
  const path = `runs/${runId}/evidence/manifest.sig.json`;
  const signature = parseSignature((await read(path)) ?? new Uint8Array());
  // Without the pack's own signature nothing more can be said of this one.
  if (packSignature === null) return;
  if (!signature)
    verification.notes.push(`Run ${runId} did not sign its own manifest; the pack's signature covers it.`);
  else if (signingKeyOf(bytes, signatureBytes(signature), keys)) return;
  else if (signature.key === packSignature.key)
    tell('RUN', path, "The signature of the run's own manifest does not hold.");
  else
    verification.notes.push(
      `Run ${runId} signed its own manifest with another key (${signature.key}), which was not checked: give it as one more --key.`,
    );
}

/** A run between two of the pack that is not in it. */
function gaps(pack: PackManifest, links: ReadonlyMap<string, RunLink>, verification: Verification): void {
  const first = pack.runs.find(({ status }) => status !== 'FAILED')?.run_id ?? '';
  for (const [runId, { previous_run_id: previous }] of links) {
    if (previous && previous >= first && !links.has(previous))
      verification.notes.push(`Run ${runId} follows run ${previous}, which is not in the pack.`);
  }
}
