import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { serve } from '../../aws/identity/aws-on-loopback.ts';
import { inThisProcess } from '../in-process.ts';
import { trailseal } from '../trailseal.ts';

const SIMULATED = ['--simulate', 'accounts=12,regions=3,seed=3'];
const MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:TrailSeal';

interface Started {
  stateMachineArn: string;
  name: string;
  input: string;
}
type Event = Record<string, unknown>;

let folder = '';
let root = '';
let runId = '';
let scanned: Awaited<ReturnType<typeof trailseal>>;
let endpoint = '';
const closing: (() => unknown)[] = [];
/** What the deployment was asked, and how it answers. */
const cloud = {
  started: [] as Started[],
  followed: [] as string[],
  written: [] as { key: string; body: string }[],
  onFollowed: () => {},
  stack: { name: 'TrailSeal', outputs: {} as Record<string, string> },
  execution: {} as Record<string, unknown>,
  history: [] as Event[],
};

const entered = (id: number, name: string): Event => ({
  ...{ id, timestamp: 0, type: 'TaskStateEntered' },
  stateEnteredEventDetails: { name },
});
const exited = (id: number, name: string, output: unknown): Event => ({
  ...{ id, timestamp: 0, type: 'TaskStateExited' },
  stateExitedEventDetails: { name, output: JSON.stringify(output) },
});

const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const json = (value: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(value));
  const xml = (text: string, status = 200) => response.writeHead(status, { 'content-type': 'text/xml' }).end(text);
  const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1];
  const input = operation ? JSON.parse(body) : {};
  if (operation === 'StartExecution') {
    cloud.started.push(input);
    const arn = `${MACHINE.replace(':stateMachine:', ':execution:')}:${input.name}`;
    return json({ executionArn: arn, startDate: 0 });
  }
  if (operation === 'DescribeExecution') {
    cloud.followed.push(input.executionArn);
    cloud.onFollowed();
    return json({ stateMachineArn: MACHINE, startDate: 0, ...cloud.execution });
  }
  if (operation === 'GetExecutionHistory') return json({ events: cloud.history });
  if (operation === 'DescribeMapRun') return json({ itemCounts: { total: 3, succeeded: 2, failed: 1 } });
  if (body.includes('Action=DescribeStacks')) {
    const asked = new URLSearchParams(body).get('StackName');
    if (asked !== cloud.stack.name)
      return xml(
        `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${asked} does not exist</Message></Error></ErrorResponse>`,
        400,
      );
    const outputs = Object.entries(cloud.stack.outputs).map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    );
    return xml(
      `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${asked}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-01T00:00:00Z</CreationTime><Outputs>${outputs.join('')}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
    );
  }
  if (request.method === 'HEAD') return response.writeHead(200, { 'x-amz-bucket-region': 'eu-west-1' }).end();
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
  const key = decodeURIComponent(pathname).replace(/^\/reports\//, '');
  if (request.method === 'PUT') {
    cloud.written.push({ key, body });
    return response.writeHead(200, { etag: '"e"' }).end();
  }
  if (searchParams.has('list-type')) {
    const prefix = searchParams.get('prefix') ?? '';
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.startsWith(prefix));
    return xml(
      `<ListBucketResult>${found.map((file) => `<Contents><Key>${file}</Key></Contents>`).join('')}</ListBucketResult>`,
    );
  }
  try {
    const bytes = readFileSync(join(root, key));
    return response.writeHead(200).end(bytes);
  } catch {
    return xml('<Error><Code>NoSuchKey</Code><Message>no</Message></Error>', 404);
  }
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trailseal-run-'));
  root = join(folder, 'root');
  scanned = await trailseal(['scan', ...SIMULATED, '--out', root]);
  [, runId = ''] = /^Run ([0-9A-Z]{26}) is /.exec(scanned.out) ?? [];
  endpoint = `http://127.0.0.1:${await serve(server, closing)}`;
});
afterAll(async () => {
  for (const close of closing) await close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  cloud.started.length = 0;
  cloud.followed.length = 0;
  cloud.onFollowed = () => {};
  cloud.stack = { name: 'TrailSeal', outputs: { StateMachineArn: MACHINE, ReportRoot: 's3://reports' } };
  cloud.execution = { status: 'SUCCEEDED', output: JSON.stringify({ run_id: runId, status: 'PARTIAL' }) };
  cloud.history = [
    entered(1, 'Plan'),
    exited(2, 'Plan', { scan: { count: 3 } }),
    entered(3, 'Scan'),
    {
      id: 4,
      timestamp: 0,
      type: 'MapRunStarted',
      mapRunStartedEventDetails: { mapRunArn: 'arn:aws:states:::mapRun:x' },
    },
    exited(5, 'Scan', {}),
    entered(6, 'Report'),
    exited(7, 'Report', {}),
  ];
});

const env = () => ({
  ...{ AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
  ...{ AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
});
const run = (words: string[]) => trailseal(['run', ...words], { env: env() });

describe('trailseal run', () => {
  it('starts the deployed workflow by the outputs of its stack, shows how far it is, and tells of it as scan does', async () => {
    const { code, out, err } = await run([]);
    const [{ name, ...started } = {}] = cloud.started as Partial<Started>[];
    expect([cloud.started.length, started, name]).toEqual([
      1,
      { stateMachineArn: MACHINE, input: '{}' },
      expect.stringMatching(/^[0-9A-Z]{26}$/),
    ]);
    expect(err).toMatch(/Listing the organization\nScanning accounts\nScanning accounts: 3 of 3\nWriting the report\n/);
    const scanned = await trailseal(['report', '--report', root]);
    expect(out).toContain(scanned.out.trim());
    expect(out).toContain(`Report: s3://reports/reports/${runId}/`);
    expect([2, 3]).toContain(code);
    const { code: none, err: nothing, out: report } = await run(['--fail-on', 'none', '--json']);
    expect([none, nothing, JSON.parse(report).run.run_id]).toEqual([0, '', runId]);
  });

  it('ends as the scan of the same run ended, word for word: what failed and what was not read, too', async () => {
    const { code, out } = await run([]);
    // Where the root is, how the run is resumed, and the tour of a simulated organization.
    const words = (text: string, base: string, resume: string) =>
      text.replace(resume, 'RESUME').replaceAll(/\s+/g, ' ').replaceAll(base, 'ROOT').trim();
    const [ended = ''] = scanned.out.split(/\n\$ .*query --named/);
    const [, scanLine = ''] = /complete the run with\s+(.*)/.exec(ended) ?? [];
    const [, runLine = ''] = /complete the run with\s+(.*)/.exec(out) ?? [];
    expect([scanLine, runLine]).toEqual([
      expect.stringContaining(`scan --resume ${runId}`),
      expect.stringContaining(`run --resume ${runId}`),
    ]);
    expect(out).toMatch(/PARTIAL: [\d,]+ account\/Region pairs? gave no answer \(/);
    expect(words(out, 's3://reports', runLine)).toBe(words(ended, root, scanLine));
    expect(code).toBe(scanned.code);
  });

  it.each<[string[], object]>([
    [['--resume', '01JZ00000000000000000000AA'], { resume: '01JZ00000000000000000000AA' }],
    [
      ['--accounts', '111122223333,222233334444', '--ou', 'Security', '--ou', 'a,b', '--regions', 'eu-west-1'],
      { accounts: ['111122223333', '222233334444'], ou: ['Security', 'a,b'], regions: ['eu-west-1'] },
    ],
    [
      ['--exclude-accounts', '111122223333', '--exclude-regions', 'us-east-1', '--account-tag', 'a=b'],
      { exclude_accounts: ['111122223333'], exclude_regions: ['us-east-1'], account_tags: ['a=b'] },
    ],
    [
      ['--no-lake', '--sample-logs', '--sample-accounts', '--concurrency', '7'],
      { lake: false, sample_logs: true, sample_accounts: true, concurrency: 7 },
    ],
  ])('hands %j to the execution', async (words, input) => {
    await run([...words, '--quiet']);
    expect(JSON.parse(cloud.started[0]?.input ?? '')).toEqual(input);
  });

  it('hands a scope of scopes.yaml to the execution, spelt out', async () => {
    const file = join(folder, 'scopes.yaml');
    writeFileSync(file, 'scopes:\n  - { name: cards, accounts: [111122223333] }\n');
    await run(['--scope', `${file}:cards`, '--quiet']);
    expect(JSON.parse(cloud.started[0]?.input ?? '{}')).toEqual({ scope: ['name=cards', 'account=111122223333'] });
  });

  it('hands the accounts that an event affects to the execution, and starts nothing where it affects none', async () => {
    const file = join(folder, 'event.json');
    const bucket = (await trailseal(['query', 'SELECT bucket FROM latest_trails', '--report', root, '--format', 'csv']))
      .out;
    const event = (requestParameters: object) =>
      writeFileSync(
        file,
        JSON.stringify({
          ...{ eventVersion: '1.11', eventSource: 's3.amazonaws.com', eventName: 'PutBucketPolicy', readOnly: false },
          ...{
            awsRegion: 'us-east-1',
            eventID: '5b0c7e7c-0000-4000-8000-000000000000',
            eventTime: '2026-11-20T10:00:00Z',
          },
          ...{ recipientAccountId: '111122223333', userIdentity: { type: 'Root' }, requestParameters },
        }),
      );
    event({ bucketName: bucket.split('\n')[1]?.replaceAll('"', '').trim() });
    await run(['--because', file, '--quiet']);
    const [{ name = '', input = '' } = {}] = cloud.started;
    expect(JSON.parse(input)).toEqual({ because: name });
    expect(cloud.written.find(({ key }) => key.includes(name))?.body).toContain('PutBucketPolicy');
    event({ bucketName: 'another' });
    const { code, err } = await run(['--because', file]);
    expect([code, err, cloud.started.length]).toEqual([0, expect.stringMatching(/^Nothing to scan: /), 1]);
  });

  it('follows an execution that was started before, whatever it is called', async () => {
    const { code } = await run(['--follow', 'scheduled-1', '--fail-on', 'none']);
    expect([code, cloud.started, [...new Set(cloud.followed)]]).toEqual([
      0,
      [],
      [`${MACHINE.replace(':stateMachine:', ':execution:')}:scheduled-1`],
    ]);
  });

  it('leaves the execution alone on Ctrl-C, and prints the line that follows it again', async () => {
    cloud.execution = { status: 'RUNNING' };
    const interrupt = new AbortController();
    cloud.onFollowed = () => interrupt.abort();
    const { code, err } = await inThisProcess(['run'], { env: env(), cwd: folder, signal: interrupt.signal });
    expect(code).toBe(130);
    expect(err).toMatch(new RegExp(`The run goes on in AWS; .*\\n  .* run --follow ${cloud.started[0]?.name}\\n`));
  });

  it.each<[string, string[], () => void, RegExp]>([
    ['no such stack', ['--stack', 'Other'], () => {}, /There is no stack Other in eu-west-1 of this account/],
    [
      'a stack of something else',
      [],
      () => {
        cloud.stack.outputs = { ReportRoot: 's3://reports' };
      },
      /The stack TrailSeal in eu-west-1 is not the scanner's.*CREATE_COMPLETE.*StateMachineArn/,
    ],
    [
      'a run that failed',
      [],
      () => {
        const cause = JSON.stringify({ errorType: 'TrailSealError', errorMessage: 'There is no waivers file.' });
        cloud.execution = { status: 'FAILED', error: 'TrailSealError', cause };
      },
      /The run failed: TrailSealError: There is no waivers file\.\n.*redrive-execution --execution-arn arn:aws:states:.*:execution:TrailSeal:/,
    ],
    ['no run id', ['--resume', 'x'], () => {}, /"x" \(--resume\) is not a run id/],
    [
      'a resumed run that is narrowed',
      ['--resume', '01JZ00000000000000000000AA', '--no-lake', '--ou', 'x'],
      () => {},
      /finished as it was planned: leave --ou, --no-lake out/,
    ],
    [
      'following and resuming',
      ['--follow', 'x', '--resume', '01JZ00000000000000000000AA', '--regions', 'us-east-1'],
      () => {},
      /--follow is for a run that has begun: leave --resume, --regions out/,
    ],
    [
      'an event and what narrows too',
      ['--because', 'e.json', '--ou', 'x', '--resume', '01JZ00000000000000000000AA'],
      () => {},
      /--because says itself which accounts are scanned: leave --resume, --ou out/,
    ],
    ['no name of an execution', ['--follow', 'a/b'], () => {}, /"a\/b" \(--follow\) is not the name of an execution/],
  ])('ends with one clear sentence and 1 for %s', async (_, words, arrange, sentence) => {
    arrange();
    const { code, out, err } = await run([...words, '--quiet']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(sentence);
  });
});
