import { LIMITS } from '../../limits/limits.ts';

/** A statement as it stands in a policy document. */
export interface PolicyStatement {
  Sid: string;
  Effect: 'Allow' | 'Deny';
  Principal?: Record<string, string | string[]> | '*';
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

export interface PolicyText {
  Version: '2012-10-17';
  Statement: PolicyStatement[];
}

export type MergedPolicy = { ok: true; policy: string; changed: boolean } | { ok: false; reason: string };

/** A statement, exactly as it stands, and what it becomes; null: it goes. */
export interface Replacement {
  from: Record<string, unknown>;
  to: Record<string, unknown> | null;
}

/**
 * The policy with our statements added, under a Sid that is free, unless one that says the same is there. All others
 * stay as they are, those of an earlier fix too, except those in `replace`. A policy that cannot be read is never replaced.
 */
export function mergedPolicy(request: {
  current: string | null;
  statements: readonly PolicyStatement[];
  replace?: readonly Replacement[];
}): MergedPolicy {
  if (request.current === null) {
    const policy: PolicyText = { Version: '2012-10-17', Statement: [...request.statements] };
    return { ok: true, policy: JSON.stringify(policy), changed: true };
  }
  const current = objectIn(request.current);
  if (current === null) return { ok: false, reason: 'The policy that is there cannot be read, so it is not replaced.' };
  const statements = statementsOf(current).flatMap((statement) => {
    const found = request.replace?.find(({ from }) => canonical(from) === canonical(statement));
    return found === undefined ? [statement] : found.to === null ? [] : [found.to];
  });
  for (const ours of request.statements) {
    if (statements.some((s) => bare(s) === bare(ours))) continue;
    statements.push({ ...ours, Sid: freeSid(ours.Sid, statements) });
  }
  const policy = JSON.stringify({ ...current, Statement: statements });
  if (new TextEncoder().encode(policy).length > LIMITS.policy.most) {
    return { ok: false, reason: 'With these statements the policy would be longer than the 32 KB that AWS stores.' };
  }
  return { ok: true, policy, changed: policy !== JSON.stringify(current) };
}

/** The statements of a policy's text, or null where it cannot be read. */
export function readStatements(text: string): Record<string, unknown>[] | null {
  const policy = objectIn(text);
  return policy === null ? null : statementsOf(policy);
}

const statementsOf = ({ Statement }: Record<string, unknown>): Record<string, unknown>[] =>
  (Array.isArray(Statement) ? Statement : Statement === undefined ? [] : [Statement]) as Record<string, unknown>[];

/** What a statement says, whatever its Sid: a list of one is that one, as AWS stores it. */
const bare = (statement: object): string => {
  const { Sid: _, ...rest } = statement as Record<string, unknown>;
  return canonical(flat(rest));
};

const flat = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 1 ? flat(value[0]) : value.map(flat);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, flat(item)]));
};

/** JSON with its keys in order: equal texts, equal values. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );

function freeSid(sid: string, statements: readonly Record<string, unknown>[]): string {
  const taken = new Set(statements.map((s) => s.Sid));
  let free = sid;
  for (let n = 2; taken.has(free); n += 1) free = `${sid}${n}`;
  return free;
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
