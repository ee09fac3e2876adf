import { createHash } from 'node:crypto';
import * as z from 'zod';
import { TrailSealError } from '../../domain/model/errors.ts';
import { type WrittenFile, writtenFileSchema } from '../../domain/model/observation.ts';
import { runKeys, type ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { RUN_SCOPES, RUN_STATUSES } from '../../domain/model/vocabulary.ts';
import { jsonParserOf, orNull } from '../../domain/run/parsed.ts';

/** Signs a manifest's bytes; the signature lies beside it. */
export interface ManifestSigner {
  /** What the signature was made with, for the reader: a KMS key ARN, or `local Ed25519` and the key's fingerprint. */
  readonly keyName: string;
  readonly algorithm: 'ECDSA_SHA_256' | 'Ed25519';
  sign(manifest: Uint8Array): Promise<Uint8Array>;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * `evidence/<run_id>/manifest.json`: the SHA-256 of every file of the run, and of the manifest of the run before it in
 * this root, whatever its scope, so that a deleted bad run shows. It lists neither itself nor what is written after
 * it (the `runs` table, the pointer).
 */
const manifestSchema = z.object({
  version: z.literal(1),
  /** Keeps a signature over a run from passing for one over anything else. */
  kind: z.literal('trailseal-run'),
  run_id: z.string(),
  run_date: z.string(),
  status: z.enum(RUN_STATUSES),
  scope: z.enum(RUN_SCOPES),
  scanner_version: z.string(),
  previous_run_id: z.string().nullable(),
  previous_manifest_sha256: sha256.nullable(),
  /** SHA-256 of this run's manifests from before it was resumed: a later run may hold on to one of those. */
  superseded: z.array(sha256),
  /** Sorted by key. */
  files: z.array(writtenFileSchema.extend({ sha256 })),
});
export type Manifest = z.infer<typeof manifestSchema>;

const manifestIn = jsonParserOf(manifestSchema, null);
/** @returns null where the bytes are no run's manifest */
export const parseManifest = (bytes: Uint8Array): Manifest | null => orNull(manifestIn(bytes));

/** `….sig.json`, beside a manifest. The key is named for the reader only: which key to trust is the verifier's to say. */
const signatureSchema = z.object({
  version: z.literal(1),
  key: z.string().max(2_048),
  algorithm: z.string().max(100),
  /** Base64. */
  signature: z.string().regex(/^[A-Za-z0-9+/]{1,4000}={0,2}$/),
});
export type ManifestSignature = z.infer<typeof signatureSchema>;

const signatureIn = jsonParserOf(signatureSchema);
export const parseSignature = (bytes: Uint8Array): ManifestSignature | null => orNull(signatureIn(bytes));

/** The text of a signature's file. */
export async function signatureText(signer: ManifestSigner, bytes: Uint8Array): Promise<string> {
  const made = Buffer.from(await signer.sign(bytes)).toString('base64');
  const words: ManifestSignature = { version: 1, key: signer.keyName, algorithm: signer.algorithm, signature: made };
  return `${JSON.stringify(words, null, 1)}\n`;
}

const SIGNATURE = 'manifest.sig.json';
/** Where earlier manifests of a resumed run are kept. */
const SUPERSEDED = /\/superseded\/([0-9a-f]{64})\.json$/;

/**
 * Writes the manifest of a run, and its signature where a signer is given. Files of the run that nobody hashed on the
 * way (map results, the population's evidence) are read here.
 * @returns its SHA-256, hex
 */
export async function writeManifest(request: {
  store: ReportStore;
  plan: ScanPlan;
  status: 'COMPLETE' | 'PARTIAL';
  /** Files whose hash is known from when they were written or read. */
  files: Iterable<WrittenFile>;
  /** The run before this one. */
  previous: { runId: string; manifestSha256: string | null } | null;
  signer: ManifestSigner | null;
}): Promise<string> {
  const { store, plan, previous, signer } = request;
  const keys = runKeys(plan.runId);
  const signatureKey = `${keys.evidence}${SIGNATURE}`;
  await keepSuperseded(store, plan.runId);
  const files = new Map([...request.files].map((file) => [file.key, file]));
  for (const folder of [`runs/${plan.runId}/`, keys.evidence, keys.reports]) {
    for await (const key of store.list(folder)) {
      if (key === keys.manifest || key === signatureKey || files.has(key)) continue;
      files.set(key, await hashed(store, key));
    }
  }
  files.delete(keys.manifest);
  const made: Manifest = {
    version: 1,
    kind: 'trailseal-run',
    run_id: plan.runId,
    run_date: plan.runDate,
    status: request.status,
    scope: plan.scope,
    scanner_version: plan.scannerVersion,
    previous_run_id: previous?.runId ?? null,
    previous_manifest_sha256: previous?.manifestSha256 ?? null,
    superseded: [...files.keys()].flatMap((key) => SUPERSEDED.exec(key)?.[1] ?? []).sort(),
    files: [...files.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
  };
  const bytes = manifestBytes(made);
  if (signer) await store.write(signatureKey, await signatureText(signer, bytes));
  await store.write(keys.manifest, bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

const FILES_ENCODED_AT_ONCE = 1_000;

/**
 * `JSON.stringify(manifest, null, 1)` and a line end, in bytes. Made in pieces: of 50,000 accounts' files one text would
 * be tens of megabytes, three times over, at the moment when the report holds the most.
 */
export function manifestBytes({ files, ...rest }: Manifest): Uint8Array {
  const empty = JSON.stringify({ ...rest, files: [] }, null, 1);
  if (files.length === 0) return Buffer.from(`${empty}\n`);
  const pieces = [Buffer.from(empty.slice(0, -'[]\n}'.length))];
  for (let at = 0; at < files.length; at += FILES_ENCODED_AT_ONCE) {
    // As the array would print them, but for its brackets.
    const text = JSON.stringify({ files: files.slice(at, at + FILES_ENCODED_AT_ONCE) }, null, 1);
    const entries = text.slice('{\n "files": ['.length, -'\n ]\n}'.length);
    pieces.push(Buffer.from(`${at === 0 ? '[' : ','}${entries}`));
  }
  pieces.push(Buffer.from('\n ]\n}\n'));
  return Buffer.concat(pieces);
}

/** A run that is resumed gets a new manifest; the old one, which a later run may name, stays as evidence. */
async function keepSuperseded(store: ReportStore, runId: string): Promise<void> {
  const keys = runKeys(runId);
  const bytes = await store.read(keys.manifest);
  if (!bytes) return;
  const name = createHash('sha256').update(bytes).digest('hex');
  await store.write(`${keys.evidence}superseded/${name}.json`, bytes);
  const signed = await store.read(`${keys.evidence}${SIGNATURE}`);
  if (signed) await store.write(`${keys.evidence}superseded/${name}.sig.json`, signed);
}

async function hashed(store: ReportStore, key: string): Promise<WrittenFile> {
  const chunks = await store.open(key);
  if (!chunks) throw new TrailSealError('CORRUPT_FILE', `${key} went away from ${store.root} while it was hashed.`);
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { key, sha256: hash.digest('hex'), bytes };
}
