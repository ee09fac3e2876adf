import { createHash, createPublicKey, verify } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateKeyCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LATEST_KEY, runKeys } from '../../functions/domain/model/plan.ts';
import { reportStore } from '../../functions/handlers/lambda/cloud.ts';
import { HANDLER_NAMES, type HandlerName, readEnvironment } from '../../functions/handlers/lambda/environment.ts';
import { openTables } from '../../functions/local/duckdb.ts';
import { allRows } from '../../functions/report/queries/query-result.ts';
import { trailseal } from '../cli/trailseal.ts';
import { deployedHandler } from '../handlers/lambda/factories.ts';
import { synthesized } from '../infra/synthesized.ts';
import { deployInMoto, type MotoDeployment } from './deployment.ts';
import { describeIfMoto } from './describe-with-moto.ts';
import { type MotoOrganization, startMotoOrganization } from './organization.ts';
import { cloudOf, one, type Template, workflow } from './workflow.ts';

describeIfMoto('the synthesized template, deployed to moto', () => {
  let organization: MotoOrganization;
  let template: Template;
  let deployment: MotoDeployment<HandlerName>;
  beforeAll(async () => {
    // The run's numbers would be written to the console.
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    organization = await startMotoOrganization({
      management: { buckets: [{ name: 'landing-zone', hardened: true }], keys: [{ name: 'shared', rotation: true }] },
      accounts: [
        {
          name: 'sealed',
          trails: [
            { name: 'audit', bucket: 'landing-zone', key: 'management/shared', multiRegion: true, validation: true },
          ],
        },
        {
          name: 'plain',
          buckets: [{ name: 'plain-logs' }],
          trails: [{ name: 'audit', bucket: 'plain-logs', multiRegion: true }],
        },
        { name: 'locked', role: false },
      ],
    });
    const { app } = synthesized();
    template = app.synth().getStackByName('TrailSeal').template as Template;
    deployment = await deployInMoto(organization.gateway, 'TrailSeal', template, HANDLER_NAMES);
  }, 120_000);
  afterAll(async () => organization?.stop());

  test('is taken by CloudFormation, down to the last resource that moto knows', () => {
    expect(deployment.status).toBe('CREATE_COMPLETE');
    const types = [...deployment.resources.values()].map(({ type }) => type);
    for (const type of [
      'AWS::S3::Bucket',
      'AWS::KMS::Key',
      'AWS::Lambda::Function',
      'AWS::IAM::Role',
      'AWS::IAM::Policy',
      'AWS::StepFunctions::StateMachine',
      'AWS::SNS::Topic',
      'AWS::SQS::Queue',
      'AWS::Logs::LogGroup',
    ]) {
      expect(types).toContain(type);
    }
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(HANDLER_NAMES.length);
  });

  test('runs: started with the input of its schedule, it scans the organization and fills its bucket', async () => {
    const { gateway, accounts } = organization;
    const { environment } = deployment.functions.plan;
    const cloud = cloudOf(organization);
    const signingKey = await asymmetricKey(organization);
    for (const name of HANDLER_NAMES) {
      const env = { ...deployment.functions[name].environment };
      // moto's CloudFormation makes every key symmetric, so the one that signs is made by the API.
      if (env.SIGNING_KEY_ARN) env.SIGNING_KEY_ARN = signingKey;
      const handler = deployedHandler(name, env, cloud);
      gateway.functions[`TrailSeal-${name}`] = (payload) => handler(payload, { signal: new AbortController().signal });
    }

    const stateMachineArn = await workflow(organization, template, deployment);
    const { status, output } = await execute(organization, template, stateMachineArn);
    expect([status, output]).toEqual(['SUCCEEDED', expect.objectContaining({ status: 'PARTIAL' })]);

    const store = reportStore(readEnvironment('record', environment), cloud);
    const tables = await openTables({ store });
    try {
      const rows = async (sql: string) => allRows(await tables.query(sql));
      const regions = 38;
      expect(
        await rows('SELECT account_id, count(*)::INT AS n FROM latest_coverage GROUP BY ALL ORDER BY ALL'),
      ).toEqual(
        Object.values(accounts)
          .sort()
          .map((account_id) => ({ account_id, n: regions })),
      );
      expect(
        await rows(
          'SELECT account_name, verdict FROM latest_trails JOIN (SELECT DISTINCT account_id, account_name FROM latest_coverage) USING (account_id) ORDER BY ALL',
        ),
      ).toEqual([
        { account_name: 'plain', verdict: 'UNSEALED' },
        { account_name: 'sealed', verdict: 'SEALED' },
      ]);
      const [run] = await rows('SELECT run_id, status, execution_arn, manifest_sha256 FROM latest_runs');
      expect(run).toMatchObject({
        status: 'PARTIAL',
        execution_arn: expect.stringMatching(/:execution:TrailSeal:/),
        manifest_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
      expect(JSON.parse(await text(store, LATEST_KEY))).toMatchObject({ run_id: run?.run_id });
      await expectSigned(store, String(run?.run_id), organization, signingKey);
      expect(JSON.parse(await text(store, 'reports/unreachable.json'))).toMatchObject({
        since: { [accounts.locked ?? '']: expect.any(String) },
      });
    } finally {
      await tables.close();
      cloud.access.close();
    }
    expect(gateway.counts.get('sns:Publish')).toBe(1);
    expect(gateway.counts.get('events:PutEvents')).toBe(1);
  }, 120_000);

  test('runs by hand: `trailseal run` finds it by its outputs, narrows, follows, resumes and tells of it', async () => {
    const { gateway, accounts } = organization;
    const { endpoint, region, credentials } = gateway.client;
    const env = {
      ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, POWERTOOLS_METRICS_DISABLED: 'true' },
      ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
    };
    // A machine that has run is one that moto cannot start again.
    const machineAgain = () => workflow(organization, template, deployment);
    await machineAgain();
    const narrowed = await trailseal(['run', '--accounts', `${accounts.plain},${accounts.locked}`], { env });
    expect([narrowed.code, narrowed.err]).toEqual([3, expect.stringMatching(/Scanning accounts: 2 of 2/)]);
    const [, runId = ''] = /^Run ([0-9A-Z]{26}) is PARTIAL \(filtered: /.exec(narrowed.out) ?? [];
    expect(narrowed.out).toContain(`run --resume ${runId}`);
    // The narrowed run is followed again by its name, which is its id.
    const again = await trailseal(['run', '--follow', runId, '--quiet'], { env });
    expect([again.code, again.out]).toEqual([3, expect.stringContaining(`Run ${runId} is PARTIAL`)]);
    await machineAgain();
    const resumed = await trailseal(['run', '--resume', runId, '--json', '--fail-on', 'none'], { env });
    expect([resumed.code, JSON.parse(resumed.out).run.run_id]).toEqual([0, runId]);
  }, 120_000);
});

const execute = async ({ gateway }: MotoOrganization, template: Template, stateMachineArn: string) => {
  const schedule = one(template, 'AWS::Scheduler::Schedule') as { Target: { Input: string } };
  const client = new SFNClient(gateway.client);
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn, name: 'scheduled-1', input: schedule.Target.Input }),
  );
  for (;;) {
    const { status, output, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== 'RUNNING') return { status, output: output === undefined ? cause : JSON.parse(output) };
    await delay(200);
  }
};

const asymmetricKey = async ({ gateway }: MotoOrganization): Promise<string> => {
  const { KeyMetadata } = await new KMSClient(gateway.client).send(
    new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
  );
  return KeyMetadata?.Arn ?? '';
};

const expectSigned = async (
  store: ReturnType<typeof reportStore>,
  runId: string,
  { gateway }: MotoOrganization,
  keyArn: string,
): Promise<void> => {
  const { manifest, evidence } = runKeys(runId);
  const { signature, key } = JSON.parse(await text(store, `${evidence}manifest.sig.json`)) as Record<string, string>;
  expect(key).toBe(keyArn);
  const { PublicKey } = await new KMSClient(gateway.client).send(new GetPublicKeyCommand({ KeyId: keyArn }));
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  const bytes = (await store.read(manifest)) ?? new Uint8Array();
  // moto takes the digest for the document and hashes it again.
  const digest = createHash('sha256').update(bytes).digest();
  expect(verify('sha256', digest, publicKey, Buffer.from(signature ?? '', 'base64'))).toBe(true);
};

const text = async (store: ReturnType<typeof reportStore>, key: string): Promise<string> =>
  new TextDecoder().decode((await store.read(key)) ?? undefined);
