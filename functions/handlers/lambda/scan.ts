import { trailSessionsOf } from '../../aws/account/account-session.ts';
import { createScan } from '../scan.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const scan: Factory<'scan'> = (env, cloud) =>
  createScan({ store: reportStore(env, cloud), sessions: trailSessionsOf(cloud.access), now: cloud.now });

export const handler = lambdaEntry('scan', scan);
