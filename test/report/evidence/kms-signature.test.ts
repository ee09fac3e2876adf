import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAwsAccess } from '../../../functions/aws/calls/clients.ts';
import { createKmsSigner } from '../../../functions/aws/kms-signer.ts';
import type { ManifestSigner } from '../../../functions/report/evidence/manifest.ts';
import { readPublicKey, verifyPack } from '../../../functions/report/evidence/verify.ts';
import { wire } from '../../aws/wire.ts';
import { scanWorld } from '../../scan-world.ts';
import { packTo } from './scanned-root.ts';

/**
 * KMS as far as signing goes (moto's does not know MessageType DIGEST): it gets a digest and answers with the signature
 * of what has that digest. node:crypto signs documents only, so it is told those first.
 */
function kmsWith(privateKey: KeyObject) {
  const documents = new Map<string, Uint8Array>();
  const { handler } = wire(({ operation, input }) => {
    const { Message = '', MessageType, SigningAlgorithm } = input as Record<string, string>;
    const document = documents.get(Message);
    if (operation !== 'Sign' || MessageType !== 'DIGEST' || SigningAlgorithm !== 'ECDSA_SHA_256' || !document)
      return { status: 400, body: { __type: 'ValidationException', message: 'not what this key signs' } };
    return { body: { Signature: sign('sha256', document, privateKey).toString('base64') } };
  });
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
  const access = createAwsAccess({ region: 'us-east-1', credentials, requestHandler: handler });
  return (keyArn: string): ManifestSigner => {
    const signer = createKmsSigner({ access, keyArn });
    return {
      ...signer,
      sign(document) {
        documents.set(createHash('sha256').update(document).digest('base64'), document);
        return signer.sign(document);
      },
    };
  };
}

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kms-signature-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the signature of a KMS key', () => {
  it('verifies offline with the public key that GetPublicKey tells, in TrailSeal and in openssl', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const signer = kmsWith(privateKey)(KEY);
    const { store, runId } = await scanWorld(
      { world: { accounts: [{ name: 'a' }, { name: 'b' }] } },
      { ports: { signer: async () => signer } },
    );
    const file = join(folder, 'pack.zip');
    await packTo(file, { store, signer });

    // GetPublicKey answers DER; this is what docs/evidence.md makes of it.
    const der = join(folder, 'key.der');
    const pem = join(folder, 'key.pem');
    await writeFile(der, publicKey.export({ type: 'spki', format: 'der' }));
    const made = spawnSync('openssl', ['pkey', '-pubin', '-inform', 'DER', '-in', der, '-out', pem]);
    if (made.error) await writeFile(pem, publicKey.export({ type: 'spki', format: 'pem' }));
    const key = readPublicKey(await readFile(pem, 'utf8'));
    expect(await verifyPack({ file, keys: [key] })).toMatchObject({
      sound: true,
      problems: [],
      notes: [expect.stringMatching(/^No time stamp/)],
      signedBy: KEY,
    });
    const outsider = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    expect((await verifyPack({ file, keys: [outsider] })).problems).toMatchObject([{ kind: 'SIGNATURE' }]);

    if (made.error) return;
    const manifest = join(folder, 'manifest.json');
    const signature = join(folder, 'manifest.sig');
    await writeFile(manifest, store.text(`evidence/${runId}/manifest.json`));
    const signed = JSON.parse(store.text(`evidence/${runId}/manifest.sig.json`)) as { signature: string };
    await writeFile(signature, Buffer.from(signed.signature, 'base64'));
    const words = ['dgst', '-sha256', '-verify', pem, '-signature', signature, manifest];
    expect(spawnSync('openssl', words, { encoding: 'utf8' }).stdout).toBe('Verified OK\n');
  });
});
