import { control } from '../control.ts';
import { logGroupBy } from '../evidence-of.ts';
import { fail, pass, unverified } from '../reasons/reason.ts';
import { type Filing, unread } from '../reasons/unread.ts';

const FILING: Filing = { kind: 'LOG_GROUP_SETTINGS', severity: 'LOW' };

export const logGroupEncrypted = control({
  id: 'log-group-encrypted',
  title: 'The log group fed by a trail has a KMS key',
  severity: 'LOW',
  resource: 'log-group',
  rationale:
    'A trail that also feeds CloudWatch Logs keeps a second copy of every event there; the key of the trail does not protect that copy.',
  reads: ['logs:DescribeLogGroups'],
  decision: 'The log group has a kmsKeyId.',
  expected: 'The log group has a KMS key',
  remediation:
    'Associate a key: aws logs associate-kms-key --log-group-name NAME --kms-key-id KEY, with a key policy that lets logs.REGION.amazonaws.com use it.',
  audit: {
    console: 'CloudWatch, the Region of the log group, Log groups, the group: KMS key ID is set.',
    commands: [
      "aws logs describe-log-groups --region REGION --log-group-name-prefix LOG_GROUP --query 'logGroups[].[logGroupName,kmsKeyId]'",
    ],
    expected: 'The group has a kmsKeyId.',
  },
  page: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html',
  sources: ['Amazon CloudWatch Logs User Guide: Encrypt log data using AWS KMS'],
  reasons: {
    ...unread('LOG_GROUP', {
      what: ({ words }) => words,
      words: 'the log group',
      action: 'logs:DescribeLogGroups',
      filing: FILING,
    }),
    KEY_SET: pass('The log group has a KMS key'),
    NO_KEY: fail('No KMS key', { ...FILING, fix: 'Associate a KMS key (aws logs associate-kms-key).' }),
    NOT_INSPECTED: unverified('The owner of the log group could not be asked', {
      ...FILING,
      fix: 'Give the audit role the read that is missing (logs:DescribeLogGroups), in the account that owns the log group.',
    }),
  },
  decide({ logGroupArn, reading }, say) {
    if (!reading) return say('NOT_INSPECTED', null, { detail: 'The owner of the log group could not be asked.' });
    const evidence = logGroupBy(logGroupArn, reading);
    if (!reading.ok) {
      if (reading.failure.kind === 'NOT_FOUND')
        return say('LOG_GROUP_NOT_FOUND', 'The log group does not exist', { evidence });
      return say(`LOG_GROUP_${reading.failure.kind}`, null, { detail: reading.failure.message, evidence });
    }
    const { kmsKeyArn } = reading.value;
    return kmsKeyArn
      ? say('KEY_SET', `The log group's key is ${kmsKeyArn}`, { evidence })
      : say('NO_KEY', 'The log group has no KMS key', { evidence });
  },
});
