import { parseArn } from '../model/arn.ts';
import { type Control, fail, pass, unverified } from './control.ts';
import { answerOf } from './evidence-of.ts';

export const logGroupEncrypted: Control = {
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
    'aws logs associate-kms-key --log-group-name NAME --kms-key-id KEY, with a key policy that lets logs.REGION.amazonaws.com use it.',
  reasons: { NO_KEY: { severity: 'LOW', words: 'No KMS key', fix: 'aws logs associate-kms-key.' } },
  sources: ['Amazon CloudWatch Logs User Guide: Encrypt log data using AWS KMS'],
  decide({ logGroupArn, reading }) {
    const arn = parseArn(logGroupArn);
    if (!reading)
      return unverified('NOT_INSPECTED', null, { detail: 'The owner of the log group could not be asked.' });
    const evidence = arn
      ? answerOf(reading, {
          accountId: arn.accountId,
          region: arn.region,
          operation: 'DescribeLogGroups',
          subject: logGroupArn,
        })
      : [];
    if (!reading.ok) {
      if (reading.failure.kind === 'NOT_FOUND')
        return unverified('LOG_GROUP_NOT_FOUND', 'The log group does not exist', { evidence });
      return unverified(`LOG_GROUP_${reading.failure.kind}`, null, { detail: reading.failure.message, evidence });
    }
    const { kmsKeyArn } = reading.value;
    return kmsKeyArn
      ? pass('KEY_SET', `The log group's key is ${kmsKeyArn}`, { evidence })
      : fail('NO_KEY', 'The log group has no KMS key', { evidence });
  },
};
