import { describe, expect, test } from '@jest/globals';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createRuns, createTick } from '../../functions/aws/watch.ts';
import { TICK } from '../../functions/domain/watch/tick.ts';
import { type WireAnswer, type WireCall, wire } from './wire.ts';

const STATE_MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:TrailSeal';
const wired = (answer: (call: WireCall) => WireAnswer) => {
  const { handler, calls } = wire(answer);
  const access = createAwsAccess({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: handler,
    retry: { delayFactor: 0 },
  });
  const at = { access, region: 'eu-west-1' };
  return {
    calls,
    tick: createTick(TICK, { ...at, eventBus: 'TrailSeal' }),
    ...createRuns({ ...at, stateMachineArn: STATE_MACHINE, prefix: 'watch-' }),
  };
};

describe('a window', () => {
  test('is sent to the bus as an event that its rule takes apart', async () => {
    const { tick, calls } = wired(() => ({ body: { FailedEntryCount: 0, Entries: [{ EventId: '1' }] } }));
    await tick('watch-20261120T060000Z');
    expect(calls[0]?.region).toBe('eu-west-1');
    expect(calls[0]?.input.Entries).toEqual([
      {
        EventBusName: 'TrailSeal',
        Source: 'trailseal.watch',
        DetailType: 'TrailSeal Watch Window',
        Detail: '{"window":"watch-20261120T060000Z"}',
      },
    ]);
  });

  test('that the bus does not take is sent again, and in the end an error, so that its batch comes again', async () => {
    const refusal = { body: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] } };
    const { tick, calls } = wired(() => refusal);
    await expect(tick('w')).rejects.toThrow('refused 1 events: ThrottlingException');
    expect(calls).toHaveLength(3);
    let answers = 0;
    const once = wired(() =>
      answers++ === 0 ? refusal : { body: { FailedEntryCount: 0, Entries: [{ EventId: '1' }] } },
    );
    await once.tick('w');
    expect(once.calls).toHaveLength(2);
  });
});

describe('runs', () => {
  test('under way are those of the prefix, on every page', async () => {
    let page = 0;
    const { running, calls } = wired(() => {
      page += 1;
      const executions = ['watch-1', 'TrailSeal_scheduled', `watch-${page}`].map((name) => ({ name }));
      return { body: { executions, ...(page === 1 && { nextToken: 'more' }) } };
    });
    expect(await running()).toEqual(['watch-1', 'watch-1', 'watch-1', 'watch-2']);
    expect(calls.map(({ input }) => [input.stateMachineArn, input.statusFilter, input.nextToken])).toEqual([
      [STATE_MACHINE, 'RUNNING', undefined],
      [STATE_MACHINE, 'RUNNING', 'more'],
    ]);
  });

  test('are started by name, and not again', async () => {
    const { start, calls } = wired(() => ({
      status: 400,
      body: { __type: 'ExecutionAlreadyExists', message: 'exists' },
    }));
    await start('watch-1', { because: 'watch-1' });
    expect(calls[0]?.input).toEqual({
      stateMachineArn: STATE_MACHINE,
      name: 'watch-1',
      input: '{"because":"watch-1"}',
    });
    const refused = wired(() => ({ status: 400, body: { __type: 'AccessDeniedException', message: 'no' } }));
    await expect(refused.start('watch-1', {})).rejects.toThrow('no');
  });
});
