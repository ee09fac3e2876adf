import { isUsable } from '../judge/key-facts.ts';
import { keyStateReason } from '../judge/verdict.ts';
import { parseArn } from '../model/arn.ts';
import { type Control, fail, pass, type ReasonCause, unverified } from './control.ts';
import { answerOf, keyBy } from './evidence-of.ts';
import { consequences } from './trail-key-usable.ts';

const KEYLESS: ReasonCause = {
  severity: 'MEDIUM',
  words: 'The event data store has no customer key that works',
  fix: 'Set a customer managed key on the store.',
};

export const eventDataStoreEncrypted: Control = {
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
  reasons: { NO_KEY: KEYLESS, AWS_MANAGED_KEY: KEYLESS, KEY_OUTSIDE_ORGANIZATION: KEYLESS },
  sources: ['AWS CloudTrail User Guide: Encrypting CloudTrail event data stores with AWS KMS keys'],
  decide({ listed, reading, key }) {
    const arn = parseArn(listed.arn);
    if (!reading)
      return unverified('NOT_INSPECTED', null, { detail: 'The owner of the event data store could not be asked.' });
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
    if (!reading.ok)
      return unverified(`STORE_${reading.failure.kind}`, null, { detail: reading.failure.message, evidence });
    if (!reading.value.kmsKeyId || !key) return fail('NO_KEY', 'The store has no customer key', { evidence });
    if (key.state && !isUsable(key.state)) {
      return fail(keyStateReason(key.state), `The key's state is ${key.state}`, {
        detail: consequences(key),
        evidence,
      });
    }
    if (key.manager && key.manager !== 'CUSTOMER')
      return fail('AWS_MANAGED_KEY', `KeyManager is ${key.manager}`, { evidence });
    if (key.ownAccount === false)
      return fail('KEY_OUTSIDE_ORGANIZATION', `The key is in account ${key.arn?.accountId}`, { evidence });
    if (!key.state || key.ownAccount === null)
      return unverified(key.unknownBecause ?? 'KEY_OWNER_UNKNOWN', null, { evidence });
    return pass('KEY_ENABLED', `The store's key is ${key.state}: ${key.keyId}`, { evidence });
  },
};
