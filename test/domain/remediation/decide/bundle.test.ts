import { parse } from '@cdktf/hcl2json';
import { describe, expect, it } from '@jest/globals';
import type { Problem } from '../../../../functions/domain/remediation/decide/problem.ts';
import type { TrailSubject } from '../../../../functions/domain/remediation/decide/subject.ts';
import {
  REMEDIATION_FORMATS,
  type RemediationFormat,
  remediations,
} from '../../../../functions/domain/remediation/remediate.ts';
import { KEY_ARN, LOG_ARCHIVE, MANAGEMENT, trailOf } from '../subjects.ts';

const LOG_GROUP = `arn:aws:logs:eu-west-1:${MANAGEMENT}:log-group:trails:*`;
const faults = (trail: TrailSubject): Problem[] => [
  { problem: 'log-validation-off', trail: { ...trail, logFileValidation: false, rootCauseId: 'rc-validation' } },
  {
    problem: 'bucket-unprotected',
    bucket: 'org-logs',
    partition: 'aws',
    accountId: LOG_ARCHIVE,
    region: 'eu-west-1',
    policy: '',
    needs: { publicAccessBlock: 'make', versioning: 'make', defaultEncryption: 'nothing' },
    tlsOnly: false,
    trailArns: [trail.trailArn],
    rootCauseId: 'rc-bucket',
  },
  {
    problem: 'log-group-unencrypted',
    logGroupArn: LOG_GROUP,
    trailArns: [trail.trailArn],
    rootCauseId: 'rc-group',
  },
  { problem: 'no-fix', why: 'Yours to choose.', trailArns: [trail.trailArn], rootCauseId: 'rc-left' },
];

/** A trail without a key that is stopped, and all else that can be wrong about it. */
const bare = trailOf({ isLogging: false, logFileValidation: false, logGroupArn: LOG_GROUP });
const ofBare: Problem[] = [
  ...faults(bare),
  { problem: 'trail', trail: { ...bare, verdict: 'STOPPED', reason: 'NOT_LOGGING', rootCauseId: 'rc-stopped' } },
  { problem: 'trail', trail: bare },
];

/** A trail with a key that is disabled, does not rotate and lets any trail in. */
const keyed = trailOf({ kmsKeyArn: KEY_ARN, keyState: 'Disabled', logFileValidation: false, logGroupArn: LOG_GROUP });
const statement = (Sid: string, Principal: unknown, Action: string, Effect = 'Allow') => ({
  ...{ Sid, Effect, Principal, Action, Resource: '*' },
});
const ADMIN = statement('Admin', { AWS: `arn:aws:iam::${MANAGEMENT}:root` }, 'kms:*');
const keyPolicy = (...statements: object[]): Problem => ({
  problem: 'key-policy',
  keyArn: KEY_ARN,
  trails: [keyed],
  policy: JSON.stringify({ Version: '2012-10-17', Statement: [ADMIN, ...statements] }),
  organizationId: null,
  usedByEventDataStore: false,
  rootCauseId: 'rc-policy',
});
const ofKeyed = (policy: Problem, differs: Partial<TrailSubject> = {}): Problem[] => [
  ...faults({ ...keyed, ...differs }),
  {
    problem: 'key-rotation-off',
    keyArn: KEY_ARN,
    keyState: 'Disabled',
    trailArns: [keyed.trailArn],
    rootCauseId: 'rc-rotation',
  },
  policy,
  ...(['KEY_DISABLED', 'DELIVERY_ERROR'] as const).map((reason): Problem => {
    const trail = { ...keyed, ...differs, verdict: 'BROKEN' as const, reason, rootCauseId: `rc-${reason}` };
    return { problem: 'trail', trail };
  }),
];
const UNSCOPED = statement('Any', { Service: 'cloudtrail.amazonaws.com' }, 'kms:GenerateDataKey*');

const one = (problems: Problem[], format: RemediationFormat = 'aws-cli') => {
  const [found, ...others] = [...remediations({ problems, format })];
  if (!found?.ok) throw new Error(found?.refusal);
  expect(others).toEqual([]);
  return found;
};

describe('the bundle of a trail', () => {
  it('holds every fix of it in the order in which it is done, one script an account, and says what is left', () => {
    const found = one(ofBare);
    expect(found.name).toBe(`${MANAGEMENT}-org-trail`);
    expect(found.plan.changes.map((c) => c.do)).toEqual([
      'protect-bucket',
      'merge-bucket-policy',
      'create-key',
      'set-trail-key',
      'start-logging',
      'enable-validation',
      'check-delivery',
      'create-key',
      'encrypt-log-group',
    ]);
    expect(found.rootCauseIds.toSorted()).toEqual(['rc-1', 'rc-bucket', 'rc-group', 'rc-stopped', 'rc-validation']);
    expect(found.left).toEqual([{ rootCauseId: 'rc-left', why: 'Yours to choose.' }]);
    expect(found.plan.notes).toContain('Left as it is: Yours to choose.');
    expect(found.files.map((f) => f.name)).toEqual([
      `1-fix-${LOG_ARCHIVE}.sh`,
      `2-fix-${MANAGEMENT}.sh`,
      `1-undo-${MANAGEMENT}.sh`,
      `2-undo-${LOG_ARCHIVE}.sh`,
    ]);
  });

  it('repairs bucket and key before it looks at the delivery, and changes each policy once', () => {
    const found = one(ofKeyed(keyPolicy(UNSCOPED)));
    expect(found.plan.changes.map((c) => c.do)).toEqual([
      'merge-bucket-policy',
      'protect-bucket',
      'enable-key',
      'merge-key-policy',
      'enable-rotation',
      'enable-validation',
      'check-delivery',
      'create-key',
      'encrypt-log-group',
    ]);
    const bucket = found.plan.changes.find((c) => c.do === 'merge-bucket-policy');
    expect(bucket?.do === 'merge-bucket-policy' && bucket.statements.map((s) => s.Sid).toSorted()).toEqual([
      'TrailSealCloudTrailChecksBucket',
      'TrailSealCloudTrailWrites',
      'TrailSealTlsOnly',
    ]);
  });

  it('goes on where one part is refused, and waits for no delivery that cannot come', () => {
    const freeze = statement('Freeze', '*', 'kms:GenerateDataKey*', 'Deny');
    const found = one(
      ofKeyed(keyPolicy(freeze), { refusedBy: { bucket: null, kmsEncryption: null, otherKeys: null, key: 'Freeze' } }),
    );
    expect(found.left.map((l) => l.rootCauseId).toSorted()).toEqual(['rc-DELIVERY_ERROR', 'rc-left', 'rc-policy']);
    expect(found.plan.changes.map((c) => c.do)).not.toContain('check-delivery');
    expect(found.plan.changes.map((c) => c.do)).toContain('enable-rotation');
    expect(found.plan.notes.join()).toContain('Delivery is not waited for');
  });

  it('does not wait for the delivery of a trail that stays stopped', () => {
    const found = one([{ problem: 'trail', trail: bare }]);
    expect(found.plan.changes.map((c) => c.do)).toEqual(['create-key', 'set-trail-key']);
  });

  it.each(['bare', 'keyed'])('is Terraform that takes over each resource once: %s', async (which) => {
    const { files } = one(which === 'bare' ? ofBare : ofKeyed(keyPolicy(UNSCOPED)), 'terraform');
    for (const file of files.filter((f) => f.name.endsWith('.tf'))) {
      const module = (await parse(file.name, file.content)) as {
        import?: { to: string; id: string }[];
        output?: object;
        resource: Record<string, Record<string, object[]>>;
      };
      const imported = module.import ?? [];
      const kindAndId = imported.map(({ to, id }) => `${to.split('.')[0]} ${id}`);
      expect(new Set(kindAndId).size).toBe(imported.length);
      for (const blocks of Object.values(module.resource).flatMap((named) => Object.values(named)))
        expect(blocks).toHaveLength(1);
      // Every name that is used is a block.
      for (const [, type = '', name = ''] of file.content.matchAll(/(aws_kms_key)\.(\w+)\./g))
        expect(module.resource[type]?.[name]).toBeDefined();
    }
  });

  it('takes over the trail in one CloudFormation stack, with all its parameters', () => {
    const { files } = one(ofBare, 'cloudformation-json');
    const deploy = files.find((f) => f.name === 'deploy.sh')?.content ?? '';
    expect(deploy.match(/^ {2}import_stack eu-west-1/gm)).toHaveLength(1);
    expect(deploy).toMatch(/--parameter-overrides KmsKeyArn="\$KEY_ARN" IsLogging=true EnableLogFileValidation=true$/m);
    expect(files.map((f) => f.name)).toContain('afterwards/check.sh');
  });

  it.each(REMEDIATION_FORMATS)('has files of names that differ: %s', (format) => {
    for (const problems of [ofBare, ofKeyed(keyPolicy(UNSCOPED))]) {
      const names = one(problems, format).files.map((f) => f.name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});

describe('bundles', () => {
  it('keep a trail that shares a bucket with a family apart from it', () => {
    const tower = trailOf({ trailName: 'aws-controltower-BaselineCloudTrail', controlTower: true });
    const family = ['777788889999', '888899990000'].map((ownerAccountId) =>
      trailOf({ ownerAccountId, isOrganization: false }),
    );
    const shared = faults(bare).flatMap((p): Problem[] =>
      p.problem === 'bucket-unprotected' ? [{ ...p, trailArns: [...family, tower].map((t) => t.trailArn) }] : [],
    );
    const problems = [...shared, ...[tower, ...family].map((trail): Problem => ({ problem: 'trail', trail }))];
    const found = [...remediations({ problems, format: 'aws-cli' })];
    expect(found.map((b) => b.name)).toEqual([
      '2-accounts-org-trail',
      `${MANAGEMENT}-aws-controltower-BaselineCloudTrail`,
    ]);
  });

  it('put what two trails share with the first, and name folders apart', () => {
    const second = trailOf({ trailName: 'other' });
    const twin = trailOf({ homeRegion: 'us-east-1' });
    const shared = faults(bare).map((p): Problem => {
      return p.problem === 'bucket-unprotected' ? { ...p, trailArns: [second.trailArn, bare.trailArn] } : p;
    });
    const found = [
      ...remediations({
        problems: [
          ...shared,
          { problem: 'trail', trail: bare },
          { problem: 'trail', trail: second },
          { problem: 'trail', trail: twin },
        ],
        format: 'console',
      }),
    ];
    expect(found.map((b) => b.name).toSorted()).toEqual([
      `${MANAGEMENT}-org-trail`,
      `${MANAGEMENT}-org-trail-2`,
      `${MANAGEMENT}-other`,
    ]);
    expect(found.filter((b) => b.rootCauseIds.includes('rc-bucket'))).toHaveLength(1);
  });
});
