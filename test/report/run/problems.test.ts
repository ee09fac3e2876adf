import { describe, expect, it } from '@jest/globals';
import { remediations } from '../../../functions/domain/remediation/remediate.ts';
import { runProblems } from '../../../functions/report/run/problems.ts';
import { selectRun } from '../../../functions/report/tables/tables.ts';
import { scanWorld } from '../../scan-world.ts';

/** From a scanned world to its fixes: what the tables know is enough to write them. */
async function problemsOf(world: Parameters<typeof scanWorld>[0]['world'], dropRuns = false) {
  const scanned = await scanWorld({ ...(world && { world }) });
  if (dropRuns)
    for (const key of scanned.store.files.keys()) if (key.startsWith('runs/')) scanned.store.files.delete(key);
  return runProblems(scanned.store, await selectRun(scanned.store));
}

const members = [{ name: 'management' }, { name: 'a' }, { name: 'b' }];

describe('the problems of a run', () => {
  it('are none for a sealed organization', async () => {
    const problems = await problemsOf({
      accounts: members,
      trails: [{ name: 'org', organization: true, key: 'k' }],
      keys: [{ name: 'k' }],
    });
    expect(problems).toEqual([]);
  });

  it('name one organization trail with every account that one fix repairs', async () => {
    const problems = await problemsOf({
      accounts: members,
      trails: [{ name: 'org', organization: true, prefix: 'ct' }],
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      problem: 'trail',
      trail: {
        trailName: 'org',
        isOrganization: true,
        verdict: 'UNSEALED',
        s3KeyPrefix: 'ct',
        bucketRegion: 'us-east-1',
      },
    });
    expect(problems[0]?.problem === 'trail' && problems[0].trail.accountsCovered).toHaveLength(3);
    const [fix] = remediations({ problems, format: 'aws-cli' });
    expect(fix).toMatchObject({ ok: true });
  });

  it("say of members' statuses that could not be read who denies them, and blame no key", async () => {
    const problems = await problemsOf({
      accounts: members,
      trails: [
        { name: 'org', organization: true, key: 'k' },
        { name: 'second', organization: true, key: 'k', home: 'eu-west-1' },
      ],
      keys: [{ name: 'k' }],
      denials: [{ accounts: ['a'], regions: ['eu-west-1'], actions: ['cloudtrail:GetTrailStatus'] }],
    });
    expect(problems).toMatchObject([{ problem: 'no-fix', trailArns: { length: 2 } }]);
    const [fix] = remediations({ problems, format: 'aws-cli' });
    expect(fix).toMatchObject({
      refusal: expect.stringMatching(
        /^Whether members' own copies of the trail deliver is not known \(denied by a service control policy\).* Exempt the audit role from the service control policy that denies cloudtrail:GetTrailStatus\.$/,
      ),
    });
  });

  it('carry the policy as it is, and the statement at fault loses CloudTrail alone', async () => {
    const problems = await problemsOf({
      accounts: members,
      trails: [{ name: 'org', organization: true, key: 'k' }],
      keys: [{ name: 'k', policy: 'unscoped', rotation: false }],
    });
    expect(problems.map((p) => p.problem).sort()).toEqual(['key-policy', 'key-rotation-off']);
    const policy = problems.find((p) => p.problem === 'key-policy');
    expect(policy).toMatchObject({ policy: expect.stringContaining('cloudtrail.amazonaws.com') });
    if (policy?.problem !== 'key-policy') throw new Error('no key policy');
    const [fix] = remediations({ problems: [policy], format: 'aws-cli' });
    const [change] = fix?.ok ? fix.plan.changes : [];
    expect(change?.do === 'merge-key-policy' && change.replace.map((r) => r.to)).toEqual([null]);
  });

  it("leave the statement of an event data store on the same key alone, as the trail's verdict does", async () => {
    const statement = (Sid: string, Principal: unknown, Action: string) => ({
      Sid,
      Effect: 'Allow',
      Principal,
      Action,
      Resource: '*',
    });
    const policyText = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        statement('Manage', { AWS: 'arn:aws:iam::111111111111:root' }, 'kms:*'),
        statement('Stores', { Service: 'cloudtrail.amazonaws.com' }, 'kms:GenerateDataKey*'),
        statement('Anyone', '*', 'kms:Decrypt'),
      ],
    });
    const changesOf = async (stores: { name: string; key: string }[]) => {
      const problems = await problemsOf({
        accounts: members,
        trails: [{ name: 'org', organization: true, key: 'k' }],
        keys: [{ name: 'k', policyText }],
        eventDataStores: stores,
      });
      const [fix] = remediations({ problems: problems.filter((p) => p.problem === 'key-policy'), format: 'aws-cli' });
      if (!fix?.ok) return fix?.refusal;
      return fix.plan.changes.flatMap((c) => (c.do === 'merge-key-policy' ? c.replace.map((r) => r.from.Sid) : []));
    };
    expect(await changesOf([])).toEqual(['Stores']);
    expect(await changesOf([{ name: 'lake', key: 'k' }])).toMatch(/Statement Anyone is not changed/);
  });

  it('block public access alone where only that is asked for, and once where two controls ask', async () => {
    const open = { name: 'logs-bucket', publicBlocked: false } as const;
    const problemsWith = (bucket: object, more: object = {}) =>
      problemsOf({
        accounts: members,
        trails: [{ name: 'org', organization: true, key: 'k', bucket: 'logs-bucket' }],
        keys: [{ name: 'k' }],
        buckets: [{ ...open, ...bucket }],
        ...more,
      });
    const [both, ...others] = await problemsWith({ versioning: null });
    expect(others).toEqual([]);
    expect(both).toMatchObject({
      problem: 'bucket-unprotected',
      needs: { versioning: 'make', defaultEncryption: 'nothing' },
    });
    // The other control fails for something else, so what is not known of public access has a cause of its own.
    const apart = await problemsWith(
      { versioning: null, owner: 'a' },
      { denials: [{ actions: ['s3:GetAccountPublicAccessBlock'] }] },
    );
    expect(apart).toMatchObject([
      { problem: 'bucket-unprotected', needs: { publicAccessBlock: null, versioning: 'make' } },
      { problem: 'bucket-unprotected', needs: { publicAccessBlock: null, versioning: 'nothing' }, tlsOnly: true },
    ]);
    const [fix, ...rest] = remediations({ problems: apart, format: 'aws-cli' });
    expect(rest).toEqual([]);
    expect(fix?.ok && fix.rootCauseIds).toHaveLength(2);
    expect(fix?.ok && fix.plan.changes).toMatchObject([
      { do: 'protect-bucket', needs: { publicAccessBlock: null, versioning: 'make', defaultEncryption: 'nothing' } },
    ]);
  });

  it('name the folders that the rules of a lifecycle must spare, and no other cause of retention', async () => {
    const problemsWith = (more: object) =>
      problemsOf({
        accounts: members,
        trails: [{ name: 'org', organization: true, key: 'k', bucket: 'logs-bucket', prefix: 'ct' }],
        keys: [{ name: 'k' }],
        ...more,
      });
    const [short, ...others] = await problemsWith({ buckets: [{ name: 'logs-bucket', expiryDays: 30 }] });
    expect(others).toEqual([]);
    expect(short).toMatchObject({
      problem: 'bucket-retention',
      bucket: 'logs-bucket',
      folders: [
        expect.stringMatching(/^ct\/AWSLogs\/\d{12}\/CloudTrail$/),
        expect.stringMatching(/^ct\/AWSLogs\/o-\w+\/\*\/CloudTrail$/),
      ],
    });
    const unread = await problemsWith({
      buckets: [{ name: 'logs-bucket', owner: 'a' }],
      denials: [{ actions: ['s3:GetLifecycleConfiguration'] }],
    });
    expect(unread).toMatchObject([{ problem: 'no-fix', why: expect.stringContaining('bucket-retention') }]);
  });

  it('name every bucket of trails where access to one is not logged', async () => {
    const problems = await problemsOf({
      accounts: members,
      trails: [
        { name: 'org', organization: true, key: 'k', bucket: 'logs-bucket' },
        { name: 'more', owner: 'a', key: 'k', bucket: 'more-logs' },
      ],
      keys: [{ name: 'k' }],
      buckets: [{ name: 'logs-bucket', accessLogsTo: null }, { name: 'more-logs' }],
    });
    expect(problems).toMatchObject([
      { problem: 'bucket-access-unlogged', bucket: 'logs-bucket', logBuckets: ['logs-bucket', 'more-logs'] },
    ]);
  });

  it('gather all that no trail records under one trail of the management account', async () => {
    const problems = await problemsOf({ accounts: members });
    expect(problems).toMatchObject([{ problem: 'no-trail', organizationId: expect.stringMatching(/^o-/) }]);
    expect(problems[0]?.problem === 'no-trail' && problems[0].accountsCovered).toHaveLength(3);
  });

  it('are still told from the tables when the working files have expired', async () => {
    const problems = await problemsOf(
      {
        accounts: members,
        trails: [{ name: 'org', organization: true, key: 'k', validation: false }],
        keys: [{ name: 'k', policy: 'unscoped' }],
      },
      true,
    );
    expect(problems.map((p) => p.problem).sort()).toEqual(['key-policy', 'log-validation-off']);
    expect(problems.find((p) => p.problem === 'key-policy')).toMatchObject({ policy: null });
  });
});
