import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import type { ReadBy } from '../../functions/reads/grants.ts';
import { grantsFor } from '../../functions/reads/registry.ts';
import { acknowledge } from '../acknowledge.ts';

/**
 * What the scanner reads in an account: the policy of the member role, and of the Scan and Inspect functions for the
 * scanner's own account, where no role is assumed. The reads themselves, and which action each needs: functions/reads.
 */
const statementsFor = (...by: ReadBy[]): PolicyStatement[] =>
  grantsFor(...by).map(
    ({ sid, actions, on }) =>
      new PolicyStatement({
        sid,
        effect: Effect.ALLOW,
        actions,
        resources: [on === '*' ? '*' : `arn:${Aws.PARTITION}:${on}`],
      }),
  );

/** Scan: which regions, which trails, are they logging, what do they record. */
export const trailReads = (): PolicyStatement[] => statementsFor('scan', 'both');

/** What a trail records; Inspect asks for it where the role could not be assumed in the trail's owner during Scan. */
export const selectorReads = (): PolicyStatement[] => statementsFor('both');

/** Inspect: the keys, buckets, log groups and event data stores that trails name. No object, no log event, no data. */
export const resourceReads = (): PolicyStatement[] => statementsFor('inspect');

/** The opt-in control `delivered-logs-encrypted`: the header of the newest log object. */
export const sampleReads = (): PolicyStatement[] => statementsFor('sample');

/** Answers cdk-nag's wildcard rule for the statements above. */
export const acknowledgeReads = (policy: IConstruct, has: { resources: boolean; samples: boolean }): void => {
  const wildcards = (...resources: string[]) =>
    resources.map((resource) => `AwsSolutions-IAM5[Resource::${resource.replace('arn:', 'arn:<AWS::Partition>:')}]`);
  acknowledge(policy, 'These list calls know no resource-level permissions.', wildcards('*'));
  acknowledge(
    policy,
    'Reads settings only, never data; which trails, stores, keys and buckets there are is what the scan finds out.',
    wildcards(...wildcardsOf('scan', 'both'), ...(has.resources ? wildcardsOf('inspect') : [])),
  );
  if (!has.samples) return;
  acknowledge(
    policy,
    'Granted only with the setting sampleLogs, and only for delivered log objects.',
    wildcards('arn:s3:::*/AWSLogs/*'),
  );
};

/** The resources of the statements, as the rule names them. */
const wildcardsOf = (...by: ReadBy[]): string[] => [
  ...new Set(grantsFor(...by).flatMap(({ on }) => (on === '*' ? [] : [`arn:${on}`]))),
];
