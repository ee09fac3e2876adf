import { LIMITS } from '../limits/limits.ts';

/** A resource policy as far as it could be read. Order is kept; nothing is interpreted yet. */
export interface PolicyDocument {
  version: '2012-10-17' | '2008-10-17';
  statements: Statement[];
}

export interface Statement {
  /** How reports name it: its Sid, else `Statement[2]` (counted from 0). Untrusted text, cut to 100 characters. */
  label: string;
  effect: 'Allow' | 'Deny';
  /** `negated` for NotPrincipal, NotAction, NotResource. */
  principal: { negated: boolean; entries: PrincipalEntry[] };
  action: { negated: boolean; patterns: string[] };
  resource: { negated: boolean; patterns: string[] };
  conditions: Condition[];
}

export type PrincipalEntry =
  | { kind: 'ANYONE' }
  | { kind: 'AWS' | 'SERVICE' | 'FEDERATED' | 'CANONICAL_USER'; value: string };

/** One key under one operator: `{"StringEquals": {"aws:SourceArn": ["…"]}}`. */
export interface Condition {
  /** As written, e.g. `ForAnyValue:StringLikeIfExists`. */
  operator: string;
  /** As written. */
  key: string;
  values: string[];
}

export type ParsedPolicy =
  | { ok: true; document: PolicyDocument }
  | { ok: false; reason: 'NOT_JSON' | 'TOO_LARGE' | 'MALFORMED'; detail: string };

class Malformed extends Error {}

/**
 * Reads the text of a resource policy. Never throws: text that is not JSON, is larger than 32 KB, or is not shaped
 * like a policy gives the reason and one sentence. Elements outside the grammar are refused rather than passed over,
 * since an unknown element may narrow a statement.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export const parsePolicy = (
  text: string,
  { service = null }: { /** Whose grammar: KMS passes over what others refuse. */ service?: 'kms' | null } = {},
): ParsedPolicy => {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > LIMITS.policy.most) {
    const detail = `the policy is ${bytes} bytes long, and ${LIMITS.policy.most} is the most AWS stores`;
    return { ok: false, reason: 'TOO_LARGE', detail };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'NOT_JSON', detail: 'the policy is not JSON' };
  }
  try {
    return { ok: true, document: readDocument(value, service === 'kms') };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, reason: 'MALFORMED', detail: error.message };
  }
};

/** Own entries only, and only those named: `__proto__` and the like are elements nobody knows. */
const elementsOf = (value: unknown, where: string, known: readonly string[]): Map<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(`${where} is not an object`);
  const elements = new Map<string, unknown>(Object.entries(value));
  for (const name of elements.keys()) {
    if (!known.includes(name)) throw new Malformed(`${where} has an element ${quote(name)} that policies do not have`);
  }
  return elements;
};

const quote = (text: string): string => JSON.stringify(text.slice(0, 100));

const readDocument = (value: unknown, passOverIncomplete: boolean): PolicyDocument => {
  const elements = elementsOf(value, 'the policy', ['Version', 'Id', 'Statement']);
  const version = elements.get('Version') ?? '2008-10-17';
  if (version !== '2012-10-17' && version !== '2008-10-17')
    throw new Malformed('the policy has a Version that is not known');
  const given = elements.get('Statement');
  if (given === undefined) throw new Malformed('the policy has no Statement');
  const list = Array.isArray(given) ? given : [given];
  const complete = (statement: unknown): boolean => !passOverIncomplete || !lacksActionOrResource(statement);
  return {
    version,
    statements: list.flatMap((item, index) => (complete(item) ? [readStatement(item, index)] : [])),
  };
};

/**
 * KMS stores a statement without Resource or without Action, and the statement has no effect.
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
const lacksActionOrResource = (statement: unknown): boolean => {
  if (typeof statement !== 'object' || statement === null || Array.isArray(statement)) return false;
  const has = (name: string): boolean => Object.hasOwn(statement, name) || Object.hasOwn(statement, `Not${name}`);
  return !has('Action') || !has('Resource');
};

const STATEMENT = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
] as const;

const readStatement = (value: unknown, index: number): Statement => {
  const at = `Statement[${index}]`;
  const elements = elementsOf(value, at, STATEMENT);
  const sid = elements.get('Sid');
  if (sid !== undefined && typeof sid !== 'string') throw new Malformed(`${at} has a Sid that is not text`);
  const effect = elements.get('Effect');
  if (effect !== 'Allow' && effect !== 'Deny') throw new Malformed(`${at} has an Effect other than Allow or Deny`);
  const principal = oneOf(elements, at, 'Principal');
  const action = oneOf(elements, at, 'Action');
  const resource = oneOf(elements, at, 'Resource');
  return {
    label: sid ? sid.slice(0, 100) : at,
    effect,
    principal: { negated: principal.negated, entries: readPrincipal(principal.value, at) },
    action: { negated: action.negated, patterns: strings(action.value, `${at} Action`) },
    resource: { negated: resource.negated, patterns: strings(resource.value, `${at} Resource`) },
    conditions: readConditions(elements.get('Condition'), at),
  };
};

const oneOf = (elements: Map<string, unknown>, at: string, name: string): { negated: boolean; value: unknown } => {
  const plain = elements.get(name);
  const negated = elements.get(`Not${name}`);
  if ((plain === undefined) === (negated === undefined)) {
    throw new Malformed(`${at} needs either ${name} or Not${name}`);
  }
  return plain === undefined ? { negated: true, value: negated } : { negated: false, value: plain };
};

const strings = (value: unknown, where: string): string[] => {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item !== 'string') throw new Malformed(`${where} is not text or a list of texts`);
    return item;
  });
};

const PRINCIPAL_KINDS = new Map([
  ['AWS', 'AWS'],
  ['Service', 'SERVICE'],
  ['Federated', 'FEDERATED'],
  ['CanonicalUser', 'CANONICAL_USER'],
] as const);

const readPrincipal = (value: unknown, at: string): PrincipalEntry[] => {
  if (value === '*') return [{ kind: 'ANYONE' }];
  const elements = elementsOf(value, `${at} Principal`, [...PRINCIPAL_KINDS.keys()]);
  const entries: PrincipalEntry[] = [];
  for (const [name, kind] of PRINCIPAL_KINDS) {
    if (!elements.has(name)) continue;
    for (const entry of strings(elements.get(name), `${at} Principal ${name}`)) {
      entries.push(kind === 'AWS' && entry === '*' ? { kind: 'ANYONE' } : { kind, value: entry });
    }
  }
  return entries;
};

const readConditions = (value: unknown, at: string): Condition[] => {
  if (value === undefined) return [];
  const conditions: Condition[] = [];
  for (const [operator, keys] of objectEntries(value, `${at} Condition`)) {
    for (const [key, values] of objectEntries(keys, `${at} Condition ${quote(operator)}`)) {
      conditions.push({ operator, key, values: scalars(values, `${at} Condition ${quote(key)}`) });
    }
  }
  return conditions;
};

const objectEntries = (value: unknown, where: string): [string, unknown][] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Malformed(`${where} is not an object`);
  return Object.entries(value);
};

const scalars = (value: unknown, where: string): string[] => {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === 'string') return item;
    if (typeof item === 'number' || typeof item === 'boolean') return String(item);
    throw new Malformed(`${where} has a value that is not text, a number or a boolean`);
  });
};
