import { createGather } from '../gather.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const gather: Factory<'gather'> = (env, cloud) => createGather({ store: reportStore(env, cloud) });

export const handler = lambdaEntry('gather', gather);
