import {
  CloudFormationClient,
  DescribeOrganizationsAccessCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetDataLakeSettingsCommand, LakeFormationClient } from '@aws-sdk/client-lakeformation';
import {
  ListDelegatedServicesForAccountCommand,
  type ListDelegatedServicesForAccountCommandOutput,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { answered, type Reading } from '../domain/model/reading.ts';
import { pages } from '../reads/paging.ts';
import { readingOf } from './calls/account-calls.ts';
import type { AwsAccess } from './calls/clients.ts';
import { unreservedConcurrency } from './lambda-room.ts';

/** What `cdk deploy` would find in the account and region that it is pointed at. Reads only. */
export interface DeploymentReader {
  readonly region: string;
  /** The stack of `cdk bootstrap`; null where there is none. */
  bootstrap(): Promise<Reading<{ status: string; version: number } | null>>;
  /** Whether StackSets may act in the organization: `ENABLED`, `DISABLED` or `DISABLED_PERMANENTLY`. */
  stackSetAccess(as: 'SELF' | 'DELEGATED_ADMIN'): Promise<Reading<string>>;
  /** Service principals that the account is a delegated administrator for; none where it is no such account. */
  delegatedServices(accountId: string): Promise<Reading<string[]>>;
  /** Functions that may run at once and that nobody has reserved. */
  lambdaRoom(): Promise<Reading<number>>;
  /** Whether Lake Formation leaves new databases to IAM. */
  newDatabasesAreOpen(): Promise<Reading<boolean>>;
  /** The role of that name, and the stack in this region that made it; null where there is no such role. */
  role(name: string): Promise<Reading<{ stack: string | null } | null>>;
}

export const createDeploymentReader = (access: AwsAccess): DeploymentReader => {
  const { region } = access;
  const cloudFormation = access.own(CloudFormationClient, region);
  return {
    region,
    bootstrap: () =>
      orNull(
        (failure) => failure.code === 'ValidationError' && /does not exist/.test(failure.message),
        readingOf('DescribeStacks', async () => {
          const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'CDKToolkit' }));
          const { StackStatus: status = '', Outputs = [] } = Stacks?.[0] ?? {};
          const version = Outputs.find(({ OutputKey }) => OutputKey === 'BootstrapVersion')?.OutputValue;
          return { status, version: Number(version ?? 0) };
        }),
      ),
    stackSetAccess: (CallAs) =>
      readingOf('DescribeOrganizationsAccess', async () => {
        const { Status } = await cloudFormation.send(new DescribeOrganizationsAccessCommand({ CallAs }));
        return Status ?? 'DISABLED';
      }),
    delegatedServices: async (AccountId) => {
      const operation = 'ListDelegatedServicesForAccount';
      const listed = await readingOf(operation, async () => {
        const list = (NextToken: string | undefined): Promise<ListDelegatedServicesForAccountCommandOutput> =>
          access
            .own(OrganizationsClient, region)
            .send(new ListDelegatedServicesForAccountCommand({ AccountId, ...(NextToken && { NextToken }) }));
        const services: string[] = [];
        for await (const page of pages(operation, list, ({ NextToken }) => NextToken))
          for (const { ServicePrincipal = '' } of page.DelegatedServices ?? []) services.push(ServicePrincipal);
        return services;
      });
      return !listed.ok && listed.failure.code === 'AccountNotRegisteredException' ? answered([]) : listed;
    },
    lambdaRoom: () => unreservedConcurrency(access, region),
    newDatabasesAreOpen: () =>
      readingOf('GetDataLakeSettings', async () => {
        const { DataLakeSettings } = await access
          .own(LakeFormationClient, region)
          .send(new GetDataLakeSettingsCommand({}));
        // Lake Formation developer guide, "Changing the default settings for your data lake": IAM decides where this
        // principal has it all.
        const principals = (DataLakeSettings?.CreateDatabaseDefaultPermissions ?? []).map(
          ({ Principal }) => Principal?.DataLakePrincipalIdentifier,
        );
        return principals.includes('IAM_ALLOWED_PRINCIPALS');
      }),
    role: async (RoleName) => {
      const found = await orNull(
        ({ code }) => code === 'NoSuchEntity' || code === 'NoSuchEntityException',
        readingOf('GetRole', async () => {
          await access.own(IAMClient, region).send(new GetRoleCommand({ RoleName }));
          return { stack: null as string | null };
        }),
      );
      if (!found.ok || found.value === null) return found;
      const owner = await readingOf('DescribeStackResources', async () => {
        const { StackResources } = await cloudFormation.send(
          new DescribeStackResourcesCommand({ PhysicalResourceId: RoleName }),
        );
        return StackResources?.[0]?.StackName ?? null;
      });
      // Of no stack here, or none that may be seen.
      return answered({ stack: owner.ok ? owner.value : null });
    },
  };
};

/** Where the failure says that there is no such thing: null. */
const orNull = async <T>(
  isAbsence: (failure: { code: string; message: string }) => boolean,
  reading: Promise<Reading<T>>,
): Promise<Reading<T | null>> => {
  const answer = await reading;
  return !answer.ok && isAbsence(answer.failure) ? answered(null) : answer;
};
