import { generateKeyPairSync, sign } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { findFramework } from '../../functions/domain/frameworks/find.ts';
import { createDirectoryStore } from '../../functions/local/directory-store.ts';
import { writePack } from '../../functions/report/evidence/pack.ts';
import { selectRun } from '../../functions/report/tables/tables.ts';
import { type Cost, serve, stopwatch } from './serve.ts';

/** Writes the evidence pack of a run, and the public key that verifies it. */
export interface EvidenceInput {
  root: string;
  runId: string;
  framework: string;
  /** The zip; the key is `<zip>.pem`. */
  out: string;
}

export interface EvidenceOutput extends Cost {
  files: number;
  bytes: number;
  problems: string[];
}

await serve(async ({ root, runId, framework, out }: EvidenceInput): Promise<EvidenceOutput> => {
  const found = findFramework(framework);
  if (!found.found) throw new Error(found.message);
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  await writeFile(`${out}.pem`, publicKey.export({ type: 'spki', format: 'pem' }));
  const end = stopwatch();
  const store = createDirectoryStore(root);
  const pack = await writePack({
    store,
    framework: found.framework,
    runs: [await selectRun(store, runId)],
    failed: [],
    period: null,
    next: null,
    subset: { accounts: [], ous: [] },
    accountDataInScope: false,
    timestampAuthority: null,
    made: { at: new Date().toISOString(), by: 'bench' },
    signer: { keyName: 'local Ed25519', algorithm: 'Ed25519', sign: async (bytes) => sign(null, bytes, privateKey) },
    sink: createWriteStream(out),
    toolVersion: '0.0.0-bench',
  });
  return { ...end(), files: pack.files.length, bytes: (await stat(out)).size, problems: pack.problems.slice(0, 5) };
});
