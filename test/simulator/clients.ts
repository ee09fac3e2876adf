import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { AccountS3Client } from '../../functions/reads/s3-control.ts';
import type { Simulation } from '../../functions/simulator/simulation.ts';

// The versions that the project supports are said in package.json.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** How a test's clients reach the simulation: within the process, or through a loopback address. */
export type Reach = { simulation: Simulation; endpoint?: string; attempts?: number; timeout?: number };

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export const configOf = (reach: Reach, options: { region?: string; credentials?: Keys } = {}) => ({
  region: options.region ?? 'us-east-1',
  credentials: options.credentials ?? reach.simulation.credentials,
  maxAttempts: reach.attempts ?? 1,
  ...(reach.endpoint
    ? { endpoint: reach.endpoint, forcePathStyle: true }
    : { requestHandler: reach.simulation.requestHandler({ requestTimeoutMs: reach.timeout ?? 200 }) }),
});

/** The real clients over a simulation. */
export const clientsOf = (reach: Reach, options: { region?: string; credentials?: Keys } = {}) => {
  const config = configOf(reach, options);
  return {
    organizations: new OrganizationsClient(config),
    sts: new STSClient(config),
    ec2: new EC2Client(config),
    cloudtrail: new CloudTrailClient(config),
    kms: new KMSClient(config),
    s3: new S3Client(config),
    s3Control: new AccountS3Client(config),
    logs: new CloudWatchLogsClient(config),
  };
};

export const roleArn = (accountId: string, role = 'TrailSealAudit'): string => `arn:aws:iam::${accountId}:role/${role}`;

/** Credentials of the audit role in an account. */
export const openSession = async (
  reach: Reach,
  accountId: string,
  extra: { Policy?: string; ExternalId?: string } = {},
): Promise<Keys> => {
  const { Credentials } = await clientsOf(reach).sts.send(
    new AssumeRoleCommand({ RoleArn: roleArn(accountId), RoleSessionName: 'TrailSeal-test', ...extra }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
};

/** The error that a call ends in, by name; fails the test where it succeeds. */
export const errorOf = async (call: Promise<unknown>): Promise<Error & { $metadata?: { httpStatusCode?: number } }> => {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  throw new Error('the call succeeded');
};
