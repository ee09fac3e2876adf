import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { sumsOf } from '../../infra/release/release.ts';
import type { SettingsInput } from '../../infra/settings/settings.ts';
import { deployer, releaseFolder } from '../infra/release/release-folder.ts';
import { SETTINGS_IN_FULL } from '../infra/settings-in-full.ts';
import { synthesized } from '../infra/synthesized.ts';
import { hasLocalStack, INSTALL_LOCALSTACK, type LocalStack, startLocalStack } from './localstack.ts';
import { type Case, CHILD_RETRIES, mockConfiguration, mockedRun, RAN_TO_ITS_END } from './mocked-runs.ts';

interface StackTemplate {
  Parameters?: Record<string, unknown>;
  Rules?: unknown;
  Resources: Record<string, { Type: string; DependsOn?: string | string[]; Properties?: Record<string, unknown> }>;
}

const OF_FUNCTIONS = new Set(['AWS::Lambda::Function', 'AWS::Lambda::EventSourceMapping']);

/** The template without its functions, which LocalStack runs in Docker only, and without the check of the bootstrap. */
const withoutFunctions = ({ Rules: _, Parameters = {}, ...template }: StackTemplate): StackTemplate => {
  const { BootstrapVersion: __, ...parameters } = Parameters;
  const isGone = (id: unknown) => OF_FUNCTIONS.has(template.Resources[String(id)]?.Type ?? '');
  const replaced = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replaced);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::GetAtt': att } = value as { Ref?: string; 'Fn::GetAtt'?: [string] };
    const id = Ref ?? att?.[0];
    if (id !== undefined && isGone(id)) return `arn:aws:lambda:us-east-1:000000000000:function:${id}`;
    // It has no Express children.
    const entries = Object.entries(value).map(([name, inner]) => [
      name,
      inner === 'EXPRESS' ? 'STANDARD' : replaced(inner),
    ]);
    return Object.fromEntries(entries);
  };
  const kept = Object.entries(template.Resources).filter(([id]) => !isGone(id));
  const Resources = kept.map(([id, resource]) => {
    const DependsOn = [resource.DependsOn ?? []].flat().filter((other) => !isGone(other));
    return [id, { ...(replaced(resource) as object), ...(resource.DependsOn && { DependsOn }) }];
  });
  return { ...(replaced(template) as StackTemplate), Parameters: parameters, Resources: Object.fromEntries(Resources) };
};

const isNeeded = hasLocalStack() || process.env.TRAILSEAL_LOCALSTACK !== undefined;

(isNeeded ? describe : describe.skip)(
  `the stacks in LocalStack's CloudFormation${isNeeded ? '' : ` (skipped: it wants ${INSTALL_LOCALSTACK})`}`,
  () => {
    let localStack: LocalStack;
    let cloudFormation: CloudFormationClient;
    beforeAll(async () => {
      localStack = await startLocalStack(mockConfiguration());
      cloudFormation = new CloudFormationClient(localStack.client);
      await new S3Client(localStack.client).send(new CreateBucketCommand({ Bucket: 'templates' }));
    }, 180_000);
    afterAll(async () => localStack?.stop());

    const settled = async (StackName: string): Promise<string> => {
      for (;;) {
        const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
        const { StackStatus = '' } = Stacks?.[0] ?? {};
        if (!StackStatus.endsWith('IN_PROGRESS')) return StackStatus;
        await delay(500);
      }
    };
    const created = async (name: string, template: StackTemplate): Promise<[string, string[]]> => {
      const Body = JSON.stringify(withoutFunctions(template));
      await new S3Client(localStack.client).send(new PutObjectCommand({ Bucket: 'templates', Key: name, Body }));
      const TemplateURL = `${localStack.client.endpoint}/templates/${name}`;
      await cloudFormation.send(
        new CreateStackCommand({ StackName: name, TemplateURL, Capabilities: ['CAPABILITY_NAMED_IAM'] }),
      );
      const status = await settled(name);
      const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: name }));
      const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.includes('FAILED'));
      return [status, failed.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`)];
    };
    /** Tried twice: what holds a stack fails both times, while LocalStack's own threads have met each other once. */
    const deleted = async (StackName: string, triesLeft = 1): Promise<string> => {
      await cloudFormation.send(new DeleteStackCommand({ StackName }));
      const status = await settled(StackName).catch((error: Error) => error.message);
      if (status !== 'DELETE_FAILED') return status;
      return triesLeft > 0 ? deleted(StackName, triesLeft - 1) : `${status}: ${localStack.said('Failed to delete')}`;
    };

    test('come by deploy.sh from the release alone, with no Node, and run their state machine to its end', async () => {
      const home = mkdtempSync(join(tmpdir(), 'trailseal-deploy-'));
      try {
        const folder = join(home, 'release');
        cpSync(await releaseFolder(), folder, { recursive: true });
        for (const file of readdirSync(join(folder, 'templates'))) {
          const path = join(folder, 'templates', file);
          writeFileSync(path, JSON.stringify(withoutFunctions(JSON.parse(readFileSync(path, 'utf8')))));
        }
        writeFileSync(join(folder, 'SHA256SUMS'), sumsOf(folder));
        const { endpoint, region, credentials } = localStack.client;
        const deploy = deployer(folder, {
          ...{ HOME: home, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_EC2_METADATA_DISABLED: 'true' },
          ...{ AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey },
        });
        await new S3Client(localStack.client).send(new CreateBucketCommand({ Bucket: 'ours' }));
        const watched = 'WatchRegions=us-east-1';
        const words = ['--bucket', 'ours', 'AlarmMail=audit@example.com', 'SecurityHub=true', watched];
        const scanner = await deploy('scanner', 'OrganizationId=o-a1b2c3d4e5', ...words);
        expect(scanner).toMatchObject({ code: 0, out: expect.stringMatching(/^StateMachineArn\t/m) });
        // What is said to be done next is done: in the management account, which is this one, too.
        const [, next = ''] = /\.\/deploy\.sh (management-watch .*)/.exec(scanner.err) ?? [];
        expect(next).toMatch(
          /^management-watch EventBusArn=arn:aws:events:us-east-1:\d{12}:event-bus\/TrailSeal WatchRegions=us-east-1$/,
        );
        expect(await deploy(...next.split(' '))).toMatchObject({ code: 0 });
        const { Stacks } = await cloudFormation.send(
          new DescribeStacksCommand({ StackName: 'TrailSealManagementWatch' }),
        );
        expect(Stacks?.[0]?.StackStatus).toBe('CREATE_COMPLETE');
        const { seconds: _, ...run } = await mockedRun(localStack.client, 'happy');
        expect(run).toEqual({ ...RAN_TO_ITS_END, refusals: 0 });
        // Again: what is not given stays as it is.
        for (const more of [['ScannerAccountId=111122223333', 'RoleName=Audit'], ['ExternalId=seal']])
          expect(await deploy('audit-role', 'OrganizationId=o-a1b2c3d4e5', ...more)).toMatchObject({
            code: 0,
            out: expect.stringMatching(/^RoleArn\t\S+:role\/Audit\n$/),
          });
        // Tried twice, as above.
        const removed = [await deploy('remove', watched), await deploy('remove', watched)];
        expect(removed[1]).toMatchObject({ code: 0 });
        for (const name of ['Catalog', '', 'ManagementRole', 'ManagementWatch'])
          expect([name, await settled(`TrailSeal${name}`).catch((error: Error) => error.message)]).toEqual([
            name,
            expect.stringMatching(/DELETE_COMPLETE|does not exist/),
          ]);
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    }, 600_000);

    test.each<[string, SettingsInput, Case[]]>([
      ['the default settings', {}, ['happy', 'throttled', 'refused']],
      ['every option turned on', SETTINGS_IN_FULL, ['happy']],
    ])(
      'are created, run their state machine to its end and are deleted, with %s',
      async (_, settings, cases) => {
        const { scanner, catalog } = synthesized(settings);
        // Both are synthesized before either is read: the exports come with the stack that imports them.
        const templates = [scanner, catalog].map(
          (stack) => [stack.stackName, Template.fromStack(stack).toJSON()] as const,
        );
        for (const [name, template] of templates)
          expect([name, await created(name, template as StackTemplate)]).toEqual([name, ['CREATE_COMPLETE', []]]);
        const runs = await Promise.all(cases.map((name) => mockedRun(localStack.client, name)));
        const ran = runs.map(({ seconds, ...run }, at) => [cases[at], run, seconds > 2 * CHILD_RETRIES]);
        expect(ran).toEqual(
          // A child whose invocation is refused to the end has its failure recorded, and has not failed.
          cases.map((name) => [name, { ...RAN_TO_ITS_END, refusals: name === 'throttled' ? 1 : 0 }, name !== 'happy']),
        );
        for (const [name] of templates.toReversed())
          expect([name, await deleted(name)]).toEqual([name, expect.stringMatching(/DELETE_COMPLETE|does not exist/)]);
      },
      300_000,
    );
  },
);
