import type { SimAccount } from '../world/model.ts';
import type { World } from '../world/world.ts';
import type { DenialSpec } from '../world/world-spec.ts';
import type { Principal } from './sessions.ts';

/**
 * What Control Tower's region deny policy leaves alone, of the actions served here
 * (AWS Control Tower guide, region deny control: the NotAction list).
 */
const EXEMPT = [
  'sts:*',
  'organizations:*',
  'account:*',
  'iam:*',
  'kms:*',
  'config:*',
  'ec2:DescribeRegions',
  's3:GetAccountPublicAccessBlock',
  's3:GetBucketLocation',
  's3:GetBucketPolicyStatus',
  's3:GetBucketPublicAccessBlock',
  's3:ListAllMyBuckets',
  'tag:GetResources',
];

/** A policy that only narrows: of it, the simulator honours Effect, Action, NotAction and Resource. */
export interface NarrowingPolicy {
  statements: { allow: boolean; actions: string[]; not: boolean; resources: string[] }[];
}

/** @throws Error where the text is no policy */
export const readPolicy = (text: string): NarrowingPolicy => {
  const document = JSON.parse(text) as { Statement?: unknown };
  const statements = list(document.Statement);
  if (statements.length === 0) throw new Error('no statement');
  return {
    statements: statements.map((statement) => {
      const { Effect, Action, NotAction, Resource } = statement as Record<string, unknown>;
      if (Effect !== 'Allow' && Effect !== 'Deny') throw new Error('no effect');
      const actions = list(Action ?? NotAction).map(String);
      if (actions.length === 0) throw new Error('no action');
      return {
        allow: Effect === 'Allow',
        actions,
        not: Action === undefined,
        resources: list(Resource ?? '*').map(String),
      };
    }),
  };
};

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

const patterns = new Map<string, RegExp>();
/** `*` and `?` as IAM has them; actions do not care for case. */
export const matches = (pattern: string, text: string): boolean => {
  if (pattern === '*') return true;
  let known = patterns.get(pattern);
  if (!known) {
    known = new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
      'is',
    );
    if (patterns.size > 5_000) patterns.clear();
    patterns.set(pattern, known);
  }
  return known.test(text);
};

const verdictOf = (policy: NarrowingPolicy, action: string, resource: string): 'allow' | 'deny' | 'silent' => {
  let allowed = false;
  for (const statement of policy.statements) {
    const named = statement.actions.some((pattern) => matches(pattern, action));
    if (named === statement.not || !statement.resources.some((pattern) => matches(pattern, resource))) continue;
    if (!statement.allow) return 'deny';
    allowed = true;
  }
  return allowed ? 'allow' : 'silent';
};

export interface AuthorizationRequest {
  world: World;
  principal: Pick<Principal, 'arn'>;
  account: SimAccount;
  region: string;
  action: string;
  /** The resource's ARN, or `*`. */
  resource: string;
  /** S3 puts the resource in quotes. */
  quoted: boolean;
  sessionPolicy: NarrowingPolicy | null;
  rolePolicy: NarrowingPolicy | null;
  /** Words denials as AWS has since January 2026, with the policy's ARN. */
  namePolicies: boolean;
}

/** Why a call is refused, as AWS words it, or null where it may go on. */
export const refusalOf = (request: AuthorizationRequest): string | null => {
  const { world, account, region, action, resource } = request;
  const spared = world.organization === null || account.id === world.organization.managementAccountId;
  const scp = request.namePolicies
    ? `with an explicit deny in a service control policy: arn:${world.partition}:organizations::${world.organization?.managementAccountId}:policy/${world.organization?.id}/service_control_policy/p-examplescp`
    : 'with an explicit deny in a service control policy';
  const deny = world.regionDeny;
  if (deny && !spared && !deny.allow.includes(region) && isUnder(world, account, deny.ous)) {
    if (!EXEMPT.some((pattern) => matches(pattern, action))) return sentence(request, scp);
  }
  for (const denial of world.denials) {
    const by = denial.by ?? 'scp';
    if (by === 'scp' && spared) continue;
    if (!reaches(denial, world, account, region, action)) continue;
    return sentence(
      request,
      by === 'scp'
        ? scp
        : by === 'boundary'
          ? `because no permissions boundary allows the ${action} action`
          : `because no identity-based policy allows the ${action} action`,
    );
  }
  if (request.sessionPolicy) {
    const verdict = verdictOf(request.sessionPolicy, action, resource);
    if (verdict === 'deny') return sentence(request, 'with an explicit deny in a session policy');
    if (verdict === 'silent') return sentence(request, `because no session policy allows the ${action} action`);
  }
  if (request.rolePolicy) {
    const verdict = verdictOf(request.rolePolicy, action, resource);
    if (verdict === 'deny') return sentence(request, 'with an explicit deny in an identity-based policy');
    if (verdict === 'silent') return sentence(request, `because no identity-based policy allows the ${action} action`);
  }
  return null;
};

const reaches = (denial: DenialSpec, world: World, account: SimAccount, region: string, action: string): boolean =>
  (denial.accounts === undefined || denial.accounts.includes(account.id)) &&
  isUnder(world, account, denial.ous) &&
  (denial.regions === undefined || denial.regions.includes(region)) &&
  (denial.actions === undefined || denial.actions.some((pattern) => matches(pattern, action)));

const isUnder = (world: World, account: SimAccount, ous: readonly string[] | undefined): boolean => {
  if (ous === undefined) return true;
  const path = world.units.all[account.unit]?.path ?? '';
  return ous.some((ou) => path === ou || path.startsWith(`${ou}/`));
};

const sentence = (request: AuthorizationRequest, why: string): string =>
  `User: ${request.principal.arn} is not authorized to perform: ${request.action}${request.resource === '*' ? '' : ` on resource: ${request.quoted ? `"${request.resource}"` : request.resource}`} ${why}`;
