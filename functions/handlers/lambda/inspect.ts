import { accountSessionsOf } from '../../aws/account/account-session.ts';
import { createInspect } from '../inspect.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const inspect: Factory<'inspect'> = (env, cloud) =>
  createInspect({ store: reportStore(env, cloud), sessions: accountSessionsOf(cloud.access), now: cloud.now });

export const handler = lambdaEntry('inspect', inspect);
