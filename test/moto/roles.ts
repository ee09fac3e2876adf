import { awsQuery, element, type StaticCredentials } from './aws-query.ts';
import { MOTO_CREDENTIALS } from './moto.ts';

/** Credentials in another account, from moto itself: it asks for no role to exist. */
export async function assumeRole(directUrl: string, roleArn: string): Promise<StaticCredentials> {
  const xml = await awsQuery({
    ...{ url: directUrl, service: 'sts', credentials: MOTO_CREDENTIALS },
    parameters: { Action: 'AssumeRole', Version: '2011-06-15', RoleArn: roleArn, RoleSessionName: 'moto-setup' },
  });
  return {
    accessKeyId: element(xml, 'AccessKeyId') ?? '',
    secretAccessKey: element(xml, 'SecretAccessKey') ?? '',
    sessionToken: element(xml, 'SessionToken') ?? '',
  };
}

/** Administrator of any account of moto. */
export const administratorOf = (directUrl: string, accountId: string): Promise<StaticCredentials> =>
  assumeRole(directUrl, `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`);

export async function roleExists(directUrl: string, roleArn: string): Promise<boolean> {
  const [, accountId, roleName] = /^arn:[\w-]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn) ?? [];
  if (accountId === undefined || roleName === undefined) return false;
  try {
    await awsQuery({
      ...{ url: directUrl, service: 'iam', credentials: await administratorOf(directUrl, accountId) },
      parameters: { Action: 'GetRole', Version: '2010-05-08', RoleName: roleName },
    });
    return true;
  } catch (error) {
    if ((error as Error).name.startsWith('NoSuchEntity')) return false;
    throw error;
  }
}

/** Creates a role that the management account may assume. */
export async function createRole(request: {
  directUrl: string;
  credentials: StaticCredentials;
  roleName: string;
}): Promise<void> {
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '123456789012' }, Action: 'sts:AssumeRole' }],
  });
  await awsQuery({
    ...{ url: request.directUrl, service: 'iam', credentials: request.credentials },
    parameters: { Action: 'CreateRole', Version: '2010-05-08', RoleName: request.roleName, AssumeRolePolicyDocument },
  });
}
