/**
 * What AWS's own pages and public recordings show of events: the fields that matter here, with their names, nesting and
 * omissions as they are there, in accounts of the documentation.
 */
const MANAGEMENT = '111122223333';
const KEY = 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

interface Recorded {
  what: string;
  /** Where it is shown. */
  source: string;
  event: Record<string, unknown>;
  /** What `parseChangeEvent` is to find in it. */
  names?: string[];
  accounts?: string[];
  actor: string;
}

const viaCloudTrail = (kind: 'API Call' | 'Service Event', service: string, detail: Record<string, unknown>) => ({
  version: '0',
  id: '68679d28-343e-d8ec-4a8c-cdd430223a5d',
  'detail-type': `AWS ${kind} via CloudTrail`,
  source: `aws.${service}`,
  account: MANAGEMENT,
  time: detail.eventTime,
  region: detail.awsRegion,
  resources: [],
  detail: { eventSource: `${service}.amazonaws.com`, readOnly: false, ...detail },
});

const ALICE = {
  type: 'IAMUser',
  principalId: 'EX_PRINCIPAL_ID',
  arn: 'arn:aws:iam::111122223333:user/Alice',
  accountId: MANAGEMENT,
};
const INTERNAL = { accountId: MANAGEMENT, invokedBy: 'AWS Internal' };

export const RECORDED: readonly Recorded[] = [
  {
    what: 'a key’s deletion that is scheduled, logged in another Region than the key’s',
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/ct-schedule-key-deletion.html',
    event: viaCloudTrail('API Call', 'kms', {
      ...{ eventVersion: '1.08', eventTime: '2021-03-23T18:58:30Z', eventName: 'ScheduleKeyDeletion' },
      ...{ awsRegion: 'us-east-1', userIdentity: ALICE, eventID: '3c4226b0-1e81-48a8-a333-7fa5f3cbd118' },
      requestParameters: { pendingWindowInDays: 20, keyId: '1234abcd-12ab-34cd-56ef-1234567890ab' },
      responseElements: { keyId: KEY, keyState: 'PendingDeletion', deletionDate: 'Apr 12, 2021 18:58:30 PM' },
      resources: [{ accountId: MANAGEMENT, type: 'AWS::KMS::Key', ARN: KEY }],
      ...{ eventType: 'AwsApiCall', recipientAccountId: MANAGEMENT },
    }),
    names: [KEY],
    actor: ALICE.arn,
  },
  {
    what: 'a key that KMS deletes by itself: nobody asks for anything',
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/ct-delete-key.html',
    event: viaCloudTrail('Service Event', 'kms', {
      ...{ eventVersion: '1.05', eventTime: '2020-07-31T00:07:00Z', eventName: 'DeleteKey', awsRegion: 'us-east-1' },
      ...{ userIdentity: INTERNAL, requestParameters: null, responseElements: null },
      eventID: 'b25f9cda-74e1-4458-847b-4972a0bf9668',
      resources: [{ accountId: MANAGEMENT, type: 'AWS::KMS::Key', ARN: KEY }],
      ...{ eventType: 'AwsServiceEvent', recipientAccountId: MANAGEMENT },
      serviceEventDetails: { keyId: '1234abcd-12ab-34cd-56ef-1234567890ab' },
    }),
    names: [KEY],
    actor: 'AWS Internal',
  },
  {
    what: 'an account that Organizations has made',
    source: 'https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html',
    event: viaCloudTrail('Service Event', 'organizations', {
      ...{ eventVersion: '1.05', eventTime: '2020-09-16T21:20:53Z', eventName: 'CreateAccountResult' },
      ...{ awsRegion: 'us-east-1', userIdentity: INTERNAL, requestParameters: null, responseElements: null },
      ...{ eventID: 'EXAMPLE8-90ab-cdef-fedc-ba987EXAMPLE', eventType: 'AwsServiceEvent' },
      recipientAccountId: MANAGEMENT,
      serviceEventDetails: {
        createAccountStatus: {
          ...{ id: 'car-examplecreateaccountrequestid111', state: 'SUCCEEDED', accountName: '****' },
          accountId: '444455556666',
        },
      },
    }),
    accounts: ['444455556666'],
    actor: 'AWS Internal',
  },
  {
    what: 'an account that Control Tower has made, which says no recipient',
    source: 'https://docs.aws.amazon.com/controltower/latest/userguide/lifecycle-events.html',
    event: viaCloudTrail('Service Event', 'controltower', {
      ...{ eventVersion: '1.05', eventTime: '2018-08-30T21:42:18Z', eventName: 'CreateManagedAccount' },
      ...{ awsRegion: 'us-east-1', userIdentity: INTERNAL, eventType: 'AwsServiceEvent' },
      eventID: '0000000-0000-0000-1111-123456789012',
      serviceEventDetails: {
        createManagedAccountStatus: {
          organizationalUnit: { organizationalUnitName: 'Custom', organizationalUnitId: 'ou-XXXX-l3zc8b3h' },
          account: { accountName: 'LifeCycle1', accountId: '444455556666' },
          state: 'SUCCEEDED',
        },
      },
    }),
    accounts: ['444455556666'],
    actor: 'AWS Internal',
  },
  {
    what: 'a bucket that may be public again, by the console',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html',
    event: viaCloudTrail('API Call', 's3', {
      ...{ eventVersion: '1.05', eventTime: '2019-08-01T04:41:47Z', eventName: 'PutBucketPublicAccessBlock' },
      ...{ awsRegion: 'us-west-2', userIdentity: ALICE, eventType: 'AwsApiCall', recipientAccountId: MANAGEMENT },
      eventID: 'a6c24d27-6e02-4f1f-9d5a-000000000001',
      requestParameters: {
        publicAccessBlock: [''],
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: true, BlockPublicPolicy: false },
        bucketName: 'trail-logs',
        host: ['trail-logs.s3.us-west-2.amazonaws.com'],
      },
      responseElements: null,
    }),
    names: ['trail-logs'],
    actor: ALICE.arn,
  },
  {
    what: 'the same where the bucket is named as a resource alone',
    source: 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html',
    event: viaCloudTrail('API Call', 's3', {
      ...{ eventVersion: '1.11', eventTime: '2025-11-05T02:30:03Z', eventName: 'PutBucketPublicAccessBlock' },
      ...{ awsRegion: 'us-west-2', userIdentity: ALICE, eventType: 'AwsApiCall', recipientAccountId: MANAGEMENT },
      eventID: 'a6c24d27-6e02-4f1f-9d5a-000000000002',
      requestParameters: { PublicAccessBlockConfiguration: { RestrictPublicBuckets: true, BlockPublicPolicy: true } },
      responseElements: null,
      resources: [{ accountId: MANAGEMENT, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::trail-logs' }],
    }),
    names: ['arn:aws:s3:::trail-logs'],
    actor: ALICE.arn,
  },
  {
    what: 'a trail that somebody stops',
    source: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html',
    event: viaCloudTrail('API Call', 'cloudtrail', {
      ...{ eventVersion: '1.11', eventTime: '2026-07-26T03:08:48Z', eventName: 'StopLogging', awsRegion: 'us-east-1' },
      ...{ userIdentity: ALICE, eventType: 'AwsApiCall', recipientAccountId: MANAGEMENT, managementEvent: true },
      ...{ eventID: 'e9a67a5b-0000-4000-8000-000000000003', eventCategory: 'Management' },
      requestParameters: { name: 'arn:aws:cloudtrail:us-east-1:111122223333:trail/audit' },
      responseElements: null,
    }),
    names: ['arn:aws:cloudtrail:us-east-1:111122223333:trail/audit'],
    actor: ALICE.arn,
  },
  {
    what: 'a Region that an account turned on',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-account.html',
    event: {
      ...{ version: '0', id: '8ff7fd9b-0000-4000-8000-000000000004', source: 'aws.account' },
      ...{ 'detail-type': 'Region Opt-In Status Change', account: MANAGEMENT, time: '2026-09-16T21:20:53Z' },
      ...{ region: 'us-east-1', resources: ['arn:aws:account::111122223333:account'] },
      detail: { accountId: MANAGEMENT, regionName: 'af-south-1', status: 'ENABLED' },
    },
    accounts: [MANAGEMENT],
    actor: 'aws.account',
  },
  {
    what: 'a key that KMS says it has deleted',
    source: 'https://docs.aws.amazon.com/kms/latest/developerguide/kms-events.html',
    event: {
      ...{ version: '0', id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718', source: 'aws.kms' },
      ...{ 'detail-type': 'KMS CMK Deletion', account: MANAGEMENT, time: '2022-08-25T16:37:50Z' },
      ...{ region: 'us-west-2', resources: [KEY] },
      detail: { 'key-id': '1234abcd-12ab-34cd-56ef-1234567890ab' },
    },
    names: [KEY],
    actor: 'aws.kms',
  },
];
