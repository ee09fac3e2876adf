import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { TrailSealError } from '../domain/model/errors.ts';
import type { AwsAccess } from './calls/clients.ts';

/** EventBridge takes no more entries in one call. */
const ENTRIES_A_CALL = 10;
/** PutEvents answers 200 and names the entries it did not take; those are sent again. */
const ATTEMPTS = 3;

/** Sends every event to a bus, in order. @throws TrailSealError EVENTS where the bus refuses one for good */
export async function putEvents(request: {
  access: AwsAccess;
  region: string;
  eventBus: string;
  events: readonly { source: string; detailType: string; detail: Record<string, unknown> }[];
}): Promise<void> {
  const { access, region, eventBus, events } = request;
  const entries = events.map(({ source, detailType, detail }) => ({
    EventBusName: eventBus,
    Source: source,
    DetailType: detailType,
    Detail: JSON.stringify(detail),
  }));
  for (let at = 0; at < entries.length; at += ENTRIES_A_CALL) {
    let left: PutEventsRequestEntry[] = entries.slice(at, at + ENTRIES_A_CALL);
    let refusal = '';
    for (let attempt = 0; attempt < ATTEMPTS && left.length > 0; attempt++) {
      const { Entries = [] } = await access
        .own(EventBridgeClient, region)
        .send(new PutEventsCommand({ Entries: left }));
      refusal = Entries.find(({ ErrorCode }) => ErrorCode)?.ErrorCode ?? '';
      left = left.filter((_, index) => Entries[index]?.ErrorCode);
    }
    if (left.length > 0)
      throw new TrailSealError('EVENTS', `The event bus ${eventBus} refused ${left.length} events: ${refusal}.`);
  }
}
