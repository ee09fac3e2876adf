import { defaultOnRegion } from '../../aws/calls/default-on-region.ts';
import type { DeploymentReader } from '../../aws/deployment-reader.ts';
import type { Caller, OrganizationFacts } from '../../domain/model/organization.ts';
import { childrenAtOnce } from '../../domain/run/children-at-once.ts';
import { RUN_SETTINGS } from '../../domain/settings/run-settings.ts';
import { type Check, ok, type Say, unread, warning, wrong } from './check.ts';

/** The service principal of StackSets as delegated administrators have it. */
const STACK_SETS = 'member.org.stacksets.cloudformation.amazonaws.com';
/** Older bootstraps are refused by CDK's templates themselves (their rule CheckBootstrapVersion). */
const BOOTSTRAP_VERSION = 6;
export interface DeployQuestions {
  reader: DeploymentReader;
  caller: Caller;
  /** null where the organization cannot be described with these credentials. */
  organization: OrganizationFacts | null;
  /** Beginning of the names that the deployment gives; `TrailSeal` where nobody says otherwise. */
  prefix?: string;
}

/** What `cdk deploy` would stumble over in this account and region: a line each, with the fix. Changes nothing. */
export async function examineDeployment(questions: DeployQuestions, say: Say): Promise<void> {
  const { reader, caller, organization, prefix = 'TrailSeal' } = questions;
  const { accountId, partition } = caller;
  const isManagement = organization?.managementAccountId === accountId;
  say(await bootstrapped(reader, caller));
  say(await stackSetsTrusted(reader, isManagement));
  say(isManagement ? MANAGEMENT : await delegated(reader, accountId));
  say(await roomForFunctions(reader));
  say(await lakeFormation(reader, { accountId, partition }));
  for (const role of ['Scan', 'Inspect']) say(await roleFree(reader, `${prefix}${role}`, prefix));
  say(homeRegion(reader.region));
}

async function bootstrapped(reader: DeploymentReader, { accountId }: Caller): Promise<Check> {
  const name = 'Bootstrap';
  const place = `aws://${accountId}/${reader.region}`;
  const fix = `npx cdk bootstrap ${place}`;
  const found = await reader.bootstrap();
  if (!found.ok) return unread(name, found.failure, 'cloudformation:DescribeStacks');
  if (found.value === null) return wrong(name, `${place} is not bootstrapped`, fix);
  const { status, version } = found.value;
  if (!/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(status))
    return wrong(name, `the stack CDKToolkit of ${place} is ${status}`, fix);
  if (version < BOOTSTRAP_VERSION)
    return wrong(name, `${place} has version ${version}, CDK wants ${BOOTSTRAP_VERSION}`, fix);
  return ok(name, `${place} has version ${version}`);
}

const ACTIVATE = 'In the management account: aws cloudformation activate-organizations-access';

async function stackSetsTrusted(reader: DeploymentReader, isManagement: boolean): Promise<Check> {
  const name = 'Trusted access of StackSets';
  const found = await reader.stackSetAccess(isManagement ? 'SELF' : 'DELEGATED_ADMIN');
  if (!found.ok) {
    if (/not a delegated administrator/i.test(found.failure.message))
      return wrong(name, 'this account may not ask', `Repair the next line, then ask again.`);
    return unread(name, found.failure, 'cloudformation:DescribeOrganizationsAccess');
  }
  if (found.value === 'ENABLED') return ok(name, 'on');
  return wrong(name, `off (${found.value})`, ACTIVATE);
}

const MANAGEMENT: Check = ok(
  'Delegated administrator',
  'not needed: this is the management account. Set memberRole.callAs to SELF and memberRole.scannerAccount to it, and leave TrailSealManagementRole out',
);

async function delegated(reader: DeploymentReader, accountId: string): Promise<Check> {
  const name = 'Delegated administrator';
  const register = `In the management account: aws organizations register-delegated-administrator --account-id ${accountId} --service-principal ${STACK_SETS}`;
  const found = await reader.delegatedServices(accountId);
  if (!found.ok) {
    // One that is none may not even ask.
    const denied = found.failure.kind === 'DENIED';
    return {
      ...unread(name, found.failure, 'organizations:ListDelegatedServicesForAccount'),
      ...(denied && { fix: register }),
    };
  }
  if (found.value.includes(STACK_SETS)) return ok(name, `${accountId}, for StackSets`);
  const others = found.value.length > 0 ? `, only for ${found.value.join(', ')}` : '';
  return wrong(name, `${accountId} is none for StackSets${others}`, register);
}

async function roomForFunctions(reader: DeploymentReader): Promise<Check> {
  const name = 'Lambda concurrency';
  const found = await reader.lambdaRoom();
  if (!found.ok) return unread(name, found.failure, 'lambda:GetAccountSettings');
  const asked = RUN_SETTINGS.concurrency.deployment.byDefault;
  const { concurrency } = childrenAtOnce(asked, found);
  if (concurrency === asked) return ok(name, `${found.value} unreserved`);
  return warning(
    name,
    `${found.value} unreserved: runs will scan ${concurrency} accounts at once, not ${asked}. Nothing is lost by it but time`,
    'aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000',
  );
}

async function lakeFormation(
  reader: DeploymentReader,
  { accountId, partition }: Pick<Caller, 'accountId' | 'partition'>,
): Promise<Check> {
  const name = 'Lake Formation';
  const found = await reader.newDatabasesAreOpen();
  if (!found.ok) return unread(name, found.failure, 'lakeformation:GetDataLakeSettings');
  if (found.value) return ok(name, 'leaves new databases to IAM');
  const role = `arn:${partition}:iam::${accountId}:role/cdk-hnb659fds-cfn-exec-role-${accountId}-${reader.region}`;
  return warning(
    name,
    'decides who may make databases here',
    `As a Lake Formation administrator: aws lakeformation grant-permissions --principal DataLakePrincipalIdentifier=${role} --permissions CREATE_DATABASE --resource '{"Catalog":{}}'; or set athena.glue to false.`,
  );
}

async function roleFree(reader: DeploymentReader, role: string, own: string): Promise<Check> {
  const name = `Role ${role}`;
  const found = await reader.role(role);
  if (!found.ok) return unread(name, found.failure, 'iam:GetRole');
  if (found.value === null) return ok(name, 'the name is free');
  const { stack } = found.value;
  if (stack === own) return ok(name, `is the stack ${own}'s own: this is an update`);
  return wrong(
    name,
    `exists already, ${stack === null ? 'made by no stack of this Region' : `made by the stack ${stack}`}`,
    'One scanner an account: destroy the other one (in its own Region), or delete the role if nothing uses it.',
  );
}

function homeRegion(region: string): Check {
  const name = 'Region';
  const on = defaultOnRegion(region);
  if (on === region) return ok(name, `${region} is on in every account`);
  return warning(
    name,
    `${region} must be enabled account by account: StackSets would reach only the members that have`,
    `Set homeRegion to one that is on by default, such as ${on}.`,
  );
}
