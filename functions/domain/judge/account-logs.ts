import { isLive } from '../model/organization.ts';
import type { PlannedAccount, ScanPlan } from '../model/plan.ts';
import type { AccountRecord } from './ledger.ts';
import type { TrailFacts } from './trail-facts.ts';

/**
 * How the logs that a trail delivers for one account are named: two organization trails may write into one folder, so
 * the folder's name would not tell them apart, and it would change with the bucket.
 */
export const accountLogs = (trailArn: string, accountId: string): string => `${trailArn}/${accountId}`;

export interface SeenAccount {
  plan: Pick<ScanPlan, 'settings' | 'organizationId'>;
  account: PlannedAccount;
  record: AccountRecord;
}

/**
 * Whether a sample of the account's own logs is due, in addition to the trail's: asked by Gather, which plans the samples,
 * and by Report, so that a sample that was due and never came is missed. An account whose role nobody could assume is covered
 * as every member is, and its logs lie where they can be looked at without its role.
 */
export function hasAccountLogs(
  { trail, owner }: Pick<TrailFacts, 'trail' | 'owner'>,
  { plan, account, record }: SeenAccount,
): boolean {
  // Without the organization's id nobody knows under which folder its logs lie.
  if (!plan.settings.sampleAccounts || plan.organizationId === null) return false;
  if (!trail.isOrganization || !trail.bucket || account.accountId === owner) return false;
  if (account.excluded !== null || !isLive(account.accountState)) return false;
  if (record.kind !== 'observed' || record.observation.refused) return true;
  const { regions, trails } = record.observation;
  const home = regions.find(({ region }) => region === trail.homeRegion);
  // Samples are taken in the home region alone, where an account that has it switched off has no logs.
  if (home?.state === 'REGION_DISABLED') return false;
  if (trails.some(({ trailArn }) => trailArn === trail.trailArn)) return true;
  const answered = trail.isMultiRegion ? regions.some(({ state }) => state === 'SCANNED') : home?.state === 'SCANNED';
  return !answered;
}
