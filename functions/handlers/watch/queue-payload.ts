import * as z from 'zod';
import { TrailSealError } from '../../domain/model/errors.ts';
import { firstIssue } from '../../domain/run/parsed.ts';

/** What Lambda hands over of a queue. @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const queuePayload = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      eventSourceARN: z.string(),
      attributes: z.object({ ApproximateReceiveCount: z.string() }),
    }),
  ),
});
export type Message = z.infer<typeof queuePayload>['Records'][number];

export function readMessages(payload: unknown): Message[] {
  const parsed = queuePayload.safeParse(payload);
  if (parsed.success) return parsed.data.Records;
  const { where, what } = firstIssue(parsed.error);
  throw new TrailSealError('PAYLOAD', `This is no batch of a queue: ${where || 'it'} ${what}.`);
}

/** Tells Lambda which messages come again; the others are deleted. */
export const comeAgain = (messages: readonly Message[]) => ({
  batchItemFailures: messages.map(({ messageId }) => ({ itemIdentifier: messageId })),
});

/** null where it is not JSON. */
export const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
