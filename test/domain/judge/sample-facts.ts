import type { KeyFacts } from '../../../functions/domain/judge/key-facts.ts';
import type { BucketFacts, ResolvedTrail, UsedKey } from '../../../functions/domain/judge/resources.ts';
import type { TrailFacts } from '../../../functions/domain/judge/trail-facts.ts';
import type { DescribedTrail, KeyDescription, TrailStatus } from '../../../functions/domain/model/account-access.ts';
import {
  type BucketInspection,
  bucketSettingsNotAsked,
  type KeyInspection,
} from '../../../functions/domain/model/inspection.ts';
import { ALL_BLOCKED } from '../../../functions/domain/model/public-access.ts';
import { answered, type FailureKind, failed, type Reading } from '../../../functions/domain/model/reading.ts';

/** Facts in which nothing is wrong, and how to spoil one of them: what the tables of pure rules start from. */
export const NOW = '2026-11-20T12:00:00.000Z';
export const OWNER = '111111111111';
export const MEMBER = '222222222222';
export const TRAIL = `arn:aws:cloudtrail:us-east-1:${OWNER}:trail/org`;
export const KEY = `arn:aws:kms:us-east-1:${OWNER}:key/11111111-2222-3333-4444-555555555555`;
export const BUCKET = 'logs';

/** So many hours before `NOW`, ISO 8601. */
export const hoursAgo = (hours: number): string => new Date(Date.parse(NOW) - hours * 3_600_000).toISOString();

export const refused = <T = never>(kind: FailureKind = 'DENIED', operation = 'Any'): Reading<T> =>
  failed({ kind, operation, code: `${kind}Exception`, message: 'not today' });

export const status = (more: Partial<TrailStatus> = {}): TrailStatus => ({
  isLogging: true,
  latestDeliveryAt: hoursAgo(1),
  latestDigestAt: hoursAgo(1),
  latestDeliveryError: null,
  latestDigestError: null,
  startedLoggingAt: hoursAgo(10_000),
  stoppedLoggingAt: null,
  latestLogGroupDeliveryAt: null,
  latestLogGroupDeliveryError: null,
  ...more,
});

export const description = (more: Partial<KeyDescription> = {}): KeyDescription => ({
  keyArn: KEY,
  accountId: OWNER,
  state: 'Enabled',
  manager: 'CUSTOMER',
  origin: 'AWS_KMS',
  spec: 'SYMMETRIC_DEFAULT',
  usage: 'ENCRYPT_DECRYPT',
  multiRegion: false,
  deletionDate: null,
  ...more,
});

export const keyInspection = (more: Partial<KeyInspection> = {}): KeyInspection => ({
  keyArn: KEY,
  description: answered(description()),
  rotation: answered({ enabled: true, periodDays: 365 }),
  policy: answered('{"Version":"2012-10-17","Statement":[]}'),
  ...more,
});

export const key = (more: Partial<KeyFacts> = {}): KeyFacts => ({
  keyId: KEY,
  arn: { region: 'us-east-1', accountId: OWNER, keyId: '11111111-2222-3333-4444-555555555555' },
  state: 'Enabled',
  manager: 'CUSTOMER',
  inOrganization: true,
  ownAccount: true,
  deletionDate: null,
  unknownBecause: null,
  inspection: keyInspection(),
  askedIn: OWNER,
  ...more,
});

export const bucketInspection = (more: Partial<BucketInspection> = {}): BucketInspection => ({
  bucket: BUCKET,
  accountId: OWNER,
  region: 'us-east-1',
  ownerFailure: null,
  ...bucketSettingsNotAsked(),
  publicAccessBlock: answered(ALL_BLOCKED),
  accountPublicAccessBlock: null,
  policy: answered(TLS_ONLY),
  versioning: answered('Enabled'),
  encryption: answered({ algorithm: 'AES256', kmsKeyId: null }),
  objectLock: answered({ mode: null, days: null }),
  expiryDays: answered(null),
  accessLogging: answered({ targetBucket: 'access-logs', targetPrefix: 'logs/' }),
  ...more,
});

const TLS_ONLY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`],
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
  ],
});

export const bucket = (more: Partial<BucketInspection> = {}): BucketFacts => ({
  bucket: BUCKET,
  inspection: bucketInspection(more),
  inOrganization: true,
  trails: [TRAIL],
  dataEvents: { whole: false, trails: [] },
  oldestLogs: [],
  observedAt: NOW,
});

export const described = (more: Partial<DescribedTrail> = {}): DescribedTrail => ({
  trailArn: TRAIL,
  name: 'org',
  homeRegion: 'us-east-1',
  isMultiRegion: true,
  isOrganization: true,
  globalServiceEvents: true,
  logFileValidation: true,
  kmsKeyId: KEY,
  bucket: BUCKET,
  s3KeyPrefix: null,
  logGroupArn: null,
  ...more,
});

export const trailFacts = (more: Partial<TrailFacts> = {}): TrailFacts => ({
  trail: described(),
  owner: OWNER,
  seenAtOwner: true,
  seenIn: { accountId: OWNER, region: 'us-east-1' },
  status: answered(status()),
  statusFrom: OWNER,
  selectors: answered({ basic: [], advanced: [] }),
  selectorsFrom: OWNER,
  observedAt: NOW,
  reportingMember: null,
  memberErrors: 0,
  ...more,
});

export const resolved = (more: Partial<ResolvedTrail> = {}): ResolvedTrail => ({
  facts: trailFacts(),
  managementEvents: 'ALL',
  key: key(),
  bucket: bucket(),
  logGroup: null,
  sample: null,
  oldest: null,
  accountSamples: new Map(),
  verdict: { verdict: 'SEALED', reason: 'ENCRYPTED_AND_DELIVERING' },
  ...more,
});

export const usedKey = (more: Partial<UsedKey> = {}): UsedKey => ({
  facts: key(),
  organizationId: 'o-abc123',
  isOurs: () => true,
  trails: [resolved()],
  stores: [],
  observedAt: NOW,
  ...more,
});
