import { TrailSealError } from '../domain/errors.ts';
import { runKeys } from '../domain/plan.ts';
import type { RunReport } from '../report/run-report.ts';
import { readRunPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Notify: tells the world that the run ended, from the report as it was written. */
export const makeNotify =
  (ports: Pick<ScannerPorts, 'store' | 'notify'>): Handler =>
  async (payload) => {
    const { run_id: runId } = readRunPayload(payload);
    const key = runKeys(runId).report('report.json');
    const bytes = await ports.store.read(key);
    if (!bytes) throw new TrailSealError('NO_REPORT', `${key} is missing from ${ports.store.root}.`);
    await ports.notify(JSON.parse(new TextDecoder().decode(bytes)) as RunReport);
    return { run_id: runId };
  };
