import { dnsSuffix } from '../model/arn.ts';
import { type ActingTrail, cloudTrailCaller, cloudTrailContext } from './cloudtrail-request.ts';
import type { PolicyDocument } from './document.ts';
import { type Answer, answerOf, coversAction, type Decision, evaluatePolicy, sentence } from './evaluate.ts';
import { accountOfArn, matchPrincipal } from './principal.ts';
import { ABSENT, type ContextReader } from './request.ts';

export interface CloudTrailKeyUse {
  /** May CloudTrail call `kms:GenerateDataKey` for this trail: without it nothing is delivered. */
  verdict: Answer;
  /**
   * Whether the policy would refuse CloudTrail the key for a trail of another account: by `aws:SourceArn`, the
   * CloudTrail encryption context, `aws:SourceAccount` or `aws:SourceOrgID`. UNDECIDED where `verdict` is not YES.
   */
  scoped: Answer;
  /** Scoped by `aws:SourceAccount` or `aws:SourceOrgID` alone, which AWS supports and does not recommend. */
  scopedToAccountOnly: boolean;
  /** The statement that decides `verdict`, or leaves it open; null where none allows it. */
  statement: string | null;
  /** One sentence on `verdict`, or, where that is YES and `scoped` is not, on `scoped`. */
  reason: string;
  /** The statement that lets other accounts' trails in, or may; null where `scoped` is YES. */
  unscopedStatement: string | null;
  /** `kms:DescribeKey`, needed to set the key on the trail. */
  describeKey: Answer;
  /** `kms:Decrypt`, needed where the bucket uses S3 Bucket Keys. */
  decrypt: Answer;
}

export interface CloudTrailKeyQuestion extends ActingTrail {
  policy: PolicyDocument;
  keyArn: string;
}

export const CLOUDTRAIL_CONTEXT_KEY = 'kms:EncryptionContext:aws:cloudtrail:arn';

/**
 * Does a key policy let CloudTrail use the key for this trail, and for no other account's? The request is the one
 * AWS documents: S3 asks for a data key on CloudTrail's behalf, with the trail's ARN as encryption context. What AWS
 * does not document about it is unknown, and a statement that rests on it leaves the answer undecided.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-kms-works-with-cloudtrail.html
 */
export const cloudTrailMayUseKey = (question: CloudTrailKeyQuestion): CloudTrailKeyUse => {
  const own: Source = { sourceArns: [question.trailArn], encryptionContexts: [question.trailArn] };
  const use = decide(question, 'kms:GenerateDataKey', own);
  const answers = {
    verdict: answerOf(use),
    describeKey: answerOf(decide(question, 'kms:DescribeKey', { ...own, encryptionContexts: [null] })),
    decrypt: answerOf(decide(question, 'kms:Decrypt', own)),
    statement: use.statement,
  };
  if (use.decision !== 'ALLOWED') {
    return {
      ...answers,
      scoped: 'UNDECIDED',
      scopedToAccountOnly: false,
      unscopedStatement: null,
      reason: sentence(use.reason),
    };
  }
  const outsiders = foreignTrails(question);
  const leak = outsiderAdmitted(question, outsiders, { ownAccount: false });
  if (!leak) {
    const scopedToAccountOnly = outsiderAdmitted(question, outsiders, { ownAccount: true }) !== null;
    return { ...answers, scoped: 'YES', scopedToAccountOnly, unscopedStatement: null, reason: sentence(use.reason) };
  }
  const reason =
    leak.decision === 'ALLOWED'
      ? `Statement ${leak.statement} lets CloudTrail use the key for trails of other accounts: none of aws:SourceArn, ${CLOUDTRAIL_CONTEXT_KEY}, aws:SourceAccount and aws:SourceOrgID limits it to this one.`
      : sentence(`whether other accounts' trails may use the key cannot be decided: ${leak.reason}`);
  const scoped = leak.decision === 'ALLOWED' ? 'NO' : 'UNDECIDED';
  return { ...answers, scoped, scopedToAccountOnly: false, unscopedStatement: leak.statement, reason };
};

/** Where a request comes from. Of several values of a key it has one: what holds of all is decided, else it is undecided. */
interface Source {
  sourceArns: readonly (string | null)[];
  encryptionContexts: readonly (string | null)[];
  /** Other accounts that the trail may belong to, in an organization that is not ours; none for our own. */
  accounts?: readonly string[];
}

const decide = (question: CloudTrailKeyQuestion, action: string, source: Source): Decision =>
  evaluatePolicy(question.policy, {
    caller: cloudTrailCaller(question.partition),
    action,
    resourceArn: question.keyArn,
    context: cloudTrailContext({
      trail: question,
      sourceArns: source.sourceArns,
      resourceArn: question.keyArn,
      special: kmsContext(question, source),
    }),
  });

type Admission = Exclude<Decision, { decision: 'DENIED' }>;

/**
 * Asks in an outsider's name: same trail name and region, another account of another organization (or of none), each of
 * the two keys that name a trail foreign or missing. `ownAccount` leaves aws:SourceAccount and aws:SourceOrgID as they
 * are, to learn whether they alone keep outsiders out. The first answer that is not a denial, an admission before a doubt.
 */
const outsiderAdmitted = (
  question: CloudTrailKeyQuestion,
  outsiders: readonly string[],
  { ownAccount }: { ownAccount: boolean },
): Admission | null => {
  const action = 'kms:GenerateDataKey';
  // Dozens of outsiders ask; a statement about another action, or another principal, has nothing to say to any of them.
  const caller = cloudTrailCaller(question.partition);
  const statements = question.policy.statements.filter(
    (statement) => coversAction(statement, action) && matchPrincipal(statement, caller).truth !== 'FALSE',
  );
  const narrowed = { ...question, policy: { ...question.policy, statements } };
  const accountsOf = (trails: readonly string[]) =>
    ownAccount ? [] : trails.flatMap((arn) => accountOfArn(arn) ?? []);
  // What is refused to all of them at once, as nearly every policy does, is refused to each.
  const anyTrail = [...outsiders, null];
  const all = { sourceArns: anyTrail, encryptionContexts: anyTrail, accounts: accountsOf(outsiders) };
  if (decide(narrowed, action, all).decision === 'DENIED') return null;
  let doubt: Admission | null = null;
  for (const foreign of outsiders) {
    for (const sourceArn of [foreign, null]) {
      for (const encryptionContext of [foreign, null]) {
        // A caller that names no trail at all is the same everywhere.
        if (ownAccount && sourceArn === null && encryptionContext === null && foreign !== outsiders[0]) continue;
        const decision = decide(narrowed, action, {
          sourceArns: [sourceArn],
          encryptionContexts: [encryptionContext],
          accounts: accountsOf([foreign]),
        });
        if (decision.decision === 'ALLOWED') return decision;
        if (decision.decision === 'UNDECIDED') doubt ??= decision;
      }
    }
  }
  return doubt;
};

/**
 * Trails of accounts that the policy does not name. Changing the owner's id by one digit, at each place, meets any
 * pattern that admits the owner through a wildcard; one id for each leading digit meets the others.
 */
const foreignTrails = ({ policy, trailArn, trailOwnerAccountId: owner }: CloudTrailKeyQuestion): string[] => {
  const text = JSON.stringify(policy);
  const unnamed = (before: string, after: string): string | undefined =>
    DIGITS.map((digit) => `${before}${digit}${after}`).find((id) => id !== owner && !text.includes(id));
  const leading = DIGITS.map((digit) => unnamed(digit, '2468013579'));
  const neighbours = Array.from(owner, (_, at) => unnamed(owner.slice(0, at), owner.slice(at + 1)));
  const parts = trailArn.split(':');
  return [...leading, ...neighbours].flatMap((id) =>
    id === undefined ? [] : [...parts.slice(0, 4), id, ...parts.slice(5)].join(':'),
  );
};

const DIGITS = Array.from('0123456789');

/** An organization that no policy names. */
const OTHER_ORGANIZATION = 'o-\u0000other';

const kmsContext = (
  { keyArn, partition }: CloudTrailKeyQuestion,
  { encryptionContexts, accounts = [] }: Source,
): ContextReader => {
  const region = () => keyArn.split(':')[3];
  const isForeign = accounts.length > 0;
  return (key) => {
    switch (key) {
      case 'aws:sourceaccount':
        return isForeign ? accounts.map((account) => [account]) : undefined;
      case 'aws:sourceorgid':
        return isForeign ? [[OTHER_ORGANIZATION]] : undefined;
      case 'aws:sourceorgpaths':
        return isForeign ? [[`${OTHER_ORGANIZATION}/r-\u0000/`]] : undefined;
      case CONTEXT_KEY:
        return encryptionContexts.map((arn) => (arn === null ? null : [arn]));
      case 'kms:encryptioncontextkeys':
        // S3 adds the bucket or object as a second entry once it is the one that asks.
        return encryptionContexts.flatMap((arn) =>
          arn === null ? ABSENT : [['aws:cloudtrail:arn'], ['aws:cloudtrail:arn', 'aws:s3:arn']],
        );
      case 'kms:viaservice':
        return [null, [`s3.${region()}.${dnsSuffix(partition)}`]];
      case 'aws:requestedregion': {
        const known = region();
        return known ? [[known]] : undefined;
      }
      case 'kms:encryptioncontext:aws:s3:arn':
        return undefined;
      default:
        return key.startsWith('kms:encryptioncontext:') ? ABSENT : undefined;
    }
  };
};

const CONTEXT_KEY = CLOUDTRAIL_CONTEXT_KEY.toLowerCase();
