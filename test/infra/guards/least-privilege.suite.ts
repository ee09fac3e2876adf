import { readFileSync } from 'node:fs';
import { runSimulation } from '@cloud-copilot/iam-simulate';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { sessionPolicy } from '../../../functions/aws/account/session-policy.ts';
import { HANDLER_NAMES } from '../../../functions/handlers/lambda/environment.ts';
import { roleTemplate } from '../../../infra/roles/role-template.ts';
import { parseSettings, type SettingsInput } from '../../../infra/settings/settings.ts';
import { inDepth, isDeep, onlyDeep } from '../../depth.ts';
import { environmentOf, grantedTo, grantedToWorkflow, type PolicyDocument } from '../granted.ts';
import { type Caller, type RecordedCall, recordRun } from '../recorded-run.ts';
import { arnsOf, type Deployment, resolved } from '../resolved.ts';
import { propertiesOf } from '../scanner-template.ts';
import { SMALL_WORLD } from '../small-world.ts';
import { synthesized } from '../synthesized.ts';

const daysFromNow = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const SETTINGS: SettingsInput = {
  sampleLogs: true,
  sampleAccounts: true,
  securityHub: true,
  roleName: 'OrgAudit',
  externalId: 'trailseal:7f1c',
  waiversKey: 'settings/waivers.yaml',
};
/** Asks for the tags of every account. */
const WAIVER_BY_TAG = {
  ...{ id: 'sandbox', control: 'trail-key-rotation', account_tags: 'environment=sandbox' },
  ...{ reason: 'Sandbox.', ticket: 'SEC-1', approver: 'jane@example.com' },
  ...{ approved_on: daysFromNow(-1), expires_on: daysFromNow(30) },
};
const EXTERNAL_ID = 'trailseal:7f1c';
const template = Template.fromStack(synthesized(SETTINGS).scanner);
const withoutSamples = Template.fromStack(
  synthesized({ ...SETTINGS, sampleLogs: false, sampleAccounts: false }).scanner,
);
const member = roleTemplate({ settings: parseSettings(SETTINGS), for: 'member', validate: isDeep });

/** What a platform does in a role's name, which no run of the code shows: allowed, and looked at by eye. */
const PLATFORM: Record<string, string[]> = {
  function: ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
  workflow: [
    'lambda:InvokeFunction',
    'states:StartExecution',
    'states:DescribeExecution',
    'states:StopExecution',
    'states:RedriveExecution',
    's3:ListMultipartUploadParts',
    's3:AbortMultipartUpload',
    // Of results that it has written in parts.
    'WriteTheResultsOfAMap: s3:GetObject',
    'logs:CreateLogDelivery',
    'logs:GetLogDelivery',
    'logs:UpdateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:DescribeResourcePolicies',
    'logs:DescribeLogGroups',
    'xray:PutTraceSegments',
    'xray:PutTelemetryRecords',
    'xray:GetSamplingRules',
    'xray:GetSamplingTargets',
  ],
};

let deployment: Deployment;
let calls: RecordedCall[];

beforeAll(async () => {
  // The numbers of the runs would be written to the console.
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  const run = await recordRun({
    // Organizations as it was before it sent each account's place with it: more has to be asked for.
    spec: {
      world: SMALL_WORLD,
      caller: 'delegated',
      legacyStatus: true,
      roleName: 'OrgAudit',
      externalId: EXTERNAL_ID,
    },
    environment: (handler, at) => environmentOf(template, handler, at),
    files: { 'settings/waivers.yaml': JSON.stringify({ waivers: [WAIVER_BY_TAG] }) },
  });
  // No role can be assumed in the management account.
  expect(run.status).toEqual(['PARTIAL', 'PARTIAL']);
  deployment = run.deployment;
  calls = distinct(run.calls);
}, 120_000);

/** One call of each kind: whose, what, and on what, but for the numbers in it. */
const distinct = (calls: RecordedCall[]): RecordedCall[] => [
  ...new Map(
    calls.map((call) => [
      [call.caller, call.session !== null, call.action, shape(call.resource), JSON.stringify(call.context)].join(' '),
      call,
    ]),
  ).values(),
];
const shape = (resource: string): string =>
  resource.replaceAll(/[0-9A-HJKMNP-TV-Z]{26}|mrk-\w+|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{12,}|\d+/g, '#');

const memberPolicy = () => {
  const [role] = Object.values((member as { Resources: Record<string, { Properties: unknown }> }).Resources);
  return resolved(role?.Properties, deployment) as {
    AssumeRolePolicyDocument: object;
    Policies: [{ PolicyDocument: PolicyDocument }];
  };
};

const policyOf = (caller: Caller | 'member'): PolicyDocument => {
  if (caller === 'member') return memberPolicy().Policies[0].PolicyDocument;
  return caller === 'workflow' ? grantedToWorkflow(template, deployment) : grantedTo(template, caller, deployment);
};

const roleOf = (caller: Caller): string => {
  const names: Partial<Record<Caller, string>> = { scan: 'TrailSealScan', inspect: 'TrailSealInspect' };
  return `arn:${deployment.partition}:iam::${deployment.accountId}:role/${names[caller] ?? `TrailSeal-${caller}`}`;
};

/** The policy on the thing itself, where it has a say. */
const resourcePolicyOf = (call: RecordedCall): object | undefined => {
  const arns = arnsOf(deployment);
  if (call.action === 'sts:AssumeRole') return memberPolicy().AssumeRolePolicyDocument;
  if (call.session === null && call.resource.startsWith(arns.reports)) {
    const { PolicyDocument } = propertiesOf(template, 'AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'EvidenceIsNotDeleted' })]) },
    });
    return resolved(PolicyDocument, deployment) as object;
  }
  if (!call.action.startsWith('kms:')) return undefined;
  // Keys that leave it to the account's own policies, as ours do.
  const root = `arn:${deployment.partition}:iam::${call.accountId}:root`;
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' }],
  };
};

const isAllowed = async (call: RecordedCall, policy: PolicyDocument): Promise<boolean> => {
  const principal = call.session ?? roleOf(call.caller);
  const signer = principal.split(':')[4] ?? '';
  const result = await runSimulation(
    {
      request: {
        principal,
        action: call.action,
        resource: {
          resource: call.resource,
          // CloudTrail takes the ARN of the organization's trail from a member without asking the trail's owner.
          accountId: call.action.startsWith('cloudtrail:') ? signer : call.accountId,
        },
        contextVariables: {
          'aws:PrincipalArn': principal,
          'aws:PrincipalOrgID': deployment.organizationId,
          'aws:SecureTransport': 'true',
          ...(call.action.startsWith('s3:') ? { 's3:TlsVersion': '1.3' } : {}),
          ...(call.action === 'sts:AssumeRole'
            ? { 'sts:ExternalId': EXTERNAL_ID, 'aws:ResourceOrgID': deployment.organizationId }
            : {}),
          ...call.context,
        },
      },
      identityPolicies: [{ name: call.caller, policy }],
      ...(call.session === null
        ? {}
        : { sessionPolicy: JSON.parse(sessionPolicy({ partition: deployment.partition, sampleLogs: true })) }),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy: resourcePolicyOf(call),
    },
    {},
  );
  if (result.resultType === 'error') throw new Error(`${call.action}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === 'Allowed';
};

const CALLERS: (Caller | 'member')[] = [...HANDLER_NAMES, 'workflow', 'member'];
const callsOf = (caller: Caller | 'member'): RecordedCall[] =>
  calls.filter((call) =>
    caller === 'member' ? call.session !== null : call.session === null && call.caller === caller,
  );

describe('least privilege', () => {
  test.each(CALLERS)('%s: every call of the simulated runs is allowed', async (caller) => {
    const made = callsOf(caller);
    expect(made.length).toBeGreaterThan(0);
    const policy = policyOf(caller);
    for (const call of made) {
      const { action, resource } = call;
      expect({ action, resource, allowed: await isAllowed(call, policy) }).toEqual({ action, resource, allowed: true });
    }
  });

  onlyDeep(() =>
    test.each(CALLERS)('%s: no action and no resource is granted that a run does not need', async (caller) => {
      const platform = PLATFORM[caller === 'workflow' ? 'workflow' : 'function'] ?? [];
      const unneeded: string[] = [];
      for (const part of partsOf(policyOf(caller))) {
        if (platform.includes(part.name) || part.actions.every((action) => platform.includes(action))) continue;
        if (!(await isMissed(caller, part))) unneeded.push(part.name);
      }
      expect(unneeded).toEqual([]);
    }),
  );

  test.each(['scan', 'inspect'] as const)('%s assumes no role of another organization', async (caller) => {
    const assuming = callsOf(caller).find(({ action }) => action === 'sts:AssumeRole') as RecordedCall;
    const policy = policyOf(caller);
    const there = { ...assuming, context: { ...assuming.context, 'aws:ResourceOrgID': 'o-another0000' } };
    expect([await isAllowed(assuming, policy), await isAllowed(there, policy)]).toEqual([true, false]);
  });

  test('inspect: without sampleLogs it needs no permission for the buckets of others, and misses none of its own', async () => {
    const policy = grantedTo(withoutSamples, 'inspect', deployment);
    const refused: string[] = [];
    for (const call of callsOf('inspect')) if (!(await isAllowed(call, policy))) refused.push(call.action);
    expect([...new Set(refused)].sort()).toEqual(['s3:GetObject', 's3:ListBucket']);
    for (const { action, resource } of callsOf('inspect').filter(({ action }) => refused.includes(action))) {
      const isOwn = resource.startsWith(arnsOf(deployment).reports);
      const allowed = await isAllowed({ ...callsOf('inspect')[0], action, resource } as RecordedCall, policy);
      expect({ action, resource, allowed }).toEqual({ action, resource, allowed: isOwn });
    }
    const finding = partsOf(policy).find(({ name }) => name === 'FindReportObjects');
    expect(finding && (await isMissed('inspect', finding, policy))).toBe(true);
  });

  test('what only the platform uses is granted, or it need not be listed here', () => {
    for (const caller of HANDLER_NAMES) {
      const granted = grantedTo(template, caller, deployment).Statement.flatMap(({ Action }) => Action);
      expect(granted).toEqual(expect.arrayContaining(PLATFORM.function ?? []));
    }
    const granted = grantedToWorkflow(template, deployment).Statement.flatMap(({ Action }) => Action);
    expect(granted).toEqual(
      expect.arrayContaining((PLATFORM.workflow ?? []).map((name) => name.replace(/^\w+: /, ''))),
    );
  });

  test('nobody but the scanner comes in: another role, another account, another organization, no external id', async () => {
    const entering = calls.find(
      ({ action, caller }) => action === 'sts:AssumeRole' && caller === 'scan',
    ) as RecordedCall;
    const everything: PolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }],
    };
    const as = (principal: string, context: Record<string, string> = {}) =>
      isAllowed({ ...entering, context: { 'aws:PrincipalArn': principal, ...context } }, everything);
    const scanRole = roleOf('scan');
    expect(await as(scanRole)).toBe(true);
    expect(await as(scanRole.replace('TrailSealScan', 'Admin'))).toBe(false);
    expect(await as(scanRole.replace(deployment.accountId, '999999999999'))).toBe(false);
    expect(await as(scanRole, { 'aws:PrincipalOrgID': 'o-zzzzzzzzzz' })).toBe(false);
    expect(await as(scanRole, { 'sts:ExternalId': 'guess' })).toBe(false);
  });

  test('no function deletes evidence, even one that may do everything', async () => {
    const evidence: RecordedCall = {
      caller: 'report',
      session: null,
      action: 's3:DeleteObject',
      resource: `${arnsOf(deployment).reports}/evidence/x/manifest.json`,
      accountId: deployment.accountId,
      context: {},
    };
    const everything: PolicyDocument = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
    };
    expect(await isAllowed(evidence, everything)).toBe(false);
    expect(await isAllowed({ ...evidence, action: 's3:GetObject' }, everything)).toBe(true);
  });
});

/** The files that docs/getting-started.md tells a reader to copy, for a scan without any deployment. */
describe('the policies to copy', () => {
  const copied = (name: string) => {
    const text = readFileSync(new URL(`../../../docs/policies/${name}.json`, import.meta.url), 'utf8');
    return JSON.parse(text.replaceAll('TrailSealAudit', 'OrgAudit')) as PolicyDocument;
  };

  const laptop = (): PolicyDocument => ({
    Version: '2012-10-17',
    // The account that scans is read with the scanner's own credentials.
    Statement: [...copied('scanner').Statement, ...copied('audit-role-with-log-samples').Statement],
  });
  const madeByLaptop = () => {
    const { reports, key, signingKey, topic, bus, hub, product } = arnsOf(deployment);
    const deployed = [key, signingKey, topic, bus, hub, product];
    return calls.filter(
      ({ session, action, resource }) =>
        session === null &&
        !resource.startsWith(reports) &&
        !deployed.includes(resource) &&
        // A laptop runs no functions.
        !action.startsWith('lambda:'),
    );
  };

  test('scanner and audit-role allow every call of a scan from a laptop', async () => {
    expect(madeByLaptop().length).toBeGreaterThan(20);
    for (const call of madeByLaptop()) {
      const { action, resource } = call;
      expect({ action, resource, allowed: await isAllowed(call, laptop()) }).toEqual({
        action,
        resource,
        allowed: true,
      });
    }
  });

  inDepth('scanner grants nothing that such a scan does not need', async () => {
    const unneeded: string[] = [];
    for (const part of partsOf(copied('scanner'))) {
      const rest = part.without(copied('scanner'));
      const answers = madeByLaptop()
        .filter(({ action }) => part.actions.includes(action))
        .map((call) => isAllowed(call, rest));
      if ((await Promise.all(answers)).every(Boolean)) unneeded.push(part.name);
    }
    expect(unneeded).toEqual([]);
  });

  const [, IDENTITY_CENTER = ''] =
    /`(aws-reserved\/sso\S+)`/.exec(
      readFileSync(new URL('../../../docs/getting-started.md', import.meta.url), 'utf8'),
    ) ?? [];
  test.each([
    ['Security', 'Security'],
    ['team/Security', 'team/Security'],
    // As getting-started.md has it for IAM Identity Center, with the region in the path and, in us-east-1, without.
    [IDENTITY_CENTER, 'aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_NAME_0123456789abcdef'],
    [IDENTITY_CENTER, 'aws-reserved/sso.amazonaws.com/AWSReservedSSO_NAME_0123456789abcdef'],
  ])('trust-laptop lets in the one role it names, %s, and only from the organization', async (named, role) => {
    const text = readFileSync(new URL('../../../docs/policies/trust-laptop.json', import.meta.url), 'utf8')
      .replaceAll('<account that scans>', '111122223333')
      .replace('<path and name of your role>', named)
      .replace('<o-your-organization>', 'o-a1b2c3d4e5');
    expect(text).not.toMatch(/[<>]/);
    const enters = async (principal: string, organization = 'o-a1b2c3d4e5') => {
      const result = await runSimulation(
        {
          request: {
            principal,
            action: 'sts:AssumeRole',
            resource: { resource: 'arn:aws:iam::444455556666:role/TrailSealAudit', accountId: '444455556666' },
            contextVariables: { 'aws:PrincipalArn': principal, 'aws:PrincipalOrgID': organization },
          },
          identityPolicies: [
            {
              name: 'everything',
              policy: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }] },
            },
          ],
          serviceControlPolicies: [],
          resourceControlPolicies: [],
          resourcePolicy: JSON.parse(text),
        },
        {},
      );
      return result.resultType !== 'error' && result.overallResult === 'Allowed';
    };
    expect(await enters(`arn:aws:iam::111122223333:role/${role}`)).toBe(true);
    expect(await enters('arn:aws:iam::111122223333:role/Admin')).toBe(false);
    expect(await enters(`arn:aws:iam::999988887777:role/${role}`)).toBe(false);
    expect(await enters(`arn:aws:iam::111122223333:role/${role}`, 'o-zzzzzzzzzz')).toBe(false);
  });
});

/** A policy without one of its parts: a whole statement, an action of one, or a resource of one. */
interface Part {
  name: string;
  actions: string[];
  without(policy: PolicyDocument): PolicyDocument;
}

const partsOf = ({ Statement }: PolicyDocument): Part[] =>
  Statement.flatMap(({ Sid, Action, Resource }, index) => {
    const actions = [Action].flat();
    const resources = [Resource].flat();
    const edited =
      (edit: (statement: PolicyDocument['Statement'][number]) => object | null) => (policy: PolicyDocument) => ({
        ...policy,
        Statement: policy.Statement.flatMap((statement, at) => {
          const kept = at === index ? edit(statement) : statement;
          return kept === null ? [] : [kept as typeof statement];
        }),
      });
    const rest = <T>(list: T | T[], at: number): T[] => [list].flat().filter((_, other) => other !== at) as T[];
    return [
      { name: `${Sid}`, actions, without: edited(() => null) },
      ...(actions.length < 2
        ? []
        : actions.map((action, at) => ({
            name: `${Sid}: ${action}`,
            actions: [action],
            without: edited((statement) => ({ ...statement, Action: rest(statement.Action, at) })),
          }))),
      ...(resources.length < 2
        ? []
        : resources.map((resource, at) => ({
            name: `${Sid}: ${resource}`,
            actions,
            without: edited((statement) => ({ ...statement, Resource: rest(statement.Resource, at) })),
          }))),
    ];
  });

/** Whether some call of a run is refused once the part is gone. */
const isMissed = async (caller: Caller | 'member', part: Part, whole = policyOf(caller)): Promise<boolean> => {
  const policy = part.without(whole);
  for (const call of callsOf(caller)) {
    if (!part.actions.includes(call.action)) continue;
    if ((await isAllowed(call, whole)) && !(await isAllowed(call, policy))) return true;
  }
  return false;
};
