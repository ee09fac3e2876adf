import { describe, expect, it } from '@jest/globals';
import type { Problem } from '../../../functions/domain/remediation/decide/problem.ts';
import { trailSubject } from '../../../functions/domain/remediation/decide/subject.ts';
import {
  REMEDIATION_FORMATS,
  type Remediation,
  remediations,
} from '../../../functions/domain/remediation/remediate.ts';
import { PROBLEMS } from './problems.ts';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT, trailOf } from './subjects.ts';

const all = (problems: Problem[], options = {}): Remediation[] => [
  ...remediations({ problems, format: 'aws-cli', options }),
];
const refusal = (found: Remediation | undefined): string => (found?.ok === false ? found.refusal : '');

describe('remediations', () => {
  it.each(Object.entries(PROBLEMS))('%s', (_, expected) => {
    const [found] = all([expected.problem]);
    if ('refused' in expected) expect(refusal(found)).toMatch(expected.refused);
    else if (!found?.ok) throw new Error(refusal(found));
    else expect(found.plan.changes.map((c) => c.do)).toEqual(expected.plan);
  });

  it.each(REMEDIATION_FORMATS)('writes every plan as %s: named files, each with a purpose, none empty', (format) => {
    for (const { problem } of Object.values(PROBLEMS)) {
      for (const found of remediations({ problems: [problem], format })) {
        if (!found.ok) continue;
        expect(found.files.length).toBeGreaterThan(0);
        expect(new Set(found.files.map((f) => f.name)).size).toBe(found.files.length);
        for (const file of found.files) {
          expect(file.name).toMatch(/^[A-Za-z0-9-]+(\/[A-Za-z0-9-]+)?\.(sh|tf|md|json|yaml)$/);
          expect(file.content.length).toBeGreaterThan(50);
          expect(file.purpose).not.toBe('');
          expect(file.content).not.toMatch(/undefined|\[object Object\]|\bNaN\b/);
        }
      }
    }
  });

  it('refuses a key anywhere but in the Region of the bucket', () => {
    const problems: Problem[] = [{ problem: 'trail', trail: trailOf() }];
    expect(refusal(all(problems, { keyRegion: 'us-east-1' })[0])).toMatch(
      /cannot be in us-east-1: bucket org-logs is in eu-west-1/,
    );
    expect(all(problems, { keyRegion: 'eu-west-1' })[0]?.ok).toBe(true);
    const elsewhere = KEY_ARN.replace('eu-west-1', 'eu-west-2');
    expect(refusal(all(problems, { useKeyArn: elsewhere })[0])).toMatch(
      /is in eu-west-2, and bucket org-logs in eu-west-1/,
    );
    expect(refusal(all(problems, { useKeyArn: 'alias/x' })[0])).toMatch(/not a key ARN/);
    expect(refusal(all(problems, { alias: 'alias/aws/x' })[0])).toMatch(/not an alias/);
  });

  it('lets the role in that the run assumed, by its path in a policy and by its name in a call', () => {
    const unread = PROBLEMS['key not readable']?.problem;
    if (!unread) throw new Error('no such problem');
    const [found] = all([unread], { auditRoleName: 'audit/Reader' });
    if (!found?.ok) throw new Error(refusal(found));
    const text = found.files.map(({ content }) => content).join('\n');
    expect(text).toMatch(/:role\/audit\/Reader\b/);
    expect(text).toMatch(/--role-name '?Reader\b/);
    expect(text).not.toMatch(/TrailSealAudit\b/);
  });

  it('uses a key that is there, and merges into its policy', () => {
    const [found] = all([{ problem: 'trail', trail: trailOf() }], { useKeyArn: KEY_ARN });
    if (!found?.ok) throw new Error(refusal(found));
    expect(found.plan.changes.map((c) => c.do)).toEqual(['merge-key-policy', 'set-trail-key', 'check-delivery']);
  });

  it('makes one key and one change of an organization trail, however many accounts it covers', () => {
    const covered = Array.from({ length: 3_000 }, (_, i) => String(i).padStart(12, '0'));
    const found = all([
      { problem: 'trail', trail: trailOf({ accountsCovered: covered }) },
      { problem: 'trail', trail: trailOf({ accountsCovered: covered }) },
    ]);
    expect(found).toHaveLength(1);
    const [one] = found;
    if (!one?.ok) throw new Error(refusal(one));
    expect(one.plan.changes.filter((c) => c.do === 'create-key')).toHaveLength(1);
    expect(one.plan.accountsCovered).toHaveLength(3_000);
    expect(one.files.every((f) => f.content.length < 30_000)).toBe(true);
  });

  it('gives local trails that share cause and bucket common keys, whose policies AWS can store', () => {
    const problems = Array.from({ length: 3_000 }, (_, i): Problem => {
      const ownerAccountId = String(100_000_000_000 + i);
      const trail = trailOf({ ownerAccountId, isOrganization: false, accountsCovered: [ownerAccountId] });
      return { problem: 'trail', trail };
    });
    const found = all(problems.toReversed());
    expect(found.length).toBeGreaterThan(5);
    expect(found.length).toBeLessThan(30);
    const aliases = found.map((one) => {
      if (!one.ok) throw new Error(refusal(one));
      const [made, ...set] = one.plan.changes;
      if (made?.do !== 'create-key') throw new Error('no key');
      expect(made.accountId).toBe(LOG_ARCHIVE);
      expect(Buffer.byteLength(JSON.stringify(made.key.policy))).toBeLessThan(32_768);
      expect(new Set(set.map((c) => c.do))).toEqual(new Set(['set-trail-key', 'check-delivery']));
      expect(one.files.map((f) => f.name)).toEqual([
        `1-fix-${LOG_ARCHIVE}.sh`,
        '2-fix-each-account.sh',
        '1-undo-each-account.sh',
      ]);
      return made.key.alias;
    });
    expect(new Set(aliases).size).toBe(found.length);
    expect(all(problems)).toEqual(found);
  });

  it('keeps trails with buckets of their own apart', () => {
    const local = (n: number): Problem => {
      const ownerAccountId = String(n).repeat(12);
      const trail = trailOf({
        ownerAccountId,
        isOrganization: false,
        bucket: `logs-of-number-${n}`,
        bucketAccountId: ownerAccountId,
      });
      return { problem: 'trail', trail };
    };
    const found = all([local(1), local(2)]);
    expect(found.map((f) => f.ok && f.plan.changes[0]?.accountId)).toEqual(['111111111111', '222222222222']);
  });

  it.each([
    ['an account id', { ownerAccountId: '1$(id)' }],
    ['a Region', { homeRegion: 'eu-west-1; id' }],
    ['a trail name', { trailName: 'x"; id #' }],
    ['an ARN of another trail', { trailArn: `arn:aws:cloudtrail:eu-west-1:${MANAGEMENT}:trail/other` }],
    ['a partition', { partition: 'gcp' }],
    ['an organization id', { organizationId: 'o-*' }],
    ['a bucket Region', { bucketRegion: '$(id)' }],
  ])('writes nothing for a record in which %s is not what AWS gives', (_, differs) => {
    const [found] = all([{ problem: 'trail', trail: trailOf(differs) }]);
    expect(refusal(found)).toMatch(/record is malformed/);
  });
});

describe('trailSubject', () => {
  it('reads a row of the trails table, and knows a Control Tower trail by its name', () => {
    const row = {
      trail_arn: `arn:aws:cloudtrail:eu-west-1:${MANAGEMENT}:trail/aws-controltower-BaselineCloudTrail`,
      name: 'aws-controltower-BaselineCloudTrail',
      account_id: MANAGEMENT,
      home_region: 'eu-west-1',
      is_multi_region: true,
      is_organization: true,
      is_logging: true,
      global_service_events: true,
      log_file_validation: true,
      kms_key_arn: null,
      key_state: null,
      bucket: 'org-logs',
      bucket_account_id: LOG_ARCHIVE,
      bucket_region: 'eu-west-1',
      s3_key_prefix: 'o-abcde12345',
      log_group_arn: null,
      latest_delivery_error: null,
      verdict: 'UNSEALED' as const,
      reason: 'NO_KEY',
    };
    const around = {
      partition: 'aws',
      organizationId: 'o-abcde12345',
      rootCauseId: 'rc-1',
      accountsCovered: [MANAGEMENT],
    };
    const subject = trailSubject(row, around);
    expect(subject.controlTower).toBe(true);
    expect(all([{ problem: 'trail', trail: subject }])[0]?.ok).toBe(true);
    expect(trailSubject({ ...row, name: 'mine' }, around).controlTower).toBe(false);
  });
});
