import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createNetwork } from '../../../../functions/aws/calls/network.ts';
import { timestampAuthority } from '../../../../functions/local/timestamp-authority.ts';
import { readAuthorities } from '../../../../functions/report/evidence/integrity/timestamp.ts';
import { type VerifyRequest, verifyPack } from '../../../../functions/report/evidence/verify.ts';
import { scanWorld } from '../../../scan-world.ts';
import { type TestAuthority, timeStampingAuthority } from '../integrity/time-stamping-authority.ts';
import { packTo, signingPair, WORLD } from '../scanned-root.ts';
import { unzipped, zipped } from '../zip-surgery.ts';
import { type Given, OF_FILES } from './of-files.ts';
import { OF_ZIP, withZip64End } from './of-zip.ts';

let folder: string;
let given: Given;
let runId: string;
let tsa: TestAuthority;
let checked: Omit<VerifyRequest, 'file'>;
const network = createNetwork();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tampering-'));
  const pair = signingPair();
  tsa = await timeStampingAuthority({ folder });
  const authority = timestampAuthority({ url: tsa.url, sender: network });
  const world = await scanWorld({ world: WORLD }, { ports: { signer: async () => pair.signer } });
  runId = world.runId;
  const request = { store: world.store, signer: pair.signer, timestampAuthority: authority };
  const [pack, other] = [join(folder, 'pack.zip'), join(folder, 'other.zip')];
  await packTo(pack, request);
  await packTo(other, { ...request, subset: { accounts: ['333333333333'], ous: [] } });
  const files = await unzipped(pack);
  const root = files[0]?.path.split('/')[0] ?? '';
  given = { zip: await readFile(pack), files, others: await unzipped(other), root, forger: signingPair(), authority };
  checked = { keys: [pair.publicKey], authorities: readAuthorities(await readFile(tsa.rootFile, 'utf8')) };
}, 120_000);
afterAll(async () => {
  network.destroy?.();
  await tsa.close();
  await rm(folder, { recursive: true, force: true });
});

async function told(file: string): Promise<{ sound: boolean; lines: string[] }> {
  const { sound, problems } = await verifyPack({ file, ...checked });
  const short = (path: string | null): string => (path ?? '').replace(`${given.root}/`, '').replace(runId, 'RUN');
  return { sound, lines: problems.map(({ kind, path }) => `${kind} ${short(path)}`) };
}

let made = 0;
const kept = async (bytes: Buffer): Promise<string> => {
  const file = join(folder, `tampered-${made++}.zip`);
  await writeFile(file, bytes);
  return file;
};

describe('tampering with a pack', () => {
  it('is tried in more than fifty ways, each of them another', () => {
    const names = [...OF_FILES, ...OF_ZIP].map(([name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(50);
  });

  it('is not reported where there is none: packed again, by whatever program, or with a ZIP64 end', async () => {
    for (const file of [join(folder, 'pack.zip'), await zipped(join(folder, 'again.zip'), given.files)])
      expect(await told(file)).toEqual({ sound: true, lines: [] });
    expect(await told(await kept(withZip64End(given)))).toEqual({ sound: true, lines: [] });
  });

  it.each(OF_FILES)('names %s', async (_what, expected, change) => {
    const { sound, lines } = await told(await zipped(join(folder, `tampered-${made++}.zip`), await change(given)));
    expect(sound).toBe(false);
    expect(lines).toContainEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });

  it.each(OF_ZIP)('names %s', async (_what, expected, change) => {
    const { sound, lines } = await told(await kept(await change(given)));
    expect(sound).toBe(false);
    expect(lines).toContainEqual(typeof expected === 'string' ? expected : expect.stringMatching(expected));
  });
});
