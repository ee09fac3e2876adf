import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  ListEventDataStoresCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import pLimit from 'p-limit';
import { sessionPolicy } from '../../../functions/aws/account/session-policy.ts';
import type { AwsCredentials } from '../../../functions/aws/calls/sigv4.ts';
import { isLive } from '../../../functions/domain/model/organization.ts';
import type { SimulationSpec } from '../../../functions/simulator/simulation.ts';
import { type Cost, serve, stopwatch } from '../serve.ts';
import { openWorld } from '../world.ts';

/**
 * The floor: the calls that a scan makes, with the same clients and as many at once, and nothing else. The answers are
 * thrown away, but for what says which call comes next. No state machine, no evidence, no files.
 */
export interface FloorInput {
  spec: SimulationSpec;
  concurrency: number;
  /** Accounts of another organization that are met first, unmeasured: what is measured runs compiled code. */
  warmUp: number;
}

export interface FloorOutput extends Cost {
  simulatorMs: number;
  calls: Record<string, number>;
}

const REGIONS_AT_ONCE = 8;

await serve(async ({ spec, concurrency, warmUp }: FloorInput): Promise<FloorOutput> => {
  if (warmUp > 0) await loop({ ...spec, accounts: warmUp, latency: 0 }, concurrency);
  return loop(spec, concurrency);
});

async function loop(spec: SimulationSpec, concurrency: number): Promise<FloorOutput> {
  const world = openWorld(spec);
  const { simulation, access, region: home } = world;
  const regions = [...simulation.regions].sort();
  const roleArn = (accountId: string) => `arn:${simulation.partition}:iam::${accountId}:role/${simulation.roleName}`;
  const Policy = sessionPolicy({ partition: simulation.partition, sampleLogs: false });

  const credentialsOf = async (accountId: string): Promise<(() => Promise<AwsCredentials>) | null> => {
    if (accountId === simulation.callerAccountId) return access.ownCredentials;
    try {
      const { Credentials: given } = await access.own(STSClient).send(
        new AssumeRoleCommand({
          RoleArn: roleArn(accountId),
          RoleSessionName: 'TrailSeal-floor',
          DurationSeconds: 900,
          Policy,
        }),
      );
      if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken) return null;
      const credentials = {
        accessKeyId: given.AccessKeyId,
        secretAccessKey: given.SecretAccessKey,
        sessionToken: given.SessionToken,
      };
      return async () => credentials;
    } catch {
      return null;
    }
  };

  const account = async (accountId: string): Promise<void> => {
    const credentials = await credentialsOf(accountId);
    if (!credentials) return;
    const identity = { credentials };
    const send = <T>(work: () => Promise<T>): Promise<T | null> => access.signAs(identity, work).catch(() => null);
    const answer = await send(() =>
      access.forAccount(EC2Client).send(new DescribeRegionsCommand({ AllRegions: true })),
    );
    if (!answer) return;
    const off = new Set(
      answer.Regions?.flatMap((r) => (r.OptInStatus === 'not-opted-in' && r.RegionName ? [r.RegionName] : [])),
    );
    const trails = new Map<string, Trail>();
    const limit = pLimit(REGIONS_AT_ONCE);
    const client = (region: string) => access.forAccount(CloudTrailClient, region);
    await Promise.all(
      regions.map((region) =>
        limit(async () => {
          if (off.has(region)) return;
          const seen = await send(() => client(region).send(new DescribeTrailsCommand({ includeShadowTrails: true })));
          // As the scan: a region that refuses its trails is asked for nothing more.
          if (!seen) return;
          await send(() => client(region).send(new ListEventDataStoresCommand({})));
          for (const trail of seen.trailList ?? []) if (trail.TrailARN) trails.set(trail.TrailARN, trail);
        }),
      ),
    );
    await Promise.all(
      [...trails].map(async ([arn, { HomeRegion: at = home, IsOrganizationTrail: shared }]) => {
        const owned = arn.split(':')[4] === accountId;
        if ((!owned && !shared) || off.has(at)) return;
        await Promise.all([
          limit(() => send(() => client(at).send(new GetTrailStatusCommand({ Name: arn })))),
          owned ? limit(() => send(() => client(at).send(new GetEventSelectorsCommand({ TrailName: arn })))) : null,
        ]);
      }),
    );
  };

  const live = Array.from({ length: simulation.accountCount }, (_, index) => simulation.accountAt(index)).flatMap(
    ({ id, state }) => (isLive(state) ? [id] : []),
  );
  const end = stopwatch();
  let next = 0;
  const lane = async () => {
    for (let id = live[next++]; id !== undefined; id = live[next++]) await account(id);
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
  return { ...end(), simulatorMs: world.simulatorMs(), calls: Object.fromEntries(world.operations) };
}
