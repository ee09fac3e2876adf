import { ACCOUNT_ID } from '../model/arn.ts';
import { DECRYPTING_ACTIONS, denial, isOpen, mayCover } from './decrypt-grants.ts';
import type { Condition, PolicyDocument, Statement } from './document.ts';
import type { Answer } from './evaluate.ts';
import { ACCOUNT_KEYS, type Outsider, outcomeForOutsider } from './fixed-caller.ts';
import { accountOfArn, accountPrincipal } from './principal.ts';

/** An account as a whole that may decrypt, though it is not ours, or nobody knows whether it is. */
export interface ForeignDecrypt {
  accountId: string;
  statement: string;
  action: string;
  /** UNDECIDED where a condition or a Deny cannot be decided. */
  admitted: Exclude<Answer, 'NO'>;
  /** null where the organization could not be listed. */
  isOurs: false | null;
}

/**
 * Accounts outside the organization whose every principal may decrypt, as far as their own administrators let them: named
 * as Principal, or under an open Principal wherever the policy fixes the caller's account. A role or user that the policy
 * names is bounded, whose ever it is.
 */
export const foreignDecrypts = ({
  policy,
  keyArn,
  organizationId,
  isOurs,
}: {
  policy: PolicyDocument;
  keyArn: string;
  organizationId: string | null;
  /** In the organization or trusted; null where that is not known. */
  isOurs: (accountId: string) => boolean | null;
}): ForeignDecrypt[] => {
  const variables = policy.version === '2012-10-17';
  const found: ForeignDecrypt[] = [];
  // An open Principal lets in whom its own conditions, or the exemptions of a Deny, name.
  const mentioned = policy.statements.flatMap((statement) => [
    ...accountsNamed(statement),
    ...statement.conditions.flatMap(accountsFixed),
  ]);
  for (const statement of policy.statements) {
    if (statement.effect !== 'Allow') continue;
    for (const accountId of new Set(isOpen(statement) ? mentioned : accountsNamed(statement))) {
      const ours = accountId === accountOfArn(keyArn) || isOurs(accountId);
      if (ours === true) continue;
      const outsider: Outsider = { throughService: false, variables, organizationId, accountId };
      const meets = statement.conditions.map((condition) => outcomeForOutsider(condition, outsider));
      if (meets.includes('FAILS')) continue;
      for (const action of DECRYPTING_ACTIONS) {
        const covered = mayCover({ policy, statement, action, keyArn });
        const denied = denial({ policy, action, keyArn, outsider });
        if (covered === 'NO' || denied.answer === 'YES') continue;
        const sure = covered === 'YES' && denied.answer === 'NO' && !meets.includes('UNDECIDED');
        const admitted = sure ? 'YES' : 'UNDECIDED';
        found.push({ accountId, statement: statement.label, action, admitted, isOurs: ours });
        break;
      }
    }
  }
  return found;
};

/** Accounts that the principal names as a whole. */
const accountsNamed = ({ principal }: Statement): string[] =>
  principal.entries.flatMap((entry) => (entry.kind === 'AWS' ? (accountPrincipal(entry.value) ?? []) : []));

/** Accounts in a condition's values: alone, or in the ARN of any role or user of theirs. */
const accountsFixed = ({ key, values }: Condition): string[] => {
  const name = key.toLowerCase();
  if (ACCOUNT_KEYS.has(name)) return values.filter((value) => ACCOUNT_ID.test(value));
  if (name !== 'aws:principalarn') return [];
  return values.flatMap((value) => (/[*?]/.test(value) ? (accountOfArn(value) ?? []) : []));
};
