import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { apiCall } from '../../domain/watch/events.ts';
import { trailseal } from '../trailseal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trailseal-because-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const scan = (...words: string[]) =>
  trailseal([
    'scan',
    '--simulate',
    'accounts=6,regions=1',
    '--out',
    join(folder, 'report'),
    '--fail-on',
    'none',
    ...words,
  ]);
const because = async (event: unknown, ...words: string[]) => {
  const file = join(folder, 'event.json');
  await writeFile(file, typeof event === 'string' ? event : JSON.stringify(event));
  return scan('--because', file, ...words);
};

test('a scan is narrowed by an event, and the newest run stays the whole one', async () => {
  const whole = JSON.parse((await scan('--json')).out).run;
  const query = await trailseal([
    'query',
    '--report',
    join(folder, 'report'),
    '--format',
    'json',
    'select account_id, kms_key_arn from latest_trails where kms_key_arn is not null',
  ]);
  const [{ account_id: owner, kms_key_arn: key }] = JSON.parse(query.out);
  const account = key.split(':')[4];
  const disabled = apiCall('DisableKey', {
    service: 'kms',
    account,
    region: key.split(':')[3],
    requestParameters: { keyId: key },
  });
  const { code, out } = await because(
    { Records: [disabled.detail, apiCall('DescribeTrails', { readOnly: true }).detail] },
    '--json',
  );
  expect(code).toBe(0);
  const { run } = JSON.parse(out);
  expect(run).toMatchObject({
    scope: 'FILTERED',
    because_events: 1,
    because_accounts: expect.arrayContaining([account, owner]),
  });
  const shown = await trailseal(['report', '--report', join(folder, 'report'), '--json']);
  expect(JSON.parse(shown.out).run.run_id).toBe(whole.run_id);
  const { out: words } = await trailseal(['report', '--report', join(folder, 'report')]);
  expect(words.replaceAll(/\s+/g, ' ')).toMatch(
    /As of \d{4}-\d\d-\d\d \d\d:\d\d UTC; \d accounts? newer, since .* Newer after 2026-11-20T09:55:01.000Z DisableKey by arn:aws:sts::.*Newer than the run, after changes: \d accounts?\. .*As of \d{4}-\d\d-\d\d \d\d:\d\d [\d, ]+:.* after DisableKey\)/,
  );
  const { out: narrowed } = await trailseal(['report', '--report', join(folder, 'report'), '--run', run.run_id]);
  expect(narrowed.replaceAll(/\s+/g, ' ')).toContain('Started by 2026-11-20T09:55:01.000Z DisableKey by arn:aws:sts::');
  const runs = await trailseal(['runs', '--report', join(folder, 'report')]);
  expect(runs.out.replaceAll(/\s+/g, ' ')).toMatch(/filtered: accounts [\d,]+ after DisableKey/);
});

test.each([
  ['that failed', apiCall('StopLogging', { errorCode: 'AccessDenied' }), 'Nothing to scan: the call failed.'],
  [
    'that no read rests on',
    apiCall('CreateUser', { service: 'iam' }),
    'Nothing to scan: no read of a scan is answered otherwise after it (aws.iam CreateUser).',
  ],
  [
    'about what no trail uses',
    apiCall('DeleteBucket', { service: 's3', requestParameters: { bucketName: 'app' } }),
    'Nothing to scan: no trail of the newest run uses what it names.',
  ],
])('an event %s starts nothing', async (_, event, words) => {
  expect(await because(event)).toMatchObject({ code: 0, out: '', err: `${words}\n` });
});

test.each([
  ['no JSON', '{', [], 'is not JSON'],
  ['no event', '{}', [], 'neither an event of EventBridge nor a record of CloudTrail'],
  ['a list of nothing', '[]', [], 'holds no event'],
  [
    'another narrowing too',
    '{}',
    ['--accounts', '111111111111', '--exclude-regions', 'us-east-1'],
    'leave --accounts, --exclude-regions out',
  ],
  ['a run to resume', '{}', ['--resume', '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N'], 'leave --resume out'],
])('%s is refused in one sentence', async (_, text, words, refusal) => {
  const { code, err } = await because(text, ...words);
  expect(code).toBe(1);
  expect(err).toContain(refusal);
  expect(err.trim().split('\n')).toHaveLength(1);
});
