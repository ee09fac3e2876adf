import type { Problem } from '../../../functions/domain/remediation/decide/problem.ts';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT, trailOf } from './subjects.ts';

const keyed = { kmsKeyArn: KEY_ARN, keyState: 'Enabled' };

const STORE_ARN = `arn:aws:cloudtrail:eu-west-1:${MANAGEMENT}:eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE`;
const ADMIN = {
  Sid: 'Admin',
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${MANAGEMENT}:root` },
  Action: 'kms:*',
  Resource: '*',
};
const CLOUDTRAIL = {
  Effect: 'Allow',
  Principal: { Service: 'cloudtrail.amazonaws.com' },
  Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
  Resource: '*',
};

const keyPolicy = (statements: object[]) => ({
  problem: 'key-policy' as const,
  keyArn: KEY_ARN,
  trails: [trailOf(keyed)],
  policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
  organizationId: 'o-abcde12345',
  usedByEventDataStore: false,
  rootCauseId: 'rc-3',
});

const store = (
  key: { arn: string; state: string | null; deletionDate: string | null } | null,
  reason: string,
): Problem => ({
  problem: 'event-data-store-unencrypted',
  storeArn: STORE_ARN,
  storeName: 'lake',
  key,
  reason,
  rootCauseId: 'rc-6',
});

/** Every kind of problem, and what is planned for it (the changes, in order) or refused. */
const statement = (Sid: string, Principal: unknown) => ({
  ...{ Sid, Effect: 'Allow', Principal, Action: 's3:GetObject', Resource: 'arn:aws:s3:::org-logs/*' },
});
const policyOf = (...Statement: unknown[]) => JSON.stringify({ Version: '2012-10-17', Statement });
/** Of `bucket-not-public` alone. */
const publicBucket = {
  problem: 'bucket-unprotected',
  bucket: 'org-logs',
  partition: 'aws',
  accountId: LOG_ARCHIVE,
  region: 'eu-west-1',
  needs: { publicAccessBlock: 'import', versioning: 'nothing', defaultEncryption: 'nothing' },
  tlsOnly: true,
  trailArns: [],
  rootCauseId: 'rc-4',
} as const;

export const unloggedBucket = {
  problem: 'bucket-access-unlogged',
  bucket: 'org-logs',
  partition: 'aws',
  accountId: LOG_ARCHIVE,
  region: 'eu-west-1',
  logBuckets: ['org-logs', 'team-logs'],
  trailArns: [],
  rootCauseId: 'rc-6',
} as const;
const shortBucket = {
  problem: 'bucket-retention',
  bucket: 'org-logs',
  partition: 'aws',
  accountId: LOG_ARCHIVE,
  region: 'eu-west-1',
  folders: ['AWSLogs/o-abcde12345/*/CloudTrail'],
  trailArns: [],
  rootCauseId: 'rc-5',
} as const;

export const PROBLEMS: Record<string, { problem: Problem; plan: string[] } | { problem: Problem; refused: RegExp }> = {
  'unsealed organization trail': {
    problem: { problem: 'trail', trail: trailOf() },
    plan: ['create-key', 'set-trail-key', 'check-delivery'],
  },
  'unsealed local trail, home Region elsewhere': {
    problem: {
      problem: 'trail',
      trail: trailOf({
        isOrganization: false,
        ownerAccountId: '777788889999',
        homeRegion: 'us-east-1',
        s3KeyPrefix: 'p',
      }),
    },
    plan: ['create-key', 'set-trail-key', 'check-delivery'],
  },
  'unsealed trail with a log group': {
    problem: {
      problem: 'trail',
      trail: trailOf({ logGroupArn: `arn:aws:logs:eu-west-1:${MANAGEMENT}:log-group:trails:*`, isLogging: null }),
    },
    plan: ['create-key', 'set-trail-key', 'check-delivery'],
  },
  'unsealed trail in GovCloud': {
    problem: {
      problem: 'trail',
      trail: trailOf({ partition: 'aws-us-gov', homeRegion: 'us-gov-west-1', bucketRegion: 'us-gov-west-1' }),
    },
    plan: ['create-key', 'set-trail-key', 'check-delivery'],
  },
  'unsealed trail in China': {
    problem: {
      problem: 'trail',
      trail: trailOf({ partition: 'aws-cn', homeRegion: 'cn-north-1', bucketRegion: 'cn-northwest-1' }),
    },
    plan: ['create-key', 'set-trail-key', 'check-delivery'],
  },
  'unsealed Control Tower trail': {
    problem: {
      problem: 'trail',
      trail: trailOf({ trailName: 'aws-controltower-BaselineCloudTrail', controlTower: true }),
    },
    plan: ['create-key', 'set-landing-zone-key'],
  },
  'bucket Region unknown': {
    problem: { problem: 'trail', trail: trailOf({ bucketRegion: null }) },
    refused: /Region of bucket org-logs is not known.*get-bucket-location/,
  },
  'foreign key': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, verdict: 'FOREIGN_KEY', reason: 'KEY_OUTSIDE_ORGANIZATION' }),
    },
    plan: ['create-key', 'set-trail-key', 'check-delivery'],
  },
  'key disabled': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, keyState: 'Disabled', verdict: 'BROKEN', reason: 'KEY_DISABLED' }),
    },
    plan: ['enable-key', 'check-delivery'],
  },
  'key pending deletion': {
    problem: {
      problem: 'trail',
      trail: trailOf({
        ...keyed,
        keyState: 'PendingDeletion',
        keyDeletionDate: '2026-12-01T00:00:00.000Z',
        verdict: 'BROKEN',
        reason: 'KEY_PENDING_DELETION',
      }),
    },
    plan: ['cancel-key-deletion', 'enable-key', 'check-delivery'],
  },
  'key gone': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, keyState: 'NOT_FOUND', verdict: 'BROKEN', reason: 'KEY_NOT_FOUND' }),
    },
    plan: ['create-key', 'set-trail-key', 'check-delivery'],
  },
  'key not in the bucket Region': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, bucketRegion: 'us-east-2', verdict: 'BROKEN', reason: 'KEY_NOT_IN_BUCKET_REGION' }),
    },
    plan: ['create-key', 'set-trail-key', 'check-delivery'],
  },
  'key pending import': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, keyState: 'PendingImport', verdict: 'BROKEN', reason: 'KEY_PENDING_IMPORT' }),
    },
    refused: /import it again/,
  },
  'key store not connected': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, keyState: 'Unavailable', verdict: 'BROKEN', reason: 'KEY_UNAVAILABLE' }),
    },
    refused: /connect-custom-key-store/,
  },
  'delivery refused': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, verdict: 'BROKEN', reason: 'DELIVERY_ERROR', latestDeliveryError: 'AccessDenied' }),
    },
    plan: ['merge-bucket-policy', 'merge-key-policy', 'check-delivery'],
  },
  'bucket gone': {
    problem: {
      problem: 'trail',
      trail: trailOf({ verdict: 'BROKEN', reason: 'DELIVERY_ERROR', latestDeliveryError: 'NoSuchBucket' }),
    },
    refused: /does not exist/,
  },
  'logging stopped': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, isLogging: false, verdict: 'STOPPED', reason: 'NOT_LOGGING' }),
    },
    plan: ['start-logging', 'check-delivery'],
  },
  'Control Tower trail stopped': {
    problem: {
      problem: 'trail',
      trail: trailOf({
        trailName: 'aws-controltower-BaselineCloudTrail',
        controlTower: true,
        isLogging: false,
        verdict: 'STOPPED',
      }),
    },
    refused: /reset the landing zone/,
  },
  'key not readable': {
    problem: {
      problem: 'trail',
      trail: trailOf({ ...keyed, keyState: null, verdict: 'UNVERIFIED', reason: 'KEY_DENIED' }),
    },
    plan: ['grant-read', 'merge-key-policy'],
  },
  'status not readable': {
    problem: { problem: 'trail', trail: trailOf({ ...keyed, verdict: 'UNVERIFIED', reason: 'STATUS_DENIED' }) },
    plan: ['grant-read'],
  },
  silent: {
    problem: { problem: 'trail', trail: trailOf({ ...keyed, verdict: 'UNVERIFIED', reason: 'SILENT' }) },
    refused: /delivered nothing for 26 hours/,
  },
  sealed: {
    problem: { problem: 'trail', trail: trailOf({ ...keyed, verdict: 'SEALED', reason: 'ENCRYPTED_AND_DELIVERING' }) },
    refused: /Nothing is wrong/,
  },
  'log validation off': {
    problem: { problem: 'log-validation-off', trail: trailOf({ ...keyed, logFileValidation: false }) },
    plan: ['enable-validation'],
  },
  'rotation off': {
    problem: { problem: 'key-rotation-off', trailArns: [], keyArn: KEY_ARN, keyState: 'Enabled', rootCauseId: 'rc-2' },
    plan: ['enable-rotation'],
  },
  'rotation off, key disabled': {
    problem: { problem: 'key-rotation-off', trailArns: [], keyArn: KEY_ARN, keyState: 'Disabled', rootCauseId: 'rc-2' },
    plan: ['enable-key', 'enable-rotation'],
  },
  'rotation off, key pending deletion': {
    problem: {
      problem: 'key-rotation-off',
      trailArns: [],
      keyArn: KEY_ARN,
      keyState: 'PendingDeletion',
      rootCauseId: 'rc-2',
    },
    refused: /is PendingDeletion, and KMS refuses to turn on rotation/,
  },
  'key policy unscoped': {
    problem: keyPolicy([ADMIN, { ...CLOUDTRAIL, Sid: 'Any' }]),
    plan: ['merge-key-policy'],
  },
  'key policy without CloudTrail': { problem: keyPolicy([ADMIN]), plan: ['merge-key-policy'] },
  'key policy with a Deny': {
    problem: keyPolicy([
      ADMIN,
      { Sid: 'Freeze', Effect: 'Deny', Principal: '*', Action: 'kms:GenerateDataKey*', Resource: '*' },
    ]),
    refused: /Statement|Freeze.*A Deny goes before every Allow/i,
  },
  'key policy open to everyone': {
    problem: keyPolicy([ADMIN, { Sid: 'Open', Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource: '*' }]),
    plan: ['merge-key-policy'],
  },
  'key policy with one statement for everyone': {
    problem: keyPolicy([{ Sid: 'All', Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' }]),
    refused: /All is not changed.*kms:PutKeyPolicy/,
  },
  'key policy shared with an event data store': {
    problem: {
      ...keyPolicy([
        ADMIN,
        CLOUDTRAIL,
        { Sid: 'Anyone', Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource: '*' },
      ]),
      usedByEventDataStore: true,
    },
    refused: /^(?!.*Statement\[1\]).*Anyone is not changed/,
  },
  'key policy not kept': { problem: { ...keyPolicy([]), policy: null }, refused: /scan again/ },
  'bucket that takes AES256 only': {
    problem: {
      problem: 'trail',
      trail: trailOf({ refusedBy: { bucket: null, kmsEncryption: 'OnlyAes256', otherKeys: null, key: null } }),
    },
    refused: /refuses objects encrypted with aws:kms \(statement OnlyAes256/,
  },
  'bucket that takes one key only': {
    problem: {
      problem: 'trail',
      trail: trailOf({ refusedBy: { bucket: null, kmsEncryption: null, otherKeys: 'OnlyOurKey', key: null } }),
    },
    refused: /takes only objects encrypted with a key that its policy names \(statement OnlyOurKey/,
  },
  'delivery denied by the bucket policy': {
    problem: {
      problem: 'trail',
      trail: trailOf({
        ...keyed,
        verdict: 'BROKEN',
        reason: 'DELIVERY_ERROR',
        refusedBy: { bucket: 'Freeze', kmsEncryption: 'Freeze', otherKeys: null, key: null },
      }),
    },
    refused: /Statement Freeze of the policy of bucket org-logs denies CloudTrail/,
  },
  'Control Tower trail of a member': {
    problem: {
      problem: 'trail',
      trail: trailOf({
        trailName: 'aws-controltower-BaselineCloudTrail',
        ownerAccountId: '777788889999',
        isOrganization: false,
        controlTower: true,
      }),
    },
    plan: ['create-key', 'set-landing-zone-key'],
  },
  'Control Tower trail of a member, management account unknown': {
    problem: {
      problem: 'trail',
      trail: trailOf({
        trailName: 'aws-controltower-BaselineCloudTrail',
        ownerAccountId: '777788889999',
        isOrganization: false,
        controlTower: true,
        managementAccountId: null,
      }),
    },
    refused: /landing zone is in the management account/,
  },
  'a cause without a fix': {
    problem: { problem: 'no-fix', why: 'What to keep is yours to decide.', trailArns: [], rootCauseId: 'rc-9' },
    refused: /yours to decide/,
  },
  'bucket unprotected': {
    problem: {
      problem: 'bucket-unprotected',
      bucket: 'org-logs',
      partition: 'aws',
      accountId: LOG_ARCHIVE,
      region: 'eu-west-1',
      policy: '',
      needs: { publicAccessBlock: 'import', versioning: 'make', defaultEncryption: 'nothing' },
      tlsOnly: false,
      trailArns: [],
      rootCauseId: 'rc-4',
    },
    plan: ['protect-bucket', 'merge-bucket-policy'],
  },
  'bucket of an unknown owner': {
    problem: {
      problem: 'bucket-unprotected',
      bucket: 'org-logs',
      partition: 'aws',
      accountId: null,
      region: null,
      policy: null,
      needs: { publicAccessBlock: null, versioning: null, defaultEncryption: null },
      tlsOnly: false,
      trailArns: [],
      rootCauseId: 'rc-4',
    },
    refused: /logArchiveAccounts/,
  },
  'bucket that others read by a policy that lets everybody in': {
    problem: {
      ...publicBucket,
      policy: policyOf(statement('Everybody', '*'), statement('Partner', { AWS: 'arn:aws:iam::777788889999:root' })),
    },
    refused: /take Everybody out first, and scan again/,
  },
  'bucket whose policy lets everybody in': {
    problem: { ...publicBucket, policy: policyOf(statement('Everybody', '*')) },
    plan: ['protect-bucket'],
  },
  'bucket without versions only': {
    problem: {
      problem: 'bucket-unprotected',
      bucket: 'org-logs',
      partition: 'aws',
      accountId: LOG_ARCHIVE,
      region: 'eu-west-1',
      policy: '{"Version":"2012-10-17","Statement":[]}',
      needs: { publicAccessBlock: 'nothing', versioning: 'import', defaultEncryption: 'nothing' },
      tlsOnly: true,
      trailArns: [],
      rootCauseId: 'rc-4',
    },
    plan: ['protect-bucket'],
  },
  'bucket without default encryption only': {
    problem: {
      problem: 'bucket-unprotected',
      bucket: 'org-logs',
      partition: 'aws',
      accountId: LOG_ARCHIVE,
      region: 'eu-west-1',
      policy: '{"Version":"2012-10-17","Statement":[]}',
      needs: { publicAccessBlock: 'nothing', versioning: 'nothing', defaultEncryption: 'make' },
      tlsOnly: true,
      trailArns: [],
      rootCauseId: 'rc-4',
    },
    plan: ['protect-bucket'],
  },
  'trail without a log group': {
    problem: { problem: 'trail-unmonitored', trail: trailOf({ kmsKeyArn: KEY_ARN, rootCauseId: 'rc-7' }) },
    plan: ['create-key', 'feed-log-group'],
  },
  'trail of Control Tower without a log group': {
    problem: { problem: 'trail-unmonitored', trail: trailOf({ controlTower: true }) },
    refused: /repair the drift with Reset/,
  },
  'bucket that expires logs early': { problem: shortBucket, plan: ['keep-logs'] },
  'bucket of Control Tower that expires logs early': {
    problem: { ...shortBucket, bucket: 'aws-controltower-logs-999988887777-eu-west-1' },
    refused: /log retention in the landing zone settings/,
  },
  'bucket that expires logs early, of an unknown owner': {
    problem: { ...shortBucket, accountId: null, region: null },
    refused: /logArchiveAccounts/,
  },
  'bucket without access logs, and none named for them': { problem: unloggedBucket, refused: /--access-log-bucket/ },
  'bucket of Control Tower without access logs': {
    problem: { ...unloggedBucket, bucket: 'aws-controltower-logs-999988887777-eu-west-1' },
    refused: /repair the drift with Reset/,
  },
  'bucket without access logs, of an unknown owner': {
    problem: { ...unloggedBucket, accountId: null, region: null },
    refused: /logArchiveAccounts/,
  },
  'log group unencrypted': {
    problem: {
      problem: 'log-group-unencrypted',
      logGroupArn: `arn:aws:logs:eu-west-1:${MANAGEMENT}:log-group:/aws/cloudtrail:*`,
      trailArns: [],
      rootCauseId: 'rc-5',
    },
    plan: ['create-key', 'encrypt-log-group'],
  },
  'event data store unencrypted': { problem: store(null, 'NO_KEY'), plan: ['create-key', 'encrypt-event-data-store'] },
  'event data store with a disabled key': {
    problem: store({ arn: KEY_ARN, state: 'Disabled', deletionDate: null }, 'KEY_DISABLED'),
    plan: ['enable-key'],
  },
  'event data store with a key pending deletion': {
    problem: store(
      { arn: KEY_ARN, state: 'PendingDeletion', deletionDate: '2026-12-01T00:00:00.000Z' },
      'KEY_PENDING_DELETION',
    ),
    plan: ['cancel-key-deletion', 'enable-key'],
  },
  'event data store whose key is gone': {
    problem: store({ arn: KEY_ARN, state: 'NOT_FOUND', deletionDate: null }, 'KEY_NOT_FOUND'),
    refused: /lets nobody give it another: its events cannot be read/,
  },
  'event data store that was not read': { problem: store(null, 'STORE_DENIED'), refused: /GetEventDataStore/ },
  'no trail in the organization': {
    problem: {
      problem: 'no-trail',
      partition: 'aws',
      accountId: MANAGEMENT,
      organizationId: 'o-abcde12345',
      homeRegion: 'eu-west-1',
      bucket: null,
      accountsCovered: [MANAGEMENT, LOG_ARCHIVE],
      rootCauseId: 'rc-7',
    },
    plan: ['enable-trusted-access', 'create-key', 'create-trail'],
  },
  'no trail, with a bucket for it': {
    problem: {
      problem: 'no-trail',
      partition: 'aws',
      accountId: MANAGEMENT,
      organizationId: null,
      homeRegion: 'eu-west-1',
      bucket: { name: 'org-logs', region: 'eu-central-1', accountId: LOG_ARCHIVE },
      accountsCovered: [MANAGEMENT],
      rootCauseId: 'rc-7',
    },
    plan: ['merge-bucket-policy', 'create-key', 'create-trail'],
  },
};
