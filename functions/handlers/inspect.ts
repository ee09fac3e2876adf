import { runKeys } from '../domain/model/plan.ts';
import { inspectOwner } from '../domain/run/inspect-owner.ts';
import { isAnswered } from '../domain/run/is-complete.ts';
import { orRefuse } from '../domain/run/parsed.ts';
import { parseInspectItem, parseInspection } from '../domain/run/run-files.ts';
import { writeEvidence } from '../report/evidence/evidence-file.ts';
import { openedPlans } from './opened-plans.ts';
import { readItemPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Inspect: one owner's keys, buckets, log groups and event data stores. */
export const createInspect = (ports: Pick<ScannerPorts, 'store' | 'sessions' | 'now'>): Handler => {
  const open = openedPlans(ports);
  return async (payload, { signal }) => {
    const { run_id: runId, item: source } = readItemPayload(payload);
    const item = orRefuse(parseInspectItem(source), 'the inspect item');
    const { store, now } = ports;
    const { plan, sessions, liveAccounts: otherAccounts } = await open(runId);
    const keys = runKeys(runId);
    const answered = async () => {
      const bytes = await store.read(keys.inspection(item.itemId));
      const parsed = bytes && parseInspection(bytes);
      return parsed?.ok && parsed.value.runId === runId && isAnswered(parsed.value);
    };
    // Delivered twice, or finished by an attempt that was given up.
    if (await answered()) return { item_id: item.itemId };
    const { inspection, evidence } = await inspectOwner({ item, plan, sessions, now, otherAccounts, signal });
    const written = await writeEvidence({ store, key: keys.evidenceFile(`inspect-${item.itemId}`), records: evidence });
    signal.throwIfAborted();
    if (await answered()) return { item_id: item.itemId };
    await store.write(keys.inspection(item.itemId), JSON.stringify({ ...inspection, evidence: written }));
    return { item_id: item.itemId };
  };
};
