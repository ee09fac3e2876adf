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

/**
 * The policy with our statements in place: a statement of ours that is there already (same Sid) is renewed, all others
 * stay as they are, except those named in `drop` (by Sid). A policy that cannot be read is never replaced.
 */
export function mergedPolicy(request: {
  current: string | null;
  statements: readonly PolicyStatement[];
  drop?: readonly string[];
}): MergedPolicy {
  if (request.current === null) {
    const policy: PolicyText = { Version: '2012-10-17', Statement: [...request.statements] };
    return { ok: true, policy: JSON.stringify(policy), changed: true };
  }
  const current = objectIn(request.current);
  if (current === null) return { ok: false, reason: 'The policy that is there cannot be read, so it is not replaced.' };
  const ours = new Set([...request.statements.map((s) => s.Sid), ...(request.drop ?? [])]);
  const given = current.Statement;
  const kept = (Array.isArray(given) ? given : given === undefined ? [] : [given]).filter((s) => !ours.has(sidOf(s)));
  const policy = JSON.stringify({ ...current, Statement: [...kept, ...request.statements] });
  if (new TextEncoder().encode(policy).length > LIMITS.policy.most) {
    return { ok: false, reason: 'With these statements the policy would be longer than the 32 KB that AWS stores.' };
  }
  return { ok: true, policy, changed: policy !== JSON.stringify(current) };
}

const sidOf = (statement: unknown): string => {
  const sid = typeof statement === 'object' && statement !== null ? Reflect.get(statement, 'Sid') : undefined;
  return typeof sid === 'string' ? sid : '';
};

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
