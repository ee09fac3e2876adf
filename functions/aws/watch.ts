import {
  ExecutionAlreadyExists,
  ListExecutionsCommand,
  type ListExecutionsCommandOutput,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { TICK, WHOLE_TICK } from '../domain/watch/tick.ts';
import { pages } from '../reads/paging.ts';
import type { AwsAccess } from './calls/clients.ts';
import { putEvents } from './put-events.ts';

/** Sends a window to the bus. @throws TrailSealError EVENTS where the bus does not take it */
export const createTick =
  (kind: typeof TICK | typeof WHOLE_TICK, options: { access: AwsAccess; region: string; eventBus: string }) =>
  (window: string): Promise<void> =>
    putEvents({ ...options, events: [{ ...kind, detail: { window } }] });

/** The runs of a state machine whose names begin with a prefix. */
export const createRuns = (options: { access: AwsAccess; region: string; stateMachineArn: string; prefix: string }) => {
  const { access, region, stateMachineArn, prefix } = options;
  return {
    /** The names of those under way; the list may lack one that was started this second. */
    async running(): Promise<string[]> {
      const names: string[] = [];
      const page = (nextToken: string | undefined): Promise<ListExecutionsCommandOutput> =>
        access
          .own(SFNClient, region)
          .send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING', maxResults: 1_000, nextToken }));
      for await (const { executions = [] } of pages('ListExecutions', page, ({ nextToken }) => nextToken))
        names.push(...executions.flatMap(({ name }) => (name?.startsWith(prefix) ? name : [])));
      return names;
    },
    /** A name is given once in 90 days: one that was given already is not an error. */
    async start(name: string, input: Record<string, string>): Promise<void> {
      try {
        await access
          .own(SFNClient, region)
          .send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
  };
};
