import { AsyncLocalStorage } from 'node:async_hooks';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import * as cloudtrail from '@aws-sdk/client-cloudtrail';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as ec2 from '@aws-sdk/client-ec2';
import * as kms from '@aws-sdk/client-kms';
import * as organizations from '@aws-sdk/client-organizations';
import * as s3 from '@aws-sdk/client-s3';
import * as control from '@aws-sdk/client-s3-control';
import * as sts from '@aws-sdk/client-sts';
import pLimit from 'p-limit';
import { createRateLimit, ORGANIZATIONS_RATES } from '../../../functions/aws/calls/rate.ts';
import type { AwsCredentials } from '../../../functions/aws/calls/sigv4.ts';
import type { SimulationSpec } from '../../../functions/simulator/simulation.ts';
import { type Cost, idleWatch, serve, stopwatch } from '../serve.ts';
import { openWorld } from '../world.ts';

/**
 * The floor of a whole command: every call that a run has kept as evidence, made again in a bare loop. The organization's
 * at its quotas, then of each account the role and all else side by side, so many accounts at once. The answers are thrown
 * away; nothing is planned, judged, written or shown.
 */
export interface WholeFloorInput {
  spec: SimulationSpec;
  /** The run's evidence folder. */
  evidence: string;
  concurrency: number;
  /** The scan's own clients, or the SDK's as they come. */
  clients: 'same' | 'sdk';
  /** Only what the Inspect state asked, with roles that are assumed before the clock starts. Default: everything. */
  onlyInspect?: boolean;
}

export interface WholeFloorOutput extends Cost {
  calls: number;
  idleMs: number;
  gcMs: number;
}

interface Call {
  service: string;
  operation: string;
  region: string;
  accountId: string;
  input: Record<string, unknown>;
}

// biome-ignore lint/suspicious/noExplicitAny: commands and clients are found by name.
type Loose = any;
const SERVICES: Record<string, { client: Loose; commands: Loose }> = {
  cloudtrail: { client: cloudtrail.CloudTrailClient, commands: cloudtrail },
  logs: { client: logs.CloudWatchLogsClient, commands: logs },
  ec2: { client: ec2.EC2Client, commands: ec2 },
  kms: { client: kms.KMSClient, commands: kms },
  organizations: { client: organizations.OrganizationsClient, commands: organizations },
  s3: { client: s3.S3Client, commands: s3 },
  's3-control': { client: control.S3ControlClient, commands: control },
  s3control: { client: control.S3ControlClient, commands: control },
  sts: { client: sts.STSClient, commands: sts },
};

/** Operations whose name in CloudTrail, and so in the evidence, is not the SDK's. */
const COMMANDS: Record<string, string> = {
  GetBucketLifecycle: 'GetBucketLifecycleConfiguration',
  GetAccountPublicAccessBlock: 'GetPublicAccessBlock',
  GetBucketPublicAccessBlock: 'GetPublicAccessBlock',
  GetBucketObjectLockConfiguration: 'GetObjectLockConfiguration',
};

await serve(
  async ({ spec, evidence, concurrency, clients, onlyInspect = false }: WholeFloorInput): Promise<WholeFloorOutput> => {
    const calls = readdirSync(evidence, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ndjson.gz'))
      .flatMap((name) => {
        const lines = gunzipSync(readFileSync(join(evidence, name)))
          .toString()
          .trim()
          .split('\n');
        const isInspect = basename(name).startsWith('inspect-');
        return lines.map((line) => ({ ...(JSON.parse(line) as Call), isInspect }));
      })
      .filter(({ service }) => service in SERVICES);
    const world = openWorld(spec);
    const { access, simulation } = world;
    const identities = new AsyncLocalStorage<() => Promise<AwsCredentials>>();
    const plain = new Map<string, Loose>();
    const provider = Object.assign(async () => (identities.getStore() ?? access.ownCredentials)(), { memoized: true });
    const handler = simulation.requestHandler();
    const clientOf = (service: string, region: string, own: boolean): Loose => {
      const Client = SERVICES[service]?.client;
      const at = region === '*' ? world.region : region;
      if (clients === 'same') return own ? access.own(Client, at) : access.forAccount(Client, at);
      const key = `${service} ${at}`;
      const client = plain.get(key) ?? new Client({ region: at, credentials: provider, requestHandler: handler });
      plain.set(key, client);
      return client;
    };
    const send = async ({ service, operation, region, input }: Call, own = false): Promise<Loose> => {
      const Command = SERVICES[service]?.commands[`${COMMANDS[operation] ?? operation}Command`];
      if (!Command) throw new Error(`the floor knows no command for ${service} ${operation}`);
      return clientOf(service, region, own)
        .send(new Command(input))
        .catch(() => null);
    };

    const byAccount = new Map<string, Call[]>();
    const listing: Call[] = [];
    const roles = new Map<string, Call>();
    for (const call of calls) {
      if (call.service === 'organizations') listing.push(call);
      else if (call.operation === 'AssumeRole') roles.set(call.accountId, call);
      else if (call.isInspect || !onlyInspect)
        byAccount.set(call.accountId, [...(byAccount.get(call.accountId) ?? []), call]);
    }
    const assumed = new Map<string, AwsCredentials | null>();
    const assume = async (accountId: string): Promise<AwsCredentials | null> => {
      const role = roles.get(accountId);
      const given = role && (await send(role, true))?.Credentials;
      return given
        ? { accessKeyId: given.AccessKeyId, secretAccessKey: given.SecretAccessKey, sessionToken: given.SessionToken }
        : null;
    };
    if (onlyInspect) for (const accountId of byAccount.keys()) assumed.set(accountId, await assume(accountId));

    const end = stopwatch();
    const idle = idleWatch();
    const limits = new Map(Object.entries(ORGANIZATIONS_RATES).map(([name, rate]) => [name, createRateLimit(rate)]));
    for (const call of onlyInspect ? [] : listing) {
      await limits.get(call.operation)?.();
      await send(call, true);
    }
    const account = async (accountId: string): Promise<void> => {
      const held = assumed.get(accountId) ?? (await assume(accountId));
      if (roles.has(accountId) && !held) return;
      const credentials = held ? async () => held : access.ownCredentials;
      const all = () => Promise.all((byAccount.get(accountId) ?? []).map((call) => send(call)));
      if (clients === 'same') await access.signAs({ credentials }, all);
      else await identities.run(credentials, all);
    };
    const limit = pLimit(concurrency);
    const accounts = new Set([...(onlyInspect ? [] : roles.keys()), ...byAccount.keys()]);
    await Promise.all([...accounts].map((id) => limit(() => account(id))));
    const made = onlyInspect ? [...byAccount.values()].reduce((sum, asked) => sum + asked.length, 0) : calls.length;
    return { ...end(), ...idle(), calls: made };
  },
);
