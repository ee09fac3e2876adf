import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../bench/peers/answer.ts';
import { c7nAnswers } from '../../bench/peers/c7n-org.ts';
import { cloudSploitAnswers } from '../../bench/peers/cloudsploit.ts';
import { judge } from '../../bench/peers/judge.ts';
import { prowlerAnswers } from '../../bench/peers/prowler.ts';
import { truthOf } from '../../bench/peers/truth.ts';
import { createSimulation } from '../../functions/simulator/simulation.ts';

const ids = { management: '111111111111', bare: '222222222222', refusing: '333333333333', walled: '444444444444' };
const arn = (name: string, account = ids.management) => `arn:aws:cloudtrail:us-east-1:${account}:trail/${name}`;

const truth = truthOf(
  createSimulation({
    world: {
      regions: ['us-east-1', 'eu-west-1', 'me-south-1'],
      accounts: [
        { id: ids.management, optedIn: ['me-south-1'] },
        { id: ids.bare, organizationTrails: false },
        { id: ids.refusing, role: false, organizationTrails: false },
        { id: ids.walled },
        { id: '555555555555', state: 'CLOSED' },
      ],
      trails: [
        { name: 'org', organization: true, key: 'good' },
        { name: 'open', owner: ids.walled },
        { name: 'dying', key: 'dead' },
        { name: 'foreign', key: 'arn:aws:kms:us-east-1:999999999999:key/00000000-0000-0000-0000-000000000000' },
      ],
      keys: [{ name: 'good' }, { name: 'dead', state: 'PendingDeletion' }],
      denials: [{ accounts: [ids.walled], regions: ['eu-west-1'] }],
    },
  }),
);

test('the truth is what the world holds', () => {
  expect(truth).toEqual({
    accountIds: Object.values(ids),
    unsealed: new Set([arn('open', ids.walled)]),
    deadKeys: new Set([arn('dying')]),
    workingKeys: new Set([arn('org')]),
    withoutTrail: new Set([ids.bare]),
    denied: new Set([ids.refusing]),
    deniedTargets: new Set([`${ids.walled}/eu-west-1`]),
    disabledTargets: new Set([`${ids.bare}/me-south-1`, `${ids.walled}/me-south-1`]),
  });
});

describe('a tool', () => {
  const tell = (
    says: Answer['says'],
    about: { trail?: string; account?: string; region?: string | null } = {},
  ): Answer => ({
    accountId: about.account ?? ids.management,
    region: about.region === undefined ? 'us-east-1' : about.region,
    trailArn: about.trail ?? null,
    says,
  });
  const resultOf = (answers: Answer[], log = '') => {
    const { scores, repetition } = judge({ answers, log }, truth);
    const short = scores.map(({ question, of, found, wrong, logged }) => [question, [found, wrong, logged, of]]);
    return { scores: Object.fromEntries(short) as Record<string, number[]>, repetition };
  };

  test('that tells everything once is right in everything', () => {
    const { scores, repetition } = resultOf([
      tell('unencrypted', { trail: arn('open', ids.walled), account: ids.walled }),
      tell('encrypted', { trail: arn('dying') }),
      tell('key-unusable', { trail: arn('dying') }),
      tell('encrypted', { trail: arn('org') }),
      tell('no-trail', { account: ids.bare }),
      tell('could-not-look', { account: ids.refusing, region: null }),
      tell('could-not-look', { account: ids.walled, region: 'eu-west-1' }),
      tell('region-disabled', { account: ids.bare, region: 'me-south-1' }),
      tell('region-disabled', { account: ids.walled, region: 'me-south-1' }),
    ]);
    for (const [found, wrong, logged, of] of Object.values(scores)) expect([found, wrong, logged]).toEqual([of, 0, 0]);
    expect(repetition).toEqual({ rows: 3, trails: 3, most: 1 });
  });

  test('that tells nothing misses everything and is wrong in nothing', () => {
    const { scores, repetition } = resultOf([]);
    for (const [found, wrong, logged, of] of Object.values(scores)) {
      expect([found, wrong, logged]).toEqual([0, 0, 0]);
      expect(of).toBeGreaterThan(0);
    }
    expect(repetition).toEqual({ rows: 0, trails: 0, most: 0 });
  });

  test('that passes a dead key, calls an open trail sealed or a sealed one open is wrong', () => {
    const { scores } = resultOf([
      tell('encrypted', { trail: arn('dying') }),
      tell('encrypted', { trail: arn('open', ids.walled) }),
      tell('encrypted', { trail: arn('org') }),
      tell('unencrypted', { trail: arn('org') }),
    ]);
    expect(scores['trails whose key is dead']).toEqual([0, 1, 0, 1]);
    expect(scores['trails without a key']).toEqual([0, 1, 0, 1]);
    expect(scores['trails whose key works']).toEqual([0, 1, 0, 1]);
  });

  test('that only logs a refusal has not stated it, and other lines do not count', () => {
    const log = `looking at ${ids.refusing}\n${ids.refusing} AccessDenied\n${ids.walled} eu-west-1 not authorized\n`;
    const { scores } = resultOf([], log);
    expect(scores['accounts that refuse the role']).toEqual([0, 0, 1, 1]);
    expect(scores['regions that refuse']).toEqual([0, 0, 1, 1]);
    expect(resultOf([], `looking at ${ids.refusing}`).scores['accounts that refuse the role']).toEqual([0, 0, 0, 1]);
  });

  test('that reports one trail in every account repeats it', () => {
    const copies = Object.values(ids).map((account) => tell('encrypted', { trail: arn('org'), account }));
    expect(resultOf([...copies, tell('encrypted', { trail: arn('dying') })]).repetition).toEqual({
      rows: 5,
      trails: 2,
      most: 4,
    });
  });
});

test("Prowler's CSV", () => {
  const csv = [
    'ACCOUNT_UID;CHECK_ID;STATUS;RESOURCE_UID;REGION',
    `${ids.walled};cloudtrail_kms_encryption_enabled;FAIL;${arn('open', ids.walled)};us-east-1`,
    `${ids.walled};cloudtrail_kms_encryption_enabled;PASS;"${arn('org')}";us-east-1`,
    `${ids.walled};another_check;FAIL;x;us-east-1`,
  ].join('\n');
  expect(prowlerAnswers(csv)).toEqual([
    { accountId: ids.walled, region: 'us-east-1', trailArn: arn('open', ids.walled), says: 'unencrypted' },
    { accountId: ids.walled, region: 'us-east-1', trailArn: arn('org'), says: 'encrypted' },
  ]);
});

test("c7n-org's folders: what the policy matched in each account and region", () => {
  const out = mkdtempSync(join(tmpdir(), 'trailseal-c7n-'));
  try {
    const put = (account: string, region: string, text: string | null) => {
      const folder = join(out, account, region, 'trail-without-key');
      mkdirSync(folder, { recursive: true });
      if (text !== null) writeFileSync(join(folder, 'resources.json'), text);
    };
    put(ids.walled, 'us-east-1', JSON.stringify([{ Name: 'open', TrailARN: arn('open', ids.walled) }]));
    put(ids.walled, 'eu-west-1', null);
    put(ids.bare, 'us-east-1', '[]');
    expect(c7nAnswers(out)).toEqual([
      { accountId: ids.walled, region: 'us-east-1', trailArn: arn('open', ids.walled), says: 'unencrypted' },
    ]);
  } finally {
    rmSync(out, { recursive: true });
  }
});

test("CloudSploit's JSON, and the empty file of an account that whose role it could not assume", () => {
  const row = (status: string, message: string, resource = 'N/A') => ({
    region: 'us-east-1',
    resource,
    status,
    message,
  });
  const json = JSON.stringify([
    row('OK', 'CloudTrail encryption is enabled', arn('org')),
    row('FAIL', 'CloudTrail encryption is not enabled', arn('open', ids.walled)),
    row('FAIL', 'CloudTrail is not enabled'),
    row('UNKNOWN', 'Unable to query for CloudTrail encryption status: AccessDenied'),
  ]);
  expect(cloudSploitAnswers(json, ids.bare).map(({ says, trailArn }) => [says, trailArn])).toEqual([
    ['encrypted', arn('org')],
    ['unencrypted', arn('open', ids.walled)],
    ['no-trail', null],
    ['could-not-look', null],
  ]);
  expect(cloudSploitAnswers('', ids.bare)).toEqual([]);
});
