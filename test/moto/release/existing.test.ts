import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateKeyCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, HeadBucketCommand, PutBucketEncryptionCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LATEST_KEY, runKeys } from '../../../functions/domain/model/plan.ts';
import { type Cloud, reportStore } from '../../../functions/handlers/lambda/cloud.ts';
import { readEnvironment } from '../../../functions/handlers/lambda/environment.ts';
import { openTables } from '../../../functions/local/duckdb.ts';
import { allRows } from '../../../functions/report/queries/query-result.ts';
import { evaluated } from '../../infra/release/evaluated.ts';
import { deployer, type Ended, releaseFolder } from '../../infra/release/release-folder.ts';
import { describeIfAwsCli } from '../describe-with-moto.ts';
import { MOTO_REGION } from '../gateway.ts';
import { MOTO_CREDENTIALS } from '../moto.ts';
import { type MotoOrganization, startMotoOrganization } from '../organization.ts';
import { type DeploymentGateway, startDeploymentGateway } from '../walk/deployment-gateway.ts';
import { asymmetricKey, execute, inOrder, startFunctions, text } from './deployed-run.ts';
import { deploymentIn, type MotoDeployment } from './deployment.ts';
import { cloudOf, type Template, workflow } from './workflow.ts';

const BUCKET = 'audit-reports';
const ACCESS_LOGS = 's3-access-logs';
/** Three deployments by some forty commands of the AWS CLI, each of which starts a Python; milliseconds. */
const TIMEOUT = 900_000;

describeIfAwsCli('deploy.sh, into a bucket, key, topic and access-log bucket that are there already', () => {
  let organization: MotoOrganization;
  let gateway: DeploymentGateway;
  let home: string;
  let folder: string;
  let deploy: ReturnType<typeof deployer>;
  let existing: Record<string, string>;
  let cloud: Cloud;
  beforeAll(async () => {
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    organization = await startMotoOrganization({
      accounts: [
        {
          name: 'plain',
          buckets: [{ name: 'plain-logs' }],
          trails: [{ name: 'audit', bucket: 'plain-logs', multiRegion: true }],
        },
      ],
    });
    cloud = cloudOf(organization);
    existing = await whatIsThere();
    gateway = await startDeploymentGateway(organization.gateway);
    home = mkdtempSync(join(tmpdir(), 'trailseal-existing-'));
    folder = await releaseFolder();
    deploy = deployer(folder, {
      HOME: home,
      ...{ AWS_ENDPOINT_URL: gateway.url, AWS_REGION: MOTO_REGION, AWS_EC2_METADATA_DISABLED: 'true' },
      AWS_ACCESS_KEY_ID: MOTO_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: MOTO_CREDENTIALS.secretAccessKey,
    });
  }, 600_000);
  afterAll(async () => {
    cloud?.access.close();
    await gateway?.stop();
    await organization?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  const whatIsThere = async () => {
    const { client } = organization.gateway;
    const key = await new KMSClient(client).send(new CreateKeyCommand({}));
    const topic = await new SNSClient(client).send(new CreateTopicCommand({ Name: 'alerts' }));
    const s3 = new S3Client(client);
    for (const Bucket of [BUCKET, ACCESS_LOGS]) await s3.send(new CreateBucketCommand({ Bucket }));
    const ApplyServerSideEncryptionByDefault = {
      SSEAlgorithm: 'aws:kms' as const,
      KMSMasterKeyID: key.KeyMetadata?.Arn,
    };
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket: BUCKET,
        ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault }] },
      }),
    );
    return {
      ExistingReportBucket: BUCKET,
      ExistingAccessLogBucket: ACCESS_LOGS,
      ExistingKey: key.KeyMetadata?.Arn ?? '',
      ExistingTopic: topic.TopicArn ?? '',
    };
  };
  const deployed = async (...more: string[]): Promise<Ended> =>
    deploy(...Object.entries(existing).map(([name, value]) => `${name}=${value}`), ...more);

  /** Runs what is deployed, as its schedule would. @returns the run's row and manifest */
  const ran = async () => {
    const deployment = await deploymentIn(organization.gateway, 'TrailSeal');
    const released = JSON.parse(readFileSync(join(folder, 'templates/trailseal.template.json'), 'utf8'));
    const template = evaluated(released, { stackName: 'TrailSeal', parameters: existing }) as Template;
    startFunctions({ organization, deployment, signingKey: await asymmetricKey(organization), cloud });
    const stateMachineArn = await workflow(organization, template, deployment);
    const { status, output } = await execute(organization, template, stateMachineArn);
    expect([status, output]).toEqual(['SUCCEEDED', expect.objectContaining({ status: 'COMPLETE' })]);
    const store = storeOf(deployment);
    const { run_id: runId } = JSON.parse(await text(store, LATEST_KEY)) as { run_id: string };
    const bytes = (await store.read(runKeys(runId).manifest)) ?? new Uint8Array();
    return {
      ...{ deployment, runId, sha256: createHash('sha256').update(bytes).digest('hex') },
      manifest: JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>,
    };
  };
  const storeOf = ({ functions }: MotoDeployment) =>
    reportStore(readEnvironment('record', functions.plan.environment), cloud);
  const rows = async (deployment: MotoDeployment, sql: string) => {
    const tables = await openTables({ store: storeOf(deployment) });
    try {
      return await allRows(await tables.query(sql));
    } finally {
      await tables.close();
    }
  };

  const step = inOrder();
  let first: Awaited<ReturnType<typeof ran>>;
  test(
    'deploys, makes none of them, and runs: its tables are read in that bucket',
    step(async () => {
      expect(await deployed('AlarmMail=audit@example.com')).toMatchObject({
        code: 0,
        out: expect.stringContaining(`ReportRoot\ts3://${BUCKET}\n`),
      });
      first = await ran();
      expect(first.deployment.status).toBe('CREATE_COMPLETE');
      const made = [...first.deployment.resources.values()].map(({ type }) => type);
      // The key that signs is the stack's own.
      expect(made.filter((type) => /^AWS::(S3::Bucket|SNS::Topic)$/.test(type))).toEqual([]);
      expect(made.filter((type) => type === 'AWS::KMS::Key')).toHaveLength(1);
      const { environment } = first.deployment.functions.notify;
      expect(environment).toMatchObject({ REPORT_BUCKET: BUCKET, TOPIC_ARN: existing.ExistingTopic });
      expect(first.manifest).toMatchObject({ previous_run_id: null });
      expect(await rows(first.deployment, 'SELECT verdict FROM latest_trails')).toEqual([{ verdict: 'UNSEALED' }]);
    }),
    TIMEOUT,
  );

  test(
    'leaves them, and what it wrote there, when its stacks are deleted',
    step(async () => {
      const { client } = organization.gateway;
      const removed = await deploy('remove');
      expect(removed).toMatchObject({ code: 0, err: expect.stringMatching(/TrailSealCatalog .*\n.*TrailSeal is/) });
      await new S3Client(client).send(new HeadBucketCommand({ Bucket: BUCKET }));
      await new KMSClient(client).send(new DescribeKeyCommand({ KeyId: existing.ExistingKey }));
      await new SNSClient(client).send(new GetTopicAttributesCommand({ TopicArn: existing.ExistingTopic }));
      expect(await text(storeOf(first.deployment), LATEST_KEY)).toContain(first.runId);
    }),
    TIMEOUT,
  );

  test(
    'goes on with the history and the chain of manifests when it is deployed again',
    step(async () => {
      expect(await deployed()).toMatchObject({ code: 0 });
      const second = await ran();
      expect(second.runId).not.toBe(first.runId);
      expect(second.manifest).toMatchObject({
        previous_run_id: first.runId,
        previous_manifest_sha256: first.sha256,
      });
      expect(await rows(second.deployment, 'SELECT previous_run_id FROM runs ORDER BY started_at')).toEqual([
        { previous_run_id: null },
        { previous_run_id: first.runId },
      ]);
      // What fails since the first run is not new.
      const [failing] = await rows(
        second.deployment,
        `SELECT count(*)::INT AS findings,
           bool_and(first_seen_at < (SELECT max(started_at) FROM runs)) AS old FROM latest_findings WHERE status = 'FAIL'`,
      );
      expect(failing).toEqual({ findings: expect.any(Number), old: true });
      expect(failing?.findings).toBeGreaterThan(0);
    }),
    TIMEOUT,
  );
});
