import { TrailSealError } from '../../domain/model/errors.ts';
import type { RunSettings } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { openRun } from '../../domain/run/run-folder.ts';
import { runSettings, type ScanOptions } from '../scan-options.ts';

/** What a run's plan fixes, and the option that asks for it. */
const FIXED = {
  accounts: ['onlyAccounts', '--accounts'],
  excludeAccounts: ['excludeAccounts', '--exclude-accounts'],
  ou: ['onlyOus', '--ou'],
  regions: ['onlyRegions', '--regions'],
  excludeRegions: ['excludeRegions', '--exclude-regions'],
  roleName: ['roleName', '--role-name'],
  externalId: ['externalId', '--external-id'],
  homeRegion: ['homeRegion', '--home-region'],
  trustedAccounts: ['trustedAccounts', '--trusted-accounts'],
  logArchiveAccounts: ['logArchiveAccounts', '--log-archive-accounts'],
  lake: ['lake', '--no-lake'],
  sampleLogs: ['sampleLogs', '--sample-logs'],
  sampleAccounts: ['sampleAccounts', '--sample-accounts'],
} as const satisfies Partial<Record<keyof ScanOptions, readonly [keyof RunSettings, string]>>;

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
  const others = Object.entries(FIXED).flatMap(([option, [setting, flag]]) => {
    if (!options.given?.includes(option)) return [];
    const self = setting === 'onlyAccounts' && asked.onlyAccounts?.[0] === 'self' && !plan.populationComplete;
    return self || JSON.stringify(asked[setting]) === JSON.stringify(plan.settings[setting]) ? [] : [flag];
  });
  if (others.length === 0) return;
  throw new TrailSealError(
    'USAGE',
    `Run ${runId} was planned otherwise and is finished as it was planned: leave ${others.join(', ')} out, or start a new run.`,
  );
}
