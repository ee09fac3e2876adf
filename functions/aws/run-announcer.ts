import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { AwsAccess } from './calls/clients.ts';
import { putEvents } from './put-events.ts';

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

/** Tells of a run through EventBridge and SNS, in the region of the function. */
export const createRunAnnouncer = (options: {
  access: AwsAccess;
  region: string;
  topicArn: string;
  eventBus: string;
}): RunAnnouncer => {
  const { access, region, topicArn, eventBus } = options;

  return {
    events: (announcements) =>
      putEvents({
        ...{ access, region, eventBus },
        events: announcements.map((announcement) => ({ source: EVENT_SOURCE, ...announcement })),
      }),
    message: async ({ subject, body }) => {
      await access
        .own(SNSClient, region)
        .send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body }));
    },
  };
};
