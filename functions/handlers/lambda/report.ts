import { createKmsSigner } from '../../aws/kms-signer.ts';
import { createOrganizationReader } from '../../aws/organization-reader.ts';
import { makeReport } from '../report.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const report: Factory<'report'> = (env, cloud) =>
  makeReport({
    store: reportStore(env, cloud),
    organization: createOrganizationReader({ access: cloud.access }),
    signer: async () =>
      env.SIGNING_KEY_ARN === null ? null : createKmsSigner({ access: cloud.access, keyArn: env.SIGNING_KEY_ARN }),
    extras: async () => {},
    now: cloud.now,
  });

export const handler = lambdaEntry('report', report);
