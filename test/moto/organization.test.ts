import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetTrailStatusCommand,
  ListEventDataStoresCommand,
} from '@aws-sdk/client-cloudtrail';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListAccountsCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeIfMoto } from './describe-with-moto.ts';
import { type MotoOrganization, startMotoOrganization } from './organization.ts';

describeIfMoto('an organization in moto', () => {
  let organization: MotoOrganization;
  beforeAll(async () => {
    organization = await startMotoOrganization({
      management: { buckets: [{ name: 'landing-zone' }], keys: [{ name: 'shared', rotation: true }] },
      accounts: [
        {
          ...{ name: 'sealed', ou: 'Workloads' },
          trails: [{ name: 'audit', bucket: 'landing-zone', key: 'management/shared', multiRegion: true }],
        },
        {
          name: 'broken',
          buckets: [{ name: 'broken-logs', region: 'eu-west-1', hardened: true }],
          keys: [{ name: 'dead', state: 'Disabled', region: 'eu-west-1' }],
          trails: [{ name: 'local-audit', bucket: 'broken-logs', key: 'dead', region: 'eu-west-1', logging: false }],
        },
        { name: 'locked', role: false },
        { name: 'gone', closed: true },
      ],
    });
  }, 60_000);
  afterAll(() => organization?.stop());

  const openSession = async (account: string) => {
    const { gateway, accounts, roleName } = organization;
    const role = { RoleArn: `arn:aws:iam::${accounts[account]}:role/${roleName}`, RoleSessionName: 'test' };
    const { Credentials: given } = await new STSClient(gateway.client).send(new AssumeRoleCommand(role));
    const credentials = {
      ...{ accessKeyId: given?.AccessKeyId ?? '', secretAccessKey: given?.SecretAccessKey ?? '' },
      sessionToken: given?.SessionToken ?? '',
    };
    return { ...gateway.client, credentials };
  };

  test('has its accounts, one of them closed', async () => {
    const { Accounts = [] } = await new OrganizationsClient(organization.gateway.client).send(
      new ListAccountsCommand({}),
    );
    expect(Object.fromEntries(Accounts.map(({ Id, State }) => [Id, State]))).toEqual({
      [organization.managementAccountId]: 'ACTIVE',
      [organization.accounts.sealed ?? '']: 'ACTIVE',
      [organization.accounts.broken ?? '']: 'ACTIVE',
      [organization.accounts.locked ?? '']: 'ACTIVE',
      [organization.accounts.gone ?? '']: 'SUSPENDED',
    });
  });

  test('lets the role be assumed where it exists, and only there', async () => {
    const config = await openSession('sealed');
    const { Account } = await new STSClient(config).send(new GetCallerIdentityCommand({}));
    expect(Account).toBe(organization.accounts.sealed);
    await expect(openSession('locked')).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(openSession('management')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('keeps trails and keys of accounts apart', async () => {
    const config = { ...(await openSession('broken')), region: 'eu-west-1' };
    const trails = new CloudTrailClient(config);
    const { trailList = [] } = await trails.send(new DescribeTrailsCommand({}));
    expect(trailList.map(({ TrailARN }) => TrailARN)).toEqual([organization.trails['broken/local-audit']]);
    expect(trailList[0]?.KmsKeyId).toBe(organization.keys['broken/dead']);
    const { IsLogging } = await trails.send(new GetTrailStatusCommand({ Name: trailList[0]?.TrailARN }));
    expect(IsLogging).toBe(false);
    const key = { KeyId: organization.keys['broken/dead'] };
    const { KeyMetadata } = await new KMSClient(config).send(new DescribeKeyCommand(key));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', AWSAccountId: organization.accounts.broken });

    const sealed = new CloudTrailClient({ ...(await openSession('sealed')), region: 'ap-south-1' });
    const shadows = (await sealed.send(new DescribeTrailsCommand({}))).trailList ?? [];
    expect(shadows.map(({ TrailARN, KmsKeyId }) => [TrailARN, KmsKeyId])).toEqual([
      [organization.trails['sealed/audit'], organization.keys['management/shared']],
    ]);
  });

  test('has no event data stores', async () => {
    const client = new CloudTrailClient(await openSession('sealed'));
    const { EventDataStores } = await client.send(new ListEventDataStoresCommand({}));
    expect(EventDataStores).toEqual([]);
    expect(organization.gateway.counts.get('cloudtrail:ListEventDataStores')).toBeGreaterThan(0);
  });
});
