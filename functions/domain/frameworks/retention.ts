import type { Reading } from '../model/reading.ts';
import { noCounts, type StatusCounts } from './results.ts';

/** PCI DSS 10.5.1 asks for twelve months of audit history. */
export const RETENTION_DAYS = 365;

/**
 * Counts buckets by whether their lifecycle keeps logs for a year: PASS where logs never expire or expire later,
 * FAIL where they expire sooner, UNVERIFIED where the rules were not read. Feeds the evidence `bucket-expiry`.
 */
export function retentionCounts(buckets: Iterable<{ expiryDays: Reading<number | null> | null }>): StatusCounts {
  const counts = noCounts();
  for (const { expiryDays } of buckets) {
    if (!expiryDays?.ok) counts.UNVERIFIED += 1;
    else if (expiryDays.value === null || expiryDays.value >= RETENTION_DAYS) counts.PASS += 1;
    else counts.FAIL += 1;
  }
  return counts;
}
