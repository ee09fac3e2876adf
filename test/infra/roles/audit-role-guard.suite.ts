import { runSimulation } from '@cloud-copilot/iam-simulate';
import { describe, expect, test } from '@jest/globals';
import { auditRoleGuard } from '../../../infra/roles/audit-role-guard.ts';

const ACCOUNT = '222233334444';
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const ADMIN = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

/** Whether a role with every permission may do it where the guard is attached. */
const mayDo = async (principal: string, action: string, resource: string): Promise<boolean> => {
  const result = await runSimulation(
    {
      request: {
        principal: role(principal),
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: { 'aws:PrincipalArn': role(principal) },
      },
      identityPolicies: [{ name: 'admin', policy: ADMIN }],
      serviceControlPolicies: [
        {
          orgIdentifier: 'r-ab12',
          policies: [
            { name: 'FullAWSAccess', policy: ADMIN },
            { name: 'guard', policy: auditRoleGuard('audit/TrailSealAudit') },
          ],
        },
      ],
      resourceControlPolicies: [],
      resourcePolicy: undefined,
    } as never,
    {},
  );
  if (result.resultType === 'error') throw new Error(`${action}: ${JSON.stringify(result.errors)}`);
  return result.overallResult === 'Allowed';
};

describe('the service control policy to copy', () => {
  const [{ Action: actions }] = (auditRoleGuard('x') as { Statement: [{ Action: string[] }] }).Statement;

  test.each(actions)('%s on the audit role is for the StackSet alone', async (action) => {
    const audit = role('audit/TrailSealAudit');
    expect([
      await mayDo('Administrator', action, audit),
      // Who makes a role whose name only begins so is not the StackSet.
      await mayDo('audit/stacksets-exec-mine', action, audit),
      await mayDo('stacksets-exec-0a1b2c3d4e5f60718', action, audit),
    ]).toEqual([false, false, true]);
  });

  test('what only reads, assumes, or is about another role stays as it was', async () => {
    expect(await mayDo('Administrator', 'iam:GetRole', role('audit/TrailSealAudit'))).toBe(true);
    expect(await mayDo('Administrator', 'iam:DeleteRole', role('audit/Other'))).toBe(true);
    expect(await mayDo('Administrator', 'iam:DeleteRole', role('TrailSealAudit'))).toBe(true);
  });
});
