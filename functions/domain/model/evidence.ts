import * as z from 'zod';

/**
 * One AWS answer as it came: what a verdict rests on. Never holds credentials.
 * Kept as gzip NDJSON under `evidence/<run_id>/`.
 */
export const evidenceRecordSchema = z.object({
  /** Deterministic within a run: see `evidenceRef`. */
  ref: z.string(),
  service: z.string(),
  operation: z.string(),
  /** The region the call was sent to. */
  region: z.string(),
  accountId: z.string(),
  /** The assumed role's ARN, or the caller's own ARN where no role was assumed. */
  principalArn: z.string(),
  requestId: z.string().nullable(),
  /** ISO 8601 UTC with milliseconds, when the answer arrived. */
  at: z.string(),
  input: z.unknown(),
  outcome: z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), output: z.unknown() }),
    z.object({ ok: z.literal(false), code: z.string(), message: z.string(), httpStatus: z.number().nullable() }),
  ]),
});
export type EvidenceRecord = z.infer<typeof evidenceRecordSchema>;

/** Names an answer so that a finding can point to it without storing anything: `111122223333/us-east-1/DescribeTrails[/subject]`. */
export const evidenceRef = (call: {
  accountId: string;
  /**
   * `*` for an answer that is about no region (AssumeRole, an account's DescribeRegions or public access block,
   * ListBuckets, GetBucketLocation).
   */
  region: string;
  operation: string;
  /** What the call named (a trail ARN, a key ARN, a bucket), where it named anything. */
  subject?: string;
}): string =>
  `${call.accountId}/${call.region}/${call.operation}${call.subject === undefined ? '' : `/${call.subject}`}`;

/** Sorted, each once; the same list where it is so already. */
export function sortedRefs(refs: string[]): string[] {
  if (refs.every((ref, at) => at === 0 || (refs[at - 1] as string) < ref)) return refs;
  return [...new Set(refs)].sort();
}
