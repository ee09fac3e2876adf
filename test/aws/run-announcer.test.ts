import { describe, expect, test } from '@jest/globals';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createRunAnnouncer } from '../../functions/aws/run-announcer.ts';
import { type WireAnswer, type WireCall, wire } from './wire.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:TrailSeal';

const announcer = (answer: (call: WireCall) => WireAnswer) => {
  const { handler, calls } = wire(answer);
  const access = createAwsAccess({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: handler,
  });
  return { calls, ...createRunAnnouncer({ access, region: 'eu-west-1', topicArn: TOPIC, eventBus: 'default' }) };
};
const taken = ({ input }: WireCall): WireAnswer => ({
  body: { FailedEntryCount: 0, Entries: (input.Entries as unknown[]).map((_, index) => ({ EventId: `${index}` })) },
});
const announcements = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ detailType: 'TrailSeal Trail Failing', detail: { index } }));

describe('the events of a run', () => {
  test('go to the bus of the Region of the function, ten in a call', async () => {
    const { calls, events } = announcer(taken);
    await events(announcements(23));
    expect(calls.map(({ region, input }) => [region, (input.Entries as unknown[]).length])).toEqual([
      ['eu-west-1', 10],
      ['eu-west-1', 10],
      ['eu-west-1', 3],
    ]);
    const [first] = (calls[0]?.input.Entries as unknown[]) ?? [];
    expect(first).toEqual({
      EventBusName: 'default',
      Source: 'trailseal',
      DetailType: 'TrailSeal Trail Failing',
      Detail: '{"index":0}',
    });
  });

  test('that the bus did not take are sent again, and only those', async () => {
    let first = true;
    const { calls, events } = announcer((call) => {
      if (!first) return taken(call);
      first = false;
      return {
        body: { FailedEntryCount: 1, Entries: [{ EventId: '0' }, { ErrorCode: 'InternalFailure' }, { EventId: '2' }] },
      };
    });
    await events(announcements(3));
    expect(calls.map(({ input }) => (input.Entries as { Detail: string }[]).map(({ Detail }) => Detail))).toEqual([
      ['{"index":0}', '{"index":1}', '{"index":2}'],
      ['{"index":1}'],
    ]);
  });

  test('that the bus never takes are an error with its reason', async () => {
    const { events } = announcer(() => ({
      body: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSource' }] },
    }));
    await expect(events(announcements(1))).rejects.toThrow('refused 1 events: NotAuthorizedForSource');
  });
});

test('the message goes to the topic', async () => {
  const { calls, message } = announcer(() => ({
    body: '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
  }));
  await message({ subject: 'TrailSeal: COMPLETE', body: 'All is well.\n' });
  expect(calls[0]).toMatchObject({
    service: 'sns',
    region: 'eu-west-1',
    input: { TopicArn: TOPIC, Subject: 'TrailSeal: COMPLETE', Message: 'All is well.\n' },
  });
});
