import type { UsedKey } from '../judge/resources.ts';
import { parseArn } from '../model/arn.ts';
import {
  type KeyPolicyAssessment,
  type KeyPolicyReason,
  keyPolicyAssessment,
} from '../policy/key-policy-assessment.ts';
import { type Control, type Decision, fail, notApplicable, pass, type ReasonCause, unverified } from './control.ts';
import { keyBy } from './evidence-of.ts';

const POLICY_FIX = 'Put the key policy that `trailseal remediate` prints.';
const because = (words: string, fix = POLICY_FIX): ReasonCause => ({ severity: 'HIGH', words, fix });

export const trailKeyPolicy: Extract<Control, { resource: 'key' }> = {
  id: 'trail-key-policy',
  title: 'The key policy lets CloudTrail encrypt, and not just anyone decrypt',
  severity: 'HIGH',
  resource: 'key',
  rationale:
    'CloudTrail needs kms:GenerateDataKey* on the key for this very trail. Unscoped, any trail of any account may use the key (the confused deputy); and a policy that lets everyone decrypt makes the encryption a formality.',
  reads: ['kms:GetKeyPolicy'],
  decision:
    'The policy is evaluated (Deny before Allow), not searched for words: cloudtrail.amazonaws.com may GenerateDataKey* for each trail that uses the key, scoped by aws:SourceArn, the CloudTrail encryption context, or aws:SourceAccount / aws:SourceOrgID of our own (AWS recommends aws:SourceArn); where an event data store uses the same key, the statement for it may be unscoped; and no statement lets an unbounded principal decrypt (for Principal "*" only a condition that fixes the caller counts), nor an account as a whole that is neither in the organization nor in trustedAccounts, and nobody unbounded change the policy. What it cannot decide is UNVERIFIED, with the statement named.',
  expected: 'CloudTrail may use the key, scoped to the trail, and decryption is bounded',
  remediation:
    'Put the key policy that `trailseal remediate` prints: scoped to the trail by aws:SourceArn and the encryption context, readers bounded to the organization.',
  reasons: {
    CLOUDTRAIL_NOT_ALLOWED: because('The key policy does not let CloudTrail use the key'),
    NOT_SCOPED: because("The key policy lets other accounts' trails use the key"),
    OPEN_DECRYPT: because('The key policy lets anyone, or another organization, decrypt or change it'),
    FOREIGN_DECRYPT: because(
      'The key policy lets an account outside the organization decrypt',
      'Name in the statement the roles of that account that need it, or the account in trustedAccounts if it is yours.',
    ),
    POLICY_UNREADABLE: because(
      'The key policy was read, but is not a policy that can be evaluated',
      'Look at the key policy: the detail of the finding says what cannot be read in it.',
    ),
    UNDECIDED_CONDITION: because(
      'The key policy has a condition that cannot be decided',
      'Check the statement that the finding names by hand, or write it with conditions that can be decided.',
    ),
    NOT_PRINCIPAL: because(
      'The key policy uses NotPrincipal, whose reach cannot be decided',
      'Replace NotPrincipal in the statement that the finding names: name the principals, or use a condition.',
    ),
  } satisfies Record<KeyPolicyReason, ReasonCause>,
  sources: [
    'AWS CloudTrail User Guide: Configure AWS KMS key policies for CloudTrail',
    'AWS KMS Developer Guide: Key policies',
  ],
  decide(key) {
    const known = decided.get(key) ?? decide(key);
    decided.set(key, known);
    return known.decision;
  },
};

/**
 * Whether CloudTrail may use the key for every trail that names it: false where one surely may not, null where the
 * policy was not read, does not matter, or cannot be decided.
 */
export function policyAllowsCloudTrail(key: UsedKey): boolean | null {
  trailKeyPolicy.decide(key);
  return decided.get(key)?.allowsCloudTrail ?? null;
}

interface Decided {
  decision: Decision;
  allowsCloudTrail: boolean | null;
}

/** The finding and the key's row both ask, and evaluating a policy costs the most. */
const decided = new WeakMap<UsedKey, Decided>();

function decide({ facts, trails, stores, organizationId, isOurs, observedAt }: UsedKey): Decided {
  const evidence = keyBy(facts, 'GetKeyPolicy');
  if (facts.state === 'NOT_FOUND') return undecided(notApplicable('KEY_NOT_FOUND', 'The key no longer exists'));
  if (facts.manager === 'AWS')
    return undecided(notApplicable('AWS_MANAGED_KEY', 'The policy of an AWS managed key cannot be changed'));
  if (trails.length === 0) return undecided(notApplicable('NO_TRAIL', 'No trail uses this key'));
  const policy = facts.inspection?.policy;
  if (!facts.arn || !policy) return undecided(unverified(facts.unknownBecause ?? 'POLICY_NOT_READ', null));
  if (!policy.ok)
    return undecided(unverified(`POLICY_${policy.failure.kind}`, null, { detail: policy.failure.message, evidence }));
  const assessment = keyPolicyAssessment({
    policyText: policy.value,
    keyArn: facts.keyId,
    partition: parseArn(facts.keyId)?.partition ?? 'aws',
    organizationId,
    isOurs,
    usedByEventDataStore: stores.length > 0,
    ...(observedAt && { now: observedAt }),
    trails: trails.map(({ facts: { trail, owner } }) => ({ trailArn: trail.trailArn, ownerAccountId: owner })),
  });
  const { allowsCloudTrail } = assessment;
  return { decision: decisionOf(assessment, evidence), allowsCloudTrail };
}

const undecided = (decision: Decision): Decided => ({ decision, allowsCloudTrail: null });

function decisionOf(assessment: KeyPolicyAssessment, evidence: string[]): Decision {
  const reason = assessment.reason ?? 'POLICY_SOUND';
  const more = { detail: assessment.detail, evidence };
  if (assessment.status === 'PASS') return pass(reason, 'CloudTrail may use the key; decryption is bounded', more);
  if (assessment.status === 'FAIL') return fail(reason, assessment.detail, { evidence });
  return unverified(reason, null, more);
}
