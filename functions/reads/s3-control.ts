import {
  GetPublicAccessBlockCommand,
  type GetPublicAccessBlockCommandOutput,
  S3ControlClient,
  type S3ControlClientConfig,
} from '@aws-sdk/client-s3-control';
import type { AccountSession } from '../domain/model/account-access.ts';
import { NOTHING_BLOCKED } from '../domain/model/public-access.ts';
import { CallError } from './call-error.ts';
import { NEVER_SET } from './never-set.ts';
import { publicAccessBlockIn } from './public-access-block.ts';
import type { Read, ReadCalls } from './read.ts';
import { changes } from './watched/change.ts';

export const ACCOUNT_S3_READS = {
  accountPublicAccessBlock: {
    service: 's3',
    // As IAM and CloudTrail name it: S3 Control's own name for it is that of S3's call about a bucket.
    operation: 'GetAccountPublicAccessBlock',
    actions: ['s3:GetAccountPublicAccessBlock'],
    grant: 'ReadAccountPublicAccess',
    isGlobal: true,
    changedBy: changes('aws.s3', 'PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock'),
  },
} as const satisfies Record<string, Read>;
const { operation } = ACCOUNT_S3_READS.accountPublicAccessBlock;

export const accountBlockReads = (calls: ReadCalls): Pick<AccountSession, keyof typeof ACCOUNT_S3_READS> => ({
  accountPublicAccessBlock: () =>
    calls.read(operation, async () => {
      const region = calls.globalRegion;
      const input = { AccountId: calls.accountId };
      try {
        const output = await calls.ask<GetPublicAccessBlockCommandOutput>({
          ...ACCOUNT_S3_READS.accountPublicAccessBlock,
          region,
          input,
          send: () => calls.client(AccountS3Client, region).send(new GetPublicAccessBlockCommand(input)),
        });
        return publicAccessBlockIn(operation, output);
      } catch (error) {
        if (error instanceof CallError && error.failure.code === NEVER_SET.publicAccessBlock) return NOTHING_BLOCKED;
        throw error;
      }
    }),
});

/**
 * S3 Control is spoken to at `<account>.s3-control.<region>…`, and the SDK puts the account before a custom endpoint
 * too: 127.0.0.1 is then no host at all. Such an endpoint is taken as it was given; the account is in a header as well.
 */
export class AccountS3Client extends S3ControlClient {
  constructor(config: S3ControlClientConfig) {
    super(config);
    const { endpointProvider } = this.config;
    this.config.endpointProvider = (parameters, context) =>
      parameters.Endpoint === undefined
        ? endpointProvider(parameters, context)
        : { url: new URL(String(parameters.Endpoint)) };
  }
}
