import { dnsSuffix } from '../../model/arn.ts';
import type { PolicyStatement, PolicyText } from './policy-statements.ts';

/** A trail that is to use the key. */
export interface KeyUser {
  trailArn: string;
  ownerAccountId: string;
}

export interface KeyPolicyRequest {
  partition: string;
  /** The account the key is in. */
  keyAccountId: string;
  trails: readonly KeyUser[];
  /** `o-…`: bounds AWS Config's use of a landing zone's key. */
  organizationId: string | null;
  /** Accounts whose principals may decrypt the logs, as far as their own IAM lets them. */
  readerAccountIds: readonly string[];
  /** AWS Config uses the landing zone's key too. */
  controlTower?: boolean;
}

/** Up to here each trail's encryption context is a condition too; beyond, the policy would outgrow 32 KB. */
const CONTEXTS_AT_MOST = 50;

/** What an administrator needs; Decrypt and GenerateDataKey are not among it. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListAliases',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

const CONTEXT = 'kms:EncryptionContext:aws:cloudtrail:arn';

/**
 * The policy of a new key for trails: CloudTrail may encrypt in the name of these trails only, the account's
 * administrators may manage but not decrypt, and readers in the named accounts may decrypt CloudTrail logs and
 * nothing else.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
export const trailKeyPolicy = (request: KeyPolicyRequest): PolicyText => ({
  Version: '2012-10-17',
  Statement: [administrationStatement(request.partition, request.keyAccountId), ...trailKeyStatements(request)],
});

/** The statements that trails and their readers need, for a new key or to be merged into the policy of one that exists. */
export function trailKeyStatements(request: KeyPolicyRequest): PolicyStatement[] {
  return [...cloudTrailKeyStatements(request), ...readerStatements(request)];
}

/** What CloudTrail itself needs of the key. */
export function cloudTrailKeyStatements(request: Pick<KeyPolicyRequest, 'partition' | 'trails'>): PolicyStatement[] {
  const principal = { Service: 'cloudtrail.amazonaws.com' };
  const { trails, partition } = request;
  const source = { StringEquals: { 'aws:SourceArn': one(distinct(trails.map((t) => t.trailArn))) } };
  const contexts = distinct(trails.map((t) => `arn:${partition}:cloudtrail:*:${t.ownerAccountId}:trail/*`));
  const encrypting: PolicyStatement = {
    Sid: 'TrailSealCloudTrailEncrypts',
    Effect: 'Allow',
    Principal: principal,
    Action: 'kms:GenerateDataKey*',
    Resource: '*',
    Condition: { ...source, StringLike: { [CONTEXT]: one(contexts) } },
  };
  // CloudTrail asks for Decrypt when the key is set, and where the bucket uses S3 Bucket Keys.
  const checking: PolicyStatement = {
    Sid: 'TrailSealCloudTrailChecksKey',
    Effect: 'Allow',
    Principal: principal,
    Action: ['kms:DescribeKey', 'kms:Decrypt'],
    Resource: '*',
    Condition: source,
  };
  const many = { ...encrypting, Action: ['kms:DescribeKey', 'kms:Decrypt', 'kms:GenerateDataKey*'], Condition: source };
  return trails.length > CONTEXTS_AT_MOST ? [many] : [encrypting, checking];
}

function readerStatements(request: KeyPolicyRequest): PolicyStatement[] {
  return [
    {
      Sid: 'TrailSealReadersDecrypt',
      Effect: 'Allow',
      Principal: {
        AWS: distinct(request.readerAccountIds).map((id) => `arn:${request.partition}:iam::${id}:root`),
      },
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { Null: { [CONTEXT]: 'false' } },
    },
    ...(request.controlTower
      ? [
          {
            Sid: 'TrailSealConfigEncrypts',
            Effect: 'Allow' as const,
            Principal: { Service: 'config.amazonaws.com' },
            Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
            Resource: '*',
            Condition: { StringEquals: organizationOr(request) },
          },
        ]
      : []),
  ];
}

const organizationOr = (request: KeyPolicyRequest): Record<string, string> =>
  request.organizationId === null
    ? { 'aws:SourceAccount': request.keyAccountId }
    : { 'aws:SourceOrgID': request.organizationId };

/**
 * What CloudTrail Lake and its users need of the key of an event data store. AWS supports neither `aws:SourceArn` nor
 * `aws:SourceAccount` there; principals that create, update or query the store need Decrypt and GenerateDataKey.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 */
export const eventDataStoreKeyStatements = (
  partition: string,
  userAccountIds: readonly string[],
): PolicyStatement[] => [
  {
    Sid: 'TrailSealLakeEncrypts',
    Effect: 'Allow',
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey*'],
    Resource: '*',
  },
  {
    Sid: 'TrailSealLakeUsers',
    Effect: 'Allow',
    Principal: { AWS: distinct(userAccountIds).map((id) => `arn:${partition}:iam::${id}:root`) },
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: '*',
  },
];

/**
 * What CloudWatch Logs needs of the key of a log group.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export const logGroupKeyStatements = (request: {
  partition: string;
  region: string;
  logGroupArn: string;
}): PolicyStatement[] => [
  {
    Sid: 'TrailSealLogsEncrypt',
    Effect: 'Allow',
    Principal: { Service: `logs.${request.region}.${dnsSuffix(request.partition)}` },
    Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
    Resource: '*',
    Condition: { ArnEquals: { 'kms:EncryptionContext:aws:logs:arn': request.logGroupArn.replace(/:\*$/, '') } },
  },
];

/** The account's administrators, as far as their IAM lets them: without it a key cannot be managed any more. */
export const administrationStatement = (partition: string, accountId: string): PolicyStatement => ({
  Sid: 'TrailSealAdministration',
  Effect: 'Allow',
  Principal: { AWS: `arn:${partition}:iam::${accountId}:root` },
  Action: ADMINISTRATION,
  Resource: '*',
});

const distinct = (values: readonly string[]): string[] => [...new Set(values)].sort();
const one = (values: string[]): string | string[] => (values.length === 1 ? (values[0] ?? '') : values);
