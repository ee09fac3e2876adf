import { ACCOUNT_ID } from '../model/arn.ts';
import type { PrincipalEntry, Statement } from './document.ts';
import type { Caller } from './request.ts';
import { anyOf, not, type Truth, truthOf } from './truth.ts';

/** `account`: the statement names the caller's account, so the account's own IAM policies still decide. */
export interface PrincipalMatch {
  truth: Truth;
  account: boolean;
}

/** The account an ARN belongs to (its fifth part), or null. */
export const accountOfArn = (arn: string): string | null => {
  const account = arn.split(':')[4];
  return account && ACCOUNT_ID.test(account) ? account : null;
};

/** The account that a principal names as a whole: `111122223333` or `arn:aws:iam::111122223333:root`; else null. */
export const accountPrincipal = (value: string): string | null => {
  if (ACCOUNT_ID.test(value)) return value;
  return /^arn:[^:*?]+:iam::\d{12}:root$/.test(value) ? accountOfArn(value) : null;
};

/** Whether a statement's Principal or NotPrincipal takes in this caller. */
export const matchPrincipal = ({ principal }: Statement, caller: Caller): PrincipalMatch => {
  const found = principal.entries.map((entry) => matchEntry(entry, caller));
  const truth = anyOf(found.map((match) => match.truth));
  const byName = anyOf(found.filter((match) => !match.account).map((match) => match.truth));
  const account = truth === 'TRUE' && byName !== 'TRUE';
  if (!principal.negated) return { truth, account };
  // Whether naming an account in NotPrincipal exempts each of its users and roles is not documented plainly.
  return { truth: account ? 'UNKNOWN' : not(truth), account: false };
};

const matchEntry = (entry: PrincipalEntry, caller: Caller): PrincipalMatch => {
  const byName = (truth: Truth): PrincipalMatch => ({ truth, account: false });
  if (entry.kind === 'ANYONE') return byName('TRUE');
  if (entry.kind === 'SERVICE') {
    // `{"Service": "*"}` is in nobody's reference.
    if (entry.value.includes('*')) return byName(caller.kind === 'SERVICE' ? 'UNKNOWN' : 'FALSE');
    return byName(truthOf(caller.kind === 'SERVICE' && caller.names.includes(entry.value)));
  }
  if (entry.kind !== 'AWS') return byName('FALSE');
  if (caller.kind === 'SERVICE') return byName('FALSE');
  const account = accountPrincipal(entry.value);
  if (account !== null) return { truth: truthOf(account === accountOfArn(caller.arn)), account: true };
  if (entry.value === caller.arn || isRoleOf(entry.value, caller.arn)) return byName('TRUE');
  // A unique id (AROA…, AIDA…) may be this caller's; a wildcard inside an ARN is nothing AWS stores.
  if (!entry.value.startsWith('arn:') || /[*?]/.test(entry.value)) return byName('UNKNOWN');
  return byName('FALSE');
};

/** `arn:aws:iam::1:role/path/Name` is the role of `arn:aws:sts::1:assumed-role/Name/session`. */
const isRoleOf = (roleArn: string, sessionArn: string): boolean => {
  const [, partition, service, , account, resource] = roleArn.split(':');
  const [, ofPartition, ofService, , ofAccount, ofResource] = sessionArn.split(':');
  if (service !== 'iam' || ofService !== 'sts' || partition !== ofPartition || account !== ofAccount) return false;
  if (!resource?.startsWith('role/') || !ofResource?.startsWith('assumed-role/')) return false;
  return resource.split('/').at(-1) === ofResource.split('/')[1];
};
