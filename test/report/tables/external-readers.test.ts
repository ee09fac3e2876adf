import { expect, test } from '@jest/globals';
import { scanWorld } from '../../scan-world.ts';

test('the keys table has who outside its account a key lets decrypt, and whether its policy was read at all', async () => {
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Own',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111111111111:root' },
        Action: 'kms:*',
        Resource: '*',
      },
      { Sid: 'Siem', Effect: 'Allow', Principal: { AWS: '999999999999' }, Action: 'kms:Decrypt', Resource: '*' },
    ],
  };
  const { rows } = await scanWorld({
    world: {
      accounts: [
        { name: 'management', id: '111111111111' },
        { name: 'shut', id: '222222222222', role: false },
      ],
      trails: [
        { name: 'org', organization: true, key: 'logs', bucket: 'org-logs' },
        { name: 'other', key: 'distant', bucket: 'org-logs' },
      ],
      keys: [
        { name: 'logs', owner: '111111111111', policyText: JSON.stringify(policy) },
        { name: 'distant', owner: '222222222222' },
      ],
      buckets: [{ name: 'org-logs', owner: '111111111111' }],
    },
  });
  const keys = await rows('keys');
  expect(
    keys.map(({ account_id, external_readers, policy_read }) => ({ account_id, external_readers, policy_read })),
  ).toEqual([
    { account_id: '111111111111', external_readers: ['999999999999'], policy_read: true },
    { account_id: '222222222222', external_readers: [], policy_read: false },
  ]);
});
