import { inspectOwner } from '../domain/inspect-owner.ts';
import { isLive } from '../domain/organization.ts';
import { runKeys } from '../domain/plan.ts';
import { orRefuse, parseInspectItem } from '../domain/run-files.ts';
import { openRun } from '../domain/run-folder.ts';
import type { ReportStore } from '../domain/store.ts';
import { writeEvidence } from '../report/evidence-file.ts';
import { openedPlans } from './opened-plans.ts';
import { readItemPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Inspect: one owner's keys, buckets, log groups and event data stores. */
export const makeInspect = (ports: Pick<ScannerPorts, 'store' | 'door' | 'now'>): Handler => {
  const open = openedPlans(ports);
  return async (payload, { signal }) => {
    const { run_id: runId, item: source } = readItemPayload(payload);
    const item = orRefuse(parseInspectItem(source), 'the inspect item');
    const { store, now } = ports;
    const { plan, door } = await open(runId);
    const otherAccounts = () => liveAccounts(store, runId);
    const { inspection, evidence } = await inspectOwner({ item, plan, door, now, otherAccounts, signal });
    const keys = runKeys(runId);
    const written = await writeEvidence({ store, key: keys.evidenceFile(`inspect-${item.itemId}`), records: evidence });
    signal.throwIfAborted();
    await store.write(keys.inspection(item.itemId), JSON.stringify({ ...inspection, evidence: written }));
    return { item_id: item.itemId };
  };
};

async function* liveAccounts(store: ReportStore, runId: string): AsyncIterable<string> {
  const run = await openRun(store, runId);
  for await (const { accountId, accountState } of run.accounts()) if (isLive(accountState)) yield accountId;
}
