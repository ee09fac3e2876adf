import { bucketEvidence } from '../../domain/frameworks/bucket-evidence.ts';
import { FRAMEWORKS } from '../../domain/frameworks/catalogue.ts';
import { type FrameworkResult, frameworkResults, type StatusCounts } from '../../domain/frameworks/results.ts';
import type { BucketFacts } from '../../domain/judge/resources.ts';
import type { Tally } from '../tables/tally.ts';

/** What the run says of every requirement of every framework, for report.json, the page and the evidence packs. */
export function frameworkSummary(request: {
  tally: Tally;
  buckets: readonly BucketFacts[];
  status: 'COMPLETE' | 'PARTIAL';
}): FrameworkResult[] {
  const { tally, status } = request;
  const ofBuckets = bucketEvidence(
    request.buckets.map(({ inspection }) => ({ expiryDays: inspection?.expiryDays ?? null })),
  );
  const counts = new Map<string, StatusCounts>([...Object.entries(tally.byControl), ...ofBuckets]);
  const unverifiedTargets = tally.verdicts.UNVERIFIED;
  return FRAMEWORKS.map((framework) => frameworkResults({ framework, counts, runStatus: status, unverifiedTargets }));
}
