import { isUsable, keyStateReason } from '../../judge/key-facts.ts';
import { parseArn } from '../../model/arn.ts';
import { mayPass } from '../../model/reading.ts';
import { control } from '../control.ts';
import { answerOf, keyBy } from '../evidence-of.ts';
import { DEAD_KEY, NOT_OURS, ownerUnknown, unknownKey } from '../reasons/key.ts';
import { type Cause, fail, pass, type Subject, unverified } from '../reasons/reason.ts';
import { type Filing, RESUME, unread } from '../reasons/unread.ts';
import { consequences } from '../trail/trail-key-usable.ts';

const FILING: Filing = { kind: 'LAKE_SETTINGS', severity: 'MEDIUM' };
const KEYLESS: Cause = {
  ...FILING,
  title: ({ words }) => `No customer managed key that works on ${words}`,
  fix: 'Set a customer managed key on the store.',
};

function listingFix({ failure }: Subject): string {
  if (failure?.code === 'NoManagementAccountSLRExistsException')
    return 'Run `aws iam create-service-linked-role --aws-service-name cloudtrail.amazonaws.com` in the management account; the next scan asks again';
  return failure && mayPass(failure)
    ? RESUME.slice(0, -1)
    : 'Let the audit role call cloudtrail:ListEventDataStores in every Region';
}

export const eventDataStoreEncrypted = control({
  id: 'event-data-store-encrypted',
  title: 'The CloudTrail Lake event data store has a customer key that works',
  severity: 'MEDIUM',
  resource: 'event-data-store',
  rationale:
    'An event data store holds the same events as a trail, for up to ten years. Its key is set once and cannot be changed.',
  reads: ['cloudtrail:ListEventDataStores', 'cloudtrail:GetEventDataStore', 'kms:DescribeKey'],
  decision: 'GetEventDataStore shows a KmsKeyId, and that key is a customer managed key in state Enabled or Updating.',
  expected: 'A customer managed key that is Enabled',
  remediation:
    'A key can only be set when the store is created, or added to a store without one (update-event-data-store --kms-key-id). A dead key: restore it, or copy the events to a new store.',
  audit: {
    console:
      'CloudTrail, the Region of the store, Lake, Event data stores, the store: KMS key is one of your own, and KMS shows it as Enabled.',
    commands: [
      'aws cloudtrail list-event-data-stores --region REGION',
      'aws cloudtrail get-event-data-store --region REGION --event-data-store STORE_ARN --query KmsKeyId',
      "aws kms describe-key --region REGION --key-id KEY_ARN --query 'KeyMetadata.[KeyState,KeyManager]'",
    ],
    expected: 'There is a key, it is Enabled, and its KeyManager is CUSTOMER.',
  },
  page: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html',
  sources: ['AWS CloudTrail User Guide: Encrypting CloudTrail event data stores with AWS KMS keys'],
  reasons: {
    ...unknownKey(FILING),
    KEY_OWNER_UNKNOWN: ownerUnknown(FILING),
    ...unread('STORE', {
      what: ({ words }) => words,
      words: 'the event data store',
      action: 'cloudtrail:GetEventDataStore',
      filing: FILING,
    }),
    ...DEAD_KEY,
    KEY_ENABLED: pass("The store's key is a customer managed key that works"),
    NO_KEY: fail('The event data store has no customer managed key', KEYLESS),
    AWS_MANAGED_KEY: fail("The store's key is an AWS managed key", KEYLESS),
    KEY_OUTSIDE_ORGANIZATION: fail("The store's key is in an account outside the organization", KEYLESS, NOT_OURS),
    NOT_INSPECTED: unverified('The owner of the event data store could not be asked', {
      ...FILING,
      fix: 'Give the audit role the read that is missing (cloudtrail:GetEventDataStore), in the account that owns the store.',
    }),
    // By the error code: one refusal, by a policy or a role, has one cause in all accounts.
    STORES_NOT_LISTED: unverified(
      'The event data stores of the account could not be listed',
      (on) => ({
        kind: 'UNKNOWN_STATE',
        severity: 'MEDIUM',
        tag: 'stores not listed',
        title: ({ words }) => `Accounts whose CloudTrail Lake event data stores could not be listed: ${words}`,
        fix: `${listingFix(on)}, or scan with --no-lake.`,
      }),
      'What event data stores there are could not be listed, so there is nothing to repair yet: let the audit role call cloudtrail:ListEventDataStores (STORES_NOT_LISTED).',
    ),
  },
  decide({ listed, reading, key }, say) {
    const arn = parseArn(listed.arn);
    if (!reading)
      return say('NOT_INSPECTED', null, { detail: 'The owner of the event data store could not be asked.' });
    const evidence = [
      ...(arn
        ? answerOf(reading, {
            accountId: arn.accountId,
            region: arn.region,
            operation: 'GetEventDataStore',
            subject: listed.arn,
          })
        : []),
      ...keyBy(key, 'DescribeKey'),
    ];
    if (!reading.ok) return say(`STORE_${reading.failure.kind}`, null, { detail: reading.failure.message, evidence });
    if (!reading.value.kmsKeyId || !key) return say('NO_KEY', 'The store has no customer key', { evidence });
    if (key.state && !isUsable(key.state)) {
      return say(keyStateReason(key.state), `The key's state is ${key.state}`, {
        detail: consequences(key),
        evidence,
      });
    }
    if (key.manager && key.manager !== 'CUSTOMER')
      return say('AWS_MANAGED_KEY', `KeyManager is ${key.manager}`, { evidence });
    if (key.ownAccount === false)
      return say('KEY_OUTSIDE_ORGANIZATION', `The key is in account ${key.arn?.accountId}`, { evidence });
    if (!key.state || key.ownAccount === null)
      return say(key.unknownBecause ?? 'KEY_OWNER_UNKNOWN', null, { evidence });
    return say('KEY_ENABLED', `The store's key is ${key.state}: ${key.keyId}`, { evidence });
  },
});
