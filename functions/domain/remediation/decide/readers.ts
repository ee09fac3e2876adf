import type { RemediationOptions } from './problem.ts';
import type { TrailSubject } from './subject.ts';

/** Whose principals may decrypt: the key's account and the bucket's, and whom the user adds. */
export const readersOf = (
  trails: readonly TrailSubject[],
  keyAccountId: string,
  options: RemediationOptions,
): string[] => {
  const buckets = trails.flatMap((t) => (t.bucketAccountId === null ? [] : [t.bucketAccountId]));
  return [...new Set([keyAccountId, ...buckets, ...(options.readerAccountIds ?? [])])].sort();
};
