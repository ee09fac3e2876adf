import { type CloudTrailKeyQuestion, type CloudTrailKeyUse, cloudTrailMayUseKey } from './cloudtrail-key-use.ts';
import { type DecryptGrant, whoMayDecrypt } from './decrypt-grants.ts';
import { type PolicyDocument, parsePolicy } from './document.ts';
import { type ForeignDecrypt, foreignDecrypts } from './foreign-decrypt.ts';

/**
 * Stable codes, worst first:
 * - `CLOUDTRAIL_NOT_ALLOWED`: CloudTrail may not generate data keys for a trail that uses the key
 * - `OPEN_DECRYPT`: anyone may decrypt, give themselves a grant to, or change the policy
 * - `NOT_SCOPED`: CloudTrail may use the key for other accounts' trails too
 * - `FOREIGN_DECRYPT`: an account that is neither in the organization nor trusted may decrypt, as a whole
 * - `POLICY_UNREADABLE`: not JSON, over 32 KB, or not shaped like a policy
 * - `UNDECIDED_CONDITION`: a statement rests on something that cannot be decided; the detail names it
 * - `NOT_PRINCIPAL`: nothing is wrong, but the policy uses NotPrincipal, whose reach is not documented plainly enough to pass
 */
export type KeyPolicyReason =
  | 'CLOUDTRAIL_NOT_ALLOWED'
  | 'OPEN_DECRYPT'
  | 'NOT_SCOPED'
  | 'FOREIGN_DECRYPT'
  | 'POLICY_UNREADABLE'
  | 'UNDECIDED_CONDITION'
  | 'NOT_PRINCIPAL';

export interface KeyPolicyProblem {
  reason: KeyPolicyReason;
  /** null where it concerns the policy as a whole, or no statement allows what is needed. */
  statement: string | null;
  /** The trail it concerns, or null. */
  trailArn: string | null;
  /** One sentence. */
  detail: string;
}

export interface KeyPolicyAssessment {
  status: 'PASS' | 'FAIL' | 'UNVERIFIED';
  /** Of the worst problem; null for PASS. */
  reason: KeyPolicyReason | null;
  /** A sentence for each problem, the worst first; for PASS what was found. */
  detail: string;
  /** All that was found, worst first; empty for PASS. */
  problems: KeyPolicyProblem[];
  /** For `keys.policy_allows_cloudtrail`: every trail may (true), one surely may not (false), else null. */
  allowsCloudTrail: boolean | null;
  /** Per trail, in the order given; empty where the policy cannot be read. */
  uses: (CloudTrailKeyUse & { trailArn: string })[];
  decryptGrants: DecryptGrant[];
  /** What was judged; null where it cannot be read. */
  policy: PolicyDocument | null;
}

export interface KeyPolicyQuestion {
  /** As GetKeyPolicy gives it. */
  policyText: string;
  keyArn: string;
  partition: string;
  /** Trails (or event data stores) that use the key; with none, only who may decrypt is judged. */
  trails: { trailArn: string; ownerAccountId: string }[];
  organizationId?: string | null;
  /** Whether an account is in the organization or trusted, null where that is not known; without it none is asked about. */
  isOurs?: (accountId: string) => boolean | null;
  /**
   * An event data store uses the key too: AWS supports neither `aws:SourceArn` nor `aws:SourceAccount` for it, so
   * CloudTrail's statement may be without either.
   * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
   */
  usedByEventDataStore?: boolean;
  /** ISO 8601 of the observation. */
  now?: string;
}

const FAILING: readonly KeyPolicyReason[] = ['CLOUDTRAIL_NOT_ALLOWED', 'OPEN_DECRYPT', 'NOT_SCOPED', 'FOREIGN_DECRYPT'];
const WORST_FIRST: readonly KeyPolicyReason[] = [
  ...FAILING,
  'POLICY_UNREADABLE',
  'UNDECIDED_CONDITION',
  'NOT_PRINCIPAL',
];

/** What `trail-key-policy` needs of one key. Never throws, and never passes what it could not decide. */
export const keyPolicyAssessment = ({
  policyText,
  trails,
  usedByEventDataStore = false,
  isOurs = () => true,
  ...question
}: KeyPolicyQuestion): KeyPolicyAssessment => {
  const parsed = parsePolicy(policyText, { service: 'kms' });
  if (!parsed.ok) {
    const detail = `The key policy cannot be read: ${parsed.detail}.`;
    const problem: KeyPolicyProblem = { reason: 'POLICY_UNREADABLE', statement: null, trailArn: null, detail };
    return { ...conclude([problem]), allowsCloudTrail: null, uses: [], decryptGrants: [], policy: null };
  }
  const policy = parsed.document;
  const uses = trails.map(({ trailArn, ownerAccountId }) => {
    const use: CloudTrailKeyQuestion = { ...question, policy, trailArn, trailOwnerAccountId: ownerAccountId };
    return { trailArn, ...cloudTrailMayUseKey(use) };
  });
  const { keyArn, organizationId = null } = question;
  const decryptGrants = whoMayDecrypt({
    policy,
    keyArn,
    organizationId,
  });
  const open = decryptGrants.flatMap(({ unbounded, statement }) => (unbounded === 'YES' ? [statement] : []));
  const foreign = foreignDecrypts({ policy, keyArn, organizationId, isOurs }).filter(
    ({ statement }) => !open.includes(statement),
  );
  const problems = [
    ...uses.flatMap(problemsOfUse).filter(({ reason }) => reason !== 'NOT_SCOPED' || !usedByEventDataStore),
    ...decryptGrants.flatMap(problemsOfGrant),
    ...foreign.flatMap(problemsOfForeign),
  ];
  const negated = policy.statements.find(({ principal }) => principal.negated);
  if (negated) {
    const detail = `Statement ${negated.label} uses NotPrincipal.`;
    problems.push({ reason: 'NOT_PRINCIPAL', statement: negated.label, trailArn: null, detail });
  }
  let allowsCloudTrail: boolean | null = null;
  if (uses.some(({ verdict }) => verdict === 'NO')) allowsCloudTrail = false;
  else if (uses.length > 0 && uses.every(({ verdict }) => verdict === 'YES')) allowsCloudTrail = true;
  return {
    ...conclude(problems, [passDetail(uses), ...unknownAccounts(foreign)].join(' ')),
    allowsCloudTrail,
    uses,
    decryptGrants,
    policy,
  };
};

/** What a PASS says; AWS recommends aws:SourceArn, and an event data store's statement may have neither. */
const passDetail = (uses: readonly CloudTrailKeyUse[]): string => {
  if (uses.some(({ scoped }) => scoped !== 'YES')) {
    return 'CloudTrail may use the key for these trails, and nobody unbounded may decrypt. CloudTrail may use it for others too, since an event data store uses the same key, and AWS supports no aws:SourceArn for it.';
  }
  const sound = 'CloudTrail may use the key for these trails and no others, and nobody unbounded may decrypt.';
  if (!uses.some(({ scopedToAccountOnly }) => scopedToAccountOnly)) return sound;
  return 'CloudTrail may use the key for trails of this account or organization only, and nobody unbounded may decrypt. AWS recommends to name the trail by aws:SourceArn.';
};

const problemsOfUse = ({
  verdict,
  scoped,
  statement,
  unscopedStatement,
  reason: detail,
  trailArn,
}: CloudTrailKeyUse & { trailArn: string }): KeyPolicyProblem[] => {
  if (verdict === 'NO') {
    return [
      {
        reason: 'CLOUDTRAIL_NOT_ALLOWED',
        statement,
        trailArn,
        detail: `CloudTrail may not use the key for ${trailArn}. ${detail}`,
      },
    ];
  }
  if (verdict === 'UNDECIDED') return [{ reason: 'UNDECIDED_CONDITION', statement, trailArn, detail }];
  if (scoped === 'YES') return [];
  const reason = scoped === 'NO' ? 'NOT_SCOPED' : 'UNDECIDED_CONDITION';
  return [{ reason, statement: unscopedStatement, trailArn, detail }];
};

const problemsOfGrant = ({ unbounded, statement, reason: detail }: DecryptGrant): KeyPolicyProblem[] => {
  if (unbounded === 'NO' || detail === null) return [];
  const reason = unbounded === 'YES' ? 'OPEN_DECRYPT' : 'UNDECIDED_CONDITION';
  return [{ reason, statement, trailArn: null, detail }];
};

const problemsOfForeign = ({ accountId, statement, action, admitted, isOurs }: ForeignDecrypt): KeyPolicyProblem[] => {
  if (isOurs === null) return [];
  const sure = admitted === 'YES';
  const detail = sure
    ? `Statement ${statement} gives ${action} to account ${accountId}, which is neither in the organization nor in trustedAccounts: its administrators decide who.`
    : `Whether statement ${statement} gives ${action} to account ${accountId}, which is neither in the organization nor in trustedAccounts, cannot be decided.`;
  return [{ reason: sure ? 'FOREIGN_DECRYPT' : 'UNDECIDED_CONDITION', statement, trailArn: null, detail }];
};

/** Said beside a PASS: the organization could not be listed. */
const unknownAccounts = (foreign: readonly ForeignDecrypt[]): string[] => {
  const ids = [...new Set(foreign.flatMap(({ accountId, isOurs }) => (isOurs === null ? [accountId] : [])))];
  if (ids.length === 0) return [];
  return [
    `Whether these accounts, which may decrypt, are yours is not known, since the organization was not listed: ${ids.slice(0, 5).join(', ')}.`,
  ];
};

const conclude = (
  found: KeyPolicyProblem[],
  sound = '',
): Pick<KeyPolicyAssessment, 'status' | 'reason' | 'detail' | 'problems'> => {
  const problems = WORST_FIRST.flatMap((reason) => found.filter((problem) => problem.reason === reason));
  const [worst] = problems;
  if (!worst) {
    return { status: 'PASS', reason: null, detail: sound, problems };
  }
  const status = FAILING.includes(worst.reason) ? 'FAIL' : 'UNVERIFIED';
  // Trails that share a fault share its sentence, and a list of 3,000 of them helps nobody.
  const sentences = [...new Set(problems.map(({ detail }) => detail))];
  const more = sentences.length > 5 ? ` And ${sentences.length - 5} more.` : '';
  return { status, reason: worst.reason, detail: `${sentences.slice(0, 5).join(' ')}${more}`, problems };
};
