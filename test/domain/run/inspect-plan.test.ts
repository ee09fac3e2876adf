import { describe, expect, it } from '@jest/globals';
import type { ScanPlan } from '../../../functions/domain/model/plan.ts';
import { inspectItems } from '../../../functions/domain/run/inspect-plan.ts';
import { shortestExpiry } from '../../../functions/reads/lifecycle.ts';
import { described, OWNER, trailFacts } from '../judge/sample-facts.ts';

const ORGANIZATION = 'o-abcdefghij';
const account = (n: number): string => String(100_000_000_000 + n);

interface Trail {
  owner: string;
  prefix?: string;
  organization?: boolean;
}
const foldersOf = (trails: readonly Trail[], organizationId: string | null = ORGANIZATION): string[] => {
  const items = inspectItems({
    trails: trails.map(({ owner, prefix, organization = false }) =>
      trailFacts({
        owner,
        trail: described({
          trailArn: `arn:aws:cloudtrail:us-east-1:${owner}:trail/main`,
          isOrganization: organization,
          kmsKeyId: null,
          s3KeyPrefix: prefix ?? null,
        }),
      }),
    ),
    eventDataStores: [],
    directory: { isLive: () => true, likelyLogArchives: [] },
    plan: {
      organizationId,
      settings: { logArchiveAccounts: [], trustedAccounts: [], sampleLogs: false },
    } as unknown as ScanPlan,
  });
  return items.flatMap(({ buckets }) => buckets.flatMap(({ logFolders }) => logFolders));
};
/** Days after which a log in one of these folders expires, under a rule of 30 days on the prefix. */
const expiry = (folders: readonly string[], prefix: string): number | null => {
  const rules = [{ Status: 'Enabled' as const, Filter: { Prefix: prefix }, Expiration: { Days: 30 } }];
  return shortestExpiry({ rules, folders, now: new Date('2026-11-24T00:00:00Z') });
};
const many = Array.from({ length: 3_000 }, (_, n) => n);

describe('the folders whose expiry counts for a bucket', () => {
  it("are the trail's own, and under an organization trail those of every member", () => {
    expect(foldersOf([{ owner: OWNER, prefix: 'logs' }])).toEqual([`logs/AWSLogs/${OWNER}/CloudTrail`]);
    expect(foldersOf([{ owner: OWNER, organization: true }])).toEqual([
      `AWSLogs/${OWNER}/CloudTrail`,
      `AWSLogs/${ORGANIZATION}/*/CloudTrail`,
    ]);
  });

  it('of an organization whose id is not known are those of any', () => {
    const folders = foldersOf([{ owner: OWNER, organization: true }], null);
    expect(folders).toEqual(['AWSLogs/*/*/CloudTrail', `AWSLogs/${OWNER}/CloudTrail`]);
    expect(expiry(folders, `AWSLogs/${ORGANIZATION}/${account(7)}/CloudTrail/`)).toBe(30);
    expect(expiry(folders, `AWSLogs/${ORGANIZATION}/${account(7)}/Config/`)).toBeNull();
  });

  it('of more than 50 accounts are those of any account: few, and every one of theirs among them', () => {
    const [fifty, more] = [many.slice(0, 50), many.slice(0, 51)].map((some) =>
      foldersOf(some.map((n) => ({ owner: account(n), prefix: 'logs' }))),
    );
    expect([fifty?.length, more]).toEqual([50, ['logs/AWSLogs/*/CloudTrail']]);
    expect(expiry(fifty ?? [], `logs/AWSLogs/${account(70)}/CloudTrail/`)).toBeNull();
    for (const n of [0, 50]) expect(expiry(more ?? [], `logs/AWSLogs/${account(n)}/CloudTrail/`)).toBe(30);
    for (const prefix of [`logs/AWSLogs/${account(1)}/Config/`, `AWSLogs/${account(1)}/`, 'tmp/'])
      expect([prefix, expiry(more ?? [], prefix)]).toEqual([prefix, null]);
  });

  it('of an organization trail beside more than 50 accounts keep the two apart', () => {
    const local = many.map((n) => ({ owner: account(n) }));
    expect(foldersOf([{ owner: OWNER, organization: true }, ...local])).toEqual([
      'AWSLogs/*/CloudTrail',
      `AWSLogs/${ORGANIZATION}/*/CloudTrail`,
    ]);
  });

  it('of more than 50 prefixes are any folder: the item stays small, and no rule that deletes logs is missed', () => {
    const folders = foldersOf(many.map((n) => ({ owner: account(n), prefix: `team-${n}` })));
    expect(folders).toEqual(['*']);
    for (const prefix of ['', 'team-7/', `team-7/AWSLogs/${account(7)}/CloudTrail/us-east-1/`])
      expect([prefix, expiry(folders, prefix)]).toEqual([prefix, 30]);
  });
});
