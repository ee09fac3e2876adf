import { parseKeyArn } from '../../model/arn.ts';
import { oneLine, slug } from '../formats/text.ts';
import { trailKeyPolicy } from '../policies/key-policy.ts';
import { type KeyUse, type Refused, refuse } from './plan.ts';
import type { RemediationOptions } from './problem.ts';
import type { TrailSubject } from './subject.ts';

export type ChosenKey = { ok: true; key: KeyUse; accountId: string } | Refused;

/**
 * The key for trails that share a bucket: in the bucket's region, since CloudTrail accepts no other; in the owner's
 * account, or for trails of several accounts in the bucket's.
 */
export function keyForTrails(trails: readonly TrailSubject[], options: RemediationOptions): ChosenKey {
  const [trail] = trails;
  if (trail === undefined) return refuse('There is no trail to make a key for.');
  const bucket = oneLine(trail.bucket ?? '');
  const region = trail.bucketRegion;
  if (trail.bucket === null) return refuse(`Trail ${oneLine(trail.trailName)} names no bucket.`);
  if (region === null) {
    return refuse(
      `The Region of bucket ${bucket} is not known, and a trail's key must be in the bucket's Region. Ask its owner (aws s3api get-bucket-location --bucket ${bucket}), or name the owner in logArchiveAccounts and scan again.`,
    );
  }
  if (options.keyRegion !== undefined && options.keyRegion !== region) {
    return refuse(
      `The key cannot be in ${oneLine(options.keyRegion)}: bucket ${bucket} is in ${region}, and CloudTrail only takes a key from the bucket's Region.`,
    );
  }
  if (options.useKeyArn !== undefined) return existingKey(options.useKeyArn, region, bucket);
  if (trail.controlTower && trail.managementAccountId === null && !trail.isOrganization) {
    return refuse(
      `${oneLine(trail.trailName)} belongs to Control Tower, whose landing zone is in the management account, which this scan does not know: scan the organization, or set the key there in the landing zone settings.`,
    );
  }
  const owners = [...new Set(trails.map((t) => t.ownerAccountId))];
  const landingZone = trail.controlTower ? trail.managementAccountId : null;
  const accountId = landingZone ?? (owners.length === 1 ? owners[0] : trail.bucketAccountId);
  if (accountId === undefined || accountId === null) {
    return refuse(`The owner of bucket ${bucket} is not known, so the trails' common key has no account.`);
  }
  const alias = options.alias ?? `alias/trailseal-${slug(trail.trailName)}`;
  if (!/^alias\/(?!aws\/)[A-Za-z0-9/_-]{1,250}$/.test(alias)) {
    return refuse(
      `${JSON.stringify(oneLine(alias))} is not an alias: alias/ and then letters, digits, /, _ or -, not beginning with aws/.`,
    );
  }
  const made = {
    accountId,
    region,
    partition: trail.partition,
    alias,
    description: `Encrypts the CloudTrail logs of ${trails.length === 1 ? `trail ${slug(trail.trailName)}` : `${trails.length} trails`}`,
    policy: trailKeyPolicy({
      partition: trail.partition,
      keyAccountId: accountId,
      trails,
      organizationId: trail.organizationId,
      readerAccountIds: readersOf(trails, accountId, options),
      ...(trail.controlTower ? { controlTower: true } : {}),
    }),
  };
  return { ok: true, key: { made }, accountId };
}

function existingKey(arn: string, region: string, bucket: string): ChosenKey {
  const key = parseKeyArn(arn);
  if (key === null) return refuse(`${JSON.stringify(oneLine(arn))} is not a key ARN.`);
  if (key.region !== region) {
    return refuse(
      `Key ${arn} is in ${key.region}, and bucket ${bucket} in ${region}: CloudTrail only takes a key from the bucket's Region.`,
    );
  }
  return { ok: true, key: { arn }, accountId: key.accountId };
}

/** Whose principals may decrypt: the key's account and the bucket's, and whom the user adds. */
export const readersOf = (
  trails: readonly TrailSubject[],
  keyAccountId: string,
  options: RemediationOptions,
): string[] => {
  const buckets = trails.flatMap((t) => (t.bucketAccountId === null ? [] : [t.bucketAccountId]));
  return [...new Set([keyAccountId, ...buckets, ...(options.readerAccountIds ?? [])])].sort();
};
