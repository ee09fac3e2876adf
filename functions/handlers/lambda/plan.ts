import { unreservedConcurrency } from '../../aws/lambda-room.ts';
import { createOrganizationReader } from '../../aws/organization/organization-reader.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { settingsOfVariables } from '../../domain/settings/setting-schemas.ts';
import { codeIdentity } from '../../report/evidence/code-hash.ts';
import { createPlan } from '../plan.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';

export const plan: Factory<'plan'> = (env, cloud) => {
  const store = reportStore(env, cloud);
  return createPlan({
    store,
    organization: createOrganizationReader({ access: cloud.access }),
    lambdaRoom: () => unreservedConcurrency(cloud.access, cloud.region),
    settings: settingsOfVariables(env),
    waivers: () => waiversIn(store, env.WAIVERS_KEY),
    now: cloud.now,
    version: env.SCANNER_VERSION,
    provenance: () => ({ arguments: [], code: codeIdentity(), simulated: false }),
  });
};

/** A waivers file that was configured and is not there must not pass for "nothing is waived". */
const waiversIn = async (store: ReportStore, key: string | null): Promise<string | null> => {
  if (key === null) return null;
  const bytes = await store.read(key);
  if (bytes) return new TextDecoder().decode(bytes);
  throw new TrailSealError(
    'WAIVERS',
    `There is no waivers file at ${store.root}/${key}: upload it, or unset waiversKey.`,
  );
};

export const handler = lambdaEntry('plan', plan);
