import { ACCOUNT_ID } from '../model/arn.ts';
import { evaluateCondition, type Operator, readOperator } from './condition.ts';
import type { Condition } from './document.ts';
import { ABSENT } from './request.ts';

/**
 * How a condition meets an outsider, who picks whatever a caller of any account can pick:
 * - `HOLDS` always · `FAILS` always: it fixes who the caller is, and the outsider is not it
 * - `EITHER`: the outsider can arrange for both
 * - `UNDECIDED`: the operator is not known, or makes no sense on a key that names the caller
 */
export type OutsiderOutcome = 'HOLDS' | 'FAILS' | 'EITHER' | 'UNDECIDED';

export interface Outsider {
  /** Whether the outsider comes as themselves or makes an AWS service ask for them. */
  throughService: boolean;
  /** Whether the policy's version has variables. */
  variables: boolean;
  /** Our `o-…`, where known: a condition that fixes the caller to another organization keeps no outsider out. */
  organizationId?: string | null;
  /** The account they come from, where it is one in particular; without it nobody knows it. */
  accountId?: string;
}

/** The keys that hold the caller's account. */
export const ACCOUNT_KEYS: ReadonlySet<string> = new Set(['kms:calleraccount', 'aws:principalaccount']);

/** One 12-digit account. */
const isAccount = (value: string): boolean => ACCOUNT_ID.test(value);
/** `o-…`; for a path its first part. */
const isOrganization = (value: string): boolean => /^o-[a-z0-9]{10,32}$/.test(value);

/**
 * The keys that say who is calling, each with what a value must be to fix the caller. Encryption context, ViaService,
 * addresses, networks, tags and dates are not among them: an account nobody knows can bring any of those.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
const CALLER_KEYS = new Map<string, (value: string, operator: Operator) => boolean>([
  ['kms:calleraccount', isAccount],
  ['aws:principalaccount', isAccount],
  ['aws:sourceaccount', isAccount],
  ['aws:principalorgid', isOrganization],
  ['aws:sourceorgid', isOrganization],
  ['aws:principalorgpaths', (value) => isOrganization(value.split('/')[0] ?? '')],
  ['aws:sourceorgpaths', (value) => isOrganization(value.split('/')[0] ?? '')],
  ['aws:principalarn', (value, operator) => arnNamesItsAccount(value, operator, false)],
  ['aws:sourcearn', (value, operator) => arnNamesItsAccount(value, operator, true)],
  ['aws:principalservicename', (value) => !/[*?]/.test(value)],
  // `AROA…:*` is every session of one role.
  ['aws:userid', (value) => /^A(ROA|IDA)[A-Z0-9]{12,}(:.*)?$/.test(value) || isAccount(value)],
]);

/** Values that mean the key's own account or organization, in a condition on the caller's, or the other way round. */
const SAME_AS_RESOURCE = new Map([
  ['aws:resourceaccount', ['${aws:principalaccount}', '${kms:calleraccount}']],
  ['aws:resourceorgid', ['${aws:principalorgid}']],
  ['aws:principalaccount', ['${aws:resourceaccount}']],
  ['kms:calleraccount', ['${aws:resourceaccount}']],
  ['aws:sourceaccount', ['${aws:resourceaccount}']],
  ['aws:principalorgid', ['${aws:resourceorgid}']],
  ['aws:sourceorgid', ['${aws:resourceorgid}']],
]);

/**
 * Arn operators compare part by part; in a String operator a wildcard runs across colons, and the path of a role may
 * itself hold colons, so there only the region of a service's ARN may be open before the account.
 */
const arnNamesItsAccount = (value: string, operator: Operator, regionMayBeOpen: boolean): boolean => {
  if (!/[*?]/.test(value)) return true;
  const [, partition = '', service = '', region = '', account = ''] = value.split(':');
  if (!isAccount(account)) return false;
  if (operator.family === 'ARN') return true;
  return !/[*?]/.test(`${partition}${service}${regionMayBeOpen ? '' : region}`);
};

export const outcomeForOutsider = (condition: Condition, outsider: Outsider): OutsiderOutcome => {
  const operator = readOperator(condition.operator);
  if (!operator) return 'UNDECIDED';
  const key = condition.key.toLowerCase();
  if (key === 'aws:principalisawsservice') return meetsAsService(condition, outsider);
  const sameAs = outsider.variables ? SAME_AS_RESOURCE.get(key) : undefined;
  const isSame = (value: string) => sameAs?.includes(value.toLowerCase()) ?? false;
  const fixes = CALLER_KEYS.get(key) ?? (sameAs && condition.values.some(isSame) ? () => false : undefined);
  if (!fixes || operator.family === 'NULL') return 'EITHER';
  if (outsider.accountId !== undefined && ACCOUNT_KEYS.has(key) && !condition.values.some((v) => v.includes('${'))) {
    return meetsFromAccount(condition, outsider.accountId, outsider.variables);
  }
  if (operator.family !== 'STRING' && operator.family !== 'ARN') return 'UNDECIDED';
  const exact = operator.base === 'stringequals' || operator.base === 'stringequalsignorecase';
  const open = condition.values.some((value) => {
    if (isSame(value)) return false;
    if (outsider.variables && value.includes('${')) return true;
    // In StringEquals a `*` is a character, which no account, organization or ARN of a caller has.
    if (ORGANIZATION_KEYS.has(key) && isForeign(value, outsider)) return true;
    // A role of the account that a wildcard takes in; one that is named is not just anybody there.
    if (key === 'aws:principalarn' && !exact && outsider.accountId !== undefined && /[*?]/.test(value))
      return value.split(':')[4] === outsider.accountId || !fixes(value, operator);
    return !(exact && /[*?]/.test(value)) && !fixes(value, operator);
  });
  // KMS knows the account of every caller: IfExists changes nothing.
  return verdict(key === 'kms:calleraccount' ? { ...operator, ifExists: false } : operator, open);
};

const ORGANIZATION_KEYS = new Set([
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
]);

const isForeign = (value: string, { organizationId }: Outsider): boolean => {
  const named = value.split('/')[0] ?? '';
  return organizationId != null && isOrganization(named) && named !== organizationId;
};

/** The outsider can bring a value that matches (`open`) or not, or none at all. */
const verdict = ({ negated, set, ifExists }: Operator, open: boolean): OutsiderOutcome => {
  if (open) return 'EITHER';
  if (negated) return set === 'FOR_ANY' ? 'EITHER' : 'HOLDS';
  // An absent key satisfies these, and nothing says it must be there.
  return ifExists || set === 'FOR_ALL' ? 'EITHER' : 'FAILS';
};

const meetsFromAccount = (condition: Condition, accountId: string, variables: boolean): OutsiderOutcome => {
  const { truth } = evaluateCondition(condition, { context: () => [[accountId]], variables });
  if (truth === 'UNKNOWN') return 'UNDECIDED';
  return truth === 'TRUE' ? 'HOLDS' : 'FAILS';
};

const meetsAsService = (condition: Condition, { throughService, variables }: Outsider): OutsiderOutcome => {
  const { truth } = evaluateCondition(condition, {
    context: (key) => (key === 'aws:principalisawsservice' ? [[String(throughService)]] : ABSENT),
    variables,
  });
  if (truth === 'UNKNOWN') return 'UNDECIDED';
  return truth === 'TRUE' ? 'HOLDS' : 'FAILS';
};
