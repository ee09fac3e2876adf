import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scriptText } from '../../../functions/domain/remediation/formats/script.ts';
import { mergedPolicy, type Replacement } from '../../../functions/domain/remediation/policies/policy-statements.ts';
import { remediations } from '../../../functions/domain/remediation/remediate.ts';
import { atDepth } from '../../depth.ts';
import { bucketPolicies, decisions, keyPolicies } from './policies/random-policies.ts';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT, trailOf } from './subjects.ts';
import { describeIfTools, folders, run, writeFiles } from './tools.ts';

const trail = trailOf({ kmsKeyArn: KEY_ARN, keyState: 'Enabled' });
const OF_KEY = {
  actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey', 'kms:PutKeyPolicy', 'kms:CreateGrant'],
  resources: [KEY_ARN],
  service: 'kms',
} as const;
const OF_BUCKET = {
  actions: ['s3:PutObject', 's3:GetObject', 's3:GetBucketAcl', 's3:PutBucketPolicy', 's3:ListBucket'],
  resources: ['arn:aws:s3:::org-logs', `arn:aws:s3:::org-logs/AWSLogs/${MANAGEMENT}/CloudTrail/x`],
  service: null,
} as const;

/** The policies that the fixes of a shared key, a bucket and a delivery make of those that are there. */
function repaired(policies: { key: string; bucket: string; usedByEventDataStore: boolean }) {
  const problems = [
    {
      ...{ problem: 'key-policy' as const, keyArn: KEY_ARN, trails: [trail], policy: policies.key },
      ...{ organizationId: 'o-abcde12345', usedByEventDataStore: policies.usedByEventDataStore, rootCauseId: 'rc-k' },
    },
    {
      ...{ problem: 'bucket-unprotected' as const, bucket: 'org-logs', partition: 'aws', accountId: LOG_ARCHIVE },
      ...{ region: 'eu-west-1', policy: policies.bucket, tlsOnly: false, trailArns: [trail.trailArn] },
      ...{
        needs: {
          publicAccessBlock: 'make' as const,
          versioning: 'make' as const,
          defaultEncryption: 'nothing' as const,
        },
        rootCauseId: 'rc-b',
      },
    },
    {
      problem: 'trail' as const,
      trail: { ...trail, verdict: 'BROKEN' as const, reason: 'DELIVERY_ERROR', rootCauseId: 'rc-d' },
    },
  ];
  const changes = [...remediations({ problems, format: 'console' })].flatMap((b) => (b.ok ? b.plan.changes : []));
  const after = { key: policies.key, bucket: policies.bucket };
  const asked = { key: 0, bucket: 0 };
  for (const change of changes) {
    if (change.do !== 'merge-key-policy' && change.do !== 'merge-bucket-policy') continue;
    const which = change.do === 'merge-key-policy' ? 'key' : 'bucket';
    const replace: readonly Replacement[] = change.do === 'merge-key-policy' ? change.replace : [];
    const merged = mergedPolicy({ current: after[which], statements: change.statements, replace });
    if (!merged.ok) throw new Error(merged.reason);
    after[which] = merged.policy;
    asked[which] += 1;
  }
  return { after, asked };
}

const policyOf = (Principal: unknown) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }],
  });
/** One statement for all services, and one for everybody: without it nobody could manage the key. */
const CENTRAL = policyOf({ Service: ['cloudtrail.amazonaws.com', 'config.amazonaws.com', 'ssm.amazonaws.com'] });
const ANYONE = policyOf({ AWS: '*' });
const EMPTY = '{"Version":"2012-10-17","Statement":[]}';

describe('no fix', () => {
  it('takes from anybody but CloudTrail what a policy allowed: use, reading, or managing key and bucket', () => {
    const planned = { key: 0, bucket: 0 };
    fc.assert(
      fc.property(keyPolicies, bucketPolicies, fc.boolean(), (key, bucket, usedByEventDataStore) => {
        const { after, asked } = repaired({ key, bucket, usedByEventDataStore });
        planned.key += asked.key;
        planned.bucket += asked.bucket;
        for (const [before, now, of] of [
          [key, after.key, OF_KEY],
          [bucket, after.bucket, OF_BUCKET],
        ] as const) {
          const present = decisions(now, of);
          for (const [question, decision] of decisions(before, of))
            if (decision === 'ALLOWED') expect([question, present.get(question)]).toEqual([question, 'ALLOWED']);
        }
      }),
      {
        numRuns: atDepth({ quick: 30, deep: 600 }),
        examples: [
          [CENTRAL, EMPTY, false],
          [ANYONE, EMPTY, false],
        ],
      },
    );
    expect(planned.key).toBeGreaterThan(0);
    expect(planned.bucket).toBeGreaterThan(10);
  });
});

describeIfTools(['jq'], 'the scripts', () => {
  const newFolder = folders();
  it('merge a policy as the other formats do', () => {
    const cases = fc.sample(
      fc.tuple(keyPolicies, keyPolicies, fc.nat()).map(([current, other, n]) => {
        const statements = (JSON.parse(current) as { Statement: Record<string, unknown>[] }).Statement;
        const from = statements[n % statements.length] ?? {};
        const ours = (JSON.parse(other) as { Statement: { Sid?: string }[] }).Statement.map((s) => ({
          Sid: 'A',
          ...s,
        }));
        return { current, ours, replace: [{ from, to: n % 2 === 0 ? null : { ...from, Principal: '*' } }] };
      }),
      60,
    );
    const folder = newFolder();
    const file = (name: string, content: string) => ({ name, content, purpose: '' });
    const script = scriptText({
      ...{ title: 'Merge', about: [], accounts: [], region: 'eu-west-1', takesKey: null, functions: ['merged'] },
      body: [
        'while IFS= read -r current && IFS= read -r ours && IFS= read -r replace; do',
        '  merged "$current" "$ours" "$replace"',
        'done <cases',
      ],
    });
    const lines = cases.flatMap((c) => [c.current, JSON.stringify(c.ours), JSON.stringify(c.replace)]);
    writeFiles(folder, [
      file('merge.sh', script),
      file('cases', `${lines.join('\n')}\n`),
      file('aws', '#!/bin/sh\necho 1\n'),
    ]);
    const ran = run('bash', ['merge.sh'], { cwd: folder, env: { PATH: `${folder}:${process.env.PATH}` } });
    expect(ran.stderr).toBe('');
    const merged = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    const expected = cases.map(({ current, ours, replace }) => {
      const found = mergedPolicy({ current, statements: ours as never, replace });
      return found.ok ? (JSON.parse(found.policy) as unknown) : found.reason;
    });
    expect(merged).toEqual(expected);
  });
});
