import { createPublicKey, verify } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSigningKey, trailsealHome } from '../../functions/local/signing-key.ts';

let home: string;
beforeEach(async () => {
  home = join(await mkdtemp(join(tmpdir(), 'signing-key-')), 'home');
});
afterEach(() => rm(join(home, '..'), { recursive: true, force: true }));

describe('the signing key of this machine', () => {
  it('is made on first use, for its owner alone, and is the same from then on', async () => {
    const first = await openSigningKey(home);
    const again = await openSigningKey(home);
    expect([first.made, again.made]).toEqual([true, false]);
    expect((await stat(join(home, 'signing-key.pem'))).mode & 0o777).toBe(0o600);
    const publicKey = createPublicKey(await readFile(first.publicKeyFile, 'utf8'));
    const document = Buffer.from('a manifest');
    expect(verify(null, document, publicKey, await again.signer.sign(document))).toBe(true);
    expect(again.signer.keyName).toBe(first.signer.keyName);
    expect(first.signer.keyName).toMatch(/^local Ed25519 SHA256:[0-9a-f]{64}$/);
  });

  it('is one, however many make it at once', async () => {
    const opened = await Promise.all(Array.from({ length: 6 }, () => openSigningKey(home)));
    expect(new Set(opened.map(({ signer }) => signer.keyName)).size).toBe(1);
    expect(opened.filter(({ made }) => made)).toHaveLength(1);
  });

  it('keeps its public half whole at every moment, and writes it again only where it has changed', async () => {
    const { publicKeyFile } = await openSigningKey(home);
    const pem = await readFile(publicKeyFile, 'utf8');
    const { ino } = await stat(publicKeyFile);
    await openSigningKey(home);
    expect((await stat(publicKeyFile)).ino).toBe(ino);
    let reading = true;
    const read = new Set<string>();
    const reader = (async () => {
      while (reading) read.add(await readFile(publicKeyFile, 'utf8'));
    })();
    for (let n = 0; n < 5; n++) {
      // Another file of the same name, so that it is written again while somebody reads.
      await writeFile(`${publicKeyFile}.old`, 'changed');
      await rename(`${publicKeyFile}.old`, publicKeyFile);
      await openSigningKey(home);
    }
    reading = false;
    await reader;
    expect([...read].filter((text) => text !== pem && text !== 'changed')).toEqual([]);
    expect(await readFile(publicKeyFile, 'utf8')).toBe(pem);
    expect((await readdir(home)).sort()).toEqual(['signing-key.pem', 'signing-key.pub.pem']);
  });

  it('is not used where others can read it', async () => {
    await openSigningKey(home);
    await chmod(join(home, 'signing-key.pem'), 0o644);
    await expect(openSigningKey(home)).rejects.toThrow(/can be read by others: `chmod 600/);
  });

  it('is not replaced where it is damaged', async () => {
    await openSigningKey(home);
    await writeFile(join(home, 'signing-key.pem'), 'not a key');
    await expect(openSigningKey(home)).rejects.toThrow(/no Ed25519 private key/);
    expect(await readFile(join(home, 'signing-key.pem'), 'utf8')).toBe('not a key');
  });

  it('lies in TRAILSEAL_HOME where that is set', () => {
    expect(trailsealHome({ TRAILSEAL_HOME: '/keys' })).toBe('/keys');
    expect(trailsealHome({})).toMatch(/\.trailseal$/);
  });
});
