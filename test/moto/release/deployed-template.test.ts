import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { LATEST_KEY } from '../../../functions/domain/model/plan.ts';
import { reportStore } from '../../../functions/handlers/lambda/cloud.ts';
import { HANDLER_NAMES, readEnvironment } from '../../../functions/handlers/lambda/environment.ts';
import { openTables } from '../../../functions/local/duckdb.ts';
import { allRows } from '../../../functions/report/queries/query-result.ts';
import { trailseal } from '../../cli/trailseal.ts';
import { evaluated } from '../../infra/release/evaluated.ts';
import { deployer, type Ended, releaseFolder } from '../../infra/release/release-folder.ts';
import { describeIfAwsCli } from '../describe-with-moto.ts';
import { MOTO_REGION } from '../gateway.ts';
import { MOTO_CREDENTIALS } from '../moto.ts';
import { type MotoOrganization, startMotoOrganization } from '../organization.ts';
import { type DeploymentGateway, startDeploymentGateway } from '../walk/deployment-gateway.ts';
import { asymmetricKey, execute, expectSigned, inOrder, startFunctions, text } from './deployed-run.ts';
import { deploymentIn, type MotoDeployment } from './deployment.ts';
import { cloudOf, type Template, workflow } from './workflow.ts';

describeIfAwsCli('the release, deployed to moto by its deploy.sh', () => {
  let organization: MotoOrganization;
  let home: string;
  let folder: string;
  let door: DeploymentGateway;
  let deploy: ReturnType<typeof deployer>;
  let looked: Ended;
  let deployed: Ended;
  let template: Template;
  let deployment: MotoDeployment;
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
    home = mkdtempSync(join(tmpdir(), 'trailseal-deploy-'));
    folder = await releaseFolder();
    door = await startDeploymentGateway(organization.gateway);
    deploy = deployer(folder, {
      HOME: home,
      ...{ AWS_ENDPOINT_URL: door.url, AWS_REGION: MOTO_REGION, AWS_EC2_METADATA_DISABLED: 'true' },
      AWS_ACCESS_KEY_ID: MOTO_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: MOTO_CREDENTIALS.secretAccessKey,
    });
    looked = await deploy('scanner', '--dry-run');
    deployed = await deploy('AlarmMail=audit@example.com', 'ExcludeRegions=me-central-1');
    const released = JSON.parse(readFileSync(join(folder, 'templates/trailseal.template.json'), 'utf8'));
    template = evaluated(released, { stackName: 'TrailSeal', parameters: {} }) as Template;
    deployment = await deploymentIn(organization.gateway, 'TrailSeal');
  }, 600_000);
  afterAll(async () => {
    await door?.stop();
    await organization?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test('from a machine with the AWS CLI alone: it says what it would do, does it, and says what is next', async () => {
    expect(looked).toMatchObject({ code: 0, out: '' });
    expect(looked.err).toMatch(/would make the bucket trailseal-assets-123456789012-us-east-1/);
    expect(looked.err).toMatch(/would create the stack TrailSeal\n/);
    expect(deployed).toMatchObject({
      code: 0,
      err: expect.stringContaining('audit-role ScannerAccountId=123456789012'),
    });
    expect(deployed.out).toMatch(/^ReportRoot\ts3:\/\/\S+$/m);
    expect(deployed.out).toMatch(/^StateMachineArn\tarn:aws:states:\S+:TrailSeal$/m);
    expect(deployed.out).toMatch(/^AthenaWorkgroup\ttrailseal$/m);
    expect(door.bucketPolicies[0]).toMatchObject({
      Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    });
    expect(deployment.functions.plan.environment).toMatchObject({ EXCLUDE_REGIONS: 'me-central-1', EXTERNAL_ID: '' });
  });

  test('gives one account the audit role, whatever characters a parameter has', async () => {
    const lacking = await deploy('audit-role');
    expect(lacking).toMatchObject({ code: 1, err: expect.stringMatching(/give ScannerAccountId=/) });
    const role = () => new IAMClient(organization.gateway.client).send(new GetRoleCommand({ RoleName: 'Audit' }));
    const first = await deploy(
      'audit-role',
      'ScannerAccountId=111122223333',
      'RoleName=Audit',
      'ExternalId=with "quotes"',
    );
    expect(first).toMatchObject({ code: 0, out: 'RoleArn\tarn:aws:iam::123456789012:role/Audit\n' });
    expect(decodeURIComponent((await role()).Role?.AssumeRolePolicyDocument ?? '')).toContain('with \\"quotes\\"');
  });

  test.each([
    [['Colour=red'], 'no template has a parameter Colour'],
    [['--bucket', 'of-nobody'], 'the bucket of-nobody does not exist'],
    [['--bucket'], '--bucket needs a value'],
    [['everything'], '"everything" is neither a command, an option nor PARAMETER=VALUE'],
  ])('refuses %j in one sentence', async (words, sentence) => {
    const { code, out, err } = await deploy(...words);
    expect([code, out, err]).toEqual([1, '', expect.stringContaining(`deploy.sh: ${sentence}`)]);
    expect(err.split('\n').filter((line) => line.startsWith('deploy.sh:'))).toHaveLength(1);
  });

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

  const step = inOrder();
  test(
    'runs: started with the input of its schedule, it scans the organization and fills its bucket',
    step(async () => {
      const { gateway, accounts } = organization;
      const { environment } = deployment.functions.plan;
      const cloud = cloudOf(organization);
      const signingKey = await asymmetricKey(organization);
      startFunctions({ organization, deployment, signingKey, cloud });

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
    }),
    360_000,
  );

  test(
    'runs by hand: `trailseal run` finds it by its outputs, narrows, follows, resumes and tells of it',
    step(async () => {
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
    }),
    360_000,
  );
});
