import type { Reading } from '../model/reading.ts';
import { type EvidenceId, RETENTION } from './framework.ts';
import { noCounts, type StatusCounts } from './results.ts';

/** PCI DSS 10.5.1 asks for twelve months of audit history. */
export const RETENTION_DAYS = 365;

/**
 * What requirements ask of buckets that no control judges by itself, counted bucket by bucket: `bucket-expiry` is PASS
 * where logs never expire or after a year, FAIL where they expire sooner, UNVERIFIED where it was not read.
 */
export function bucketEvidence(
  buckets: Iterable<{ expiryDays: Reading<number | null> | null }>,
): Map<EvidenceId, StatusCounts> {
  const expiry = noCounts();
  for (const { expiryDays } of buckets) {
    expiry[statusOf(expiryDays?.ok ? expiryDays.value === null || expiryDays.value >= RETENTION_DAYS : null)] += 1;
  }
  return new Map([[RETENTION, expiry]]);
}

const statusOf = (met: boolean | null): 'PASS' | 'FAIL' | 'UNVERIFIED' =>
  met === null ? 'UNVERIFIED' : met ? 'PASS' : 'FAIL';
