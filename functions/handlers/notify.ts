import { readRunReport } from '../report/run/run-report-file.ts';
import { readRunPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Notify: tells the world that the run ended, from the report as it was written. */
export const createNotify =
  (ports: Pick<ScannerPorts, 'store' | 'notify'>): Handler =>
  async (payload, context) => {
    const { run_id: runId } = readRunPayload(payload);
    await ports.notify(await readRunReport(ports.store, runId), context);
    return { run_id: runId };
  };
