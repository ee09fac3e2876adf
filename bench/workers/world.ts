import { accountSessionsOf } from '../../functions/aws/account/account-session.ts';
import { type AwsAccess, createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createOrganizationReader } from '../../functions/aws/organization/organization-reader.ts';
import type { RunSettings } from '../../functions/domain/model/plan.ts';
import { defaultSettings } from '../../functions/domain/settings/run-settings.ts';
import type { ScannerPorts } from '../../functions/handlers/ports.ts';
import { createRequestHandler } from '../../functions/simulator/server/request-handler.ts';
import { createSimulation, type SimulationSpec } from '../../functions/simulator/simulation.ts';

/** A pinned present: the same organization and the same answers whenever it is measured. */
export const PRESENT = '2026-11-02T10:00:00Z';
export const VERSION = '0.0.0-bench';

/** The simulated organization in this process, its own CPU time measured apart from its caller's. */
export function openWorld(spec: SimulationSpec) {
  const operations = new Map<string, number>();
  const simulation = createSimulation(
    { now: PRESENT, ...spec },
    { onCall: ({ operation }) => operations.set(operation, (operations.get(operation) ?? 0) + 1) },
  );
  let simulatorNs = 0n;
  const answer: typeof simulation.answer = (request) => {
    const began = process.hrtime.bigint();
    const reply = simulation.answer(request);
    simulatorNs += process.hrtime.bigint() - began;
    return reply;
  };
  const region = simulation.regions.includes('us-east-1') ? 'us-east-1' : (simulation.regions[0] ?? 'us-east-1');
  const access = createAwsAccess({
    region,
    credentials: simulation.credentials,
    requestHandler: createRequestHandler({ simulation: { answer, latency: simulation.latency } }) as never,
    version: VERSION,
  });
  const free = { perSecond: 1_000_000, burst: 1_000_000 };
  const organization = createOrganizationReader({
    access,
    ...(spec.quotas
      ? {}
      : {
          rates: {
            ListAccounts: free,
            ListRoots: free,
            ListOrganizationalUnitsForParent: free,
            ListAccountsForParent: free,
          },
        }),
  });
  return {
    simulation,
    access,
    region,
    organization,
    operations,
    simulatorMs: () => Number(simulatorNs) / 1e6,
  };
}

/** A scanner that knows no waivers, signs nothing and tells nobody. */
export const quietPorts = ({
  access,
  ...given
}: Pick<ScannerPorts, 'store' | 'organization' | 'settings' | 'now' | 'lambdaRoom'> & {
  access: AwsAccess;
}): ScannerPorts => ({
  ...given,
  sessions: accountSessionsOf(access),
  waivers: async () => null,
  signer: async () => null,
  provenance: () => ({ arguments: [], code: { sha256: null, commit: null }, simulated: true }),
  extras: async () => {},
  notify: async () => {},
  version: VERSION,
});

export const settingsOf = (request: { region: string; concurrency: number }): RunSettings => ({
  ...defaultSettings(),
  homeRegion: request.region,
  concurrency: request.concurrency,
});
