import { TrailSealError } from '../domain/model/errors.ts';
import { becauseKey, type RunSettings, runKeys } from '../domain/model/plan.ts';
import { isRunId } from '../domain/model/run-id.ts';
import type { ReportStore } from '../domain/model/store.ts';
import { childrenAtOnce } from '../domain/run/children-at-once.ts';
import { orRefuse } from '../domain/run/parsed.ts';
import { planRun, resumeRun } from '../domain/run/plan-run.ts';
import { parseBecause } from '../domain/run/run-files.ts';
import { narrowedBy } from '../domain/settings/run-settings.ts';
import type { Because } from '../domain/watch/because.ts';
import { writeEvidence } from '../report/evidence/evidence-file.ts';
import { writeProvenance } from '../report/evidence/provenance.ts';
import { type ExecutionInput, readPlanPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Plan: lists the organization, writes the run's plan and the Scan map's items; or plans the rest of an earlier run. */
export const createPlan =
  (
    ports: Pick<
      ScannerPorts,
      'store' | 'organization' | 'settings' | 'waivers' | 'provenance' | 'now' | 'version' | 'lambdaRoom'
    >,
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
          because: input.because === undefined ? null : await becauseOf(store, input.because),
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
    // Asked for a resumed run too: what else the account runs may have changed.
    const { concurrency, note } = childrenAtOnce(plan.settings.concurrency, (await ports.lambdaRoom?.()) ?? null);
    if (note !== null) await store.write(keys.execution(executionName), `${JSON.stringify({ notes: [note] })}\n`);
    const scan = { items_key: store.objectKey(keys.scanItems), count: scanItems, concurrency };
    return { run_id: plan.runId, run_date: plan.runDate, scan };
  };

async function becauseOf(store: ReportStore, executionName: string): Promise<Because> {
  const key = becauseKey(executionName);
  const bytes = await store.read(key);
  if (!bytes)
    throw new TrailSealError('EVENT', `There is no ${key} in ${store.root}, which says what is to be scanned.`);
  return orRefuse(parseBecause(bytes), key);
}

/** An input that turns sampling off turns off the samples of accounts too; one that asks for those turns it on. */
const narrowed = (settings: RunSettings, input: ExecutionInput): RunSettings => {
  const asked = narrowedBy(settings, input);
  const sampleAccounts = input.sample_accounts ?? (settings.sampleAccounts && input.sample_logs !== false);
  return { ...asked, sampleLogs: sampleAccounts || asked.sampleLogs, sampleAccounts };
};
