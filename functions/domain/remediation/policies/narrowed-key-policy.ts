import { cloudTrailPrincipals } from '../../policy/cloudtrail-request.ts';
import { keyPolicyAssessment } from '../../policy/key-policy-assessment.ts';
import { type Refused, refuse } from '../decide/plan.ts';
import { cloudTrailKeyStatements, type KeyUser } from './key-policy.ts';
import { mergedPolicy, type PolicyStatement, type Replacement, readStatements } from './policy-statements.ts';

export type NarrowedKeyPolicy =
  | {
      ok: true;
      statements: PolicyStatement[];
      replace: Replacement[];
      /** A sentence on each fault that is left as it is. */
      left: string[];
    }
  | Refused;

/** A policy of 32 KB has fewer statements. */
const STATEMENTS_AT_MOST = 500;

/**
 * What lets CloudTrail use a key for these trails, and no other account's: our statements, and cloudtrail.amazonaws.com
 * taken out of those that let it in for any trail. Nobody else loses a permission: a statement that also names others
 * goes on for them. Where the policy would still refuse CloudTrail, or the fault is who else may decrypt, the refusal
 * names the statement.
 */
export function narrowedKeyPolicy(request: {
  policy: string;
  keyArn: string;
  partition: string;
  organizationId: string | null;
  trails: readonly KeyUser[];
  /** An event data store uses the key too: what the control forgives for it is no fault here either. */
  usedByEventDataStore: boolean;
}): NarrowedKeyPolicy {
  const { keyArn, partition, organizationId, usedByEventDataStore } = request;
  const current = readStatements(request.policy);
  if (current === null) return refuse(`The policy of ${keyArn} cannot be read, so it is not changed.`);
  const trails = request.trails.map(({ trailArn, ownerAccountId }) => ({ trailArn, ownerAccountId }));
  const question = { keyArn, partition, trails, organizationId, usedByEventDataStore };
  const assess = (policyText: string) => keyPolicyAssessment({ policyText, ...question });
  const statements = cloudTrailKeyStatements({ partition, trails });
  const replace: Replacement[] = [];
  const left = new Set<string>();
  for (let round = 0; round < STATEMENTS_AT_MOST; round += 1) {
    const merged = mergedPolicy({ current: request.policy, statements, replace });
    if (!merged.ok) return refuse(merged.reason);
    const found = assess(merged.policy);
    const denied = found.problems.find((p) => p.reason === 'CLOUDTRAIL_NOT_ALLOWED');
    if (denied || found.allowsCloudTrail !== true) {
      const why = denied?.detail ?? found.detail;
      return refuse(
        `No statement that is added lets CloudTrail use ${keyArn}: ${why} A Deny goes before every Allow, and may be there on purpose (a freeze in an emergency): ask who put it there, take it away or exempt cloudtrail.amazonaws.com from it, and scan again.`,
      );
    }
    for (const p of found.problems) if (p.reason === 'OPEN_DECRYPT') left.add(openDecrypt(p.statement, p.detail));
    const open = found.problems.flatMap((p) => (p.reason === 'NOT_SCOPED' && p.statement !== null ? [p] : []));
    const narrower = current.flatMap((from, i) =>
      open.some((p) => p.statement === labelOf(from, i)) && !replace.some((r) => r.from === from)
        ? withoutCloudTrail(from, partition)
        : [],
    );
    if (narrower.length === 0) {
      for (const p of open) {
        left.add(
          `Statement ${p.statement} lets CloudTrail in for trails of any account, through a principal that names others too: it is not changed, since who else needs it is not known. Name its principals, and scan again.`,
        );
      }
      break;
    }
    replace.push(...narrower);
  }
  const merged = mergedPolicy({ current: request.policy, statements, replace });
  const faults = (text: string) =>
    assess(text).problems.map((p) => JSON.stringify([p.reason, p.statement, p.trailArn]));
  const stay = new Set(merged.ok ? faults(merged.policy) : []);
  const repairs = faults(request.policy).some((fault) => !stay.has(fault));
  if (!repairs && left.size > 0) return refuse(`The policy of key ${keyArn} stays as it is. ${[...left].join(' ')}`);
  return { ok: true, statements, replace, left: [...left] };
}

const openDecrypt = (statement: string | null, detail: string): string =>
  `${detail} Statement ${statement} is not changed, since nobody can tell from the policy who uses the key through it: look for kms:Decrypt in the event history of the key's account, name those principals in its place (or add a condition on aws:PrincipalOrgID), and keep a statement that lets somebody kms:PutKeyPolicy.`;

/** As `parsePolicy` names it. */
const labelOf = (statement: Record<string, unknown>, index: number): string =>
  typeof statement.Sid === 'string' && statement.Sid !== '' ? statement.Sid.slice(0, 100) : `Statement[${index}]`;

/** The statement without CloudTrail as its principal; none where it names CloudTrail otherwise. */
function withoutCloudTrail(from: Record<string, unknown>, partition: string): Replacement[] {
  const principal = from.Principal;
  if (from.Effect !== 'Allow' || typeof principal !== 'object' || principal === null) return [];
  const { Service, ...others } = principal as Record<string, unknown>;
  const services = (Array.isArray(Service) ? Service : [Service]).filter((s) => typeof s === 'string');
  const rest = services.filter((s) => !cloudTrailPrincipals(partition).includes(s));
  if (rest.length === services.length) return [];
  if (rest.length === 0 && Object.keys(others).length === 0) return [{ from, to: null }];
  return [{ from, to: { ...from, Principal: { ...others, ...(rest.length === 0 ? {} : { Service: rest }) } } }];
}
