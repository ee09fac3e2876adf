import type { PolicyDocument, PrincipalEntry, Statement } from './document.ts';
import { type Answer, coversAction, coversResource } from './evaluate.ts';
import { type Outsider, outcomeForOutsider } from './fixed-caller.ts';
import { accountOfArn, accountPrincipal } from './principal.ts';
import { ABSENT } from './request.ts';

/** One Allow statement that lets someone read what the key encrypts. */
export interface DecryptGrant {
  statement: string;
  /** Which of `DECRYPTING_ACTIONS` it covers; for an open Principal `kms:PutKeyPolicy` too. */
  actions: string[];
  /** Accounts named as a whole: their own IAM policies decide who. */
  accounts: string[];
  /** Roles, users and sessions by ARN, and the unique ids AWS leaves of deleted ones. */
  principals: string[];
  /** Service principals. */
  services: string[];
  /** Whether anyone at all may use it: an open Principal that no condition and no Deny ties to known callers. */
  unbounded: Answer;
  /** One sentence where `unbounded` is not NO; for an open Principal that is tied, what ties it; else null. */
  reason: string | null;
}

/** Actions another account can be given that lead to plaintext. */
export const DECRYPTING_ACTIONS = ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:CreateGrant'] as const;
/** Inside the key's account alone, where anybody whom no IAM policy lets near the key may then let in whom they like. */
const OPENING_ACTIONS = [...DECRYPTING_ACTIONS, 'kms:PutKeyPolicy'] as const;

/**
 * Who may decrypt under a key policy. For an open Principal (`*`, or Allow with NotPrincipal) only a condition that
 * fixes the caller counts; encryption context alone admits any account.
 */
export const whoMayDecrypt = ({
  policy,
  keyArn,
  organizationId = null,
}: {
  policy: PolicyDocument;
  keyArn: string;
  /** Our `o-…`, where known: then another organization is not bounded. */
  organizationId?: string | null;
}): DecryptGrant[] => {
  const grants: DecryptGrant[] = [];
  for (const statement of policy.statements) {
    if (statement.effect !== 'Allow') continue;
    const leading = isOpen(statement) ? OPENING_ACTIONS : DECRYPTING_ACTIONS;
    const actions = leading.filter((action) => mayCover({ policy, statement, action, keyArn }) !== 'NO');
    if (actions.length === 0) continue;
    grants.push({
      statement: statement.label,
      actions,
      ...named(statement),
      ...openness({ policy, statement, actions, keyArn, organizationId }),
    });
  }
  return grants;
};

interface Coverage {
  policy: PolicyDocument;
  statement: Statement;
  action: string;
  keyArn: string;
}

/** Whether action and resource take in the key; a variable in Resource may, for the outsider picks it. */
export const mayCover = ({ policy, statement, action, keyArn }: Coverage): Answer => {
  if (!coversAction(statement, action)) return 'NO';
  const keyAccount = accountOfArn(keyArn);
  const covered = coversResource(statement, {
    resourceArn: keyArn,
    context: (key) => {
      if (key === 'aws:resourceaccount') return keyAccount ? [[keyAccount]] : undefined;
      return key.startsWith('aws:') ? undefined : ABSENT;
    },
    variables: policy.version === '2012-10-17',
  });
  if (covered === 'UNKNOWN') return 'UNDECIDED';
  return covered === 'TRUE' ? 'YES' : 'NO';
};

const named = ({ principal }: Statement): Pick<DecryptGrant, 'accounts' | 'principals' | 'services'> => {
  const found = { accounts: [] as string[], principals: [] as string[], services: [] as string[] };
  if (principal.negated) return found;
  for (const entry of principal.entries) {
    if (entry.kind === 'ANYONE') continue;
    const account = entry.kind === 'AWS' ? accountPrincipal(entry.value) : null;
    if (account) found.accounts.push(account);
    else if (entry.kind === 'SERVICE') found.services.push(entry.value);
    else found.principals.push(entry.value);
  }
  return found;
};

const isOpenEntry = (entry: PrincipalEntry): boolean => {
  if (entry.kind === 'ANYONE') return true;
  if (entry.kind === 'AWS') return /[*?]/.test(entry.value) && accountOfArn(entry.value) === null;
  return entry.kind !== 'CANONICAL_USER' && entry.value.includes('*');
};

export const isOpen = ({ principal }: Statement): boolean => principal.negated || principal.entries.some(isOpenEntry);

interface Openness {
  policy: PolicyDocument;
  statement: Statement;
  actions: readonly string[];
  keyArn: string;
  organizationId: string | null;
}

const openness = ({
  policy,
  statement,
  actions,
  keyArn,
  organizationId,
}: Openness): Pick<DecryptGrant, 'unbounded' | 'reason'> => {
  const { label } = statement;
  if (!isOpen(statement)) return { unbounded: 'NO', reason: null };
  const variables = policy.version === '2012-10-17';
  let doubt: string | null = null;
  for (const throughService of [false, true]) {
    const outsider = { throughService, variables, organizationId };
    const own = statement.conditions.map((condition) => outcomeForOutsider(condition, outsider));
    if (own.includes('FAILS')) continue;
    for (const action of actions) {
      const denied = denial({ policy, action, keyArn, outsider });
      if (denied.answer === 'YES') continue;
      const through = throughService ? ', by way of an AWS service' : '';
      const unsure = own.includes('UNDECIDED') || mayCover({ policy, statement, action, keyArn }) === 'UNDECIDED';
      if (!unsure && denied.answer === 'NO') {
        const reason = `Statement ${label} gives ${action} to anyone${through}: no condition in it fixes who the caller is.`;
        return { unbounded: 'YES', reason };
      }
      const open = unsure ? label : (denied.statement ?? label);
      doubt ??= `Whether statement ${label} gives ${action} to anyone${through} cannot be decided, because of statement ${open}.`;
    }
  }
  if (doubt) return { unbounded: 'UNDECIDED', reason: doubt };
  return { unbounded: 'NO', reason: `Statement ${label} has an open Principal, and conditions that fix the caller.` };
};

const isAccount = (value: string, accountId: string | undefined): boolean =>
  accountId !== undefined && accountPrincipal(value) === accountId;

/** Whether some Deny surely stops the outsider (YES), surely none (NO), or one that cannot be decided. */
export const denial = ({
  policy,
  action,
  keyArn,
  outsider,
}: {
  policy: PolicyDocument;
  action: string;
  keyArn: string;
  outsider: Outsider;
}): { answer: Answer; statement: string | null } => {
  let doubt: string | null = null;
  for (const statement of policy.statements) {
    if (statement.effect !== 'Deny' || mayCover({ policy, statement, action, keyArn }) !== 'YES') continue;
    // An outsider is whomever no statement names: in every NotPrincipal but an open one, in no Principal but an open one.
    const named = statement.principal.entries.some(
      (entry) => entry.kind === 'ANYONE' || (entry.kind === 'AWS' && isAccount(entry.value, outsider.accountId)),
    );
    if (named === statement.principal.negated) continue;
    const meets = statement.conditions.map((condition) => outcomeForOutsider(condition, outsider));
    if (meets.every((meeting) => meeting === 'HOLDS')) return { answer: 'YES', statement: statement.label };
    if (meets.every((meeting) => meeting === 'HOLDS' || meeting === 'UNDECIDED')) doubt ??= statement.label;
  }
  return doubt ? { answer: 'UNDECIDED', statement: doubt } : { answer: 'NO', statement: null };
};
