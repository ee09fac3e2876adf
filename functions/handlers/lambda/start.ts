import { createRuns } from '../../aws/watch.ts';
import { createStart } from '../watch/start-narrowed-run.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const start: Factory<'start'> = (env, cloud) =>
  createStart({
    store: reportStore(env, cloud),
    runsAtOnce: env.RUNS_AT_ONCE,
    ...createRuns({
      access: cloud.access,
      region: cloud.region,
      stateMachineArn: env.STATE_MACHINE_ARN,
      prefix: 'watch-',
    }),
  });

export const handler = lambdaEntry('start', start);
