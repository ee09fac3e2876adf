import { OrganizationsClient } from '@aws-sdk/client-organizations';
import type { Caller } from '../../domain/model/organization.ts';
import { malformed } from '../../reads/call-error.ts';
import { pages } from '../../reads/paging.ts';
import type { Answer } from '../../reads/read.ts';
import { type CallLog, delaysIn, sendOnce } from '../calls/account-calls.ts';
import type { AwsAccess } from '../calls/clients.ts';
import { createRateLimit, ORGANIZATIONS_RATES, type Rate, type RateLimit, type Timer } from '../calls/rate.ts';

export type LimitedOperation = keyof typeof ORGANIZATIONS_RATES;

/** Listings of AWS Organizations, each at the pace its quota allows. */
export interface OrganizationCalls {
  /** @throws CallError, classified */
  list<O extends ListAnswer, T>(request: {
    operation: LimitedOperation;
    input: object;
    send(client: OrganizationsClient, input: object): Promise<O>;
    items(output: O): T[] | undefined;
    /** The parent listed, where there is one. */
    subject?: string;
  }): AsyncGenerator<T>;
}

interface ListAnswer extends Answer {
  NextToken?: string | undefined;
}

export const createOrganizationCalls = ({
  access,
  caller,
  log,
  rates,
  timer,
  signal,
}: {
  access: AwsAccess;
  caller: Caller;
  log: CallLog;
  rates?: Partial<Record<LimitedOperation, Rate>> | undefined;
  timer?: Timer | undefined;
  signal: AbortSignal;
}): OrganizationCalls => {
  const limits = new Map<string, RateLimit>(
    Object.entries({ ...ORGANIZATIONS_RATES, ...rates }).map(([operation, rate]) => [
      operation,
      createRateLimit(rate, timer),
    ]),
  );
  return {
    list: async function* ({ operation, input, send, items, subject }) {
      const ask = async (NextToken: string | undefined, page: number) => {
        const asking = performance.now();
        await limits.get(operation)?.(signal);
        log.waited(performance.now() - asking);
        log.sent();
        const asked = { ...input, ...(NextToken === undefined ? {} : { NextToken }) };
        return sendOnce({
          question: {
            service: 'organizations',
            operation,
            region: access.globalRegion,
            input: asked,
            page,
            ...(subject === undefined ? {} : { subject }),
            send: () => send(access.own(OrganizationsClient, access.globalRegion), asked),
          },
          access,
          identity: { credentials: access.ownCredentials, signal, ...delaysIn(log) },
          accountId: caller.accountId,
          principalArn: caller.arn,
          log,
        });
      };
      for await (const output of pages(operation, ask, (answer) => answer.NextToken)) {
        const found = items(output);
        // An empty page may leave the list out; where nothing follows, that is no answer.
        if (!found && !output.NextToken) throw malformed(operation, 'list');
        yield* found ?? [];
      }
    },
  };
};
