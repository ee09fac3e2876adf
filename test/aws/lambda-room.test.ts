import { expect, test } from '@jest/globals';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { unreservedConcurrency } from '../../functions/aws/lambda-room.ts';
import { jsonError, type WireAnswer, wire } from './wire.ts';

const ask = (answer: WireAnswer) => {
  const { handler, calls } = wire(() => answer);
  const access = createAwsAccess({
    region: 'us-east-1',
    requestHandler: handler,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    retry: { delayFactor: 0 },
  });
  return { room: unreservedConcurrency(access, 'eu-west-1'), calls };
};

test('is what Lambda says of the account in the Region of the functions', async () => {
  const body = { AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 700 }, AccountUsage: {} };
  const { room, calls } = ask({ body });
  expect(await room).toEqual({ ok: true, value: 700 });
  expect(calls).toMatchObject([{ service: 'lambda', region: 'eu-west-1', path: '/2016-08-19/account-settings' }]);
});

test('is a failure where Lambda refuses or says nothing', async () => {
  expect(await ask(jsonError('AccessDeniedException', 'no', 403)).room).toMatchObject({ failure: { kind: 'DENIED' } });
  expect(await ask({ body: {} }).room).toMatchObject({ failure: { code: 'MalformedAnswer' } });
});
