import type { AccountSessions, TrailReader } from '../domain/model/account-access.ts';
import { runKeys, type ScanPlan } from '../domain/model/plan.ts';
import { answersIn, isComplete } from '../domain/run/is-complete.ts';
import { orRefuse } from '../domain/run/parsed.ts';
import { parseObservation, parseScanItem } from '../domain/run/run-files.ts';
import { scanAccount } from '../domain/run/scan-account.ts';
import { writeEvidence } from '../report/evidence/evidence-file.ts';
import { openedPlans } from './opened-plans.ts';
import { readItemPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

interface TrailSessionPorts {
  sessions(plan: ScanPlan): AccountSessions<TrailReader>;
}

/** Scan: one account and its regions. The raw answers are written first, the observation last: it is what counts. */
export const createScan = (ports: Pick<ScannerPorts, 'store' | 'now'> & TrailSessionPorts): Handler => {
  const open = openedPlans(ports);
  return async (payload, { signal }) => {
    const { run_id: runId, item: source } = readItemPayload(payload);
    const item = orRefuse(parseScanItem(source), 'the scan item');
    const { plan, sessions } = await open(runId);
    const keys = runKeys(runId);
    const kept = async () => {
      const bytes = await ports.store.read(keys.observation(item.accountId));
      const parsed = bytes && parseObservation(bytes);
      return parsed?.ok && parsed.value.runId === runId ? parsed.value : null;
    };
    // Delivered twice, or finished by an attempt that was given up: what is durably written is not asked again.
    const before = await kept();
    if (before && isComplete(before, item.regions)) return { account_id: item.accountId };
    const { observation, evidence } = await scanAccount({ item, plan, sessions, now: ports.now, signal });
    const written = await writeEvidence({
      store: ports.store,
      key: keys.evidenceFile(item.accountId),
      records: evidence,
    });
    signal.throwIfAborted();
    // An attempt that ends late must not replace what another attempt has read in the meantime.
    const meanwhile = await kept();
    if (meanwhile && answersIn(meanwhile) > answersIn(observation)) return { account_id: item.accountId };
    await ports.store.write(keys.observation(item.accountId), JSON.stringify({ ...observation, evidence: written }));
    return { account_id: item.accountId };
  };
};
