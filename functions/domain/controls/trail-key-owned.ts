import { type Control, fail, notApplicable, pass, unverified } from './control.ts';
import { describedBy, keyBy } from './evidence-of.ts';

export const trailKeyOwned: Control = {
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
  sources: ['AWS KMS Developer Guide: AWS KMS keys', 'CIS AWS Foundations Benchmark 3.0.0, 3.5 (customer created CMK)'],
  decide(trail) {
    const { key } = trail;
    const evidence = [...keyBy(key, 'DescribeKey'), describedBy(trail)];
    if (!trail.facts.trail.kmsKeyId || !key) return notApplicable('NO_KEY', 'The trail has no key');
    if (key.manager && key.manager !== 'CUSTOMER') {
      return fail('AWS_MANAGED_KEY', `KeyManager is ${key.manager}`, { evidence });
    }
    if (key.ownAccount === false) {
      const observed = `The key is in account ${key.arn?.accountId}, which is not in the organization`;
      return fail('KEY_OUTSIDE_ORGANIZATION', observed, { evidence });
    }
    if (key.state === 'NOT_FOUND') return unverified('KEY_NOT_FOUND', 'KMS knows no such key', { evidence });
    if (!key.manager) return unverified(key.unknownBecause ?? 'KEY_NOT_INSPECTED', null, { evidence });
    if (key.ownAccount === null) {
      return unverified('KEY_OWNER_UNKNOWN', `The key is in account ${key.arn?.accountId}`, {
        detail: 'Whether that account is in the organization is not known: the organization could not be listed.',
        evidence,
      });
    }
    return pass('CUSTOMER_KEY', `A customer managed key in account ${key.arn?.accountId}`, { evidence });
  },
};
