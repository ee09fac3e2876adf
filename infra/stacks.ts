import { type App, Tags } from 'aws-cdk-lib';
import { CatalogStack } from './catalog/catalog-stack.ts';
import { MemberRolesStack } from './roles/member-roles-stack.ts';
import { RoleStack } from './roles/role-stack.ts';
import { ScannerStack } from './scanner-stack.ts';
import type { Settings } from './settings/settings.ts';
import { ForwardingStack } from './watch/forwarding-stack.ts';

/** Every stack of a deployment. None names an account or a region: they go where the credentials point. */
export const addStacks = (app: App, settings: Settings) => {
  const managementRole = new RoleStack(app, 'TrailSealManagementRole', { settings, for: 'management' });
  const memberRoles = new MemberRolesStack(app, 'TrailSealMemberRoles', { settings });
  const scanner = new ScannerStack(app, 'TrailSeal', { settings });
  const catalog = new CatalogStack(app, 'TrailSealCatalog', { settings, scanner });
  // In the management account, once in each Region: StackSets skip it.
  const managementWatch =
    settings.watch.regions.length > 0
      ? new ForwardingStack(app, 'TrailSealManagementWatch', { accounts: 'management' })
      : null;
  // CloudFormation takes no tags on a dashboard.
  Tags.of(app).add('application', 'trailseal', { excludeResourceTypes: ['AWS::CloudWatch::Dashboard'] });
  return { managementRole, memberRoles, scanner, catalog, managementWatch };
};
