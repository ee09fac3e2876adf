import type { TrailSubject } from '../../../functions/domain/remediation/decide/subject.ts';

export const MANAGEMENT = '111122223333';
export const LOG_ARCHIVE = '444455556666';
export const KEY_ARN = `arn:aws:kms:eu-west-1:${MANAGEMENT}:key/11111111-2222-3333-4444-555555555555`;

/** An organization trail without a key; each test says what differs. */
export const trailOf = (differs: Partial<TrailSubject> = {}): TrailSubject => {
  const name = differs.trailName ?? 'org-trail';
  const owner = differs.ownerAccountId ?? MANAGEMENT;
  const region = differs.homeRegion ?? 'eu-west-1';
  return {
    trailArn: `arn:${differs.partition ?? 'aws'}:cloudtrail:${region}:${owner}:trail/${name}`,
    trailName: name,
    ownerAccountId: owner,
    homeRegion: region,
    partition: 'aws',
    isMultiRegion: true,
    isOrganization: true,
    isLogging: true,
    globalServiceEvents: true,
    logFileValidation: true,
    bucket: 'org-logs',
    bucketRegion: 'eu-west-1',
    bucketAccountId: LOG_ARCHIVE,
    s3KeyPrefix: null,
    logGroupArn: null,
    kmsKeyArn: null,
    keyState: null,
    keyDeletionDate: null,
    latestDeliveryError: null,
    verdict: 'UNSEALED',
    reason: 'NO_KEY',
    refusedBy: { bucket: null, kmsEncryption: null, otherKeys: null, key: null },
    managementAccountId: MANAGEMENT,
    controlTower: false,
    organizationId: 'o-abcde12345',
    rootCauseId: 'rc-1',
    accountsCovered: [MANAGEMENT, LOG_ARCHIVE],
    ...differs,
  };
};
