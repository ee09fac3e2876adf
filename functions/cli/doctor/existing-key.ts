import { type Check, unread, wrong } from './check.ts';
import { asService, type ExistingQuestion, type Need } from './existing-question.ts';
import { policyCheck } from './policy-check.ts';

/** Your key: it must be here and on, and let in those who encrypt with it. */
export async function keyCheck(arn: string, question: ExistingQuestion): Promise<Check> {
  const name = 'existing.key';
  const { reader, region } = question;
  const [, , , keyRegion = ''] = arn.split(':');
  if (keyRegion !== region) return wrong(name, `it is in ${keyRegion}`, `Use a key of ${region}, where you deploy.`);
  const found = await reader.key(arn);
  if (!found.ok) return unread(name, found.failure, 'kms:DescribeKey and kms:GetKeyPolicy');
  const { state, policy } = found.value;
  if (state === 'Disabled') return wrong(name, 'it is disabled', 'Enable it:', `aws kms enable-key --key-id ${arn}`);
  if (state === 'PendingDeletion')
    return wrong(
      name,
      'it is to be deleted',
      'Cancel that, then enable it:',
      `aws kms cancel-key-deletion --key-id ${arn} && aws kms enable-key --key-id ${arn}`,
    );
  if (state !== 'Enabled') return wrong(name, `it is ${state}`, 'Use another key.');
  return policyCheck({
    ...{ name, policy, needs: needsOf(arn, question), service: 'kms', readBy: 'kms:GetKeyPolicy' },
    fine: 'enabled, and its policy lets in who needs it',
    put: `aws kms put-key-policy --key-id ${arn} --policy-name default --policy`,
  });
}

function needsOf(arn: string, question: ExistingQuestion): Need[] {
  const { accountId, partition, region, prefix, existing, isWatching } = question;
  const role = `arn:${partition}:iam::${accountId}:role/${prefix}Scan`;
  const ours = (key: string) =>
    key === 'kms:calleraccount' || key === 'aws:principalaccount' ? [[accountId]] : undefined;
  return [
    {
      what: "the account's roles use it as their IAM policies say",
      requests: ['kms:Decrypt', 'kms:GenerateDataKey'].map((action) => ({
        ...{ action, resourceArn: arn, context: ours },
        caller: { kind: 'AWS', arn: role },
      })),
      statement: {
        ...{ Sid: 'TrailSealRoles', Effect: 'Allow', Principal: { AWS: `arn:${partition}:iam::${accountId}:root` } },
        ...{ Action: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'], Resource: '*' },
      },
    },
    logGroups(arn, question),
    // With a topic of your own, its key is the topic's matter.
    ...(existing.topic === null ? [alarmsUse(arn, question)] : []),
    ...(isWatching
      ? [
          serviceUses(arn, question, {
            ...{ service: 'events.amazonaws.com', sid: 'TrailSealChanges', what: 'EventBridge hand changes on' },
            sourceArn: `arn:${partition}:events:${region}:${accountId}:event-bus/${prefix}`,
          }),
        ]
      : []),
  ];
}

function logGroups(arn: string, question: ExistingQuestion): Need {
  const { accountId, partition, region, prefix } = question;
  // The service principal of CloudWatch Logs alone ends otherwise in China.
  const service = `logs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
  const groups = `arn:${partition}:logs:${region}:${accountId}:log-group:`;
  const actions = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'];
  return {
    what: 'CloudWatch Logs encrypt log groups',
    requests: asService(
      question,
      { names: [service], actions, resourceArn: arn, sourceArn: null },
      { 'kms:encryptioncontext:aws:logs:arn': `${groups}/${prefix.toLowerCase()}/plan` },
    ),
    statement: {
      ...{ Sid: 'TrailSealLogGroups', Effect: 'Allow', Principal: { Service: service } },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      ...{ Resource: '*', Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `${groups}*` } } },
    },
  };
}

/** CloudWatch encrypts the message of an alarm for a topic under the key. */
export const alarmsUse = (arn: string, question: ExistingQuestion): Need =>
  serviceUses(arn, question, {
    ...{ service: 'cloudwatch.amazonaws.com', sid: 'TrailSealAlarms', what: 'CloudWatch alarms publish to the topic' },
    sourceArn: alarmArn(question),
  });

export const alarmArn = ({ accountId, partition, region, prefix }: ExistingQuestion): string =>
  `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${prefix}-RunFailed`;

const serviceUses = (
  arn: string,
  question: ExistingQuestion,
  { service, sid, what, sourceArn }: { service: string; sid: string; what: string; sourceArn: string },
): Need => ({
  what,
  requests: asService(question, {
    ...{ names: [service], actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resourceArn: arn, sourceArn },
  }),
  statement: {
    ...{ Sid: sid, Effect: 'Allow', Principal: { Service: service } },
    ...{ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*' },
    Condition: { StringEquals: { 'aws:SourceAccount': question.accountId } },
  },
});
