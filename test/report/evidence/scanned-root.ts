import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { findFramework } from '../../../functions/domain/frameworks/find.ts';
import type { Framework } from '../../../functions/domain/frameworks/framework.ts';
import type { ReportStore } from '../../../functions/domain/model/store.ts';
import type { ManifestSigner } from '../../../functions/report/evidence/manifest.ts';
import { type PackRequest, writePack } from '../../../functions/report/evidence/pack.ts';
import { selectRun } from '../../../functions/report/tables/tables.ts';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';

export interface SigningPair {
  signer: ManifestSigner;
  publicKey: KeyObject;
}

export function signingPair(keyName = 'local Ed25519 test'): SigningPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    publicKey,
    signer: { keyName, algorithm: 'Ed25519', sign: async (bytes) => sign(null, bytes, privateKey) },
  };
}

/** Names that other people chose: a spreadsheet formula, markup, a line break, a mark that turns the reading direction. */
export const HOSTILE = [
  '=HYPERLINK("http://x","a")',
  '<script>alert(1)</script>',
  'two\nlines, "quoted"',
  'abc\u202Edef',
];

/** Every kind of thing that a pack shows, with names that would like to be more than names. */
export const WORLD: WorldSpec = {
  accounts: [
    { name: 'management', id: '111111111111' },
    { name: HOSTILE[0] ?? '', id: '222222222222', ou: 'Workloads/Prod' },
    { name: HOSTILE[1] ?? '', id: '333333333333', ou: 'Workloads/Prod' },
    { name: HOSTILE[2] ?? '', id: '444444444444', ou: 'Sandbox' },
    { name: HOSTILE[3] ?? '', id: '555555555555', ou: 'Sandbox', state: 'SUSPENDED' },
  ],
  trails: [
    { name: 'org', organization: true, key: 'logs', bucket: 'org-logs' },
    { name: 'plain', owner: '333333333333' },
    { name: 'local', owner: '444444444444', key: 'own' },
  ],
  keys: [
    { name: 'logs', owner: '111111111111' },
    { name: 'own', owner: '444444444444' },
  ],
  buckets: [{ name: 'org-logs', owner: '111111111111' }],
};

export function frameworkNamed(id: string): Framework {
  const found = findFramework(id);
  if (!found.found) throw new Error(found.message);
  return found.framework;
}

/** Packs one run of a root into a file. */
export async function packTo(
  file: string,
  request: { store: ReportStore; runId?: string; signer: ManifestSigner } & Partial<PackRequest>,
) {
  const { store, runId, ...rest } = request;
  return writePack({
    store,
    framework: frameworkNamed('pci-dss-4.0.1'),
    runs: rest.runs ?? [await selectRun(store, runId)],
    failed: [],
    period: null,
    next: null,
    subset: { accounts: [], ous: [] },
    accountDataInScope: false,
    timestampAuthority: null,
    made: { at: '2026-11-21T08:00:00.000Z', by: 'maria@audit' },
    sink: createWriteStream(file),
    toolVersion: '9.9.9',
    ...rest,
  });
}
