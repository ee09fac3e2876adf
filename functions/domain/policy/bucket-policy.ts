import { evaluateCondition, readOperator } from './condition.ts';
import { type ParsedPolicy, parsePolicy, type Statement } from './document.ts';
import { type Answer, coversAction, coversResource } from './evaluate.ts';
import type { ContextReader, KeyState } from './request.ts';

export interface BucketPolicyAnswer {
  verdict: Answer;
  /** The statement that decides or leaves it open; null where none does. */
  statement: string | null;
  /** One sentence. */
  reason: string;
}

export interface BucketPolicyQuestion {
  /** As GetBucketPolicy gives it; null where the bucket has none. */
  policyText: string | null;
  bucket: string;
  partition: string;
}

/** Characters that no policy can spell and no `?` can count out: only a `*` takes in an object of this name. */
const ANY_OBJECT = '\u0000'.repeat(50);

/** What must be refused without TLS: reading, writing and listing. `s3:*` covers them all. */
const PROBES = [
  ['s3:GetObject', `/${ANY_OBJECT}`],
  ['s3:GetObjectVersion', `/${ANY_OBJECT}`],
  ['s3:PutObject', `/${ANY_OBJECT}`],
  ['s3:DeleteObject', `/${ANY_OBJECT}`],
  ['s3:ListBucket', ''],
] as const;

/**
 * Does the bucket policy refuse everyone who comes without TLS, for the bucket and all of its objects? An Allow that
 * asks for TLS does not count: the account's own IAM policies would still let its people in without.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
 */
export const tlsOnly = ({ policyText, bucket, partition }: BucketPolicyQuestion): BucketPolicyAnswer => {
  const parsed = read(policyText);
  if (!parsed.ok) return parsed.answer;
  const { version, statements } = parsed.document;
  const denies = statements.filter(({ effect }) => effect === 'Deny');
  let decisive: string | null = null;
  let doubt: { statement: string; reason: string } | null = null;
  let missing: string | null = null;
  for (const [action, suffix] of PROBES) {
    const bucketArn = `arn:${partition}:s3:::${bucket}`;
    const variables = version === '2012-10-17';
    const resourceArn = `${bucketArn}${suffix}`;
    /** Some object is refused by no statement, whatever else cannot be decided. */
    let reached = false;
    const ask = (statement: Statement, arn: string) =>
      refusesPlainHttp({ statement, action, resourceArn: arn, variables });
    // A statement that leaves objects out refuses all of them only together with one that takes in what it leaves out.
    const refusesAll = (statement: Statement): Answer => {
      const answer = ask(statement, resourceArn);
      const left = answer === 'NO' || !suffix ? [] : leftOut(statement, `${bucketArn}/`);
      const others = left.map((arn) => {
        const answers = denies.map((deny) => ({ deny, answer: ask(deny, arn) }));
        if (answers.every((other) => other.answer === 'NO')) {
          reached = true;
          return 'NO';
        }
        const whole = answers.some((other) => other.answer === 'YES' && !other.deny.resource.negated);
        return whole ? 'YES' : 'UNDECIDED';
      });
      return (['NO', 'UNDECIDED'] as const).find((worst) => [answer, ...others].includes(worst)) ?? 'YES';
    };
    const meets = denies.map((statement) => ({ statement: statement.label, meets: refusesAll(statement) }));
    const refusing = meets.find((found) => found.meets === 'YES');
    const open = reached ? undefined : meets.find((found) => found.meets === 'UNDECIDED');
    if (refusing) decisive ??= refusing.statement;
    else if (open) {
      const reason = `Whether statement ${open.statement} refuses ${action} without TLS cannot be decided.`;
      doubt ??= { statement: open.statement, reason };
    } else missing ??= `${action} on ${suffix ? 'every object' : 'the bucket'}`;
  }
  if (missing)
    return { verdict: 'NO', statement: null, reason: `No statement refuses ${missing} to everyone without TLS.` };
  if (doubt) return { verdict: 'UNDECIDED', ...doubt };
  return { verdict: 'YES', statement: decisive, reason: `Statement ${decisive} refuses requests without TLS.` };
};

/** An object for each pattern of NotResource that can name one in the bucket: what the statement leaves out. */
const leftOut = ({ resource }: Statement, bucketPrefix: string): string[] => {
  if (!resource.negated) return [];
  return resource.patterns.flatMap((pattern) => objectUnder(pattern, bucketPrefix) ?? []);
};

/**
 * The widest object that starts with `prefix` and that the pattern takes in; null where there is none. A variable may
 * be anything.
 */
const objectUnder = (text: string, prefix: string): string | null => {
  const pattern = text.replace(/\$\{([*?$])\}/g, '$1').replace(/\$\{[^}]*\}/g, '*');
  const rest = (at: number): string =>
    pattern.slice(at).replaceAll('*', ANY_OBJECT).replaceAll('?', ANY_OBJECT.charAt(0));
  // Where in the pattern each character of the prefix may have been taken in, the earliest first.
  let places = new Set([0]);
  const skipStars = (at: number): number[] => (pattern[at] === '*' ? [at, ...skipStars(at + 1)] : [at]);
  for (const character of prefix) {
    const next = new Set<number>();
    for (const at of [...places].flatMap(skipStars)) {
      if (pattern[at] === '*') next.add(at);
      else if (pattern[at] === '?' || pattern[at] === character) next.add(at + 1);
    }
    places = next;
  }
  const [first] = [...places].sort((a, b) => a - b);
  return first === undefined ? null : `${prefix}${rest(first)}`;
};

interface PlainHttp {
  statement: Statement;
  action: string;
  resourceArn: string;
  variables: boolean;
}

const refusesPlainHttp = ({ statement, action, resourceArn, variables }: PlainHttp): Answer => {
  if (!coversAction(statement, action)) return 'NO';
  const covered = coversResource(statement, { resourceArn, context: plainHttp, variables });
  if (covered === 'FALSE' || (covered === 'UNKNOWN' && !statement.resource.negated)) return 'NO';
  const { principal, conditions } = statement;
  const everyone = principal.entries.some(({ kind }) => kind === 'ANYONE');
  // NotPrincipal lets whom it lists come without TLS; AWS services do not.
  if (principal.negated ? principal.entries.some(({ kind }) => kind !== 'SERVICE') : !everyone) return 'NO';
  let answer: Answer = principal.negated || covered === 'UNKNOWN' ? 'UNDECIDED' : 'YES';
  for (const condition of conditions) {
    const { truth } = evaluateCondition(condition, { context: plainHttp, variables });
    if (truth === 'TRUE') continue;
    // A condition on anything else lets some requests without TLS pass.
    const decidable = readOperator(condition.operator) !== null && plainHttp(condition.key.toLowerCase()) === undefined;
    if (truth === 'FALSE' || decidable) return 'NO';
    answer = 'UNDECIDED';
  }
  return answer;
};

const PLAIN_HTTP = new Map<string, readonly KeyState[]>([
  ['aws:securetransport', [['false']]],
  // AWS does not say whether a request without TLS carries a version, so one that only asks for 1.2 is undecided.
  ['s3:tlsversion', [null, ['0']]],
  // Exempting AWS services is common and safe: they come over TLS.
  ['aws:principalisawsservice', [['false']]],
  ['aws:viaawsservice', [['false']]],
]);

const plainHttp: ContextReader = (key) => PLAIN_HTTP.get(key);

const read = (
  policyText: string | null,
): Extract<ParsedPolicy, { ok: true }> | { ok: false; answer: BucketPolicyAnswer } => {
  if (policyText === null) {
    return { ok: false, answer: { verdict: 'NO', statement: null, reason: 'The bucket has no policy.' } };
  }
  const parsed = parsePolicy(policyText);
  if (parsed.ok) return parsed;
  const reason = `The bucket policy cannot be read: ${parsed.detail}.`;
  return { ok: false, answer: { verdict: 'UNDECIDED', statement: null, reason } };
};
