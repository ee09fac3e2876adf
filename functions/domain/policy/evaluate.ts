import { evaluateCondition } from './condition.ts';
import type { PolicyDocument, Statement } from './document.ts';
import { compile, matches, matchesWildcard } from './pattern.ts';
import { matchPrincipal } from './principal.ts';
import type { PolicyRequest } from './request.ts';
import { anyOf, not, type Truth, truthOf } from './truth.ts';

/**
 * What the policy by itself says of a request. `statement` names the one that decides or leaves it open (null: no
 * statement allows it); `reason` is a sentence. `delegated`: allowed through the caller's account, whose own IAM
 * policies still decide.
 */
export type Decision =
  | { decision: 'ALLOWED'; statement: string; delegated: boolean; reason: string }
  | { decision: 'DENIED'; statement: string | null; reason: string }
  | { decision: 'UNDECIDED'; statement: string; reason: string };

/** A question's answer: what cannot be decided is neither. */
export type Answer = 'YES' | 'NO' | 'UNDECIDED';

export const answerOf = ({ decision }: Decision): Answer => {
  if (decision === 'ALLOWED') return 'YES';
  return decision === 'DENIED' ? 'NO' : 'UNDECIDED';
};

/** A reason as a sentence of a report. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Whether a statement applies to a request; `doubt` says why where that is UNKNOWN. */
export interface StatementMatch {
  truth: Truth;
  doubt: string | null;
  account: boolean;
}

/** Action and NotAction compare without regard to case, with wildcards. */
export const coversAction = ({ action }: Statement, name: string): boolean => {
  const wanted = name.toLowerCase();
  return action.patterns.some((pattern) => matchesWildcard(pattern.toLowerCase(), wanted)) !== action.negated;
};

/** Whether Resource or NotResource takes in this ARN; variables come from the request. */
export const coversResource = (
  { resource }: Statement,
  { resourceArn, context, variables }: Pick<PolicyRequest, 'resourceArn' | 'context'> & { variables: boolean },
): Truth => {
  const found = anyOf(
    resource.patterns.map((text): Truth => {
      const compiled = compile(text, { wildcards: true, variables: variables ? context : null });
      if ('unresolved' in compiled) return compiled.unresolved === 'ABSENT' && !resource.negated ? 'FALSE' : 'UNKNOWN';
      return truthOf(matches(compiled.pattern, resourceArn));
    }),
  );
  return resource.negated ? not(found) : found;
};

export const matchStatement = (
  document: PolicyDocument,
  statement: Statement,
  request: PolicyRequest,
): StatementMatch => {
  const no: StatementMatch = { truth: 'FALSE', doubt: null, account: false };
  const variables = document.version === '2012-10-17';
  if (!coversAction(statement, request.action)) return no;
  const resource = coversResource(statement, { ...request, variables });
  if (resource === 'FALSE') return no;
  const principal = matchPrincipal(statement, request.caller);
  if (principal.truth === 'FALSE') return no;
  let doubt: string | null = null;
  if (resource === 'UNKNOWN') doubt = 'its Resource names a variable that is not known';
  if (principal.truth === 'UNKNOWN') doubt = 'whether its principal is the caller cannot be decided';
  for (const condition of statement.conditions) {
    const result = evaluateCondition(condition, { context: request.context, variables });
    if (result.truth === 'FALSE') return no;
    if (result.truth === 'UNKNOWN') doubt ??= result.doubt;
  }
  return { truth: doubt === null ? 'TRUE' : 'UNKNOWN', doubt, account: principal.account };
};

/**
 * Deny before Allow, in three values: a Deny that applies decides; one that may apply leaves what some statement
 * would allow undecided; without a statement that allows it, it is denied.
 */
export const evaluatePolicy = (document: PolicyDocument, request: PolicyRequest): Decision => {
  const found = document.statements.map((statement) => ({
    statement,
    ...matchStatement(document, statement, request),
  }));
  const denies = found.filter(({ statement }) => statement.effect === 'Deny');
  const allows = found.filter(({ statement, truth }) => statement.effect === 'Allow' && truth !== 'FALSE');
  const denied = denies.find(({ truth }) => truth === 'TRUE');
  if (denied) {
    const { label } = denied.statement;
    return { decision: 'DENIED', statement: label, reason: `statement ${label} denies ${request.action}` };
  }
  const allowed =
    allows.find(({ truth, account }) => truth === 'TRUE' && !account) ?? allows.find(({ truth }) => truth === 'TRUE');
  const [maybe] = allows;
  if (!maybe) return { decision: 'DENIED', statement: null, reason: `no statement allows ${request.action}` };
  const open = denies.find(({ truth }) => truth === 'UNKNOWN') ?? (allowed ? undefined : maybe);
  if (open) {
    const { label } = open.statement;
    return { decision: 'UNDECIDED', statement: label, reason: `statement ${label}: ${open.doubt}` };
  }
  const { statement, account } = allowed ?? maybe;
  const reason = `statement ${statement.label} allows ${request.action}`;
  return { decision: 'ALLOWED', statement: statement.label, delegated: account, reason };
};
