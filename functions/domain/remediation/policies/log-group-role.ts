import type { TrailSubject } from '../decide/subject.ts';

interface Feeding {
  accountId: string;
  trail: TrailSubject;
  logGroup: string;
}

/** Without the `:*` that CloudTrail wants behind it. */
export const logGroupArnOf = ({ accountId, trail, logGroup }: Feeding): string =>
  `arn:${trail.partition}:logs:${trail.homeRegion}:${accountId}:log-group:${logGroup}`;

/**
 * The role that CloudTrail assumes to put events into a log group, and nothing else.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
 */
export const logGroupRole = (feeding: Feeding) => ({
  trust: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  },
  grant: {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'PutEvents',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${logGroupArnOf(feeding)}:log-stream:*`,
      },
    ],
  },
});
