import { control } from '../control.ts';
import { describedBy, keyBy } from '../evidence-of.ts';
import { DEAD_KEY, FOREIGN_KEY, NOT_OURS, ownerUnknown, unknownKey } from '../reasons/key.ts';
import { fail, notApplicable, pass, unverified } from '../reasons/reason.ts';
import { OF_TRAIL } from '../reasons/unread.ts';

export const trailKeyOwned = control({
  id: 'trail-key-owned',
  title: "The trail's key is a customer managed key of ours",
  severity: 'HIGH',
  resource: 'trail',
  rationale:
    'Who owns the key decides who reads the logs. An AWS managed key has a policy nobody can narrow, and a key in an account outside the organization can be taken away, or used to read, by people we do not know.',
  reads: ['kms:DescribeKey', 'organizations:ListAccounts'],
  decision: 'KeyManager is CUSTOMER, and the account in the key ARN is in the organization or among `trustedAccounts`.',
  expected: 'A customer managed key in the organization or in a trusted account',
  remediation:
    'Create a customer managed key in an account of the organization and set it on the trail, or name the account in `trustedAccounts`.',
  audit: {
    console:
      "KMS, the Region in the key's ARN: the key is listed under Customer managed keys, not AWS managed keys. AWS Organizations, AWS accounts: the account in its ARN is listed.",
    commands: [
      "aws kms describe-key --region KEY_REGION --key-id KEY_ARN --query 'KeyMetadata.[KeyManager,AWSAccountId]'",
      'aws organizations describe-account --account-id KEY_ACCOUNT --query Account.Status',
    ],
    expected: 'KeyManager is CUSTOMER, and the account is one of the organization or one that you trust.',
  },
  page: 'https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html',
  sources: ['AWS KMS Developer Guide: AWS KMS keys', 'CIS AWS Foundations Benchmark 3.0.0, 3.5 (customer created CMK)'],
  reasons: {
    ...unknownKey(OF_TRAIL),
    KEY_OWNER_UNKNOWN: ownerUnknown(OF_TRAIL),
    CUSTOMER_KEY: pass('A customer managed key of the organization or of a trusted account'),
    NO_KEY: notApplicable('The trail has no key'),
    AWS_MANAGED_KEY: fail('The key is an AWS managed key', FOREIGN_KEY),
    KEY_OUTSIDE_ORGANIZATION: fail('The key is in an account outside the organization', FOREIGN_KEY, NOT_OURS),
    KEY_NOT_FOUND: unverified('The key does not exist, so nobody can say whose it was', DEAD_KEY.KEY_NOT_FOUND.cause),
  },
  decide(trail, say) {
    const { key } = trail;
    const evidence = [...keyBy(key, 'DescribeKey'), describedBy(trail)];
    if (!trail.facts.trail.kmsKeyId || !key) return say('NO_KEY', 'The trail has no key');
    if (key.manager && key.manager !== 'CUSTOMER') {
      return say('AWS_MANAGED_KEY', `KeyManager is ${key.manager}`, { evidence });
    }
    if (key.ownAccount === false) {
      const observed = `The key is in account ${key.arn?.accountId}, which is not in the organization`;
      return say('KEY_OUTSIDE_ORGANIZATION', observed, { evidence });
    }
    if (key.state === 'NOT_FOUND') return say('KEY_NOT_FOUND', `KMS key not found: ${key.keyId}`, { evidence });
    if (!key.manager) return say(key.unknownBecause ?? 'KEY_NOT_INSPECTED', null, { evidence });
    if (key.ownAccount === null) {
      return say('KEY_OWNER_UNKNOWN', `The key is in account ${key.arn?.accountId}`, {
        detail: 'Whether that account is in the organization is not known: the organization could not be listed.',
        evidence,
      });
    }
    return say('CUSTOMER_KEY', `A customer managed key in account ${key.arn?.accountId}`, { evidence });
  },
});
