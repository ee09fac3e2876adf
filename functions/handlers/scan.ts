import { runKeys } from '../domain/plan.ts';
import { orRefuse, parseScanItem } from '../domain/run-files.ts';
import { scanAccount } from '../domain/scan-account.ts';
import { writeEvidence } from '../report/evidence-file.ts';
import { openedPlans } from './opened-plans.ts';
import { readItemPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Scan: one account and its regions. The raw answers are written first, the observation last: it is what counts. */
export const makeScan = (ports: Pick<ScannerPorts, 'store' | 'door' | 'now'>): Handler => {
  const open = openedPlans(ports);
  return async (payload, { signal }) => {
    const { run_id: runId, item: source } = readItemPayload(payload);
    const item = orRefuse(parseScanItem(source), 'the scan item');
    const { plan, door } = await open(runId);
    const { observation, evidence } = await scanAccount({ item, plan, door, now: ports.now, signal });
    const keys = runKeys(runId);
    const written = await writeEvidence({
      store: ports.store,
      key: keys.evidenceFile(item.accountId),
      records: evidence,
    });
    signal.throwIfAborted();
    await ports.store.write(keys.observation(item.accountId), JSON.stringify({ ...observation, evidence: written }));
    return { account_id: item.accountId };
  };
};
