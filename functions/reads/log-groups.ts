import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  type DescribeLogGroupsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import type { AccountSession } from '../domain/model/account-access.ts';
import { CallError, malformed } from './call-error.ts';
import { pages } from './paging.ts';
import type { Read, ReadCalls } from './read.ts';
import { changes } from './watched/change.ts';

export const LOG_GROUP_READS = {
  logGroup: {
    service: 'logs',
    operation: 'DescribeLogGroups',
    actions: ['logs:DescribeLogGroups'],
    grant: 'FindBucketsAndLogGroups',
    changedBy: changes(
      'aws.logs',
      ...['CreateLogGroup', 'DeleteLogGroup', 'AssociateKmsKey', 'DisassociateKmsKey'],
      ...['PutRetentionPolicy', 'DeleteRetentionPolicy'],
    ),
  },
} as const satisfies Record<string, Read>;
const { operation } = LOG_GROUP_READS.logGroup;

export const logGroupReads = (calls: ReadCalls): Pick<AccountSession, keyof typeof LOG_GROUP_READS> => ({
  logGroup: (region, logGroupArn) =>
    calls.read(operation, async () => {
      const name = nameOf(logGroupArn);
      const list = (nextToken: string | undefined, page: number): Promise<DescribeLogGroupsCommandOutput> => {
        const input = { logGroupNamePrefix: name, ...(nextToken === undefined ? {} : { nextToken }) };
        return calls.ask({
          ...LOG_GROUP_READS.logGroup,
          region,
          input,
          subject: logGroupArn,
          page,
          send: () => calls.client(CloudWatchLogsClient, region).send(new DescribeLogGroupsCommand(input)),
        });
      };
      for await (const { logGroups } of pages(operation, list, (page) => page.nextToken)) {
        if (!logGroups) throw malformed(operation, 'logGroups');
        const group = logGroups.find(({ logGroupName }) => logGroupName === name);
        if (group) return { kmsKeyArn: group.kmsKeyId || null, retentionDays: group.retentionInDays ?? null };
      }
      const message = `there is no log group named ${name}`;
      throw new CallError({ kind: 'NOT_FOUND', operation, code: 'ResourceNotFoundException', message });
    }),
});

/** `arn:aws:logs:<region>:<account>:log-group:<name>:*` → `<name>`; a bare name stays as it is. */
const nameOf = (logGroupArn: string): string =>
  /^arn:[^:]*:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(logGroupArn)?.[1] ?? logGroupArn;
