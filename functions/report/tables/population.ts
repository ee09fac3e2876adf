import type { Population } from '../../domain/judge/key-facts.ts';
import type { PlannedAccount, ScanPlan } from '../../domain/model/plan.ts';
import type { RunFolder } from '../../domain/run/run-folder.ts';

/** The accounts of a run by id, with what is joined to rows: one of the few things held that grow with the organization. */
export type Accounts = Map<
  string,
  Pick<PlannedAccount, 'accountName' | 'ouPath' | 'accountState' | 'excluded' | 'tags'>
>;

export async function accountIndex(run: RunFolder): Promise<Accounts> {
  const index: Accounts = new Map();
  for await (const { accountId, accountName, ouPath, accountState, excluded, tags } of run.accounts()) {
    index.set(accountId, { accountName, ouPath, accountState, excluded, ...(tags && { tags }) });
  }
  return index;
}

export function populationOf(plan: ScanPlan, accounts: Accounts): Population {
  return {
    has: (id) => accounts.has(id) || id === plan.managementAccountId,
    complete: plan.populationComplete,
    trusted: new Set(plan.settings.trustedAccounts),
  };
}
