import type { ReportStore } from '../../domain/model/store.ts';
import { type Affected, AffectedAccounts, type SeenAt } from '../../domain/watch/affected-accounts.ts';
import type { ChangeEvent } from '../../domain/watch/change-event.ts';
import type { KnownResources } from '../../domain/watch/change-hits.ts';
import { readTable } from '../tables/tables.ts';
import { type CurrentRuns, currentParts, currentRuns } from './current-runs.ts';

/**
 * Who uses what, by the newest tables. Of a run that a change started every trail counts: one too many costs the scan of
 * an account, one too few a change that nobody sees before the next whole run.
 */
async function knownResources(store: ReportStore, current: CurrentRuns): Promise<KnownResources> {
  const runs = [...currentParts(current)].map(({ run }) => run);
  const trails = new Map<string, KnownResources['trails'][number]>();
  const keys = new Map<string, KnownResources['keys'][number]>();
  for (const run of runs.sort(byAge)) {
    const at = { store, runId: run.row.run_id, runDate: run.runDate };
    for await (const row of readTable({ ...at, table: 'trails' }))
      trails.set(row.trail_arn, {
        trailArn: row.trail_arn,
        owner: row.account_id,
        isOrganization: row.is_organization,
        kmsKeyArn: row.kms_key_arn,
        bucket: row.bucket,
        bucketAccountId: row.bucket_account_id ?? trails.get(row.trail_arn)?.bucketAccountId ?? null,
        logGroupArn: row.log_group_arn,
      });
    for await (const { key_arn: keyArn, origin } of readTable({ ...at, table: 'keys' }))
      keys.set(keyArn, { keyArn, origin });
  }
  return { trails: [...trails.values()], keys: [...keys.values()] };
}

const byAge = (a: { row: { run_id: string } }, b: { row: { run_id: string } }): number =>
  a.row.run_id < b.row.run_id ? -1 : 1;

const seenIn =
  ({ whole, byAccount }: CurrentRuns): SeenAt =>
  (account) => {
    const row = (account === null ? null : byAccount.get(account)?.row) ?? whole?.row;
    return row?.status === 'COMPLETE' && (row.scope === 'ORGANIZATION' || row !== whole?.row) ? row.started_at : null;
  };

/**
 * What events affect, by the newest tables of a root.
 * @param options.onlyUnseen leaves out what happened well before a run that has looked at it
 */
export async function affectedIn(
  store: ReportStore,
  events: Iterable<ChangeEvent> | AsyncIterable<ChangeEvent>,
  { onlyUnseen = false }: { onlyUnseen?: boolean } = {},
): Promise<Affected> {
  const current = await currentRuns(store);
  const known = await knownResources(store, current);
  const accounts = onlyUnseen ? new AffectedAccounts(known, seenIn(current)) : new AffectedAccounts(known);
  for await (const event of events) accounts.add(event);
  return accounts.affected();
}
