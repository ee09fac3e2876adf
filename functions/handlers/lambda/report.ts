import { createKmsSigner } from '../../aws/kms-signer.ts';
import { createOrganizationReader } from '../../aws/organization/organization-reader.ts';
import { writeRunPage } from '../../report/current/run-page.ts';
import { createReport } from '../report.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const report: Factory<'report'> = (env, cloud) => {
  const store = reportStore(env, cloud);
  return createReport({
    store,
    organization: createOrganizationReader({ access: cloud.access }),
    signer: async () =>
      env.SIGNING_KEY_ARN === null ? null : createKmsSigner({ access: cloud.access, keyArn: env.SIGNING_KEY_ARN }),
    // Earlier runs are read beside the store that hashes: they are no part of this run's manifest.
    extras: (made, writing) => writeRunPage({ report: made, writing, root: store }),
    now: cloud.now,
  });
};

export const handler = lambdaEntry('report', report);
