import { parseKeyArn } from '../../model/arn.ts';
import { oneLine } from '../formats/text.ts';
import { trailBucketStatements } from '../policies/bucket-policy.ts';
import { readGrant } from '../policies/grants.ts';
import { cloudTrailKeyStatements, trailKeyStatements } from '../policies/key-policy.ts';
import { brokenKeyChanges } from './broken-key.ts';
import { keyForTrails, readersOf } from './new-key.ts';
import { type Change, type KeyUse, type Planned, planOf, refuse, words } from './plan.ts';
import type { RemediationOptions } from './problem.ts';
import type { TrailSubject } from './subject.ts';

/**
 * What fixes these trails, which share a cause and a bucket (one organization trail is one trail). What has to happen
 * depends on the verdict and the reason behind it; how it is written, on the format.
 */
export function decideTrails(trails: readonly TrailSubject[], options: RemediationOptions = {}): Planned {
  const [trail] = trails;
  if (trail === undefined) return refuse('There is no trail to fix.');
  switch (trail.verdict) {
    case 'UNSEALED':
      return setKey(trails, options, `Encrypt ${words(trails)} with a key of your own`, []);
    case 'FOREIGN_KEY':
      return setKey(trails, options, `Move ${words(trails)} to a key of your own`, [
        `Logs written so far stay encrypted with ${trail.kmsKeyArn}: reading them still needs that key.`,
      ]);
    case 'STOPPED':
      return startLogging(trails);
    case 'BROKEN':
      return broken(trails, options);
    case 'UNVERIFIED':
      return readGrant(trails, options);
    case 'SEALED':
      return refuse(`Nothing is wrong with ${words(trails)}: new logs are encrypted with a key that works.`);
  }
}

const READERS =
  'Every reader of the logs (a SIEM, Athena, an analyst) needs kms:Decrypt on the key from then on, and AWS says to grant it before the key is set: the accounts of key and bucket are let in, others by --readers; their own IAM policies must allow it too.';

/** A key in the bucket's region, set on every trail; under Control Tower in the landing zone. */
export function setKey(
  trails: readonly TrailSubject[],
  options: RemediationOptions,
  title: string,
  notes: string[],
): Planned {
  const [trail] = trails;
  if (trail === undefined) return refuse('There is no trail to fix.');
  const refusing = trails.find((t) => t.refusedBy.kmsEncryption !== null);
  if (refusing) {
    return refuse(
      `Bucket ${oneLine(refusing.bucket ?? '')} refuses objects encrypted with aws:kms (statement ${oneLine(refusing.refusedBy.kmsEncryption ?? '')} of its policy): with a key, ${words([refusing])} could deliver nothing. Change that statement so that it lets cloudtrail.amazonaws.com write with aws:kms, scan again, and set the key then.`,
    );
  }
  const named = options.useKeyArn === undefined ? trails.find((t) => t.refusedBy.otherKeys !== null) : undefined;
  if (named) {
    return refuse(
      `Bucket ${oneLine(named.bucket ?? '')} takes only objects encrypted with a key that its policy names (statement ${oneLine(named.refusedBy.otherKeys ?? '')}), which a new key is not: use that key (--use-key), or change the statement and scan again.`,
    );
  }
  const chosen = keyForTrails(trails, options);
  if (!chosen.ok) return refuse(chosen.refusal);
  const { key, accountId } = chosen;
  const changes: Change[] = [keyChange(key, accountId, trails, options)];
  const about = [
    ...notes,
    'Logs delivered before the change stay as they are; only new ones are encrypted with the key.',
    READERS,
    'Keep the key for as long as you keep the logs: without it nobody can read them.',
  ];
  if (trail.controlTower) {
    changes.push({
      do: 'set-landing-zone-key',
      accountId: trail.managementAccountId ?? trail.ownerAccountId,
      key,
      trail,
    });
    about.unshift(
      'Control Tower owns this trail, and its landing zone is in the management account: the key is set in the landing zone, and update-trail would be refused or undone. The update takes up to an hour, and the accounts are enrolled again under it.',
    );
  } else {
    for (const each of trails) {
      changes.push({ do: 'set-trail-key', accountId: each.ownerAccountId, trail: each, key }, check(each, key));
    }
  }
  return planOf(trails, title, changes, about);
}

function keyChange(
  key: KeyUse,
  accountId: string,
  trails: readonly TrailSubject[],
  options: RemediationOptions,
): Change {
  if ('made' in key) return { do: 'create-key', accountId, key: key.made };
  const arn = parseKeyArn(key.arn);
  return {
    do: 'merge-key-policy',
    accountId,
    region: arn?.region ?? '',
    keyArn: key.arn,
    statements: trailKeyStatements({
      partition: trails[0]?.partition ?? 'aws',
      keyAccountId: accountId,
      trails,
      organizationId: trails[0]?.organizationId ?? null,
      readerAccountIds: readersOf(trails, accountId, options),
      ...(trails[0]?.controlTower ? { controlTower: true } : {}),
    }),
    replace: [],
    current: null,
  };
}

/** With the key that the trail has, or is given. */
const check = (trail: TrailSubject, key?: KeyUse): Change => ({
  do: 'check-delivery',
  accountId: trail.ownerAccountId,
  trail,
  key: key ?? (trail.kmsKeyArn === null ? null : { arn: trail.kmsKeyArn }),
});

function startLogging(trails: readonly TrailSubject[]): Planned {
  const [trail] = trails;
  if (trail?.controlTower) {
    return refuse(
      `${words(trails)} belongs to Control Tower, which does not let it be started by hand: reset the landing zone (AWS Control Tower console, Landing zone settings, Reset; or aws controltower reset-landing-zone), which starts it again.`,
    );
  }
  return planOf(
    trails,
    `Start logging on ${words(trails)}`,
    trails.flatMap((t) => [{ do: 'start-logging', accountId: t.ownerAccountId, trail: t }, check(t)]),
    [
      'Find out who stopped it: look for StopLogging in the event history of the account.',
      'What happened while it was stopped was not recorded; the event history keeps 90 days of management events.',
    ],
  );
}

function broken(trails: readonly TrailSubject[], options: RemediationOptions): Planned {
  const [trail] = trails;
  if (trail === undefined) return refuse('There is no trail to fix.');
  if (trail.reason === 'DELIVERY_ERROR' || trail.reason === 'MEMBER_DELIVERY_ERROR') return delivery(trails);
  if (trail.reason === 'KEY_NOT_IN_BUCKET_REGION') {
    return setKey(trails, options, `Give ${words(trails)} a key in the Region of its bucket`, [
      `CloudTrail cannot use ${trail.kmsKeyArn}: a trail's key must be in the bucket's Region, ${trail.bucketRegion}.`,
    ]);
  }
  const key = brokenKeyChanges({
    keyArn: trail.kmsKeyArn ?? '',
    state: trail.keyState,
    deletionDate: trail.keyDeletionDate,
    reason: trail.reason,
  });
  if (key.kind === 'refused') return refuse(key.refusal);
  if (key.kind === 'replace') return setKey(trails, options, `Give ${words(trails)} a key that works`, key.notes);
  return planOf(trails, key.title, [...key.changes, ...trails.map((t) => check(t))], key.notes);
}

/** The bucket, and the key where there is one, let CloudTrail in for these trails. */
function delivery(trails: readonly TrailSubject[]): Planned {
  const [trail] = trails;
  if (trail === undefined || trail.bucket === null) return refuse('The trail names no bucket to deliver to.');
  if (trail.latestDeliveryError === 'NoSuchBucket') {
    return refuse(
      `Bucket ${oneLine(trail.bucket)} does not exist. Make it again under the same name in the account that had it, with the policy that CloudTrail needs, before somebody else takes the name; or point the trail elsewhere with aws cloudtrail update-trail --s3-bucket-name. CloudTrail retries for 30 days.`,
    );
  }
  const denied = trails.find((t) => t.refusedBy.bucket !== null || t.refusedBy.key !== null);
  if (denied) {
    const { bucket: inBucket, key: inKey } = denied.refusedBy;
    const where =
      inBucket !== null
        ? `Statement ${oneLine(inBucket)} of the policy of bucket ${oneLine(denied.bucket ?? '')}`
        : `Statement ${oneLine(inKey ?? '')} of the policy of key ${denied.kmsKeyArn}`;
    return refuse(
      `${where} denies CloudTrail what ${words([denied])} needs, and a Deny goes before every Allow: nothing that could be added makes it deliver. Ask who put it there and why, take it away or exempt cloudtrail.amazonaws.com from it, and scan again.`,
    );
  }
  const changes: Change[] = [
    {
      do: 'merge-bucket-policy',
      accountId: trail.bucketAccountId,
      region: trail.bucketRegion,
      bucket: trail.bucket,
      statements: trailBucketStatements({
        partition: trail.partition,
        bucket: trail.bucket,
        s3KeyPrefix: trail.s3KeyPrefix,
        trails,
        organizationId: trail.organizationId,
      }),
      current: null,
    },
  ];
  const key = trail.kmsKeyArn === null ? null : parseKeyArn(trail.kmsKeyArn);
  if (key !== null && trail.kmsKeyArn !== null) {
    changes.push({
      do: 'merge-key-policy',
      accountId: key.accountId,
      region: key.region,
      keyArn: trail.kmsKeyArn,
      statements: cloudTrailKeyStatements({ partition: trail.partition, trails }),
      replace: [],
      current: null,
    });
  }
  // A member's copy of an organization trail has a status of its own, in the member.
  if (trail.reason === 'DELIVERY_ERROR') changes.push(...trails.map((t) => check(t)));
  return planOf(trails, `Let CloudTrail deliver ${words(trails)}`, changes, [
    `CloudTrail reports ${oneLine(trail.latestDeliveryError ?? 'an error')} from the bucket, which can mean the bucket's policy or the key's.`,
    'A Deny that the scan could not read, in either policy, in a resource control policy or in S3 Object Ownership settings is not repaired by this: look for one if the error stays.',
    'CloudTrail retries for 30 days, so what it could not deliver meanwhile still arrives.',
  ]);
}
