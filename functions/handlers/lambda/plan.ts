import { createOrganizationReader } from '../../aws/organization/organization-reader.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import type { RunSettings } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { codeIdentity } from '../../report/evidence/code-hash.ts';
import { makePlan } from '../plan.ts';
import { reportStore } from './cloud.ts';
import { type Factory, lambdaEntry } from './entry.ts';
import type { Environment } from './environment.ts';

export const plan: Factory<'plan'> = (env, cloud) => {
  const store = reportStore(env, cloud);
  return makePlan({
    store,
    organization: createOrganizationReader({ access: cloud.access }),
    settings: settingsOf(env),
    waivers: () => waiversIn(store, env.WAIVERS_KEY),
    now: cloud.now,
    version: env.SCANNER_VERSION,
    provenance: () => ({ arguments: [], code: codeIdentity(), simulated: false }),
  });
};

const settingsOf = (env: Environment<'plan'>): RunSettings => ({
  roleName: env.ROLE_NAME,
  externalId: env.EXTERNAL_ID,
  homeRegion: env.HOME_REGION,
  onlyAccounts: null,
  excludeAccounts: env.EXCLUDE_ACCOUNTS,
  onlyOus: env.ONLY_OUS.length > 0 ? env.ONLY_OUS : null,
  onlyRegions: null,
  excludeRegions: env.EXCLUDE_REGIONS,
  lake: env.LAKE,
  sampleLogs: env.SAMPLE_LOGS,
  sampleAccounts: env.SAMPLE_ACCOUNTS,
  concurrency: env.CONCURRENCY,
  trustedAccounts: env.TRUSTED_ACCOUNTS,
  logArchiveAccounts: env.LOG_ARCHIVE_ACCOUNTS,
  waiversKey: env.WAIVERS_KEY,
});

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
