import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { CloudTrailClient, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DescribeExecutionCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Cloud } from '../../../functions/handlers/lambda/cloud.ts';
import { reportStore } from '../../../functions/handlers/lambda/cloud.ts';
import { type FunctionName, HANDLER_NAMES, readEnvironment } from '../../../functions/handlers/lambda/environment.ts';
import type { Handler } from '../../../functions/handlers/ports.ts';
import { openTables } from '../../../functions/local/duckdb.ts';
import { watchedPatterns } from '../../../functions/reads/watched/watched-events.ts';
import { namedQuery } from '../../../functions/report/queries/queries.ts';
import { allRows } from '../../../functions/report/queries/query-result.ts';
import { namesOf } from '../../../infra/names.ts';
import { forwardingTemplate } from '../../../infra/watch/forwarding-template.ts';
import { apiCall } from '../../domain/watch/events.ts';
import { deployedHandler } from '../../handlers/lambda/factories.ts';
import { batchOf } from '../../handlers/watch/queue-model.ts';
import { synthesized } from '../../infra/synthesized.ts';
import { awsQuery, element } from '../aws-query.ts';
import { describeIfMoto } from '../describe-with-moto.ts';
import { type MotoOrganization, startMotoOrganization } from '../organization.ts';
import { deployInMoto, type MotoDeployment } from '../release/deployment.ts';
import { cloudOf, type Template, workflow } from '../release/workflow.ts';
import { administratorOf } from '../roles.ts';

const NAMES = [...HANDLER_NAMES, 'collect', 'start'] as const satisfies readonly FunctionName[];
/** What reaches moto itself, as some account. */
type Client = MotoOrganization['gateway']['client'];
const context = { signal: new AbortController().signal };

/**
 * From a member's StopLogging to the present in the tables, over what the templates make: moto carries events from the
 * member's rule to the bus, its rules and their queues, and runs the state machine. What Lambda and its pollers do lies in
 * between and is done here: a message is received, and the deployed function's handler called with it. moto checks no role,
 * no bus policy and no key, waits for no batch, and the delay of the ticks is taken off.
 */
describeIfMoto('a change in a member, over what the templates make', () => {
  let organization: MotoOrganization;
  let deployment: MotoDeployment;
  let template: Template;
  let cloud: Cloud;
  let handlers: Record<(typeof NAMES)[number], Handler>;
  beforeAll(async () => {
    process.env.POWERTOOLS_METRICS_DISABLED = 'true';
    organization = await startMotoOrganization({
      management: { buckets: [{ name: 'landing-zone', hardened: true }], keys: [{ name: 'shared', rotation: true }] },
      accounts: [
        {
          name: 'payments',
          trails: [
            { name: 'audit', bucket: 'landing-zone', key: 'management/shared', multiRegion: true, validation: true },
          ],
        },
        { name: 'shop' },
      ],
    });
    const { app } = synthesized({
      organizationId: 'o-a1b2c3d4e5',
      signManifests: false,
      watch: { regions: ['us-east-1'], windowSeconds: 60 },
    });
    template = app.synth().getStackByName('TrailSeal').template as Template;
    deployment = await deployInMoto(organization.gateway, 'TrailSeal', template, namesOf(), NAMES);
    cloud = cloudOf(organization);
    handlers = Object.fromEntries(
      NAMES.map((name) => [name, deployedHandler(name, deployment.functions[name].environment, cloud)]),
    ) as typeof handlers;
    for (const name of HANDLER_NAMES)
      organization.gateway.functions[`TrailSeal-${name}`] = (payload) => handlers[name](payload, context);
  }, 400_000);
  afterAll(async () => {
    cloud?.access.close();
    await organization?.stop();
  });

  /** The URL of a queue, which is its physical id. */
  const queue = (name: string): string => {
    const found = [...deployment.resources].find(([id]) => new RegExp(`^Watch${name}[0-9A-F]{8}$`).test(id));
    return found?.[1].id ?? '';
  };
  const sqs = (name: string, parameters: Record<string, string>) => {
    const { client, directUrl } = organization.gateway;
    return awsQuery({
      ...{ url: directUrl, service: 'sqs', credentials: client.credentials },
      parameters: { Version: '2012-11-05', QueueUrl: queue(name), ...parameters },
    });
  };
  /** As Lambda's poller: receives a message, calls the function, and deletes what it does not want back. */
  const poll = async (name: string, handler: Handler): Promise<unknown> => {
    const xml = await sqs(name, { Action: 'ReceiveMessage', MaxNumberOfMessages: '10' });
    const body = unescaped(element(xml, 'Body') ?? '');
    const receipt = element(xml, 'ReceiptHandle');
    if (receipt === null) throw new Error(`there is no message in ${name}`);
    const arn = `arn:aws:sqs:us-east-1:123456789012:${queue(name).split('/').at(-1)}`;
    const result = await handler(batchOf(arn, [{ id: 'm', body, received: 1 }]), context);
    const { batchItemFailures: again } = result as { batchItemFailures: unknown[] };
    if (again.length > 0) throw new Error(`${name}: the function gives back ${body}`);
    await sqs(name, { Action: 'DeleteMessage', ReceiptHandle: receipt });
    return result;
  };
  const ended = async (executionArn: string | undefined) => {
    const client = new SFNClient(organization.gateway.client);
    for (;;) {
      const { status, output, input, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (status !== 'RUNNING') return { status, input, output: output === undefined ? cause : JSON.parse(output) };
      await delay(100);
    }
  };

  /** What the StackSet rolls out into a member, or the stack of the management account. */
  const rollOut = async (client: Client): Promise<void> => {
    const cloudFormation = new CloudFormationClient(client);
    await cloudFormation.send(
      new CreateStackCommand({
        StackName: 'TrailSealWatch',
        TemplateBody: JSON.stringify(forwardingTemplate({ validate: false })),
        Parameters: [
          {
            ParameterKey: 'EventBusArn',
            ParameterValue: `arn:aws:events:us-east-1:123456789012:event-bus/${namesOf().bus}`,
          },
        ],
        Capabilities: ['CAPABILITY_NAMED_IAM'],
      }),
    );
    const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'TrailSealWatch' }));
    const { StackResources = [] } = await cloudFormation.send(
      new DescribeStackResourcesCommand({ StackName: 'TrailSealWatch' }),
    );
    expect(Stacks[0]?.StackStatus).toBe('CREATE_COMPLETE');
    const rules = StackResources.filter(({ ResourceType }) => ResourceType === 'AWS::Events::Rule');
    expect(rules).toHaveLength(watchedPatterns().length);
  };
  /** What CloudTrail hands to the default bus of an account. */
  const happened = (client: Client, ...events: ReturnType<typeof apiCall>[]) =>
    new EventBridgeClient(client).send(
      new PutEventsCommand({
        Entries: events.map((event) => ({
          Source: event.source,
          DetailType: event['detail-type'],
          Detail: JSON.stringify(event.detail),
        })),
      }),
    );
  /** From the tick to the end of the run that it starts. */
  const lookedInto = async (): Promise<void> => {
    // A machine that has run is one that moto cannot start again.
    const machine = await workflow(organization, template, deployment);
    const { started } = (await poll('Ticks', handlers.start)) as { started: string };
    expect(started).toMatch(/^watch-\d{8}T\d{6}Z$/);
    const sfn = new SFNClient(organization.gateway.client);
    const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: machine }));
    const run = executions.find(({ name }) => name === started);
    expect(await ended(run?.executionArn)).toMatchObject({
      status: 'SUCCEEDED',
      input: JSON.stringify({ because: started }),
    });
  };
  const present = async (sql: string): Promise<Record<string, unknown>[]> => {
    const store = reportStore(readEnvironment('record', deployment.functions.record.environment), cloud);
    const tables = await openTables({ store });
    try {
      return await allRows(await tables.query(sql));
    } finally {
      await tables.close();
    }
  };
  /** The trails that were announced as failing, in order. */
  const failing = (): string[] =>
    organization.gateway.sent
      .filter(({ DetailType }) => DetailType === 'TrailSeal Trail Failing')
      .map(({ Detail }) => (JSON.parse(Detail) as { trail_arn: string }).trail_arn);

  test('is a run of its account, and the present of it, announced once; so is a change of its key in another account', async () => {
    const { gateway, accounts } = organization;
    const payments = accounts.payments ?? '';
    const whole = async (name: string) => {
      const machine = await workflow(organization, template, deployment);
      const sfn = new SFNClient(gateway.client);
      const run = await sfn.send(new StartExecutionCommand({ stateMachineArn: machine, name, input: '{}' }));
      expect(await ended(run.executionArn)).toMatchObject({ status: 'SUCCEEDED' });
    };
    await whole('whole');
    const direct = { ...gateway.client, endpoint: gateway.directUrl };
    const member = { ...direct, credentials: await administratorOf(gateway.directUrl, payments) };
    await rollOut(member);
    await rollOut(direct);

    // Somebody stops the trail; CloudTrail hands that, and much else, to EventBridge.
    const trailArn = `arn:aws:cloudtrail:us-east-1:${payments}:trail/audit`;
    await new CloudTrailClient(member).send(new StopLoggingCommand({ Name: 'audit' }));
    const at = { account: payments, region: 'us-east-1', at: new Date().toISOString() };
    await happened(
      member,
      apiCall('StopLogging', { ...at, requestParameters: { name: trailArn } }),
      apiCall('CreateUser', { ...at, service: 'iam' }),
      apiCall('PutObject', { ...at, service: 's3' }),
      { ...apiCall('StopLogging', at), source: 'acme.cloudtrail' },
    );
    const delayed = await sqs('Ticks', { Action: 'GetQueueAttributes', 'AttributeName.1': 'DelaySeconds' });
    expect(element(delayed, 'Value')).toBe('120');
    await sqs('Ticks', { Action: 'SetQueueAttributes', 'Attribute.1.Name': 'DelaySeconds', 'Attribute.1.Value': '0' });
    expect(await poll('Events', handlers.collect)).toMatchObject({ kept: 1 });
    await expect(poll('Events', handlers.collect)).rejects.toThrow('there is no message');
    await lookedInto();
    expect(await present('SELECT trail_arn, is_logging, verdict FROM current_trails')).toEqual([
      { trail_arn: trailArn, is_logging: false, verdict: 'STOPPED' },
    ]);
    expect(await present('SELECT verdict FROM latest_trails')).toEqual([{ verdict: 'SEALED' }]);
    const state = await present(namedQuery('current-state').sql);
    expect(state.map(({ account_id, because }) => [account_id, String(because).slice(25)])).toEqual([
      [payments, expect.stringMatching(/^StopLogging by arn:aws:sts::\d{12}:assumed-role\/Admin\/mallory in /)],
      ...[accounts.management, accounts.shop].sort().map((account) => [account, '']),
    ]);
    // The end of the whole run; and of the narrowed one, with the trail that fails.
    expect(gateway.counts.get('sns:Publish')).toBe(2);
    expect(failing()).toEqual([trailArn]);

    // The next daily run sees the same, which is no news.
    await whole('daily');
    expect(failing()).toEqual([trailArn]);

    // Its key, in the account that has it: the change concerns the trail's owner.
    const keyArn = String((await present('SELECT key_arn FROM current_keys'))[0]?.key_arn);
    const keyId = keyArn.split('/').at(-1);
    await new KMSClient(direct).send(new DisableKeyCommand({ KeyId: keyId }));
    await happened(
      direct,
      apiCall('DisableKey', {
        ...{ service: 'kms', account: accounts.management ?? '', region: 'us-east-1', at: new Date().toISOString() },
        requestParameters: { keyId },
      }),
    );
    expect(await poll('Events', handlers.collect)).toMatchObject({ kept: 1 });
    await lookedInto();
    const [trail] = await present('SELECT key_state, verdict FROM current_trails');
    expect(trail).toEqual({ key_state: 'Disabled', verdict: 'BROKEN' });
    const scanned =
      'SELECT DISTINCT account_id FROM current_coverage WHERE as_of = (SELECT max(as_of) FROM current_coverage)';
    expect((await present(scanned)).map(({ account_id: id }) => id).sort()).toEqual(
      [accounts.management, payments].sort(),
    );
    // One more control of it fails.
    expect(failing()).toEqual([trailArn, trailArn]);
  }, 400_000);
});

const unescaped = (xml: string): string =>
  xml
    .replace(/&(?:quot|#34);/g, '"')
    .replace(/&(?:lt|#60);/g, '<')
    .replace(/&(?:gt|#62);/g, '>')
    .replace(/&(?:amp|#38);/g, '&');
