import { describe, expect, it } from '@jest/globals';
import type { DescribedTrail } from '../../../functions/domain/model/account-access.ts';
import type { AccountObservation } from '../../../functions/domain/model/observation.ts';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { type ScannedWorld, scanWorld } from '../../scan-world.ts';

/**
 * The classic rule, "the trail has a KmsKeyId", as the tools of the field decide it, each over what it sees: one
 * account and region at a time. Their logic is written here as published; nothing of them is run.
 * A verdict is [account name, trail name or null, met].
 */
type Verdict = [account: string, trail: string | null, met: boolean];
interface View {
  account: string;
  accountId: string;
  region: string;
  trails: DescribedTrail[];
}

const PEERS: Record<string, (views: View[]) => Verdict[]> = {
  // cloudtrail_kms_encryption_enabled: every trail of the account's dictionary, keyed by ARN.
  Prowler: (views) => perAccount(views, (trails) => unique(trails.map((t) => [t.name, t.kmsKeyId !== null]))),
  // cloudtrailEncryption: every trail that each region describes, shadows included; a region without any fails.
  CloudSploit: (views) =>
    views.flatMap((v): Verdict[] =>
      v.trails.length === 0
        ? [[v.account, null, false]]
        : v.trails.map((t) => [v.account, t.name, t.kmsKeyId !== null]),
    ),
  // filter KmsKeyId: absent, per account and region, over describe_trails.
  'Cloud Custodian': (views) =>
    views.flatMap((v) => v.trails.map((t): Verdict => [v.account, t.name, t.kmsKeyId !== null])),
  // aws_cloudtrail_trail where region = home_region.
  Powerpipe: (views) =>
    views.flatMap((v) =>
      v.trails.filter((t) => t.homeRegion === v.region).map((t): Verdict => [v.account, t.name, t.kmsKeyId !== null]),
    ),
  // cloud-trail-encryption-enabled: the account complies when its trails have a key.
  'AWS Config': (views) =>
    perAccount(views, (trails) =>
      trails.length === 0 ? [[null, false]] : unique(trails.map((t) => [t.name, t.kmsKeyId !== null])),
    ),
};

const perAccount = (views: View[], judge: (trails: DescribedTrail[]) => [string | null, boolean][]): Verdict[] =>
  [...new Set(views.map((v) => v.account))].flatMap((account) =>
    judge(views.filter((v) => v.account === account).flatMap((v) => v.trails)).map(
      ([trail, met]): Verdict => [account, trail, met],
    ),
  );
const unique = (pairs: [string | null, boolean][]): [string | null, boolean][] => [
  ...new Map(pairs.map((pair) => [String(pair[0]), pair])).values(),
];

/** What each tool would have seen: the observations of our own scan. */
function viewsOf({ store, runId, simulation }: ScannedWorld): View[] {
  const names = new Map(
    [...Array(simulation.accountCount).keys()].map((i) => [simulation.accountAt(i).id, simulation.accountAt(i).name]),
  );
  return [...store.files.keys()]
    .filter((key) => key.startsWith(`runs/${runId}/observations/`))
    .map((key) => JSON.parse(store.text(key)) as AccountObservation)
    .flatMap((observation) =>
      observation.regions.flatMap((region) => {
        if (region.state !== 'SCANNED') return [];
        const trails = observation.trails.filter((t) => region.trailArns.includes(t.trailArn));
        const account = names.get(observation.accountId) ?? '';
        return [{ account, accountId: observation.accountId, region: region.region, trails }];
      }),
    );
}

async function ours(scanned: ScannedWorld): Promise<Verdict[]> {
  const findings = (await scanned.rows('findings')).filter((f) => f.control_id === 'trail-kms-encrypted');
  return findings.map(
    (f): Verdict => [f.account_name ?? '', f.resource_arn.split('/').at(-1) ?? '', f.status === 'PASS'],
  );
}

const sorted = (verdicts: Verdict[]) => verdicts.map((v) => v.join(' ')).sort();
const members = [{ name: 'management' }, { name: 'a' }, { name: 'b' }];

describe('the classic rule beside the tools of the field', () => {
  const single: WorldSpec = {
    accounts: [{ name: 'management' }, { name: 'a' }],
    regions: ['us-east-1'],
    trails: [
      { name: 'good', owner: 'a', key: 'k' },
      { name: 'bad', owner: 'a' },
      { name: 'own', owner: 'management', key: 'k' },
    ],
    keys: [{ name: 'k' }],
  };

  it.each(Object.keys(PEERS))('agrees with %s on trails seen once, where they live', async (peer) => {
    const scanned = await scanWorld({ world: single });
    expect(sorted(await ours(scanned))).toEqual(sorted(PEERS[peer]?.(viewsOf(scanned)) ?? []));
  });

  const organization: WorldSpec = { accounts: members, trails: [{ name: 'org', organization: true }] };
  it.each([
    ['Prowler', 3],
    ['CloudSploit', 6],
    ['Cloud Custodian', 6],
    ['Powerpipe', 3],
    ['AWS Config', 3],
  ] as const)('reports an organization trail once, where %s reports it %i times', async (peer, times) => {
    const scanned = await scanWorld({ world: organization });
    expect(PEERS[peer]?.(viewsOf(scanned)).filter(([, , met]) => !met)).toHaveLength(times);
    expect(await ours(scanned)).toEqual([['management', 'org', false]]);
  });

  it('reports a multi-Region trail once, where tools that go by Region repeat its shadows', async () => {
    const scanned = await scanWorld({
      world: {
        accounts: [{ name: 'management' }],
        regions: ['us-east-1', 'eu-west-1', 'eu-north-1'],
        trails: [{ name: 'local' }],
      },
    });
    const views = viewsOf(scanned);
    expect([
      PEERS.CloudSploit?.(views).length,
      PEERS['Cloud Custodian']?.(views).length,
      (await ours(scanned)).length,
    ]).toEqual([3, 3, 1]);
  });

  it('fails a dead key that every one of them passes', async () => {
    const scanned = await scanWorld({
      world: {
        accounts: members,
        trails: [{ name: 'org', organization: true, key: 'k' }],
        keys: [{ name: 'k', state: 'Disabled' }],
      },
    });
    const views = viewsOf(scanned);
    for (const peer of Object.values(PEERS)) expect(peer(views).every(([, , met]) => met)).toBe(true);
    expect((await ours(scanned)).every(([, , met]) => met)).toBe(true);
    const usable = (await scanned.rows('findings')).filter((f) => f.control_id === 'trail-key-usable');
    expect(usable.map((f) => f.status)).toEqual(['FAIL']);
  });

  it('has a row for the account that refused, where they have none', async () => {
    const scanned = await scanWorld({
      world: {
        accounts: [{ name: 'management' }, { name: 'shut', role: false }],
        trails: [{ name: 'org', organization: true, key: 'k' }],
        keys: [{ name: 'k' }],
      },
    });
    const views = viewsOf(scanned);
    for (const peer of Object.values(PEERS)) expect(peer(views).some(([account]) => account === 'shut')).toBe(false);
    expect((await scanned.rows('coverage')).filter((c) => c.account_name === 'shut').map((c) => c.verdict)).toEqual([
      'UNVERIFIED',
      'UNVERIFIED',
    ]);
  });

  it('has a failing row for an account without a trail, where most have none', async () => {
    const scanned = await scanWorld({ world: { accounts: [{ name: 'management' }], regions: ['us-east-1'] } });
    const views = viewsOf(scanned);
    expect(Object.entries(PEERS).map(([name, peer]) => [name, peer(views).length])).toEqual([
      ['Prowler', 0],
      ['CloudSploit', 1],
      ['Cloud Custodian', 0],
      ['Powerpipe', 0],
      ['AWS Config', 1],
    ]);
    expect((await scanned.rows('coverage')).map((c) => c.verdict)).toEqual(['NO_TRAIL']);
  });
});
