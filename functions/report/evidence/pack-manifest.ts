import { z } from 'zod';

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
/** What a pack holds beside the files that its manifest lists. */
export const UNLISTED = [
  PACK_MANIFEST,
  PACK_SIGNATURE,
  PACK_TIMESTAMP,
  PACK_CHECKSUMS,
  PACK_CHECKSUMS_SIGNATURE,
] as const;

/** The SHA-256 of every file of a pack, and what the pack is; this is what is signed. */
export interface PackManifest {
  version: 1;
  /** Keeps a signature over a pack from passing for one over anything else. */
  kind: 'trailseal-evidence-pack';
  /** The one folder at the root of the zip: that it says PARTIAL cannot be renamed away. */
  name: string;
  tool_version: string;
  /** ISO 8601 UTC, by the clock of the machine that made it; null in packs from before it was kept. */
  made_at: string | null;
  /** User and machine, as the machine calls them; null in packs from before it was kept. */
  made_by: string | null;
  /** The time-stamping authority that was asked; null for none. */
  timestamp_url: string | null;
  framework: { id: string; name: string; version: string };
  /** UTC dates, both included; null for one run. */
  period: { from: string; to: string } | null;
  /** What narrowed the pack; null where it shows all of its runs. */
  subset: { accounts: string[]; ous: string[]; accounts_shown: number; accounts_in_runs: number } | null;
  /** PARTIAL where any run in it is. */
  status: 'COMPLETE' | 'PARTIAL';
  /** From a simulated organization: evidence of nothing. */
  simulated: boolean;
  runs: {
    run_id: string;
    run_date: string;
    status: 'COMPLETE' | 'PARTIAL' | 'FAILED';
    scope: 'ORGANIZATION' | 'FILTERED' | null;
    manifest_sha256: string | null;
  }[];
  /** What was wrong with the report root when the pack was made. */
  problems: string[];
  /** Paths below `name`, sorted. */
  files: PackedFile[];
}

export interface PackedFile {
  path: string;
  /** Hex. */
  sha256: string;
  bytes: number;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const text = z.string().max(10_000);
const schema: z.ZodType<PackManifest> = z.object({
  version: z.literal(1),
  kind: z.literal('trailseal-evidence-pack'),
  name: text,
  tool_version: text,
  made_at: text.nullable().default(null),
  made_by: text.nullable().default(null),
  timestamp_url: text.nullable().default(null),
  framework: z.object({ id: text, name: text, version: text }),
  period: z.object({ from: text, to: text }).nullable(),
  subset: z
    .object({ accounts: z.array(text), ous: z.array(text), accounts_shown: z.number(), accounts_in_runs: z.number() })
    .nullable(),
  status: z.enum(['COMPLETE', 'PARTIAL']),
  simulated: z.boolean(),
  runs: z.array(
    z.object({
      run_id: text,
      run_date: text,
      status: z.enum(['COMPLETE', 'PARTIAL', 'FAILED']),
      scope: z.enum(['ORGANIZATION', 'FILTERED']).nullable(),
      manifest_sha256: sha256.nullable(),
    }),
  ),
  problems: z.array(text),
  files: z.array(z.object({ path: text, sha256, bytes: z.number().int().nonnegative() })),
});

/** @returns null where the bytes are no pack's manifest */
export function parsePackManifest(bytes: Uint8Array): PackManifest | null {
  try {
    return schema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))).data ?? null;
  } catch {
    return null;
  }
}

/** Where a pack keeps a file of a run, and null for what it does not take. `verify` reads it backwards. */
export function packPath(runId: string, key: string): string | null {
  const evidence = `evidence/${runId}/`;
  if (key.startsWith(evidence)) return `runs/${runId}/evidence/${key.slice(evidence.length)}`;
  if (key === `reports/${runId}/report.json`) return `runs/${runId}/report.json`;
  const [, table] = /^tables\/([a-z]+)\/[^/]+\/[^/]+\.parquet$/.exec(key) ?? [];
  return table === undefined ? null : `runs/${runId}/tables/${table}.parquet`;
}
