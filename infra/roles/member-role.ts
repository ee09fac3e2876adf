import { Aws, CfnOutput, CfnParameter } from 'aws-cdk-lib';
import {
  AccountPrincipal,
  type CfnRole,
  CompositePrincipal,
  type IPrincipal,
  ManagedPolicy,
  PolicyDocument,
  Role,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledgeInlinePolicy } from '../acknowledge.ts';
import { namesOf } from '../names.ts';
import type { Settings } from '../settings/settings.ts';
import { acknowledgeReads, resourceReads, sampleReads, trailReads } from './audit-permissions.ts';

/**
 * The read-only role in a member account or in the management account.
 * Two values are parameters, since they are unknown at synth: the account of the scanner and the organization.
 */
export class MemberRole extends Construct {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    const scanner = new CfnParameter(this, 'ScannerAccountId', {
      description: 'Account that the TrailSeal scanner runs in',
      allowedPattern: '^\\d{12}$',
      ...defaultOf(settings.memberRole.scannerAccount),
    });
    const organization = new CfnParameter(this, 'OrganizationId', {
      description: 'Organization whose principals may assume the role, such as o-a1b2c3d4e5',
      allowedPattern: '^o-[a-z0-9]{10,32}$',
      ...defaultOf(settings.organizationId),
    });
    scanner.overrideLogicalId('ScannerAccountId');
    organization.overrideLogicalId('OrganizationId');

    const { extraPrincipals, permissionsBoundary: boundary } = settings.memberRole;
    const names = namesOf(settings);
    const role = new Role(this, 'Role', {
      ...nameAndPath(settings.roleName),
      ...(boundary !== null && {
        permissionsBoundary: ManagedPolicy.fromManagedPolicyName(this, 'Boundary', boundary),
      }),
      description: 'Lets TrailSeal read the settings of CloudTrail and of what holds its logs. Read-only.',
      assumedBy: trusted(scanner.valueAsString, extraPrincipals).withConditions({
        ArnEquals: {
          'aws:PrincipalArn': [
            roleArn(scanner.valueAsString, settings.iam.path, names.roles.scan),
            roleArn(scanner.valueAsString, settings.iam.path, names.roles.inspect),
            ...extraPrincipals,
          ],
        },
        StringEquals: {
          'aws:PrincipalOrgID': organization.valueAsString,
          ...(settings.externalId === null ? {} : { 'sts:ExternalId': settings.externalId }),
        },
      }),
      inlinePolicies: {
        ReadTrailsAndWhatHoldsTheirLogs: new PolicyDocument({
          statements: [...trailReads(), ...resourceReads(), ...(settings.sampleLogs ? sampleReads() : [])],
        }),
      },
    });
    (role.node.defaultChild as CfnRole).overrideLogicalId('AuditRole');
    new CfnOutput(this, 'RoleArn', { value: role.roleArn }).overrideLogicalId('RoleArn');

    acknowledgeReads(role, { resources: true, samples: settings.sampleLogs });
    acknowledgeInlinePolicy(role, 'this role');
  }
}

const defaultOf = (value: string | null) => (value === null ? {} : { default: value });

const roleArn = (account: string, path: string | null, name: string) =>
  `arn:${Aws.PARTITION}:iam::${account}:role${path ?? '/'}${name}`;

/** The accounts that may ask at all; which roles in them may, the condition on aws:PrincipalArn says. */
const trusted = (scanner: string, extras: readonly string[]): IPrincipal & CompositePrincipal => {
  const accounts = new Set(extras.map((arn) => arn.split(':')[4] ?? ''));
  return new CompositePrincipal(new AccountPrincipal(scanner), ...[...accounts].map((id) => new AccountPrincipal(id)));
};

/** IAM takes a role's path apart from its name: `audit/Role` is the role `Role` with the path `/audit/`. */
function nameAndPath(role: string): { roleName: string; path?: string } {
  const [, path, roleName = role] = /^(.+\/)([^/]+)$/.exec(role) ?? [];
  return path === undefined ? { roleName } : { roleName, path: `/${path}` };
}
