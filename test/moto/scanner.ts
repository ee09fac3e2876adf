import { accountSessionsOf } from '../../functions/aws/account/account-session.ts';
import { type AwsAccess, createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createOrganizationReader } from '../../functions/aws/organization/organization-reader.ts';
import type { RunSettings } from '../../functions/domain/model/plan.ts';
import type { ReportStore } from '../../functions/domain/model/store.ts';
import { defaultSettings } from '../../functions/domain/settings/run-settings.ts';
import type { ScannerPorts } from '../../functions/handlers/ports.ts';
import type { MotoGateway } from './gateway.ts';

export interface MotoScanner {
  ports: ScannerPorts;
  close(): void;
}

/** The product's own ports on the AWS of a moto gateway, as the management account. */
export function motoScanner(
  gateway: MotoGateway,
  store: ReportStore,
  over: Partial<RunSettings> & Pick<RunSettings, 'roleName'>,
): MotoScanner {
  const { endpoint, region, credentials } = gateway.client;
  const access: AwsAccess = createAwsAccess({ endpoint, region, credentials });
  const settings: RunSettings = { ...defaultSettings(), homeRegion: region, concurrency: 4, ...over };
  const ports: ScannerPorts = {
    ...{ store, settings, version: '0.0.0-moto', now: Date.now },
    organization: createOrganizationReader({ access }),
    sessions: accountSessionsOf(access),
    waivers: async () => null,
    signer: async () => null,
    provenance: () => ({ arguments: [], code: { sha256: null, commit: null }, simulated: true }),
    extras: async () => {},
    notify: async () => {},
  };
  return { ports, close: () => access.close() };
}
