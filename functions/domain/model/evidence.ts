/**
 * One AWS answer as it came: what a verdict rests on. Never holds credentials.
 * Kept as gzip NDJSON under `evidence/<run_id>/`.
 */
export interface EvidenceRecord {
  /** Deterministic within a run: see `evidenceRef`. */
  ref: string;
  service: string;
  operation: string;
  /** The region the call was sent to. */
  region: string;
  accountId: string;
  /** The assumed role's ARN, or the caller's own ARN where no role was assumed. */
  principalArn: string;
  requestId: string | null;
  /** ISO 8601 UTC with milliseconds, when the answer arrived. */
  at: string;
  input: unknown;
  outcome: { ok: true; output: unknown } | { ok: false; code: string; message: string; httpStatus: number | null };
}

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
