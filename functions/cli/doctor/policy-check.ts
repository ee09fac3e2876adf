import type { Reading } from '../../domain/model/reading.ts';
import { parsePolicy } from '../../domain/policy/document.ts';
import { evaluatePolicy, sentence } from '../../domain/policy/evaluate.ts';
import { quoted } from '../../domain/remediation/formats/shell.ts';
import { type Check, ok, unread, warning, wrong } from './check.ts';
import type { Need } from './existing-question.ts';

export interface PolicyQuestion {
  name: string;
  /** As AWS gives it; null where there is none. */
  policy: Reading<string | null>;
  needs: readonly Need[];
  /** Whose grammar. */
  service: 'kms' | null;
  /** What is said where all is allowed. */
  fine: string;
  /** The action that reads the policy. */
  readBy: string;
  /** The beginning of the command that puts a policy, up to its text. */
  put: string;
}

/**
 * Whether a policy lets those in that the deployment needs. What cannot be decided is a warning, never sound; the command
 * puts the policy as it is with the statements that it lacks, and is written only where no statement refuses.
 */
export const policyCheck = ({ name, policy, needs, service, fine, readBy, put }: PolicyQuestion): Check => {
  const wanted = `Make sure that it has: ${needs.map(({ statement }) => JSON.stringify(statement)).join(', ')}`;
  if (!policy.ok) return { ...unread(name, policy.failure, readBy), fix: wanted };
  const text = policy.value ?? EMPTY;
  const parsed = parsePolicy(text, { service });
  if (!parsed.ok) return warning(name, `its policy cannot be read: ${parsed.detail}`, wanted);
  const judged = needs.map((need) => {
    const decisions = need.requests.map((request) => evaluatePolicy(parsed.document, request));
    const of = (decision: string) => decisions.find((one) => one.decision === decision);
    return { need, decision: of('DENIED') ?? of('UNDECIDED') ?? null };
  });
  const refused = judged.find(({ decision }) => decision?.decision === 'DENIED' && decision.statement !== null);
  if (refused)
    return wrong(
      name,
      `its policy does not let ${refused.need.what}: ${refused.decision?.reason}`,
      `Leave that out of statement ${refused.decision?.statement}, then ask again.`,
    );
  const missing = judged.flatMap(({ need, decision }) => (decision?.decision === 'DENIED' ? [need] : []));
  if (missing.length > 0)
    return wrong(
      name,
      `its policy does not let ${missing.map(({ what }) => what).join(', nor ')}`,
      'The policy as it is, with what it lacks:',
      `${put} ${quoted(withStatements(text, missing))}`,
    );
  const open = judged.find(({ decision }) => decision !== null);
  if (open)
    return warning(
      name,
      `whether its policy lets ${open.need.what} cannot be decided: ${sentence(open.decision?.reason ?? '')}`,
      wanted,
    );
  return ok(name, fine);
};

const EMPTY = '{"Version":"2012-10-17","Statement":[]}';

/** The text of a policy with more statements. */
export const withStatements = (text: string, needs: readonly Pick<Need, 'statement'>[]): string => {
  const policy = JSON.parse(text) as { Statement?: unknown };
  const before = [policy.Statement ?? []].flat();
  return JSON.stringify({ ...policy, Statement: [...before, ...needs.map(({ statement }) => statement)] });
};
