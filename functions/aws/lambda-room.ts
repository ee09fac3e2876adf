import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Reading } from '../domain/model/reading.ts';
import { malformed } from '../reads/call-error.ts';
import { readingOf } from './calls/account-calls.ts';
import type { AwsAccess } from './calls/clients.ts';

/**
 * Functions that may run at once in a region of the caller's account, those left out that other functions have reserved:
 * 1,000 where nothing was agreed, less in new accounts.
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_AccountLimit.html
 */
export const unreservedConcurrency = (access: AwsAccess, region: string): Promise<Reading<number>> => {
  const operation = 'GetAccountSettings';
  return readingOf(operation, async () => {
    const { AccountLimit } = await access.own(LambdaClient, region).send(new GetAccountSettingsCommand({}));
    const { UnreservedConcurrentExecutions: unreserved } = AccountLimit ?? {};
    if (unreserved === undefined) throw malformed(operation, 'UnreservedConcurrentExecutions');
    return unreserved;
  });
};
