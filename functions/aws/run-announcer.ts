import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { TrailSealError } from '../domain/model/errors.ts';
import type { AwsAccess } from './calls/clients.ts';

/** An event as subscribers match it: its detail type, and a small object. */
export interface Announcement {
  detailType: string;
  detail: Record<string, unknown>;
}

export interface RunAnnouncer {
  /** Sends every event, in order; @throws TrailSealError where the bus refuses one for good. */
  events(announcements: readonly Announcement[]): Promise<void>;
  message(message: { subject: string; body: string }): Promise<void>;
}

export const EVENT_SOURCE = 'trailseal';

/** EventBridge takes no more entries in one call. */
const ENTRIES_A_CALL = 10;
/** PutEvents answers 200 and names the entries it did not take; those are sent again. */
const ATTEMPTS = 3;

/** Tells of a run through EventBridge and SNS, in the region of the function. */
export const createRunAnnouncer = (options: {
  access: AwsAccess;
  region: string;
  topicArn: string;
  eventBus: string;
}): RunAnnouncer => {
  const { access, region, topicArn, eventBus } = options;

  const put = async (entries: PutEventsRequestEntry[]): Promise<void> => {
    let left = entries;
    let refusal = '';
    for (let attempt = 0; attempt < ATTEMPTS && left.length > 0; attempt++) {
      const { Entries = [] } = await access
        .own(EventBridgeClient, region)
        .send(new PutEventsCommand({ Entries: left }));
      refusal = Entries.find(({ ErrorCode }) => ErrorCode)?.ErrorCode ?? '';
      left = left.filter((_, index) => Entries[index]?.ErrorCode);
    }
    if (left.length === 0) return;
    throw new TrailSealError('EVENTS', `The event bus ${eventBus} refused ${left.length} events: ${refusal}.`);
  };

  return {
    events: async (announcements) => {
      for (let at = 0; at < announcements.length; at += ENTRIES_A_CALL) {
        await put(
          announcements.slice(at, at + ENTRIES_A_CALL).map(({ detailType, detail }) => ({
            EventBusName: eventBus,
            Source: EVENT_SOURCE,
            DetailType: detailType,
            Detail: JSON.stringify(detail),
          })),
        );
      }
    },
    message: async ({ subject, body }) => {
      await access
        .own(SNSClient, region)
        .send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body }));
    },
  };
};
