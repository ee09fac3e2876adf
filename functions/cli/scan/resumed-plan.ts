import { usageError } from '../../domain/model/errors.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { openRun } from '../../domain/run/run-folder.ts';
import { flagOf, settingDeclarations } from '../../domain/settings/run-settings.ts';
import { runSettings, type ScanOptions } from '../scan-options.ts';

/**
 * A run is finished as it was planned: an option that asks for something else is refused, never silently left out.
 * @throws TrailSealError USAGE, NO_SUCH_RUN
 */
export async function checkResumed(request: {
  store: ReportStore;
  runId: string;
  options: ScanOptions;
}): Promise<void> {
  const { options, runId } = request;
  const { plan } = await openRun(request.store, runId);
  const asked = runSettings(options, options.homeRegion ?? plan.settings.homeRegion);
  const others = settingDeclarations.flatMap((declared) => {
    const { name, option } = declared;
    if (option === undefined || !options.given?.includes(option)) return [];
    const self = name === 'onlyAccounts' && asked.onlyAccounts?.[0] === 'self' && !plan.populationComplete;
    return self || JSON.stringify(asked[name]) === JSON.stringify(plan.settings[name]) ? [] : [flagOf(declared)];
  });
  if (others.length === 0) return;
  throw usageError(
    `Run ${runId} was planned otherwise and is finished as it was planned: leave ${others.join(', ')} out, or start a new run.`,
  );
}
