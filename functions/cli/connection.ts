import { accountSessionsOf, type SessionPlan } from '../aws/account/account-session.ts';
import { type AwsAccess, createAwsAccess } from '../aws/calls/clients.ts';
import { ownAccess } from '../aws/identity/own-access.ts';
import { createOrganizationReader } from '../aws/organization/organization-reader.ts';
import type { AccountSessions } from '../domain/model/account-access.ts';
import { createSimulation, parseSimulationSpec, type Simulation } from '../simulator/simulation.ts';
import { VERSION } from './version.ts';

/** Where AWS is for this command: the real one, or the simulated organization in this process. */
export interface Connection {
  access: AwsAccess;
  region: string;
  simulation: Simulation | null;
  now(): number;
  organization: ReturnType<typeof createOrganizationReader>;
  sessions(plan: SessionPlan): AccountSessions;
  close(): void;
}

export interface ConnectionOptions {
  profile?: string | undefined;
  homeRegion?: string | undefined;
  /** A simulation's spec; `true` for the default one. */
  simulate?: string | true | undefined;
  signal?: AbortSignal;
}

/** Quotas are the simulation's own matter: where it has none, nothing is to be waited for. */
const NO_QUOTA = { perSecond: 1_000_000, burst: 1_000_000 };

/** The real AWS, as the AWS CLI would reach it. */
export const openAccess = ({ profile, homeRegion, signal }: ConnectionOptions): Promise<AwsAccess> =>
  ownAccess({ profile, region: homeRegion, signal, version: VERSION });

export async function connect(options: ConnectionOptions): Promise<Connection> {
  if (options.simulate !== undefined) return simulated(options);
  const access = await openAccess(options);
  const organization = createOrganizationReader({ access, ...(options.signal && { signal: options.signal }) });
  return {
    access,
    region: access.region,
    simulation: null,
    now: Date.now,
    organization,
    sessions: accountSessionsOf(access),
    close: () => access.close(),
  };
}

function simulated({ simulate, signal, homeRegion: asked }: ConnectionOptions): Connection {
  const spec = parseSimulationSpec(simulate === true || simulate === undefined ? '' : simulate);
  const simulation = createSimulation(spec);
  const region =
    asked ?? (simulation.regions.includes('us-east-1') ? 'us-east-1' : (simulation.regions[0] ?? 'us-east-1'));
  const access = createAwsAccess({
    region,
    credentials: simulation.credentials,
    requestHandler: simulation.requestHandler() as never,
    version: VERSION,
  });
  const rates = spec.quotas ? {} : { rates: unlimited() };
  const organization = createOrganizationReader({ access, ...rates, ...(signal && { signal }) });
  return {
    access,
    region,
    simulation,
    now: () => simulation.now(),
    organization,
    sessions: accountSessionsOf(access),
    close: () => access.close(),
  };
}

const unlimited = () => ({
  ListAccounts: NO_QUOTA,
  ListRoots: NO_QUOTA,
  ListOrganizationalUnitsForParent: NO_QUOTA,
  ListAccountsForParent: NO_QUOTA,
  ListTagsForResource: NO_QUOTA,
});
