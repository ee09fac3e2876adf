import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { READS } from '../../../functions/reads/registry.ts';
import type { Protocol } from '../../../functions/simulator/apis/wire.ts';

/** An operation that a scan calls: how its service speaks, and which of the SDK's packages knows its errors. */
export interface CalledOperation {
  service: string;
  operation: string;
  protocol: Protocol;
  /** As the SDK and the wire name it, where CloudTrail has another name. */
  sentAs: string;
  /** Exceptions that the service's model declares for it, as the SDK's documentation carries them. */
  declared: string[];
}

const PACKAGES: Record<string, { client: string; protocol: Protocol }> = {
  cloudtrail: { client: 'client-cloudtrail', protocol: 'json' },
  ec2: { client: 'client-ec2', protocol: 'ec2' },
  kms: { client: 'client-kms', protocol: 'json' },
  logs: { client: 'client-cloudwatch-logs', protocol: 'json' },
  organizations: { client: 'client-organizations', protocol: 'json' },
  s3: { client: 'client-s3', protocol: 's3' },
  'account-block': { client: 'client-s3-control', protocol: 's3' },
  sts: { client: 'client-sts', protocol: 'query' },
};

/** What is asked for in the scanner's own name, before any role is assumed. */
const OWN = [
  { service: 'sts', operation: 'GetCallerIdentity' },
  { service: 'sts', operation: 'AssumeRole' },
  ...[
    'DescribeOrganization',
    'ListAccounts',
    'ListRoots',
    'ListOrganizationalUnitsForParent',
    'ListAccountsForParent',
  ].map((operation) => ({ service: 'organizations', operation })),
];

/** Every operation that a scan calls, from the registry of reads. */
export const CALLED: readonly CalledOperation[] = [...OWN, ...READS].map(({ service, operation }) => {
  const ofAccount = operation === 'GetAccountPublicAccessBlock';
  const { client, protocol } = PACKAGES[ofAccount ? 'account-block' : service] ?? unknown(service);
  const sentAs = ofAccount ? 'GetPublicAccessBlock' : operation;
  return { service, operation, protocol, sentAs, declared: declaredBy(client, sentAs) };
});

function declaredBy(client: string, operation: string): string[] {
  const types = join(import.meta.dirname, '../../../node_modules/@aws-sdk', client, 'dist-types');
  const file = join(types, 'commands', `${operation}Command.d.ts`);
  const [base] = readdirSync(join(types, 'models')).flatMap(
    (name) => /^(\w+ServiceException)\.d\.ts$/.exec(name)?.[1] ?? [],
  );
  const codes = [...readFileSync(file, 'utf8').matchAll(/@throws \{@link (\w+)\}/g)].map(([, code = '']) => code);
  return [...new Set(codes)].filter((code) => code !== base).sort();
}

function unknown(service: string): never {
  throw new Error(`say in PACKAGES which package of the SDK speaks to ${service}`);
}
