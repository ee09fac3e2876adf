import { readOperator } from './condition.ts';
import { type DecryptGrant, whoMayDecrypt } from './decrypt-grants.ts';
import type { PolicyDocument, Statement } from './document.ts';
import { accountOfArn, accountPrincipal } from './principal.ts';

/** What a value of these condition keys means, where a condition ties an open Principal to callers. */
const CALLERS: Record<string, (value: string) => string | null> = {
  'kms:calleraccount': accountPrincipal,
  'aws:principalaccount': accountPrincipal,
  'aws:sourceaccount': accountPrincipal,
  'aws:principalorgid': (value) => value,
  'aws:sourceorgid': (value) => value,
  'aws:principalorgpaths': (value) => value.split('/')[0] ?? null,
  'aws:sourceorgpaths': (value) => value.split('/')[0] ?? null,
  'aws:principalarn': (value) => value,
  'aws:sourcearn': (value) => value,
};

/**
 * Who outside the key's own account its key policy lets decrypt, or give out grants to, sorted: `*` for anyone, an
 * account id for the whole account (its own IAM policies decide who), an ARN, or `o-…` for every principal of an
 * organization. `* (statement)` is an open Principal whose conditions name no caller that can be read. Statements that
 * deny are not taken off, and neither are AWS services counted: they act for their callers.
 */
export function externalReaders(request: {
  policy: PolicyDocument;
  keyArn: string;
  organizationId: string | null;
  /** Who may decrypt, where that was found out before. */
  grants?: readonly DecryptGrant[];
}): string[] {
  const { policy, keyArn, grants = whoMayDecrypt(request) } = request;
  const own = accountOfArn(keyArn);
  const found = new Set<string>();
  for (const { statement: label, actions, accounts, principals, unbounded, reason } of grants) {
    // Nobody outside the key's account can change its policy, whatever the policy says.
    if (actions.every((action) => action === 'kms:PutKeyPolicy')) continue;
    for (const account of accounts) if (account !== own) found.add(account);
    for (const principal of principals) {
      // What AWS leaves of a deleted role or user is no ARN, and nobody.
      if (principal.startsWith('arn:') && accountOfArn(principal) !== own) found.add(principal);
    }
    if (unbounded !== 'NO') found.add(unbounded === 'YES' ? '*' : `* (${label})`);
    else if (reason !== null) {
      const statement = policy.statements.find((candidate) => candidate.label === label);
      const tied = statement ? callersIn(statement) : [];
      for (const caller of tied.length > 0 ? tied : [`* (${label})`])
        if (caller !== own && accountOfArn(caller) !== own) found.add(caller);
    }
  }
  return [...found].sort();
}

const callersIn = ({ conditions }: Statement): string[] =>
  conditions.flatMap(({ key, operator, values }) => {
    const read = CALLERS[key.toLowerCase()];
    if (!read || readOperator(operator)?.negated !== false) return [];
    return values.flatMap((value) => read(value) ?? []);
  });
