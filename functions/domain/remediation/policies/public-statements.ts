import { parsePolicy, type Statement } from '../../policy/document.ts';
import { accountOfArn } from '../../policy/principal.ts';

/**
 * The statements that let anybody in, as far as S3 may call the policy public by them, and those that name somebody of
 * another account. While a policy is public, RestrictPublicBuckets refuses all other accounts, whatever else it says.
 * A condition may make such a statement no public one; which does is S3's to say.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
export function publicStatements(request: { policy: string | null; accountId: string }): {
  open: { label: string; hasCondition: boolean }[];
  outsiders: string[];
} {
  const parsed = request.policy ? parsePolicy(request.policy) : null;
  const allows = parsed?.ok ? parsed.document.statements.filter(({ effect }) => effect === 'Allow') : [];
  return {
    open: allows.filter(isOpen).map(({ label, conditions }) => ({ label, hasCondition: conditions.length > 0 })),
    outsiders: allows.filter((statement) => namesOutsider(statement, request.accountId)).map(({ label }) => label),
  };
}

const isOpen = ({ principal }: Statement): boolean =>
  principal.negated || principal.entries.some(({ kind }) => kind === 'ANYONE');

const namesOutsider = ({ principal }: Statement, accountId: string): boolean =>
  principal.entries.some(
    (entry) =>
      entry.kind === 'CANONICAL_USER' ||
      (entry.kind === 'AWS' && (accountOfArn(entry.value) ?? entry.value) !== accountId),
  );
