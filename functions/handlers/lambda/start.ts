import { createRuns, createTick } from '../../aws/watch.ts';
import { WHOLE_TICK } from '../../domain/watch/tick.ts';
import { createStart } from '../watch/start-runs.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const start: Factory<'start'> = (env, cloud) => {
  const at = { access: cloud.access, region: cloud.region };
  return createStart({
    store: reportStore(env, cloud),
    now: cloud.now,
    windowSeconds: env.WINDOW_SECONDS,
    runsAtOnce: env.RUNS_AT_ONCE,
    wholeRunHours: env.WHOLE_RUN_HOURS,
    ...createRuns({ ...at, stateMachineArn: env.STATE_MACHINE_ARN, prefix: 'watch-' }),
    wholeLater: createTick(WHOLE_TICK, { ...at, eventBus: env.EVENT_BUS }),
  });
};

export const handler = lambdaEntry('start', start);
