import { type Check, unread, wrong } from './check.ts';
import { alarmArn, alarmsUse } from './existing-key.ts';
import { asService, type ExistingQuestion } from './existing-question.ts';
import { policyCheck } from './policy-check.ts';

/** Your topic: alarms must be let publish to it, and encrypt for it. */
export async function topicChecks(arn: string, question: ExistingQuestion): Promise<Check[]> {
  const name = 'existing.topic';
  const { reader, region, accountId, partition } = question;
  const [, , , topicRegion = '', owner = ''] = arn.split(':');
  // CloudWatch, "Using Amazon CloudWatch alarms": the topic is in the alarm's Region.
  if (topicRegion !== region)
    return [wrong(name, `it is in ${topicRegion}`, `Use a topic of ${region}: alarms reach no other.`)];
  const found = await reader.topic(arn);
  if (!found.ok) {
    if (found.failure.kind === 'NOT_FOUND')
      return [wrong(name, `there is no topic ${arn}`, 'Create it, or leave the setting out.')];
    return [unread(name, found.failure, 'sns:GetTopicAttributes')];
  }
  const { policy, key } = found.value;
  const alarms = {
    what: 'CloudWatch alarms publish',
    requests: asService(
      question,
      {
        names: ['cloudwatch.amazonaws.com'],
        actions: ['sns:Publish'],
        resourceArn: arn,
        sourceArn: alarmArn(question),
      },
      // SNS's own key for the account of the one who publishes.
      { 'aws:sourceowner': accountId },
    ),
    statement: {
      ...{ Sid: 'TrailSealAlarms', Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } },
      ...{ Action: 'sns:Publish', Resource: arn, Condition: { StringEquals: { 'aws:SourceAccount': accountId } } },
    },
  };
  const summaries = {
    what: `account ${accountId} publish the summary of a run`,
    requests: [
      {
        caller: { kind: 'AWS' as const, arn: `arn:${partition}:iam::${accountId}:role/notify` },
        ...{ action: 'sns:Publish', resourceArn: arn },
        context: (key: string) => (key === 'aws:principalaccount' ? [[accountId]] : undefined),
      },
    ],
    statement: {
      ...{ Sid: 'TrailSealSummaries', Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${accountId}:root` } },
      ...{ Action: 'sns:Publish', Resource: arn },
    },
  };
  return [
    policyCheck({
      ...{ name, policy: { ok: true, value: policy || null }, service: null, readBy: 'sns:GetTopicAttributes' },
      // In its own account a role needs no more than its own policy.
      needs: owner === accountId ? [alarms] : [alarms, summaries],
      fine: 'here, and its policy lets alarms publish',
      put: `aws sns set-topic-attributes --topic-arn ${arn} --attribute-name Policy --attribute-value`,
    }),
    ...(key === null ? [] : [await encryptionCheck(key, question)]),
  ];
}

/** @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services */
async function encryptionCheck(key: string, question: ExistingQuestion): Promise<Check> {
  const name = 'Key of existing.topic';
  if (/(^|[:/])alias\/aws\/sns$/.test(key))
    return wrong(
      name,
      'the topic is encrypted with alias/aws/sns, whose policy nobody can change: alarms cannot publish to it',
      'Encrypt it with a key of your own that lets cloudwatch.amazonaws.com use it, such as existing.key:',
      `aws sns set-topic-attributes --topic-arn ${question.existing.topic} --attribute-name KmsMasterKeyId --attribute-value ${question.existing.key ?? 'KEY_ARN'}`,
    );
  const found = await question.reader.key(key);
  if (!found.ok) return unread(name, found.failure, 'kms:DescribeKey and kms:GetKeyPolicy');
  const arn = key.startsWith('arn:')
    ? key
    : `arn:${question.partition}:kms:${question.region}:${question.accountId}:key/${key}`;
  return policyCheck({
    ...{
      name,
      policy: found.value.policy,
      needs: [alarmsUse(arn, question)],
      service: 'kms',
      readBy: 'kms:GetKeyPolicy',
    },
    fine: 'its policy lets alarms use it',
    put: `aws kms put-key-policy --key-id ${key} --policy-name default --policy`,
  });
}
