import type { UsedKey } from '../../judge/resources.ts';
import { parseArn } from '../../model/arn.ts';
import { parsePolicy } from '../../policy/document.ts';
import { externalReaders } from '../../policy/external-readers.ts';
import {
  type KeyPolicyAssessment,
  type KeyPolicyReason,
  keyPolicyAssessment,
} from '../../policy/key-policy-assessment.ts';
import { control, type Decision, type Say } from '../control.ts';
import { keyBy } from '../evidence-of.ts';
import { unknownKey } from '../reasons/key.ts';
import { fail, notApplicable, pass, type Reason, type Reasons, unverified } from '../reasons/reason.ts';
import { type Filing, unread } from '../reasons/unread.ts';

const POLICY_FIX = 'Put the key policy that `trailseal remediate` prints.';
const FILING: Filing = { kind: 'KEY_SETTINGS', severity: 'HIGH' };

const REASONS = {
  ...unknownKey(FILING),
  ...unread('POLICY', {
    what: ({ words }) => `the policy of ${words}`,
    words: 'the key policy',
    action: 'kms:GetKeyPolicy',
    filing: FILING,
  }),
  POLICY_SOUND: pass('CloudTrail may use the key for these trails, and decryption is bounded'),
  KEY_NOT_FOUND: notApplicable('The key no longer exists'),
  AWS_MANAGED_KEY: notApplicable('The policy of an AWS managed key cannot be changed'),
  NO_TRAIL: notApplicable('No trail uses the key'),
  POLICY_NOT_READ: unverified('The key policy was not read', {
    ...FILING,
    fix: 'Give the audit role the read that is missing (kms:GetKeyPolicy), in the account that owns the key.',
  }),
  CLOUDTRAIL_NOT_ALLOWED: fail('The key policy does not let CloudTrail use the key', { ...FILING, fix: POLICY_FIX }),
  NOT_SCOPED: fail("The key policy lets other accounts' trails use the key", { ...FILING, fix: POLICY_FIX }),
  OPEN_DECRYPT: fail('The key policy lets anyone, or another organization, decrypt or change it', {
    ...FILING,
    fix: POLICY_FIX,
  }),
  FOREIGN_DECRYPT: fail(
    'The key policy lets an account outside the organization decrypt',
    {
      ...FILING,
      fix: 'Name in the statement the roles of that account that need it, or the account in trustedAccounts if it is yours.',
    },
    'The key policy lets an account outside the organization decrypt, and only you know whether it is to: no script is written, since it would take the logs from those who read them there. Name the roles that need it in place of the account, or the account in trustedAccounts if it is yours.',
  ),
  POLICY_UNREADABLE: unverified('The key policy was read, but is not a policy that can be evaluated', {
    ...FILING,
    fix: 'Look at the key policy: the detail of the finding says what cannot be read in it.',
  }),
  UNDECIDED_CONDITION: unverified('The key policy has a condition that cannot be decided', {
    ...FILING,
    fix: 'Check the statement that the finding names by hand, or write it with conditions that can be decided.',
  }),
  NOT_PRINCIPAL: unverified('The key policy uses NotPrincipal, whose reach cannot be decided', {
    ...FILING,
    fix: 'Replace NotPrincipal in the statement that the finding names: name the principals, or use a condition.',
  }),
} satisfies Reasons & Record<KeyPolicyReason, Reason>;
type Code = keyof typeof REASONS;

export const trailKeyPolicy = control({
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
  audit: {
    console:
      "KMS, the Region in the key's ARN, the key, Key policy, Switch to policy view: the statements for cloudtrail.amazonaws.com have a condition on aws:SourceArn or the encryption context, and none lets Principal * decrypt without a condition that fixes the caller.",
    commands: [
      'aws kms get-key-policy --region KEY_REGION --key-id KEY_ARN --policy-name default --query Policy --output text',
    ],
    expected: 'Read every statement that allows kms:GenerateDataKey* or kms:Decrypt, and every Deny.',
  },
  page: 'https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html',
  sources: [
    'AWS CloudTrail User Guide: Configure AWS KMS key policies for CloudTrail',
    'AWS KMS Developer Guide: Key policies',
  ],
  reasons: REASONS,
  decide: (key, say) => decidedOf(key, say).decision,
});

/**
 * Whether CloudTrail may use the key for every trail that names it: false where one surely may not, null where the
 * policy was not read, does not matter, or cannot be decided.
 */
export function policyAllowsCloudTrail(key: UsedKey): boolean | null {
  trailKeyPolicy.decide(key);
  return decided.get(key)?.allowsCloudTrail ?? null;
}

/** Who outside its account the key's policy lets decrypt (see `externalReaders`); null where it was not read, or is none. */
export function keyReaders(key: UsedKey): string[] | null {
  trailKeyPolicy.decide(key);
  const known = decided.get(key)?.readers;
  if (known !== undefined) return known;
  // A key that no trail uses is judged by no policy: event data stores have such.
  const { facts, organizationId } = key;
  const policy = facts.inspection?.policy;
  const parsed = policy?.ok ? parsePolicy(policy.value, { service: 'kms' }) : null;
  return parsed?.ok ? externalReaders({ keyArn: facts.keyId, organizationId, policy: parsed.document }) : null;
}

interface Decided {
  decision: Decision<Code>;
  allowsCloudTrail: boolean | null;
  /** Who outside the account may decrypt: null where the policy is none, absent where none was judged. */
  readers?: string[] | null;
}

/** The finding and the key's row both ask, and evaluating a policy costs the most. */
const decided = new WeakMap<UsedKey, Decided>();

function decidedOf(key: UsedKey, say: Say<Code>): Decided {
  const known = decided.get(key) ?? decide(key, say);
  decided.set(key, known);
  return known;
}

function decide({ facts, trails, stores, organizationId, isOurs, observedAt }: UsedKey, say: Say<Code>): Decided {
  const evidence = keyBy(facts, 'GetKeyPolicy');
  if (facts.state === 'NOT_FOUND') return undecided(say('KEY_NOT_FOUND', 'The key no longer exists'));
  if (facts.manager === 'AWS')
    return undecided(say('AWS_MANAGED_KEY', 'The policy of an AWS managed key cannot be changed'));
  if (trails.length === 0) return undecided(say('NO_TRAIL', 'No trail uses this key'));
  const policy = facts.inspection?.policy;
  if (!facts.arn || !policy) return undecided(say(facts.unknownBecause ?? 'POLICY_NOT_READ', null));
  if (!policy.ok)
    return undecided(say(`POLICY_${policy.failure.kind}`, null, { detail: policy.failure.message, evidence }));
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
  const { allowsCloudTrail, policy: document, decryptGrants: grants } = assessment;
  const readers = document && externalReaders({ policy: document, keyArn: facts.keyId, organizationId, grants });
  return { decision: decisionOf(assessment, evidence, say), allowsCloudTrail, readers };
}

const undecided = (decision: Decision<Code>): Decided => ({ decision, allowsCloudTrail: null });

function decisionOf(assessment: KeyPolicyAssessment, evidence: string[], say: Say<Code>): Decision<Code> {
  const { reason, detail, problems } = assessment;
  if (reason === null)
    return say('POLICY_SOUND', 'CloudTrail may use the key; kms:Decrypt is restricted', { detail, evidence });
  const also = [...new Set(problems.map((problem) => problem.reason))].slice(1);
  const more = also.length > 0 ? { also } : {};
  return assessment.status === 'FAIL'
    ? say(reason, detail, { ...more, evidence })
    : say(reason, null, { ...more, detail, evidence });
}
