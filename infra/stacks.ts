import { type App, Aspects, type Stack, Tags } from 'aws-cdk-lib';
import { CfnRole, ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { CatalogStack } from './catalog/catalog-stack.ts';
import { namesOf } from './names.ts';
import { MemberRolesStack } from './roles/member-roles-stack.ts';
import { RoleStack } from './roles/role-stack.ts';
import { ScannerStack } from './scanner-stack.ts';
import type { Settings } from './settings/settings.ts';
import { ForwardingStack } from './watch/forwarding-stack.ts';

/** Every stack of a deployment. None names an account or a region: they go where the credentials point. */
export const addStacks = (app: App, settings: Settings) => {
  const { stacks } = namesOf(settings);
  const managementRole = new RoleStack(app, stacks.managementRole, { settings, for: 'management' });
  const memberRoles = new MemberRolesStack(app, stacks.memberRoles, { settings });
  const scanner = new ScannerStack(app, stacks.scanner, { settings });
  const catalog = new CatalogStack(app, stacks.catalog, { settings, scanner });
  // In the management account, once in each Region: StackSets skip it.
  const managementWatch =
    settings.watch.regions.length > 0
      ? new ForwardingStack(app, stacks.managementWatch, { accounts: 'management', names: namesOf(settings) })
      : null;
  for (const stack of [scanner, catalog]) asOurIamDemands(stack, settings.iam);
  // CloudFormation takes no tags on a dashboard.
  for (const [name, value] of Object.entries(settings.tags))
    Tags.of(app).add(name, value, { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });
  if (!settings.memberRole.rollOut) {
    app.node.tryRemoveChild(managementRole.node.id);
    if (managementWatch === null) app.node.tryRemoveChild(memberRoles.node.id);
  }
  return { managementRole, memberRoles, scanner, catalog, managementWatch };
};

/** The roles of the account deployed to; the audit role has settings of its own, for other accounts. */
const asOurIamDemands = (stack: Stack, { path, permissionsBoundary }: Settings['iam']): void => {
  if (path !== null)
    Aspects.of(stack).add({
      visit: (node) => {
        if (node instanceof CfnRole) node.path = path;
      },
    });
  if (permissionsBoundary !== null)
    PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', permissionsBoundary));
};
