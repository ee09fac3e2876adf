const CLOUDTRAIL = 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide';
const KMS = 'https://docs.aws.amazon.com/kms/latest/developerguide';
const S3 = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide';
const LOGS = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs';

/** The page of AWS's documentation that explains what a control asks; a control that is not here has none to show. */
export const CONTROL_LINKS: Readonly<Record<string, string>> = {
  'trail-kms-encrypted': `${CLOUDTRAIL}/encrypting-cloudtrail-log-files-with-aws-kms.html`,
  'trail-key-usable': `${KMS}/key-state.html`,
  'trail-key-owned': `${KMS}/concepts.html`,
  'trail-key-rotation': `${KMS}/rotate-keys.html`,
  'trail-key-policy': `${CLOUDTRAIL}/create-kms-key-policy-for-cloudtrail.html`,
  'trail-delivering': `${CLOUDTRAIL}/create-s3-bucket-policy-for-cloudtrail.html`,
  'trail-log-validation': `${CLOUDTRAIL}/cloudtrail-log-file-validation-intro.html`,
  'trail-monitored': `${CLOUDTRAIL}/send-cloudtrail-events-to-cloudwatch-logs.html`,
  'region-recorded': `${CLOUDTRAIL}/creating-trail-organization.html`,
  'bucket-protected': `${S3}/security-best-practices.html`,
  'bucket-not-public': `${S3}/access-control-block-public-access.html`,
  'bucket-retention': `${S3}/object-lifecycle-mgmt.html`,
  'bucket-access-logged': `${S3}/ServerLogs.html`,
  'log-group-encrypted': `${LOGS}/encrypt-log-data-kms.html`,
  'event-data-store-encrypted': `${CLOUDTRAIL}/encrypting-cloudtrail-log-files-with-aws-kms.html`,
  'delivered-logs-encrypted': `${CLOUDTRAIL}/encrypting-cloudtrail-log-files-with-aws-kms.html`,
};
