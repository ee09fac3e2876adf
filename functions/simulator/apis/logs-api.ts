import { pageOf } from './paging.ts';
import { type Operation, type Service, textOf } from './service.ts';
import { ApiError } from './wire.ts';

const OPERATIONS: Record<string, Operation> = {
  DescribeLogGroups: {
    quota: { rate: 10, burst: 10 },
    resource: (call) => `arn:${call.world.partition}:logs:${call.region}:${call.account.id}:log-group::log-stream:`,
    subject: ({ input }) => textOf(input, 'logGroupNamePrefix'),
    run: (call) => {
      const prefix = textOf(call.input, 'logGroupNamePrefix');
      const limit = Number(call.input.limit ?? 50);
      if (!Number.isInteger(limit) || limit < 1 || limit > 50) {
        throw new ApiError(
          400,
          'InvalidParameterException',
          "Value at 'limit' failed to satisfy constraint: Member must be between 1 and 50",
        );
      }
      const groups = call.world
        .holdingsOf(call.account.id)
        .logGroups.filter((group) => group.region === call.region && group.name.startsWith(prefix))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      const page = pageOf({
        count: groups.length,
        token: call.input.nextToken,
        size: Math.min(limit, call.rules.pageSize < 20 ? call.rules.pageSize : limit),
        list: `groups ${prefix} of ${call.account.id} ${call.region}`,
        rules: call.rules,
        invalid: new ApiError(400, 'InvalidParameterException', 'The specified nextToken is invalid.'),
      });
      return {
        logGroups: groups.slice(page.from, page.to).map((group) => ({
          logGroupName: group.name,
          creationTime: group.createdAt,
          ...(group.retentionDays === null ? {} : { retentionInDays: group.retentionDays }),
          metricFilterCount: 0,
          arn: `${group.arn}:*`,
          storedBytes: 0,
          ...(group.key === null ? {} : { kmsKeyId: group.key }),
          logGroupClass: 'STANDARD',
          logGroupArn: group.arn,
        })),
        ...(page.nextToken === null ? {} : { nextToken: page.nextToken }),
      };
    },
  },
};

export const logs: Service = {
  name: 'logs',
  protocol: 'json',
  throttling: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  operations: OPERATIONS,
};
