import { createHash, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Verification } from '../../../functions/report/evidence/integrity/verification.ts';
import type { ManifestSigner } from '../../../functions/report/evidence/manifest.ts';
import { readPublicKey, verifyPack } from '../../../functions/report/evidence/verify.ts';
import { type ScannedWorld, scanWorld } from '../../scan-world.ts';
import { packTo, type SigningPair, signingPair, WORLD } from './scanned-root.ts';
import { type Files, inserted, localEntry, patched, placesIn, unzipped, zipped } from './zip-surgery.ts';

let folder: string;
let world: ScannedWorld;
let pair: SigningPair;
let pack: string;
let files: Files;
let root: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-'));
  pair = signingPair();
  world = await scanWorld({ world: WORLD }, { ports: { signer: async () => pair.signer } });
  pack = join(folder, 'pack.zip');
  await packTo(pack, { store: world.store, signer: pair.signer });
  files = await unzipped(pack);
  root = files[0]?.path.split('/')[0] ?? '';
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

let made = 0;
const rezipped = (change: (files: Files) => Files): Promise<string> =>
  zipped(
    join(folder, `tampered-${made++}.zip`),
    change(files.map((file) => ({ ...file, bytes: Buffer.from(file.bytes) }))),
  );
const verify = (file: string, key = pair.publicKey): Promise<Verification> => verifyPack({ file, keys: [key] });
const told = ({ problems }: Verification): string[] =>
  problems.map(({ kind, path }) => `${kind} ${path?.replace(`${root}/`, '') ?? ''}`);
const flip = (bytes: Buffer, at = Math.floor(bytes.length / 2)): Buffer => {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};

describe('verifying a pack', () => {
  it('finds the pack sound as it was made, and when only packed again', async () => {
    for (const file of [pack, await rezipped((all) => all)]) {
      const verification = await verify(file);
      expect(told(verification)).toEqual([]);
      expect(verification).toMatchObject({ sound: true, files: files.length - 4, signedBy: 'local Ed25519 test' });
    }
  });

  it('names the one file in which one byte was flipped, whatever kind it is', async () => {
    const kinds = new Set<string>();
    for (const { path } of files) {
      const short = path.slice(root.length + 1);
      const kind = short.replace(/\d{12}(-[0-9a-f]+)?/, 'N').replace(/[0-9A-Z]{26}/g, 'RUN');
      if (kinds.has(kind) || short.startsWith('MANIFEST') || short.endsWith('.sig')) continue;
      kinds.add(kind);
      const verification = await verify(
        await rezipped((all) => all.map((file) => (file.path === path ? { ...file, bytes: flip(file.bytes) } : file))),
      );
      expect([short, verification.sound]).toEqual([short, false]);
      // The run's own manifest says nothing any more once it cannot be believed itself.
      expect(told(verification)[0]).toBe(`ALTERED ${short}`);
      expect(told(verification).filter((line) => line.startsWith('ALTERED'))).toHaveLength(1);
    }
    expect(kinds.size).toBeGreaterThan(18);
  }, 60_000);

  it('says so where the manifest or its signature was changed, swapped or removed', async () => {
    const edited = (name: string, edit: (file: Files[number]) => Files): Promise<string> =>
      rezipped((all) =>
        all.flatMap((file) =>
          file.path.endsWith(`/${name}`) && file.path.split('/').length === 2 ? edit(file) : [file],
        ),
      );
    const flipped = await edited('MANIFEST.json', (file) => [
      { ...file, bytes: Buffer.from(String(file.bytes).replace('"9.9.9"', '"9.9.8"')) },
    ]);
    expect(told(await verify(flipped))).toEqual(['SIGNATURE MANIFEST.json']);
    const other = await verify(pack, signingPair().publicKey);
    expect(told(other)).toEqual(['SIGNATURE MANIFEST.json']);
    expect(told(await verify(await edited('MANIFEST.json', () => [])))).toEqual(['MISSING MANIFEST.json']);
    expect(told(await verify(await edited('MANIFEST.sig.json', () => [])))).toEqual(['MISSING MANIFEST.sig.json']);
    const garbage = await edited('MANIFEST.sig.json', (file) => [{ ...file, bytes: Buffer.from('{}') }]);
    expect(told(await verify(garbage))).toEqual(['ALTERED MANIFEST.sig.json']);
  });

  it('is not taken in by the manifest and signature of another pack of the same key', async () => {
    const second = join(folder, 'second.zip');
    await packTo(second, { store: world.store, signer: pair.signer, subset: { accounts: ['333333333333'], ous: [] } });
    const others = await unzipped(second);
    const swapped = await rezipped((all) =>
      all.map((file) => {
        const short = file.path.slice(root.length + 1);
        const other = others.find(({ path }) => path.endsWith(`/${short}`) && path.split('/').length === 2);
        return short.startsWith('MANIFEST') && other ? { ...file, bytes: other.bytes } : file;
      }),
    );
    const lines = told(await verify(swapped));
    expect(lines).toContain(`ALTERED ${root}/`.replace(`${root}/`, ''));
    expect(lines.some((line) => line.startsWith('ADDED'))).toBe(true);
  });

  it('never trusts a key inside the zip', async () => {
    const forger = signingPair();
    const bytes = files.find(({ path }) => path === `${root}/MANIFEST.json`)?.bytes ?? Buffer.alloc(0);
    const signature = Buffer.from(await forger.signer.sign(bytes)).toString('base64');
    const forged = await rezipped((all) => [
      ...all.map((file) =>
        file.path === `${root}/MANIFEST.sig.json`
          ? {
              ...file,
              bytes: Buffer.from(
                JSON.stringify({ version: 1, key: 'local Ed25519 test', algorithm: 'Ed25519', signature }),
              ),
            }
          : file,
      ),
      { path: `${root}/PUBLIC.pem`, bytes: Buffer.from(forger.publicKey.export({ type: 'spki', format: 'pem' })) },
    ]);
    expect(told(await verify(forged))).toEqual(['SIGNATURE MANIFEST.json', 'ADDED PUBLIC.pem']);
  });

  it('names what was removed, added, doubled or renamed', async () => {
    const victim = `${root}/cover.html`;
    expect(told(await verify(await rezipped((all) => all.filter(({ path }) => path !== victim))))).toEqual([
      'MISSING cover.html',
    ]);
    const added = await rezipped((all) => [...all, { path: `${root}/runs/extra.csv`, bytes: Buffer.from('x') }]);
    expect(told(await verify(added))).toEqual(['ADDED runs/extra.csv']);
    const beside = await rezipped((all) => [...all, { path: 'README.txt', bytes: Buffer.from('x') }]);
    expect(told(await verify(beside))).toEqual(['ADDED README.txt']);
    const doubled = await rezipped((all) => [...all, { path: victim, bytes: Buffer.from('another') }]);
    expect(told(await verify(doubled))).toEqual(['DUPLICATED cover.html']);
    const alike = await rezipped((all) => [...all, { path: `${root}/COVER.html`, bytes: Buffer.from('another') }]);
    expect(told(await verify(alike))).toEqual(['DUPLICATED COVER.html']);
    const renamed = await rezipped((all) => all.map((file) => ({ ...file, path: file.path.replace(root, 'renamed') })));
    expect(told(await verify(renamed))).toEqual(['ALTERED renamed/']);
  });

  it.each([
    ['leads out of the pack', 'AA/evil.txt', '../evil.txt'],
    ['leads out of it further down', 'ok/AA/evil.txt', 'ok/../evil.txt'],
    ['is absolute', 'Xtmp/evil.txt', '/tmp/evil.txt'],
    ['is absolute on Windows', 'CX/evil.txt', 'C:/evil.txt'],
    ['has a backslash', 'aXXb.txt', 'a\\\\b.txt'],
    ['has a control character', 'aXb.txt', 'a\nb.txt'],
  ])('refuses a name that %s', async (_what, plain, evil) => {
    const file = await patched(
      await rezipped((all) => [...all, { path: plain, bytes: Buffer.from('evil') }]),
      plain,
      evil,
    );
    const verification = await verify(file);
    expect(verification.sound).toBe(false);
    expect(verification.problems).toMatchObject([{ kind: 'UNSAFE', path: evil }]);
  });

  it('refuses links, and entries whose two headers disagree', async () => {
    const link = await rezipped((all) => [
      ...all,
      { path: `${root}/link`, bytes: Buffer.from('/etc/passwd'), mode: 0o120777 },
    ]);
    expect((await verify(link)).problems).toMatchObject([{ kind: 'UNSAFE', message: 'It is a link.' }]);
    const twofaced = await patched(await rezipped((all) => all), 'cover.html', 'COVER.exe!', 1);
    expect(told(await verify(twofaced))).toEqual(['UNSAFE cover.html']);
  });

  it('tells a comment of the zip, and what stands before its files', async () => {
    const bytes = await readFile(pack);
    const comment = Buffer.from('All controls pass.');
    const end = Buffer.from(bytes.subarray(-22));
    end.writeUInt16LE(comment.length, 20);
    const commented = join(folder, 'commented.zip');
    await writeFile(commented, Buffer.concat([bytes.subarray(0, -22), end, comment]));
    expect((await verify(commented)).problems).toEqual([
      { kind: 'ADDED', path: null, message: 'The zip has a comment, which the signature does not cover.' },
    ]);
    // The offsets corrected, as a tool that makes a self-extracting program would.
    const prefixed = join(folder, 'prefixed.zip');
    await writeFile(prefixed, inserted(bytes, 0, Buffer.from('#!/bin/sh\nexit 0\n')));
    expect((await verify(prefixed)).problems).toEqual([
      {
        kind: 'ADDED',
        path: null,
        message: 'Something stands before the first file, which the signature does not cover.',
      },
    ]);
    const trailing = join(folder, 'trailing.zip');
    await writeFile(trailing, Buffer.concat([bytes, Buffer.from('more')]));
    expect(told(await verify(trailing))).toEqual(['UNREADABLE ']);
  });

  it.each([
    ['between two files', (zip: Buffer) => placesIn(zip).second, 'between the files'],
    ['after the last file', (zip: Buffer) => placesIn(zip).directory, 'between the files'],
    ['after the directory', (zip: Buffer) => placesIn(zip).end, 'after the directory'],
  ])('tells a file that the directory does not name, %s', async (_where, at, words) => {
    const zip = await readFile(pack);
    const file = join(folder, `outside-${made++}.zip`);
    await writeFile(file, inserted(zip, at(zip), localEntry(`${root}/ALL-CONTROLS-PASS.txt`, 'All controls pass.')));
    expect((await verify(file)).problems).toEqual([
      { kind: 'ADDED', path: null, message: `Something stands ${words}, which the signature does not cover.` },
    ]);
  });

  it('tells comments of entries and folders with nothing in them; folders of files are no matter', async () => {
    const commented = await rezipped((all) =>
      all.map((file, at) => (at === 0 ? { ...file, comment: 'All controls pass.' } : file)),
    );
    expect((await verify(commented)).problems).toEqual([
      { kind: 'ADDED', path: files[0]?.path, message: 'Its entry has a comment, which the signature does not cover.' },
    ]);
    const folders = (...paths: string[]) =>
      rezipped((all) => [...paths.map((path) => ({ path, bytes: Buffer.from('') })), ...all]);
    expect(told(await verify(await folders(`${root}/ALL CONTROLS PASS/`, `${root}/runs/`)))).toEqual([
      'ADDED ALL CONTROLS PASS/',
    ]);
    expect((await verify(await folders(`${root}/`, `${root}/runs/`))).sound).toBe(true);
  });

  it('names what was done to the checksums for standard tools, and to their signature', async () => {
    const other = Buffer.from(await signingPair().signer.sign(Buffer.from('x')));
    const cases: [string, (bytes: Buffer) => Buffer | null, string[]][] = [
      ['SHA256SUMS', () => null, ['MISSING SHA256SUMS']],
      ['SHA256SUMS.sig', () => null, ['MISSING SHA256SUMS.sig']],
      ['VERIFY.txt', () => null, ['MISSING VERIFY.txt']],
      ['VERIFY.txt', () => Buffer.from('All is well.'), ['ALTERED VERIFY.txt']],
      ['SHA256SUMS.sig', () => other, ['SIGNATURE SHA256SUMS.sig']],
      ['SHA256SUMS.sig', () => Buffer.alloc(0), ['SIGNATURE SHA256SUMS.sig']],
      // A line less: `sha256sum -c` would say nothing of that file.
      [
        'SHA256SUMS',
        (bytes) => bytes.subarray(bytes.indexOf('\n') + 1),
        ['ALTERED SHA256SUMS', 'SIGNATURE SHA256SUMS.sig'],
      ],
    ];
    for (const [name, change, expected] of cases) {
      const file = await rezipped((all) =>
        all.flatMap((entry) => {
          const bytes = entry.path === `${root}/${name}` ? change(entry.bytes) : entry.bytes;
          return bytes ? [{ ...entry, bytes }] : [];
        }),
      );
      expect(told(await verify(file))).toEqual(expected);
    }
    const stamped = await rezipped((all) => [...all, { path: `${root}/MANIFEST.tsr`, bytes: Buffer.from('x') }]);
    expect(told(await verify(stamped))).toEqual(['ADDED MANIFEST.tsr']);
  });

  it('is not led astray by sizes that are not so', async () => {
    // Of the first file, the directory says that it is 4 GB long, or nothing at all.
    for (const size of [0xfffffffe, 0]) {
      const bytes = Buffer.from(await readFile(pack));
      const at = bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
      bytes.writeUInt32LE(size, at + 24);
      const file = join(folder, `size-${size}.zip`);
      await writeFile(file, bytes);
      const verification = await verify(file);
      expect(told(verification)).toEqual([`UNSAFE ${files[0]?.path.slice(root.length + 1)}`]);
    }
  });

  it('stops where a file is longer than it may be, without unpacking the rest', async () => {
    const bomb = Buffer.alloc(200 * 1024 * 1024);
    const before = process.memoryUsage().rss;
    const file = await rezipped((all) => all.map((f) => (f.path === `${root}/cover.html` ? { ...f, bytes: bomb } : f)));
    const verification = await verify(file);
    expect(verification.problems).toMatchObject([
      { kind: 'ALTERED', message: expect.stringMatching(/^It is longer than the \d+ bytes/) },
    ]);
    expect(verification.bytes).toBeLessThan(10_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(700 * 1024 * 1024);
  });

  it('calls anything else no pack', async () => {
    const nothing = join(folder, 'nothing.zip');
    await writeFile(nothing, 'not a zip at all');
    expect(told(await verify(nothing))).toEqual(['UNREADABLE ']);
    const cut = join(folder, 'cut.zip');
    await writeFile(cut, (await readFile(pack)).subarray(0, 5_000));
    expect(told(await verify(cut))).toEqual(['UNREADABLE ']);
    expect(told(await verify(await zipped(join(folder, 'empty.zip'), [])))).toEqual(['MISSING MANIFEST.json']);
  });

  it('checks each run against what it recorded, also in a pack of another maker', async () => {
    const bad = new Map(world.store.files);
    const key =
      [...bad.keys()].find((name) => /evidence\/.*\/222222222222\.[0-9a-f]{16}\.ndjson\.gz$/.test(name)) ?? '';
    const store = {
      ...world.store,
      open: async (name: string) => (name === key ? [Buffer.from('forged')] : world.store.open(name)),
    };
    const file = join(folder, 'forged.zip');
    const made = await packTo(file, { store: store as never, signer: pair.signer });
    expect(made.problems).toEqual([`${key} is not what the manifest of its run says: it was changed.`]);
    const verification = await verify(file);
    expect(told(verification).sort()).toEqual(['ROOT ', `RUN runs/${world.runId}/evidence/${key.split('/').at(-1)}`]);
  });

  it('takes the signature of a KMS key: ECDSA over SHA-256, DER', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signer: ManifestSigner = {
      keyName: 'arn:aws:kms:us-east-1:111111111111:key/x',
      algorithm: 'ECDSA_SHA_256',
      sign: async (bytes) => signWith('sha256', bytes, privateKey),
    };
    const file = join(folder, 'kms.zip');
    await packTo(file, { store: world.store, signer });
    const verification = await verify(file, publicKey);
    expect(verification.sound).toBe(true);
    // The run was signed by the machine's key, which is another.
    expect(verification.notes.join()).toMatch(/signed its own manifest with another key \(local Ed25519 test\)/);
    expect(told(await verify(file))).toEqual(['SIGNATURE MANIFEST.json']);
    // Both keys given, in whatever order: now the runs are checked too.
    for (const keys of [[publicKey, pair.publicKey] as const, [pair.publicKey, publicKey] as const]) {
      const both = await verifyPack({ file, keys });
      expect(both).toMatchObject({ sound: true, keyFingerprint: verification.keyFingerprint });
      expect(both.notes.join()).not.toMatch(/another key/);
    }
  });

  it('takes public keys only', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    expect(readPublicKey(publicKey.export({ type: 'spki', format: 'pem' }).toString()).asymmetricKeyType).toBe(
      'ed25519',
    );
    expect(() => readPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow(/private key/);
    expect(() => readPublicKey('nonsense')).toThrow(/no public key/);
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
    expect(() => readPublicKey(rsa)).toThrow(/neither an Ed25519 nor an ECDSA key/);
  });

  it('tells the fingerprint of the key that was given', async () => {
    const der = pair.publicKey.export({ type: 'spki', format: 'der' });
    expect((await verify(pack)).keyFingerprint).toBe(`SHA256:${createHash('sha256').update(der).digest('hex')}`);
  });
});
