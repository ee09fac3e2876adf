import type { UsedKey } from '../judge/resources.ts';
import { parseArn } from '../model/arn.ts';
import { keyPolicyAssessment } from '../policy/key-policy-assessment.ts';
import { type Control, type Decision, fail, notApplicable, pass, unverified } from './control.ts';
import { keyBy } from './evidence-of.ts';

export const trailKeyPolicy: Control = {
  id: 'trail-key-policy',
  title: 'The key policy lets CloudTrail encrypt, and not just anyone decrypt',
  severity: 'HIGH',
  resource: 'key',
  rationale:
    'CloudTrail needs kms:GenerateDataKey* on the key for this very trail. Unscoped, any trail of any account may use the key (the confused deputy); and a policy that lets everyone decrypt makes the encryption a formality.',
  reads: ['kms:GetKeyPolicy'],
  decision:
    'The policy is evaluated (Deny before Allow), not searched for words: cloudtrail.amazonaws.com may GenerateDataKey* for each trail that uses the key, scoped by aws:SourceArn, the CloudTrail encryption context, or aws:SourceAccount / aws:SourceOrgID of our own (AWS recommends aws:SourceArn); where an event data store uses the same key, the statement for it may be unscoped; and no statement lets an unbounded principal decrypt (for Principal "*" only a condition that fixes the caller counts). What it cannot decide is UNVERIFIED, with the statement named.',
  expected: 'CloudTrail may use the key, scoped to the trail, and decryption is bounded',
  remediation:
    'Put the key policy that `trailseal remediate` prints: scoped to the trail by aws:SourceArn and the encryption context, readers bounded to the organization.',
  sources: [
    'AWS CloudTrail User Guide: Configure AWS KMS key policies for CloudTrail',
    'AWS KMS Developer Guide: Key policies',
  ],
  decide(key) {
    const known = decided.get(key) ?? decide(key);
    decided.set(key, known);
    return known;
  },
};

/** The finding and the key's row both ask, and a policy is the dearest thing to judge. */
const decided = new WeakMap<UsedKey, Decision>();

function decide({ facts, trails, stores, organizationId, observedAt }: UsedKey): Decision {
  const evidence = keyBy(facts, 'GetKeyPolicy');
  if (facts.state === 'NOT_FOUND') return notApplicable('KEY_NOT_FOUND', 'The key no longer exists');
  if (facts.manager === 'AWS')
    return notApplicable('AWS_MANAGED_KEY', 'The policy of an AWS managed key cannot be changed');
  if (trails.length === 0) return notApplicable('NO_TRAIL', 'No trail uses this key');
  const policy = facts.inspection?.policy;
  if (!facts.arn || !policy) return unverified(facts.unknownBecause ?? 'POLICY_NOT_READ', null);
  if (!policy.ok)
    return unverified(`POLICY_${policy.failure.kind}`, null, { detail: policy.failure.message, evidence });
  const assessment = keyPolicyAssessment({
    policyText: policy.value,
    keyArn: facts.keyId,
    partition: parseArn(facts.keyId)?.partition ?? 'aws',
    organizationId,
    usedByEventDataStore: stores.length > 0,
    ...(observedAt && { now: observedAt }),
    trails: trails.map(({ facts: { trail, owner } }) => ({ trailArn: trail.trailArn, ownerAccountId: owner })),
  });
  const reason = assessment.reason ?? 'POLICY_SOUND';
  const more = { detail: assessment.detail, evidence };
  if (assessment.status === 'PASS') return pass(reason, 'CloudTrail may use the key; decryption is bounded', more);
  if (assessment.status === 'FAIL') return fail(reason, assessment.detail, { evidence });
  return unverified(reason, null, more);
}
