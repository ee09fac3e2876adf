import { generateKeyPairSync, sign as signWith } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createNetwork } from '../../../../functions/aws/calls/network.ts';
import { timestampAuthority } from '../../../../functions/local/timestamp-authority.ts';
import {
  checkTimestamp,
  readAuthorities,
  timestampRequest,
  whyNoAnswer,
} from '../../../../functions/report/evidence/integrity/timestamp.ts';
import type { ManifestSigner } from '../../../../functions/report/evidence/manifest.ts';
import { verifyPack } from '../../../../functions/report/evidence/verify.ts';
import { onDisk } from '../../../cli/root-on-disk.ts';
import { trailseal } from '../../../cli/trailseal.ts';
import { type ScannedWorld, scanWorld } from '../../../scan-world.ts';
import { packTo, signingPair, WORLD } from '../scanned-root.ts';
import { unzipped, zipped } from '../zip-surgery.ts';
import { type TestAuthority, timeStampingAuthority } from './time-stamping-authority.ts';
import { commandsOf, inShell, unpacked } from './unpacked.ts';

let folder: string;
let authority: TestAuthority;
let world: ScannedWorld;
const pair = signingPair();
const sender = createNetwork({});
const trustedBy = async ({ rootFile }: TestAuthority) => readAuthorities(await readFile(rootFile, 'utf8'));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'timestamp-'));
  authority = await timeStampingAuthority({ folder });
  world = await scanWorld({ world: WORLD }, { ports: { signer: async () => pair.signer } });
}, 60_000);
afterAll(async () => {
  await authority.close();
  sender.destroy?.();
  await rm(folder, { recursive: true, force: true });
});

describe('a time stamp over a document', () => {
  const document = Buffer.from('a manifest');

  it('is had of a real authority, and holds offline with its root alone', async () => {
    const before = Date.now() - 1_000;
    const reply = await timestampAuthority({ url: authority.url, sender }).stamp(document);
    const checked = await checkTimestamp(reply, document, await trustedBy(authority));
    expect(checked).toMatchObject({ authority: 'CN=tsa', trusted: true, problem: null });
    expect(Date.parse(checked.time ?? '')).toBeGreaterThanOrEqual(Math.floor(before / 1_000) * 1_000);
    expect(await checkTimestamp(reply, document, null)).toMatchObject({ trusted: null, problem: null });
    expect(await checkTimestamp(reply, Buffer.from('another'), null)).toMatchObject({
      problem: 'Its signature does not hold, or it is over another document.',
    });
    const changed = Buffer.from(reply);
    // Somewhere in the signature, which comes last.
    changed[changed.length - 4] = (changed[changed.length - 4] ?? 0) ^ 1;
    expect((await checkTimestamp(changed, document, null)).problem).toMatch(/signature does not hold/);
    expect((await checkTimestamp(Buffer.from('nonsense'), document, null)).problem).toMatch(/cannot be read/);
  });

  it('is not believed of an authority that was not given, nor of a certificate for anything else', async () => {
    const other = await timeStampingAuthority({ folder, name: 'other' });
    const web = await timeStampingAuthority({ folder, name: 'web', usage: 'serverAuth' });
    try {
      const reply = await timestampAuthority({ url: other.url, sender }).stamp(document);
      expect(await checkTimestamp(reply, document, await trustedBy(authority))).toMatchObject({
        trusted: false,
        problem: expect.stringMatching(/does not lead to one that was given/),
      });
      // OpenSSL itself refuses to sign with such a certificate, so the pack is not made.
      await expect(timestampAuthority({ url: web.url, sender }).stamp(document)).rejects.toMatchObject({
        code: 'TIMESTAMP',
      });
      expect(web.requests()).toBe(3);
    } finally {
      await Promise.all([other.close(), web.close()]);
    }
  }, 30_000);

  it('is asked for again where the authority stumbles, and never taken from the answer to another request', async () => {
    let first: Buffer | null = null;
    const replaying = await timeStampingAuthority({
      folder,
      name: 'replaying',
      answer: (_, n) => (n === 1 ? { status: 503, body: Buffer.from('') } : null),
    });
    try {
      const reply = await timestampAuthority({ url: replaying.url, sender }).stamp(document);
      expect(replaying.requests()).toBe(2);
      first = Buffer.from(reply);
    } finally {
      await replaying.close();
    }
    const again = timestampRequest(document);
    expect(whyNoAnswer(first, again)).toBe('answered another request');
    expect(whyNoAnswer(Buffer.from('<html>'), again)).toBe('is no time-stamp reply');
  }, 30_000);

  it.each(['ftp://tsa.example/', 'tsa.example', 'https://me:secret@tsa.example/'])('is not asked of %s', (url) => {
    expect(() => timestampAuthority({ url, sender })).toThrow(/\(--timestamp-url\) is not the http or https address/);
  });

  it('is checked against certificates only', () => {
    expect(() => readAuthorities('nonsense')).toThrow(/--tsa-ca holds no certificates/);
  });
});

describe('trailseal evidence and verify with a time stamp', () => {
  it('say who attested when, and make no pack where nobody did', async () => {
    const work = await mkdtemp(join(folder, 'commands-'));
    await onDisk(world.store, join(work, 'root'));
    const run = (...words: string[]) => trailseal(words, { cwd: work, env: { TRAILSEAL_HOME: join(work, 'home') } });
    const pack = (out: string, url: string) =>
      run('evidence', '--report', 'root', '--framework', 'hipaa-security-rule', '--out', out, '--timestamp-url', url);
    const made = await pack('a.zip', authority.url);
    expect(made).toMatchObject({ code: 0, err: expect.stringContaining(`With a time stamp by ${authority.url}.`) });
    const verified = await run('verify', 'a.zip', '--key', 'home/signing-key.pub.pem', '--tsa-ca', authority.rootFile);
    expect(verified.code).toBe(0);
    expect(verified.out).toMatch(/Made at \d{4}-.*Z by .+@.+, as it says\.\nAttested at \d{4}-.*Z by CN=tsa\.\n/);
    const nobody = await pack('b.zip', 'http://127.0.0.1:9/');
    expect(nobody).toMatchObject({
      code: 1,
      err: expect.stringMatching(/gave no time stamp \(.*ECONNREFUSED.*\), and so no pack/),
    });
    expect(existsSync(join(work, 'b.zip'))).toBe(false);
  }, 60_000);
});

describe('a pack with a time stamp', () => {
  const stamped = async (name: string, url = authority.url) => {
    const file = join(folder, `${name}.zip`);
    await packTo(file, {
      store: world.store,
      signer: pair.signer,
      timestampAuthority: timestampAuthority({ url, sender }),
    });
    return file;
  };
  const told = async (file: string, authorities: Awaited<ReturnType<typeof trustedBy>> | null) => {
    const verification = await verifyPack({ file, keys: [pair.publicKey], authorities });
    return verification.problems.map(({ kind, path }) => `${kind} ${path?.split('/').slice(1).join('/') ?? ''}`);
  };

  it('is sound with the root of its authority, and says so; anything else about it is told', async () => {
    const file = await stamped('stamped');
    const authorities = await trustedBy(authority);
    const verification = await verifyPack({ file, keys: [pair.publicKey], authorities });
    expect(verification).toMatchObject({ sound: true, timestamp: { authority: 'CN=tsa', trusted: true } });
    expect(verification.notes.join()).not.toMatch(/time stamp/);
    const files = await unzipped(file);
    const swapped = (name: string, bytes: Buffer | null) =>
      zipped(
        join(folder, 'swapped.zip'),
        files.flatMap((entry) => (!entry.path.endsWith(`/${name}`) ? [entry] : bytes ? [{ ...entry, bytes }] : [])),
      );
    expect(await told(await swapped('MANIFEST.tsr', null), authorities)).toEqual(['MISSING MANIFEST.tsr']);
    const later = await timestampAuthority({ url: authority.url, sender }).stamp(Buffer.from('another manifest'));
    expect(await told(await swapped('MANIFEST.tsr', Buffer.from(later)), authorities)).toEqual([
      'TIMESTAMP MANIFEST.tsr',
    ]);
    const other = await timeStampingAuthority({ folder, name: 'foreign' });
    try {
      expect(await told(await stamped('foreign-stamp', other.url), authorities)).toEqual(['TIMESTAMP MANIFEST.tsr']);
    } finally {
      await other.close();
    }
    // Without one, asking for one to be checked is not answered by silence.
    const plain = join(folder, 'plain.zip');
    await packTo(plain, { store: world.store, signer: pair.signer });
    expect(await told(plain, authorities)).toEqual(['TIMESTAMP ']);
    expect(await told(plain, null)).toEqual([]);
  }, 60_000);

  it.each(['Ed25519', 'ECDSA'] as const)(
    'verifies as its VERIFY.txt says, with standard tools alone (%s)',
    async (kind) => {
      const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const kms: ManifestSigner = {
        keyName: 'arn:aws:kms:us-east-1:111111111111:key/x',
        algorithm: 'ECDSA_SHA_256',
        sign: async (bytes) => signWith('sha256', bytes, ec.privateKey),
      };
      const [signer, publicKey] = kind === 'ECDSA' ? [kms, ec.publicKey] : [pair.signer, pair.publicKey];
      const file = join(folder, `${kind}.zip`);
      const pack = await packTo(file, {
        store: world.store,
        signer,
        timestampAuthority: timestampAuthority({ url: authority.url, sender }),
      });
      const at = await unpacked(file, join(folder, `${kind}-unpacked`), pack.name);
      await writeFile(join(at, '..', 'PUBLIC.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
      await writeFile(join(at, '..', 'TSA-CA.pem'), await readFile(authority.rootFile));
      const guide = await readFile(join(at, 'VERIFY.txt'), 'utf8');
      const commands = commandsOf(guide);
      expect(commands).toHaveLength(6);
      const [fingerprint, signature, sums, added, stamp, time] = commands.map((command) => inShell(at, command));
      const { keyFingerprint } = await verifyPack({ file, keys: [publicKey] });
      expect(`SHA256:${fingerprint?.out.split(' ')[0]}`).toBe(keyFingerprint);
      expect(signature).toMatchObject({
        code: 0,
        out: expect.stringContaining(kind === 'ECDSA' ? 'Verified OK' : 'Signature Verified Successfully'),
      });
      expect(guide).toContain(signature?.out.trim() ?? 'nothing');
      expect(sums).toMatchObject({ code: 0, out: '' });
      expect(added).toMatchObject({ code: 0, out: 'No file was added\n' });
      expect(stamp).toMatchObject({ code: 0, out: expect.stringContaining('Verification: OK') });
      expect(time).toMatchObject({ code: 0, out: expect.stringContaining('Time stamp: ') });

      // The same commands find what was changed, added and signed by somebody else.
      await writeFile(join(at, 'requirements.csv'), 'all is well\n');
      expect(inShell(at, commands[2] ?? '').code).not.toBe(0);
      await writeFile(join(at, 'extra.txt'), 'all is well\n');
      expect(inShell(at, commands[3] ?? '')).toMatchObject({ code: 1, out: '' });
      const forger =
        kind === 'ECDSA' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
      await writeFile(join(at, '..', 'PUBLIC.pem'), forger.publicKey.export({ type: 'spki', format: 'pem' }));
      expect(inShell(at, commands[1] ?? '').code).not.toBe(0);
    },
    60_000,
  );
});
