import type { Resources } from '../../domain/judge/resources.ts';
import type { ScanPlan } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import type { Accounts } from './population.ts';
import { bucketRow, keyRow, trailRow } from './rows.ts';
import { writeTable } from './tables.ts';
import type { Tally } from './tally.ts';

/** The tables of what is judged once for the organization: trails, keys and buckets. */
export async function writeResourceTables(request: {
  store: ReportStore;
  plan: ScanPlan;
  accounts: Accounts;
  resources: Resources;
  tally: Tally;
  covered: ReadonlyMap<string, number>;
  keyAccounts: ReadonlyMap<string, number>;
}): Promise<void> {
  const { store, plan, accounts, resources, tally, covered, keyAccounts } = request;
  const at = { store, runId: plan.runId, runDate: plan.runDate };
  for (const trail of resources.trails) tally.trails[trail.verdict.verdict] += 1;
  await writeTable({
    ...at,
    table: 'trails',
    rows: mapped(resources.trails, (trail) => {
      const owner = accounts.get(trail.facts.owner);
      const accountsCovered = covered.get(trail.facts.trail.trailArn) ?? 0;
      return trailRow({ plan, trail, ownerInScope: owner !== undefined && owner.excluded === null, accountsCovered });
    }),
  });
  await writeTable({
    ...at,
    table: 'keys',
    rows: mapped(resources.keys, (key) =>
      keyRow({ plan, key, accountsDepending: keyAccounts.get(key.facts.keyId) ?? 0 }),
    ),
  });
  await writeTable({ ...at, table: 'buckets', rows: mapped(resources.buckets, (bucket) => bucketRow(plan, bucket)) });
}

function* mapped<A, B>(values: Iterable<A>, f: (value: A) => B): Iterable<B> {
  for (const value of values) yield f(value);
}
