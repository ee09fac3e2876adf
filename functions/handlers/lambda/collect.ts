import { createTick } from '../../aws/watch.ts';
import { TICK } from '../../domain/watch/tick.ts';
import { createCollect } from '../watch/collect-changes.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const collect: Factory<'collect'> = (env, cloud) =>
  createCollect({
    store: reportStore(env, cloud),
    now: cloud.now,
    windowSeconds: env.WINDOW_SECONDS,
    newcomersArn: env.NEWCOMERS_ARN,
    tick: createTick(TICK, { access: cloud.access, region: cloud.region, eventBus: env.EVENT_BUS }),
  });

export const handler = lambdaEntry('collect', collect);
