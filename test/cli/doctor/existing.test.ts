import { expect, test } from '@jest/globals';
import type { Check } from '../../../functions/cli/doctor/check.ts';
import { examineExisting } from '../../../functions/cli/doctor/existing.ts';
import { answered, failed } from '../../../functions/domain/model/reading.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd';
const POLICY = JSON.stringify({ Principal: { Service: ['logs.eu-west-1.amazonaws.com', 'cloudwatch.amazonaws.com'] } });
const NONE = { reportBucket: null, key: null, topic: null, accessLogBucket: null };

const examined = async (
  existing: Partial<typeof NONE | Record<keyof typeof NONE, string>>,
  { region = 'eu-west-1', key = KEY as string | null, state = 'Enabled', policy = POLICY as string | null } = {},
): Promise<[string, string, string][]> => {
  const checks: Check[] = [];
  const reader = {
    bucket: async (name: string) =>
      name === 'absent'
        ? failed({ kind: 'NOT_FOUND', operation: 'x', code: 'NoSuchBucket', message: '' })
        : answered({ region, key }),
    key: async () => answered({ state, policy }),
  };
  const request = { reader, existing: { ...NONE, ...existing }, accountId: '111122223333', region: 'eu-west-1' };
  await examineExisting(request, (check) => checks.push(check));
  return checks.map(({ name, outcome, words, fix }) => [name, outcome, `${words} → ${fix}`]);
};

test('what is as it must be is said to be so; what is not named is not looked at', async () => {
  expect(await examined({})).toEqual([]);
  expect((await examined({ reportBucket: 'reports', key: KEY })).map(([name, outcome]) => [name, outcome])).toEqual([
    ['existing.reportBucket', 'ok'],
    ['existing.key', 'ok'],
  ]);
});

test.each([
  ['no such bucket', { reportBucket: 'absent' }, {}, /there is no bucket absent/],
  [
    'a bucket elsewhere',
    { reportBucket: 'reports', key: KEY },
    { region: 'us-east-1' },
    /is in us-east-1 → Deploy to us-east-1/,
  ],
  [
    'a key of the bucket that is not named',
    { reportBucket: 'reports' },
    {},
    /existing.key is not set → Set existing.key to arn/,
  ],
  ['a key elsewhere', { key: KEY.replace('eu-west-1', 'us-east-1') }, {}, /it is in us-east-1/],
  ['a key that is disabled', { key: KEY }, { state: 'Disabled' }, /it is Disabled/],
  [
    'a key policy without the services',
    { key: KEY },
    { policy: '{}' },
    /Add to its policy: \{"Sid".*logs\.eu-west-1.*cloudwatch/,
  ],
])('%s is wrong, with the fix', async (_, existing, answers, sentence) => {
  const found = await examined(existing, answers);
  expect(found.find(([, outcome]) => outcome === 'wrong')?.[2]).toMatch(sentence);
});
