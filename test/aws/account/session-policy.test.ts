import { describe, expect, test } from '@jest/globals';
import { MAX_SESSION_POLICY, sessionPolicy } from '../../../functions/aws/account/session-policy.ts';
import { resourceReads, sampleReads, trailReads } from '../../../infra/roles/audit-permissions.ts';

interface Statement {
  Effect: string;
  Action: string | string[];
  Resource: string;
}
const statements = (partition: string, sampleLogs: boolean): Statement[] =>
  JSON.parse(sessionPolicy({ partition, sampleLogs })).Statement;
const actions = (sampleLogs: boolean) => statements('aws', sampleLogs).flatMap(({ Action }) => Action);

describe('the session policy', () => {
  test.each(['aws', 'aws-us-gov', 'aws-cn', 'aws-eusc'])('is short enough for AWS in %s', (partition) => {
    expect(sessionPolicy({ partition, sampleLogs: true }).length).toBeLessThanOrEqual(MAX_SESSION_POLICY);
  });

  test('allows reads by name only: no wildcard, nothing that changes, decrypts or passes on', () => {
    for (const action of actions(true)) expect(action).toMatch(/^[a-z0-9]+:(?:Describe|Get|List)[A-Za-z]+$/);
    expect(statements('aws', true).every(({ Effect }) => Effect === 'Allow')).toBe(true);
  });

  test('allows no object to be read without the sampling of logs, and then only delivered ones', () => {
    expect(actions(false).filter((action) => /Object$|ListBucket$/.test(action))).toEqual([]);
    expect(statements('aws-cn', true).find(({ Action }) => Action === 's3:GetObject')?.Resource).toBe(
      'arn:aws-cn:s3:::*/AWSLogs/*',
    );
  });

  test('names exactly what the deployed role may do: it narrows other roles to that, and this one not at all', () => {
    const granted = (...statements: { actions: string[] }[]) => statements.flatMap(({ actions: of }) => of).sort();
    expect([...actions(false)].sort()).toEqual(granted(...trailReads(), ...resourceReads()));
    expect([...actions(true)].sort()).toEqual(granted(...trailReads(), ...resourceReads(), ...sampleReads()));
  });
});
