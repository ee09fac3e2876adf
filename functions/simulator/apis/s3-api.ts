import type { Bucket } from '../world/model.ts';
import type { BlockedAccess } from '../world/world-spec.ts';
import { bucketArn, bucketAt, notYours, readableBucket, xmlDocument } from './s3-bucket.ts';
import { S3_OBJECT_OPERATIONS } from './s3-objects.ts';
import { type Operation, type Service, type ServiceCall, textOf } from './service.ts';
import { ApiError, element, type WireResponse } from './wire.ts';

const CONTROL_NAMESPACE = 'awss3control.amazonaws.com/doc/2018-08-20';

const NO_BLOCK = {
  code: 'NoSuchPublicAccessBlockConfiguration',
  message: 'The public access block configuration was not found',
};

/** The four settings of a bucket or an account, or null where none was ever set. */
const publicAccessBlock = (blocked: BlockedAccess, namespace?: string): string | null => {
  if (blocked === false) return null;
  const settings = {
    BlockPublicAcls: blocked !== 'policies',
    IgnorePublicAcls: blocked !== 'policies',
    BlockPublicPolicy: blocked !== 'partly',
    RestrictPublicBuckets: blocked !== 'partly',
  };
  const elements = Object.entries(settings).map(([name, on]) => element(name, on));
  return xmlDocument('PublicAccessBlockConfiguration', elements.join(''), namespace);
};

/** One read of a bucket's settings. `none`: the error where it was never set. */
const setting = (options: {
  action: string;
  /** The answer, or null where it was never set. */
  read: (bucket: Bucket, call: ServiceCall) => string | WireResponse | null;
  none?: { code: string; message: string };
  anyRegion?: boolean;
}): Operation => ({
  action: options.action,
  resource: bucketArn,
  subject: ({ input }) => textOf(input, 'Bucket'),
  run: (call) => {
    const bucket = ownBucket(call, options.anyRegion ?? false);
    const answer = options.read(bucket, call);
    if (answer === null) {
      throw new ApiError(404, options.none?.code ?? 'NotFound', options.none?.message ?? 'Not found', {
        extra: { BucketName: bucket.name },
      });
    }
    return answer;
  },
});

const OPERATIONS: Record<string, Operation> = {
  ...S3_OBJECT_OPERATIONS,
  ListBuckets: {
    action: 's3:ListAllMyBuckets',
    subject: ({ input }) => textOf(input, 'prefix'),
    run: (call) => {
      const { input, world, account, rules } = call;
      const prefix = textOf(input, 'prefix');
      const most = input['max-buckets'] === undefined ? null : Number(input['max-buckets']);
      if (most !== null && !(Number.isInteger(most) && most >= 1 && most <= 10_000)) {
        throw new ApiError(400, 'InvalidArgument', 'max-buckets must be between 1 and 10000');
      }
      const after = Buffer.from(textOf(input, 'continuation-token'), 'base64url').toString();
      const region = textOf(input, 'bucket-region');
      const buckets = world
        .holdingsOf(account.id)
        .buckets.filter(({ name }) => name.startsWith(prefix) && name > after)
        .filter((bucket) => region === '' || bucket.region === region)
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const size = Math.min(most ?? 10_000, rules.pageSize < 20 ? rules.pageSize : 10_000);
      const page = buckets.slice(0, size);
      const last = page.at(-1)?.name;
      const token = buckets.length > size && last !== undefined ? Buffer.from(last).toString('base64url') : null;
      const items = page.map(
        (bucket) =>
          `<Bucket>${element('Name', bucket.name)}${element('CreationDate', new Date(bucket.createdAt).toISOString())}${element('BucketRegion', bucket.region)}</Bucket>`,
      );
      return xmlDocument(
        'ListAllMyBucketsResult',
        `<Owner>${element('ID', account.id)}</Owner><Buckets>${items.join('')}</Buckets>${prefix === '' ? '' : element('Prefix', prefix)}${token === null ? '' : element('ContinuationToken', token)}`,
      );
    },
  },
  HeadBucket: {
    action: 's3:ListBucket',
    resource: bucketArn,
    subject: ({ input }) => textOf(input, 'Bucket'),
    run: (call) => {
      const bucket = readableBucket(call);
      return {
        status: 200,
        headers: { 'x-amz-bucket-region': bucket.region, 'x-amz-request-id': call.requestId },
        body: '',
      };
    },
  },
  GetBucketLocation: setting({
    action: 's3:GetBucketLocation',
    anyRegion: true,
    read: (bucket) => xmlDocument('LocationConstraint', bucket.region === 'us-east-1' ? '' : bucket.region),
  }),
  GetPublicAccessBlock: setting({
    action: 's3:GetBucketPublicAccessBlock',
    none: NO_BLOCK,
    read: ({ publicBlocked }) => publicAccessBlock(publicBlocked),
  }),
  GetAccountPublicAccessBlock: {
    action: 's3:GetAccountPublicAccessBlock',
    run: ({ account, request }) => {
      if (request.headers['x-amz-account-id'] !== account.id) throw new ApiError(403, 'AccessDenied', 'Access Denied');
      const block = publicAccessBlock(account.publicBlocked, CONTROL_NAMESPACE);
      if (block !== null) return block;
      throw new ApiError(404, NO_BLOCK.code, NO_BLOCK.message, { extra: { AccountId: account.id } });
    },
  },
  GetBucketPolicy: setting({
    action: 's3:GetBucketPolicy',
    none: { code: 'NoSuchBucketPolicy', message: 'The bucket policy does not exist' },
    read: ({ policy }, call) =>
      policy === null
        ? null
        : {
            status: 200,
            headers: { 'content-type': 'application/json', 'x-amz-request-id': call.requestId },
            body: policy,
          },
  }),
  GetBucketVersioning: setting({
    action: 's3:GetBucketVersioning',
    read: ({ versioning }) =>
      xmlDocument('VersioningConfiguration', versioning === null ? '' : element('Status', versioning)),
  }),
  GetBucketEncryption: setting({
    action: 's3:GetEncryptionConfiguration',
    read: ({ encryption }) => {
      const algorithm = encryption.startsWith('AES') ? 'AES256' : 'aws:kms';
      const key = algorithm === 'AES256' ? '' : element('KMSMasterKeyID', encryption);
      return xmlDocument(
        'ServerSideEncryptionConfiguration',
        `<Rule><ApplyServerSideEncryptionByDefault>${element('SSEAlgorithm', algorithm)}${key}</ApplyServerSideEncryptionByDefault>${element('BucketKeyEnabled', algorithm !== 'AES256')}</Rule>`,
      );
    },
  }),
  GetObjectLockConfiguration: setting({
    action: 's3:GetBucketObjectLockConfiguration',
    none: {
      code: 'ObjectLockConfigurationNotFoundError',
      message: 'Object Lock configuration does not exist for this bucket',
    },
    read: ({ objectLock }) =>
      objectLock === null
        ? null
        : xmlDocument(
            'ObjectLockConfiguration',
            `${element('ObjectLockEnabled', 'Enabled')}<Rule><DefaultRetention>${element('Mode', objectLock.mode)}${element('Days', objectLock.days)}</DefaultRetention></Rule>`,
          ),
  }),
  GetBucketLogging: setting({
    action: 's3:GetBucketLogging',
    read: ({ accessLogsTo }) =>
      xmlDocument(
        'BucketLoggingStatus',
        accessLogsTo === null
          ? ''
          : `<LoggingEnabled>${element('TargetBucket', accessLogsTo)}${element('TargetPrefix', 'access/')}</LoggingEnabled>`,
      ),
  }),
  GetBucketLifecycleConfiguration: setting({
    action: 's3:GetLifecycleConfiguration',
    none: { code: 'NoSuchLifecycleConfiguration', message: 'The lifecycle configuration does not exist' },
    read: ({ expiryDays }) =>
      expiryDays === null
        ? null
        : xmlDocument(
            'LifecycleConfiguration',
            `<Rule>${element('ID', 'expire')}<Filter>${element('Prefix', '')}</Filter>${element('Status', 'Enabled')}<Expiration>${element('Days', expiryDays)}</Expiration></Rule>`,
          ),
  }),
};

/** Amazon S3: what is read of buckets, delivered logs, and objects in writable buckets. */
export const s3: Service = {
  name: 's3',
  protocol: 's3',
  throttling: { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
  operations: OPERATIONS,
};

const ownBucket = (call: ServiceCall, anyRegion: boolean): Bucket => {
  const bucket = bucketAt(call, anyRegion);
  if (bucket.owner !== call.account.id) throw notYours(call);
  return bucket;
};
