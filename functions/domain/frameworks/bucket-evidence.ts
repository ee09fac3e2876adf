import type { Reading } from '../model/reading.ts';
import { type EvidenceId, NOT_PUBLIC, RETENTION } from './framework.ts';
import { noCounts, type StatusCounts } from './results.ts';

/** PCI DSS 10.5.1 asks for twelve months of audit history. */
export const RETENTION_DAYS = 365;

/**
 * What requirements ask of buckets that no control judges by itself, counted bucket by bucket:
 * - `bucket-expiry`: PASS where logs never expire or after a year, FAIL where they expire sooner
 * - `bucket-not-public`: whether all public access is blocked, whatever else `bucket-protected` finds
 *
 * UNVERIFIED where it was not read.
 */
export function bucketEvidence(
  buckets: Iterable<{ expiryDays: Reading<number | null> | null; publicBlocked: boolean | null }>,
): Map<EvidenceId, StatusCounts> {
  const [expiry, notPublic] = [noCounts(), noCounts()];
  for (const { expiryDays, publicBlocked } of buckets) {
    expiry[statusOf(expiryDays?.ok ? expiryDays.value === null || expiryDays.value >= RETENTION_DAYS : null)] += 1;
    notPublic[statusOf(publicBlocked)] += 1;
  }
  return new Map([
    [RETENTION, expiry],
    [NOT_PUBLIC, notPublic],
  ]);
}

const statusOf = (met: boolean | null): 'PASS' | 'FAIL' | 'UNVERIFIED' =>
  met === null ? 'UNVERIFIED' : met ? 'PASS' : 'FAIL';
