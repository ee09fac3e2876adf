import * as z from 'zod';
import { RUN_SCOPES, RUN_STATUSES } from '../../domain/model/vocabulary.ts';
import { jsonParserOf, orNull } from '../../domain/run/parsed.ts';

/** At the root of every pack, and its signature. */
export const PACK_MANIFEST = 'MANIFEST.json';
export const PACK_SIGNATURE = 'MANIFEST.sig.json';
/** The time stamp over the manifest (RFC 3161, DER), where an authority was asked. */
export const PACK_TIMESTAMP = 'MANIFEST.tsr';
/** Every file, the manifest with its signature and time stamp included, for `sha256sum -c`; and the signature over it. */
export const PACK_CHECKSUMS = 'SHA256SUMS';
export const PACK_CHECKSUMS_SIGNATURE = 'SHA256SUMS.sig';
/** How to verify a pack without TrailSeal. A pack that has one has the checksums too. */
export const PACK_GUIDE = 'VERIFY.txt';
/** The manifest and what is made from it alone. */
export const MANIFEST_FILES: readonly string[] = [PACK_MANIFEST, PACK_SIGNATURE, PACK_TIMESTAMP];
/** What a pack holds beside the files that its manifest lists. */
export const UNLISTED: readonly string[] = [...MANIFEST_FILES, PACK_CHECKSUMS, PACK_CHECKSUMS_SIGNATURE];

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string().max(10_000);
const count = z.number().int().nonnegative();

const packedFileSchema = z.object({
  path: text,
  /** Hex. */
  sha256,
  bytes: count,
});
export type PackedFile = z.infer<typeof packedFileSchema>;

/** The SHA-256 of every file of a pack, and what the pack is; this is what is signed. */
const packManifestSchema = z.object({
  version: z.literal(1),
  /** Keeps a signature over a pack from passing for one over anything else. */
  kind: z.literal('trailseal-evidence-pack'),
  /** The one folder at the root of the zip: that it says PARTIAL cannot be renamed away. */
  name: text,
  tool_version: text,
  /** ISO 8601 UTC, by the clock of the machine that made it; null in packs from before it was kept. */
  made_at: text.nullable().default(null),
  /** User and machine, as the machine calls them; null in packs from before it was kept. */
  made_by: text.nullable().default(null),
  /** The time-stamping authority that was asked; null for none. */
  timestamp_url: text.nullable().default(null),
  framework: z.object({ id: text, name: text, version: text }),
  /** UTC dates, both included; null for one run. */
  period: z.object({ from: text, to: text }).nullable(),
  /** What narrowed the pack; null where it shows all of its runs. */
  subset: z
    .object({
      accounts: z.array(text),
      ous: z.array(text),
      accounts_shown: z.number(),
      accounts_in_runs: z.number(),
      /** `key=value`. */
      tags: z.array(text).default([]),
      /** By what name it was asked for, and what it is said to hold; null where it has none. */
      scope: z
        .object({ name: text, holds: z.array(text) })
        .nullable()
        .default(null),
    })
    .nullable(),
  /** PARTIAL where any run in it is. */
  status: z.enum(RUN_STATUSES),
  /** From a simulated organization: evidence of nothing. */
  simulated: z.boolean(),
  runs: z.array(
    z.object({
      run_id: text,
      run_date: text,
      status: z.enum([...RUN_STATUSES, 'FAILED']),
      scope: z.enum(RUN_SCOPES).nullable(),
      manifest_sha256: sha256.nullable(),
    }),
  ),
  /** What was wrong with the report root when the pack was made. */
  problems: z.array(text),
  /** Paths below `name`, sorted. */
  files: z.array(packedFileSchema),
});
export type PackManifest = z.infer<typeof packManifestSchema>;

const packManifestIn = jsonParserOf(packManifestSchema, null);
/** @returns null where the bytes are no pack's manifest */
export const parsePackManifest = (bytes: Uint8Array): PackManifest | null => orNull(packManifestIn(bytes));

/** Where a pack keeps a file of a run, and null for what it does not take. `verify` reads it backwards. */
export function packPath(runId: string, key: string): string | null {
  const evidence = `evidence/${runId}/`;
  if (key.startsWith(evidence)) return `runs/${runId}/evidence/${key.slice(evidence.length)}`;
  if (key === `reports/${runId}/report.json`) return `runs/${runId}/report.json`;
  const [, table] = /^tables\/([a-z]+)\/[^/]+\/[^/]+\.parquet$/.exec(key) ?? [];
  return table === undefined ? null : `runs/${runId}/tables/${table}.parquet`;
}
