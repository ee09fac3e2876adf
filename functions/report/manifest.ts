import type { WrittenFile } from '../domain/observation.ts';
import { runKeys, type ScanPlan } from '../domain/plan.ts';
import type { ReportStore } from '../domain/store.ts';

/** Signs the manifest's bytes; the signature lies beside it. */
export interface ManifestSigner {
  /** What the signature was made with, for the reader: a KMS key ARN or `local Ed25519`. */
  readonly keyName: string;
  /** `RSASSA_PSS_SHA_256`, `ECDSA_SHA_256` or `Ed25519`. */
  readonly algorithm: string;
  sign(manifest: Uint8Array): Promise<Uint8Array>;
}

/**
 * `evidence/<run_id>/manifest.json`: the SHA-256 of every file of the run, and of the previous run's manifest, so
 * that a deleted bad run shows. It lists neither itself nor what is written after it (the `runs` table, the pointer).
 */
export interface Manifest {
  version: 1;
  run_id: string;
  scanner_version: string;
  previous_run_id: string | null;
  previous_manifest_sha256: string | null;
  /** Sorted by key. */
  files: WrittenFile[];
}

/** Writes the manifest, and its signature where a signer is given. @returns its SHA-256, hex */
export async function writeManifest(request: {
  store: ReportStore;
  plan: ScanPlan;
  files: Iterable<WrittenFile>;
  previous: { runId: string; manifestSha256: string | null } | null;
  signer: ManifestSigner | null;
  hash: (bytes: Uint8Array) => string;
}): Promise<string> {
  const { store, plan, previous, signer } = request;
  const keys = runKeys(plan.runId);
  const files = [...request.files].sort((a, b) => (a.key < b.key ? -1 : 1));
  const manifest: Manifest = {
    version: 1,
    run_id: plan.runId,
    scanner_version: plan.scannerVersion,
    previous_run_id: previous?.runId ?? null,
    previous_manifest_sha256: previous?.manifestSha256 ?? null,
    files,
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
  if (signer) {
    const signature = Buffer.from(await signer.sign(bytes)).toString('base64');
    const words = { version: 1, key: signer.keyName, algorithm: signer.algorithm, signature };
    await store.write(`${keys.evidence}manifest.sig.json`, `${JSON.stringify(words, null, 1)}\n`);
  }
  await store.write(keys.manifest, bytes);
  return request.hash(bytes);
}
