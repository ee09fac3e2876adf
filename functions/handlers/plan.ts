import { type RunSettings, runKeys } from '../domain/model/plan.ts';
import { isRunId } from '../domain/model/run-id.ts';
import { planRun, resumeRun } from '../domain/run/plan-run.ts';
import { writeEvidence } from '../report/evidence/evidence-file.ts';
import { writeProvenance } from '../report/evidence/provenance.ts';
import { type ExecutionInput, readPlanPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Plan: lists the organization, writes the run's plan and the Scan map's items; or plans the rest of an earlier run. */
export const makePlan =
  (
    ports: Pick<ScannerPorts, 'store' | 'organization' | 'settings' | 'waivers' | 'provenance' | 'now' | 'version'>,
  ): Handler =>
  async (payload) => {
    const { store, organization } = ports;
    const { input, execution_arn: executionArn, execution_name: executionName } = readPlanPayload(payload);
    const { plan, scanItems } = input.resume
      ? await resumeRun(store, organization, { runId: input.resume, executionName })
      : await planRun(store, organization, {
          settings: narrowed(ports.settings, input),
          executionArn,
          executionName,
          // A laptop names its execution by the run, so that Ctrl-C can name the run before it is planned.
          ...(isRunId(executionName) && { runId: executionName }),
          scannerVersion: ports.version,
          now: ports.now,
          waivers: await ports.waivers(),
        });
    const keys = runKeys(plan.runId);
    await writeEvidence({
      store,
      key: keys.evidenceFile(`population-${executionName}`),
      records: organization.takeEvidence(),
    });
    await writeProvenance({
      store,
      plan,
      provenance: ports.provenance(),
      execution: executionName,
      resumed: input.resume !== undefined,
      now: ports.now(),
    });
    const scan = {
      items_key: store.objectKey(keys.scanItems),
      count: scanItems,
      concurrency: plan.settings.concurrency,
    };
    return { run_id: plan.runId, run_date: plan.runDate, scan };
  };

const narrowed = (settings: RunSettings, input: ExecutionInput): RunSettings => {
  const sampleAccounts = input.sample_accounts ?? (settings.sampleAccounts && input.sample_logs !== false);
  return {
    ...settings,
    onlyAccounts: input.accounts ?? settings.onlyAccounts,
    excludeAccounts: input.exclude_accounts ?? settings.excludeAccounts,
    onlyOus: input.ou ?? settings.onlyOus,
    onlyRegions: input.regions ?? settings.onlyRegions,
    excludeRegions: input.exclude_regions ?? settings.excludeRegions,
    lake: input.lake ?? settings.lake,
    sampleLogs: sampleAccounts || (input.sample_logs ?? settings.sampleLogs),
    sampleAccounts,
    concurrency: input.concurrency ?? settings.concurrency,
  };
};
