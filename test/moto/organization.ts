import {
  CloudTrailClient,
  CreateTrailCommand,
  type EventSelector,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyRotationCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import {
  CreateBucketCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { StaticCredentials } from './aws-query.ts';
import { type LambdaFunction, MOTO_REGION, type MotoGateway, startMotoGateway } from './gateway.ts';
import { MOTO_ACCOUNT, MOTO_CREDENTIALS } from './moto.ts';
import { administratorOf, createRole } from './roles.ts';

export interface MotoKeySpec {
  name: string;
  region?: string;
  state?: 'Enabled' | 'Disabled' | 'PendingDeletion';
  rotation?: boolean;
  /** The policy as JSON, of the account's id; default what KMS gives a key. */
  policy?: (accountId: string) => string;
}

export interface MotoBucketSpec {
  /** Unique among all accounts, as in S3. */
  name: string;
  region?: string;
  /** Block public access and keep versions. */
  hardened?: boolean;
  /** The policy as JSON. */
  policy?: string;
}

export interface MotoTrailSpec {
  name: string;
  bucket: string;
  region?: string;
  multiRegion?: boolean;
  organization?: boolean;
  validation?: boolean;
  /** A key of the same account by its name, or `<account>/<key>`. */
  key?: string;
  /** Default true. */
  logging?: boolean;
  eventSelectors?: EventSelector[];
}

export interface MotoAccountSpec {
  name: string;
  /** An OU under the root, made when first named. */
  ou?: string;
  /** False: the scanner's role does not exist in it. */
  role?: boolean;
  closed?: boolean;
  keys?: MotoKeySpec[];
  buckets?: MotoBucketSpec[];
  trails?: MotoTrailSpec[];
}

export interface MotoOrganization {
  gateway: MotoGateway;
  organizationId: string;
  managementAccountId: string;
  roleName: string;
  /** Ids by account name; the management account's is under `management`. */
  accounts: Record<string, string>;
  /** ARNs by `<account>/<key>` and `<account>/<trail>`. */
  keys: Record<string, string>;
  trails: Record<string, string>;
  /** Administrator of an account, by its name. */
  credentials(account: string): Promise<StaticCredentials>;
  stop(): Promise<void>;
}

/**
 * Starts moto with an organization made through the public API. The management account is moto's own, 123456789012,
 * and has no audit role unless `management` asks for it.
 */
export async function startMotoOrganization(spec: {
  accounts: MotoAccountSpec[];
  management?: Omit<MotoAccountSpec, 'name' | 'ou' | 'closed'>;
  roleName?: string;
  functions?: Record<string, LambdaFunction>;
}): Promise<MotoOrganization> {
  const { roleName = 'TrailSealAudit', functions = {} } = spec;
  const gateway = await startMotoGateway({ functions });
  const base = { endpoint: gateway.directUrl, region: MOTO_REGION, forcePathStyle: true };
  const management: MotoAccountSpec = { role: false, ...spec.management, name: 'management' };
  const organization: MotoOrganization = {
    ...{ gateway, roleName, organizationId: '', managementAccountId: MOTO_ACCOUNT },
    ...{ accounts: { management: MOTO_ACCOUNT }, keys: {}, trails: {} },
    credentials: async (name) =>
      name === 'management' ? MOTO_CREDENTIALS : administratorOf(gateway.directUrl, named(organization.accounts, name)),
    stop: gateway.stop,
  };
  try {
    const organizations = new OrganizationsClient({ ...base, credentials: MOTO_CREDENTIALS });
    organization.organizationId = await createAccounts(organizations, spec.accounts, organization.accounts);
    const all: [MotoAccountSpec, StaticCredentials][] = [];
    for (const account of [management, ...spec.accounts])
      all.push([account, await organization.credentials(account.name)]);
    for (const [account, credentials] of all) {
      if (account.role !== false) await createRole({ directUrl: gateway.directUrl, credentials, roleName });
      for (const key of account.keys ?? []) {
        const client = new KMSClient({ ...base, region: key.region ?? MOTO_REGION, credentials });
        organization.keys[`${account.name}/${key.name}`] = await createKey(
          client,
          key,
          named(organization.accounts, account.name),
        );
      }
      for (const bucket of account.buckets ?? []) {
        await createBucket(new S3Client({ ...base, region: bucket.region ?? MOTO_REGION, credentials }), bucket);
      }
    }
    for (const [account, credentials] of all) {
      for (const trail of account.trails ?? []) {
        const client = new CloudTrailClient({ ...base, region: trail.region ?? MOTO_REGION, credentials });
        const key = trail.key?.includes('/') ? trail.key : `${account.name}/${trail.key}`;
        const keyArn = trail.key === undefined ? null : named(organization.keys, key);
        organization.trails[`${account.name}/${trail.name}`] = await createTrail(client, trail, keyArn);
      }
    }
    for (const { name, closed } of spec.accounts) {
      if (closed) await organizations.send(new CloseAccountCommand({ AccountId: organization.accounts[name] }));
    }
    return organization;
  } catch (error) {
    await gateway.stop();
    throw error;
  }
}

function named(values: Record<string, string>, name: string): string {
  const value = values[name];
  if (value === undefined) throw new Error(`the organization has no ${name}, only ${Object.keys(values).join(', ')}`);
  return value;
}

async function createAccounts(
  client: OrganizationsClient,
  specs: MotoAccountSpec[],
  accounts: Record<string, string>,
): Promise<string> {
  const { Organization } = await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots } = await client.send(new ListRootsCommand({}));
  const rootId = Roots?.[0]?.Id;
  const ous = new Map<string, string | undefined>();
  for (const [at, { name, ou }] of specs.entries()) {
    const email = `account-${at}@example.com`;
    const { CreateAccountStatus } = await client.send(new CreateAccountCommand({ AccountName: name, Email: email }));
    const AccountId = CreateAccountStatus?.AccountId ?? '';
    accounts[name] = AccountId;
    if (ou === undefined) continue;
    if (!ous.has(ou)) {
      const made = await client.send(new CreateOrganizationalUnitCommand({ ParentId: rootId, Name: ou }));
      ous.set(ou, made.OrganizationalUnit?.Id);
    }
    const move = { AccountId, SourceParentId: rootId, DestinationParentId: ous.get(ou) };
    await client.send(new MoveAccountCommand(move));
  }
  return Organization?.Id ?? '';
}

async function createKey(
  client: KMSClient,
  { name, state, rotation, policy }: MotoKeySpec,
  accountId: string,
): Promise<string> {
  const given = policy === undefined ? {} : { Policy: policy(accountId) };
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: name, ...given }));
  const KeyId = KeyMetadata?.KeyId;
  if (rotation) await client.send(new EnableKeyRotationCommand({ KeyId }));
  if (state === 'Disabled') await client.send(new DisableKeyCommand({ KeyId }));
  if (state === 'PendingDeletion') await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  return KeyMetadata?.Arn ?? '';
}

async function createBucket(client: S3Client, { name, region, hardened, policy }: MotoBucketSpec): Promise<void> {
  const Bucket = name;
  const elsewhere = region !== undefined && region !== MOTO_REGION;
  const place = elsewhere ? { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } } : {};
  await client.send(new CreateBucketCommand({ Bucket, ...place }));
  if (policy !== undefined) await client.send(new PutBucketPolicyCommand({ Bucket, Policy: policy }));
  if (!hardened) return;
  const PublicAccessBlockConfiguration = {
    ...{ BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
  };
  await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
}

async function createTrail(client: CloudTrailClient, trail: MotoTrailSpec, keyArn: string | null): Promise<string> {
  const { name, bucket, multiRegion = false, organization = false, validation = false, logging = true } = trail;
  const { TrailARN } = await client.send(
    new CreateTrailCommand({
      ...{ Name: name, S3BucketName: bucket, EnableLogFileValidation: validation },
      ...{
        IsMultiRegionTrail: multiRegion,
        IsOrganizationTrail: organization,
        IncludeGlobalServiceEvents: multiRegion,
      },
      ...(keyArn !== null && { KmsKeyId: keyArn }),
    }),
  );
  const all: EventSelector[] = [{ ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [] }];
  await client.send(new PutEventSelectorsCommand({ TrailName: name, EventSelectors: trail.eventSelectors ?? all }));
  if (logging) await client.send(new StartLoggingCommand({ Name: name }));
  return TrailARN ?? '';
}
