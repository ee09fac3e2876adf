import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** A statement that allows these actions on these resources. */
export const allow = (
  sid: string,
  actions: string[],
  resources: string[],
  conditions?: Record<string, Record<string, string | string[]>>,
): PolicyStatement =>
  new PolicyStatement({ sid, effect: Effect.ALLOW, actions, resources, ...(conditions ? { conditions } : {}) });
