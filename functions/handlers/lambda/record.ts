import { createRecord } from '../record.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const record: Factory<'record'> = (env, cloud) =>
  createRecord({ store: reportStore(env, cloud), now: cloud.now });

export const handler = lambdaEntry('record', record);
