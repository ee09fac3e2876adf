import type { TrailRow } from '../tables/columns.ts';

/**
 * Why Security Hub's CloudTrail.2 may say something else of this trail, in one line; null where it should agree.
 * CloudTrail.2 (AWS Config's cloud-trail-encryption-enabled) passes any trail with a `KmsKeyId`, whatever the key's
 * state, and looks at the trails that each account and region sees for itself.
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html#cloudtrail-2
 */
export function securityHubDifference(
  trail: Pick<
    TrailRow,
    'kms_key_arn' | 'verdict' | 'reason' | 'is_organization' | 'is_multi_region' | 'key_state' | 'account_id'
  >,
): string | null {
  const repeats = repetition(trail);
  if (trail.kms_key_arn === null) {
    return repeats === null ? null : `CloudTrail.2 fails too, ${repeats}`;
  }
  const passes = `CloudTrail.2 passes this trail, because it has a KmsKeyId and nothing else is looked at; ${WHY[trail.verdict]?.(trail) ?? ''}`;
  if (trail.verdict !== 'SEALED') return passes;
  return repeats === null ? null : `CloudTrail.2 passes too, ${repeats}`;
}

const WHY: Partial<
  Record<TrailRow['verdict'], (trail: { key_state: string | null; reason: string | null }) => string>
> = {
  BROKEN: ({ key_state, reason }) =>
    key_state !== null && key_state !== 'Enabled'
      ? `but the key is ${key_state}, so that nothing can be delivered.`
      : `but the trail cannot deliver (${reason ?? 'delivery error'}).`,
  STOPPED: () => 'but the trail is not logging.',
  FOREIGN_KEY: ({ reason }) => `but the key is not the organization's own (${reason ?? 'foreign key'}).`,
  UNVERIFIED: ({ reason }) => `but whether the key works could not be determined (${reason ?? 'not read'}).`,
};

const repetition = (trail: Pick<TrailRow, 'is_organization' | 'is_multi_region' | 'account_id'>): string | null => {
  if (trail.is_organization) {
    return `but may repeat this organization trail in every member account and Region that sees it; here it is one finding, at its owner ${trail.account_id}.`;
  }
  if (trail.is_multi_region) {
    return 'but may repeat this multi-Region trail in every Region that sees it; here it is one finding, in its home Region.';
  }
  return null;
};
