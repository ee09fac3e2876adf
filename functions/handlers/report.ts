import type { AccountState } from '../domain/model/organization.ts';
import { runKeys } from '../domain/model/plan.ts';
import { newRunId } from '../domain/model/run-id.ts';
import { writeEvidence } from '../report/evidence/evidence-file.ts';
import { writeReport } from '../report/run/write-report.ts';
import { readReportPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Report: the tables, report.json and the manifest. Its result stays small: everything is in the report root. */
export const createReport =
  (ports: Pick<ScannerPorts, 'store' | 'organization' | 'signer' | 'extras' | 'now'>): Handler =>
  async (payload) => {
    const { run_id: runId, map_failures: failures } = readReportPayload(payload);
    const scan = failures?.scan;
    const report = await writeReport({
      store: ports.store,
      runId,
      now: ports.now,
      mapFailure: scan ? { error: scan.Error, cause: scan.Cause } : null,
      relist: () => relist(ports, runId),
      signer: await ports.signer(),
      extras: (made, store) => ports.extras(made, store),
    });
    const { run } = report;
    return {
      run_id: runId,
      run_date: run.run_date,
      status: run.status,
      findings_failed: run.findings_failed,
      findings_unverified: run.findings_unverified,
    };
  };

/** Where the organization cannot be listed again, what failed stays failed. */
async function relist(
  { organization, store, now }: Pick<ScannerPorts, 'organization' | 'store' | 'now'>,
  runId: string,
): Promise<Map<string, AccountState> | null> {
  const states = new Map<string, AccountState>();
  try {
    for await (const { accountId, accountState } of organization.accounts({ units: false }))
      states.set(accountId, accountState);
    return states;
  } catch {
    return null;
  } finally {
    // What is decided by it rests on it.
    const key = runKeys(runId).evidenceFile(`population-relisted-${newRunId(now())}`);
    await writeEvidence({ store, key, records: organization.takeEvidence() });
  }
}
