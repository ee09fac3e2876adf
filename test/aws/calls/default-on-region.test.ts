import { expect, test } from '@jest/globals';
import { createAccountSessions } from '../../../functions/aws/account/account-session.ts';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { defaultOnRegion } from '../../../functions/aws/calls/default-on-region.ts';
import { createOrganizationReader } from '../../../functions/aws/organization/organization-reader.ts';
import { PARTITIONS, regionsOf } from '../../../functions/simulator/world/regions.ts';
import { wire } from '../wire.ts';

test.each(PARTITIONS)('an opt-in Region of %s gives way to one that is on in every account', (partition) => {
  for (const { name, optIn } of regionsOf(partition)) expect(defaultOnRegion(name)).toBe(optIn ? 'us-east-1' : name);
});

test('a home Region that a member has not enabled costs none of its regions', async () => {
  const keys =
    '<AccessKeyId>ASIAMEMBER</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>';
  const { handler, calls } = wire((call) => {
    if (call.region === 'me-south-1')
      return {
        status: 401,
        body: '<Response><Errors><Error><Code>AuthFailure</Code><Message>not able to validate the provided access credentials</Message></Error></Errors></Response>',
      };
    if (call.operation === 'AssumeRole')
      return {
        body: `<AssumeRoleResponse><AssumeRoleResult><Credentials>${keys}</Credentials><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId><Arn>arn:aws:sts::222222222222:assumed-role/R/s</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>`,
      };
    if (call.operation === 'GetCallerIdentity')
      return {
        body: '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/me</Arn><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      };
    return {
      body: '<DescribeRegionsResponse><regionInfo><item><regionName>eu-west-1</regionName><optInStatus>opt-in-not-required</optInStatus></item></regionInfo></DescribeRegionsResponse>',
    };
  });
  const access = createAwsAccess({
    region: 'me-south-1',
    credentials: { accessKeyId: 'AKIAOWN', secretAccessKey: 's' },
    requestHandler: handler,
    retry: { maxAttempts: 1 },
  });
  expect(await createOrganizationReader({ access }).regions()).toEqual(['eu-west-1']);
  const caller = { accountId: '111111111111', arn: 'arn:aws:iam::111111111111:user/me', partition: 'aws' };
  const sessions = createAccountSessions({ access, caller, roleName: 'R', externalId: null });
  const opened = await sessions.open({ accountId: '222222222222', runId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' });
  if (!opened.ok) throw new Error(opened.failure.message);
  expect(await opened.value.regions()).toEqual({
    ok: true,
    value: [{ region: 'eu-west-1', optIn: 'opt-in-not-required' }],
  });
  expect(new Set(calls.map(({ region }) => region))).toEqual(new Set(['us-east-1']));
});
