import { join } from 'node:path';
import { failedIn, periodOf, runsIn } from '../../../../functions/report/evidence/period.ts';
import type { SubsetRequest } from '../../../../functions/report/scope/subset.ts';
import type { WorldSpec } from '../../../../functions/simulator/world/world-spec.ts';
import { scanWorld } from '../../../scan-world.ts';
import { memoryStore } from '../../../statemachine/memory-store.ts';
import { frameworkNamed, packTo, type SigningPair, WORLD } from '../scanned-root.ts';

/** A pack as an assessor gets it: the file, and how the folder within is called. */
export interface AssessedPack {
  what: string;
  file: string;
  name: string;
}

const WAIVERS = `waivers:
  - {id: plain-trail, control: trail-kms-encrypted, accounts: "333333333333", reason: retired in May, ticket: SEC-9, approver: jane@example.com, approved_on: 2026-07-01, expires_on: 2027-01-31}
  - {id: long-gone, control: trail-key-rotation, accounts: "*", reason: nobody knows, ticket: SEC-1, approver: jane@example.com, approved_on: 2025-01-01, expires_on: 2025-12-31}
`;

/** One account refuses the role: the run is PARTIAL, but for the scope it is complete. */
const SHUT: WorldSpec = {
  ...WORLD,
  accounts: [...WORLD.accounts, { name: 'shut', id: '666666666666', ou: 'Sandbox', role: false }],
};
const SIEM_MAY_DECRYPT = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::777777777777:root' }, Action: 'kms:*', Resource: '*' },
    { Sid: 'Siem', Effect: 'Allow', Principal: { AWS: '999999999999' }, Action: 'kms:Decrypt', Resource: '*' },
  ],
});
/** One opened since, with a trail that has a key which is disabled. */
const LATER: WorldSpec = {
  ...WORLD,
  accounts: [...WORLD.accounts, { name: 'new', id: '777777777777', ou: 'Workloads/Prod' }],
  trails: [...(WORLD.trails ?? []), { name: 'shop', owner: '777777777777', key: 'off' }],
  keys: [
    ...(WORLD.keys ?? []),
    { name: 'off', owner: '777777777777', state: 'Disabled', policyText: SIEM_MAY_DECRYPT },
  ],
};

const CARDS: SubsetRequest = {
  accounts: ['222222222222'],
  ous: ['Root/Workloads'],
  scope: { name: 'cards', holds: ['card-data'] },
};
const WHOLE: SubsetRequest = { accounts: [], ous: [] };

/** Packs of each kind that there is: three frameworks, a scope inside a PARTIAL run, a quarter of runs, a scope of it. */
export async function assessedPacks(folder: string, pair: SigningPair): Promise<AssessedPack[]> {
  const store = memoryStore();
  const ports = { signer: async () => pair.signer, waivers: async () => WAIVERS };
  const scan = (world: WorldSpec, now: string, settings = {}) => scanWorld({ now, world }, { store, ports, settings });
  await scan(WORLD, '2026-07-01T12:00:00.000Z');
  await scan(WORLD, '2026-07-02T12:00:00.000Z', { onlyRegions: ['us-east-1'] });
  const partial = await scan(SHUT, '2026-08-15T12:00:00.000Z');
  const failed = await scan(WORLD, '2026-08-16T12:00:00.000Z');
  // It came to no report.
  for (const key of [...store.files.keys()])
    if (key.includes(failed.runId) && /^(tables|reports)\//.test(key)) store.files.delete(key);
  const newest = await scan(LATER, '2026-09-30T12:00:00.000Z');
  const period = periodOf('2026-07-01', '2026-09-30', '2026-10-01');
  const quarter = await runsIn(store, period);
  const ofQuarter = { ...quarter, failed: await failedIn(store, period, quarter.runs), period };
  const packs: AssessedPack[] = [];
  const pack = async (what: string, framework: string, more: object): Promise<void> => {
    const file = join(folder, `${packs.length}.zip`);
    const request = { store, signer: pair.signer, framework: frameworkNamed(framework), ...more };
    packs.push({ what, file, name: (await packTo(file, request)).name });
  };
  for (const framework of ['pci-dss-4.0.1', 'hipaa-security-rule', 'nis2'])
    await pack(framework, framework, { runId: newest.runId });
  const scope = { subset: CARDS, accountDataInScope: true };
  await pack('a PARTIAL run', 'pci-dss-4.0.1', { runId: partial.runId });
  await pack('a scope of a PARTIAL run', 'pci-dss-4.0.1', { runId: partial.runId, ...scope });
  await pack('a quarter', 'pci-dss-4.0.1', { subset: WHOLE, ...ofQuarter });
  await pack('a scope of a quarter', 'hipaa-security-rule', { ...scope, ...ofQuarter });
  return packs;
}
