import {
  CloudTrailClient,
  CreateTrailCommand,
  DescribeTrailsCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { expect, it } from '@jest/globals';
import { tlsOnly } from '../../../../functions/domain/policy/bucket-policy.ts';
import { keyPolicyAssessment } from '../../../../functions/domain/policy/key-policy-assessment.ts';
import type { Problem } from '../../../../functions/domain/remediation/decide/problem.ts';
import type { TrailSubject } from '../../../../functions/domain/remediation/decide/subject.ts';
import { remediations } from '../../../../functions/domain/remediation/remediate.ts';
import { describeWithMoto } from '../../../moto/describe-with-moto.ts';
import { trailOf } from '../subjects.ts';
import { answers, describeIfTools, folders, run, writeFiles } from '../tools.ts';

/** moto's own account, whose credentials may be anything. */
const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
// The engines field of package.json says which Node versions are supported; the SDK need not say it again.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
const newFolder = folders();

describeIfTools(['aws', 'jq'], 'the AWS CLI scripts', () => {
  describeWithMoto('against moto', (moto) => {
    const client = () => ({
      endpoint: moto.url(),
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      forcePathStyle: true,
    });
    const env = () => ({
      AWS_ENDPOINT_URL: moto.url(),
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
    });

    /** A bucket and a trail that delivers to it. */
    async function world(name: string, differs: Partial<TrailSubject> = {}): Promise<TrailSubject> {
      const bucket = `logs-${name}`;
      const location = { LocationConstraint: REGION } as const;
      await new S3Client(client()).send(
        new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: location }),
      );
      const key = differs.kmsKeyArn ?? null;
      const trail = new CreateTrailCommand({
        Name: name,
        S3BucketName: bucket,
        ...(key === null ? {} : { KmsKeyId: key }),
      });
      await new CloudTrailClient(client()).send(trail);
      return trailOf({
        trailName: name,
        ownerAccountId: ACCOUNT,
        bucket,
        bucketAccountId: ACCOUNT,
        isOrganization: false,
        accountsCovered: [ACCOUNT],
        ...differs,
      });
    }

    const keyPolicyProblem = (keyArn: string, trail: TrailSubject, policy: string): Problem => ({
      problem: 'key-policy',
      keyArn,
      trails: [trail],
      policy,
      organizationId: null,
      usedByEventDataStore: false,
      rootCauseId: null,
    });

    function scriptsOf(problem: Problem) {
      const [found] = [...remediations({ problems: [problem], format: 'aws-cli' })];
      if (!found?.ok) throw new Error(found?.refusal);
      const folder = newFolder();
      writeFiles(folder, found.files);
      return (name: string) => {
        const file = found.files.find((f) => f.name === name);
        const ran = run('bash', [name, ...answers(file)], { cwd: folder, env: env() });
        if (ran.status !== 0) throw new Error(ran.stderr);
        return ran.stderr;
      };
    }

    const described = async (name: string) => {
      const { trailList } = await new CloudTrailClient(client()).send(new DescribeTrailsCommand({}));
      return trailList?.find((trail) => trail.Name === name);
    };
    const newKey = async (): Promise<string> => {
      const { KeyMetadata } = await new KMSClient(client()).send(new CreateKeyCommand({}));
      return KeyMetadata?.Arn ?? '';
    };
    const stateOf = async (key: string) =>
      (await new KMSClient(client()).send(new DescribeKeyCommand({ KeyId: key }))).KeyMetadata?.KeyState;
    const policyOf = async (key: string): Promise<string> =>
      (await new KMSClient(client()).send(new GetKeyPolicyCommand({ KeyId: key, PolicyName: 'default' }))).Policy ?? '';

    it('encrypt a trail with a new key that rotates, do nothing the second time, and take it back', async () => {
      const trail = await world('unsealed');
      const script = scriptsOf({ problem: 'trail', trail });
      expect(script('fix.sh')).toContain('is encrypted with arn:aws:kms:eu-west-1:');
      const key = (await described('unsealed'))?.KmsKeyId ?? '';
      expect(key).toMatch(/^arn:aws:kms:eu-west-1:123456789012:key\//);
      const rotation = await new KMSClient(client()).send(new GetKeyRotationStatusCommand({ KeyId: key }));
      expect(rotation.KeyRotationEnabled).toBe(true);
      const assessed = keyPolicyAssessment({
        policyText: await policyOf(key),
        keyArn: key,
        partition: 'aws',
        trails: [{ trailArn: trail.trailArn, ownerAccountId: ACCOUNT }],
      });
      expect(assessed).toMatchObject({ status: 'PASS', allowsCloudTrail: true });

      const again = script('fix.sh');
      expect(again).toContain('names already');
      expect(again).not.toContain('About to');
      expect((await described('unsealed'))?.KmsKeyId).toBe(key);

      script('undo.sh');
      expect((await described('unsealed'))?.KmsKeyId ?? '').toBe('');
      expect(await stateOf(key)).toBe('Enabled');
    }, 300_000);

    it('refuse when the trail has changed since the scan', async () => {
      const trail = await world('moved');
      const script = scriptsOf({ problem: 'trail', trail: { ...trail, bucket: 'another' } });
      expect(() => script('fix.sh')).toThrow(/delivers to bucket logs-moved by now: scan again/);
    }, 300_000);

    it('merge into a key policy, keep what is there but for what is at fault, and put it back', async () => {
      const key = await newKey();
      const mine = {
        Sid: 'Mine',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: 'kms:*',
        Resource: '*',
      };
      const central = {
        Sid: 'Open',
        Effect: 'Allow',
        Principal: { Service: ['cloudtrail.amazonaws.com', 'config.amazonaws.com', 'delivery.logs.amazonaws.com'] },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '*',
      };
      const before = JSON.stringify({ Version: '2012-10-17', Statement: [mine, central] });
      await new KMSClient(client()).send(
        new PutKeyPolicyCommand({ KeyId: key, PolicyName: 'default', Policy: before }),
      );
      const trail = await world('open', { kmsKeyArn: key, keyState: 'Enabled' });
      const script = scriptsOf(keyPolicyProblem(key, trail, before));
      script('fix.sh');
      const after = JSON.parse(await policyOf(key)) as { Statement: { Sid: string }[] };
      expect(after.Statement[0]).toEqual(mine);
      expect(after.Statement[1]).toEqual({
        ...central,
        Principal: { Service: ['config.amazonaws.com', 'delivery.logs.amazonaws.com'] },
      });
      expect(
        keyPolicyAssessment({
          policyText: JSON.stringify(after),
          keyArn: key,
          partition: 'aws',
          trails: [{ trailArn: trail.trailArn, ownerAccountId: ACCOUNT }],
        }).status,
      ).toBe('PASS');
      expect(script('fix.sh')).toContain('has these statements already');
      script('undo.sh');
      expect(JSON.parse(await policyOf(key))).toEqual(JSON.parse(before));
    }, 300_000);

    it('leave a policy that was changed since the fix as it is, and a trail that has another key by now', async () => {
      const key = await newKey();
      const trail = await world('since', { kmsKeyArn: key, keyState: 'Enabled' });
      const before = await policyOf(key);
      const problem = keyPolicyProblem(key, trail, before);
      const policy = scriptsOf(problem);
      policy('fix.sh');
      const changed = JSON.parse(await policyOf(key)) as { Statement: object[] };
      changed.Statement.push({
        Sid: 'Since',
        Effect: 'Allow',
        Principal: '*',
        Action: 'kms:DescribeKey',
        Resource: '*',
      });
      const kms = new KMSClient(client());
      await kms.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: 'default', Policy: JSON.stringify(changed) }));
      expect(() => policy('undo.sh')).toThrow(/changed again since the fix/);
      expect(JSON.parse(await policyOf(key))).toEqual(changed);

      const bare = await world('rekeyed');
      const script = scriptsOf({ problem: 'trail', trail: bare });
      script('fix.sh');
      const cloudTrail = new CloudTrailClient(client());
      await cloudTrail.send(new UpdateTrailCommand({ Name: 'rekeyed', KmsKeyId: key }));
      expect(() => script('undo.sh')).toThrow(/which the fix did not set: nothing is changed/);
      expect((await described('rekeyed'))?.KmsKeyId).toBe(key);
    }, 300_000);

    it('say which statements deny', async () => {
      const key = await newKey();
      const kms = new KMSClient(client());
      const mine = {
        Sid: 'Mine',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: 'kms:*',
        Resource: '*',
      };
      const deny = {
        ...mine,
        Sid: 'NoOutsiders',
        Effect: 'Deny',
        Principal: { AWS: 'arn:aws:iam::999900001111:root' },
      };
      const before = JSON.stringify({ Version: '2012-10-17', Statement: [mine, deny] });
      await kms.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: 'default', Policy: before }));
      const trail = await world('denied', { kmsKeyArn: key, keyState: 'Enabled' });
      const problem = keyPolicyProblem(key, trail, before);
      expect(scriptsOf(problem)('fix.sh')).toContain('statements that deny: NoOutsiders');
    }, 300_000);

    it('enable a disabled key before its rotation, and turn it off again', async () => {
      const key = await newKey();
      const kms = new KMSClient(client());
      const rotates = async () => (await kms.send(new GetKeyRotationStatusCommand({ KeyId: key }))).KeyRotationEnabled;
      // moto takes the id alone here.
      await kms.send(new DisableKeyCommand({ KeyId: key.split('/')[1] }));
      const script = scriptsOf({
        problem: 'key-rotation-off',
        keyArn: key,
        keyState: 'Disabled',
        trailArns: [],
        rootCauseId: null,
      });
      script('fix.sh');
      expect(await stateOf(key)).toBe('Enabled');
      expect(await rotates()).toBe(true);
      script('undo.sh');
      expect(await rotates()).toBe(false);
      expect(script('undo.sh')).toContain('off already');
    }, 300_000);

    it('keep logs for a year, once', async () => {
      const { bucket } = await world('short');
      const s3 = new S3Client(client());
      const rule = { ID: 'tidy', Status: 'Enabled' as const, Filter: { Prefix: '' } };
      const LifecycleConfiguration = { Rules: [{ ...rule, Expiration: { Days: 30 } }] };
      await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket ?? '', LifecycleConfiguration }));
      const script = scriptsOf({
        problem: 'bucket-retention',
        bucket: bucket ?? '',
        partition: 'aws',
        accountId: ACCOUNT,
        region: REGION,
        folders: [`AWSLogs/${ACCOUNT}/CloudTrail`],
        trailArns: [],
        rootCauseId: null,
      });
      script('fix.sh');
      const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket ?? '' }));
      expect(Rules).toMatchObject([{ ...rule, Expiration: { Days: 365 } }]);
      expect(script('fix.sh')).toContain('No lifecycle rule of bucket logs-short expires logs before 365 days.');
    }, 300_000);

    it('make an encrypted trail with its bucket where there is none', async () => {
      const script = scriptsOf({
        problem: 'no-trail',
        partition: 'aws',
        accountId: ACCOUNT,
        organizationId: null,
        homeRegion: REGION,
        bucket: null,
        accountsCovered: [ACCOUNT],
        rootCauseId: null,
      });
      script('fix.sh');
      const bucket = `trailseal-cloudtrail-${ACCOUNT}-${REGION}`;
      expect(await described('trailseal-account-trail')).toMatchObject({
        IsMultiRegionTrail: true,
        LogFileValidationEnabled: true,
        KmsKeyId: expect.stringContaining(':key/'),
        S3BucketName: bucket,
      });
      const s3 = new S3Client(client());
      expect((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status).toBe('Enabled');
      const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
      expect(tlsOnly({ policyText: Policy ?? null, bucket, partition: 'aws' }).verdict).toBe('YES');
      expect(script('fix.sh')).not.toContain('About to');
    }, 300_000);
  });
});
