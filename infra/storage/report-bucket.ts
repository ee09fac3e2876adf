import { Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type LifecycleRule,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { acknowledgeNoReplication } from '../acknowledge.ts';
import type { Settings } from '../settings/settings.ts';
import { type AccessLogs, acknowledgeTheirLogs } from './access-log-bucket.ts';

export interface ReportBucketProps {
  key: IKey;
  accessLogs: AccessLogs;
  retention: Settings['retention'];
  objectLock: Settings['objectLock'];
}

/**
 * The report root: working data, raw evidence, tables and reports (layout: CONTRACT of the report root, docs/operations.md).
 * Working data expires; evidence, tables and reports are kept, in every version.
 */
export class ReportBucket extends Bucket {
  constructor(scope: Construct, id: string, props: ReportBucketProps) {
    super(scope, id, {
      encryption: BucketEncryption.KMS,
      encryptionKey: props.key,
      bucketKeyEnabled: true,
      versioned: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: props.accessLogs.bucket,
      serverAccessLogsPrefix: `${props.accessLogs.prefix}report-bucket/`,
      // Object Lock cannot be turned off again, so the bucket has it only where it was asked for.
      ...(props.objectLock ? { objectLockDefaultRetention: lockOf(props.objectLock) } : {}),
      lifecycleRules: lifecycle(props.retention),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    if (props.objectLock && Token.isUnresolved(props.objectLock.days)) {
      const bucket = this.node.defaultChild as CfnBucket;
      bucket.addPropertyOverride('ObjectLockConfiguration.Rule.DefaultRetention.Days', props.objectLock.days);
    }
    acknowledgeTheirLogs(this, props.accessLogs);
    // The bucket outlives the stack; it must not stay behind without what protects it.
    this.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);

    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EvidenceIsNotDeleted',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
        resources: [this.arnForObjects('evidence/*')],
      }),
    );
    // An upload that asks for nothing gets the bucket's default, which is our key; so may one that names it.
    this.#refuseUploads('OnlyOurKey', {
      Null: { [KEY_ID]: 'false' },
      StringNotEquals: { [KEY_ID]: props.key.keyArn },
    });
    this.#refuseUploads('OnlyKms', { Null: { [ALGORITHM]: 'false' }, StringNotEquals: { [ALGORITHM]: 'aws:kms' } });
    this.#refuseUploads('NotTheKeyOfAws', { Null: { [KEY_ID]: 'true' }, StringEquals: { [ALGORITHM]: 'aws:kms' } });
    this.#refuseUploads('NoKeyOfTheCaller', { Null: { [CALLERS_KEY]: 'false' } });
    acknowledgeNoReplication(
      this,
      'The report is derived data: a new run writes it again. Replication of evidence is a choice for the audit account, not for this stack.',
    );
  }

  #refuseUploads(sid: string, conditions: Record<string, Record<string, string>>): void {
    this.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [this.arnForObjects('*')],
        conditions,
      }),
    );
  }
}

/** What an upload says of its encryption. */
const ALGORITHM = 's3:x-amz-server-side-encryption';
const KEY_ID = 's3:x-amz-server-side-encryption-aws-kms-key-id';
const CALLERS_KEY = 's3:x-amz-server-side-encryption-customer-algorithm';

const lockOf = ({ mode, days }: NonNullable<Settings['objectLock']>): ObjectLockRetention => {
  // The CDK takes no parameter of a released template here; the bucket gets it afterwards.
  const duration = Duration.days(Token.isUnresolved(days) ? 1 : days);
  return mode === 'COMPLIANCE' ? ObjectLockRetention.compliance(duration) : ObjectLockRetention.governance(duration);
};

const lifecycle = ({ runDays, evidenceDays }: Settings['retention']): LifecycleRule[] => [
  {
    id: 'ExpireWorkingData',
    prefix: 'runs/',
    expiration: Duration.days(runDays),
    noncurrentVersionExpiration: Duration.days(1),
  },
  ...(evidenceDays === null
    ? []
    : [
        {
          id: 'ExpireEvidence',
          prefix: 'evidence/',
          expiration: Duration.days(evidenceDays),
          noncurrentVersionExpiration: Duration.days(evidenceDays),
        },
      ]),
  { id: 'DropUnfinishedUploads', abortIncompleteMultipartUploadAfter: Duration.days(7) },
];
