import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { TrailSealError } from '../domain/model/errors.ts';
import type { ManifestSigner } from '../report/evidence/manifest.ts';

export interface LocalSigningKey {
  signer: ManifestSigner;
  /** The PEM for those who verify, to be given by another way than the pack. */
  publicKeyFile: string;
  /** Whether it was made just now. */
  made: boolean;
}

/** `TRAILSEAL_HOME`, or `~/.trailseal`. */
export const trailsealHome = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  env.TRAILSEAL_HOME || join(homedir(), '.trailseal');

/**
 * The Ed25519 key of this machine, made on first use: `signing-key.pem` (0600), its public half beside it. It shows
 * that nothing changed since it signed, not who did: anyone who reads the file can sign.
 * @throws TrailSealError SIGNING_KEY where it cannot be read, made, or is open to others
 */
export async function openSigningKey(home: string = trailsealHome()): Promise<LocalSigningKey> {
  const file = join(home, 'signing-key.pem');
  const publicKeyFile = join(home, 'signing-key.pub.pem');
  const known = await existing(file);
  const { key, made } = known ? { key: known, made: false } : await make(home, file);
  const publicKey = createPublicKey(key);
  await keepPublicKey(publicKeyFile, publicKey.export({ type: 'spki', format: 'pem' }).toString());
  return {
    signer: {
      keyName: `local Ed25519 ${fingerprint(publicKey)}`,
      algorithm: 'Ed25519',
      sign: async (bytes) => sign(null, bytes, key),
    },
    publicKeyFile,
    made,
  };
}

/**
 * Written again where somebody removed or changed it: it follows from the private one. Whole or not at all, since
 * somebody may be reading it; a folder that takes no file keeps a scan from nothing.
 */
async function keepPublicKey(file: string, pem: string): Promise<void> {
  const known = await readFile(file, 'utf8').catch(() => null);
  if (known === pem) return;
  const own = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(own, pem, { mode: 0o644, flag: 'wx' });
    await rename(own, file);
  } catch {
    await rm(own, { force: true });
  }
}

/** `SHA256:` and the hash (hex) of the public key's DER: what two people read to each other. */
const fingerprint = (publicKey: KeyObject): string =>
  `SHA256:${createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;

async function existing(file: string): Promise<KeyObject | null> {
  let pem: string;
  try {
    const { mode } = await stat(file);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new TrailSealError(
        'SIGNING_KEY',
        `The signing key ${file} can be read by others: \`chmod 600 ${file}\`, or remove it to have a new one made.`,
      );
    pem = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof TrailSealError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new TrailSealError('SIGNING_KEY', `The signing key ${file} cannot be read.`, { cause });
  }
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch {
    // said below
  }
  throw new TrailSealError(
    'SIGNING_KEY',
    `${file} is no Ed25519 private key (PEM): restore it, or move it away to have a new one made.`,
  );
}

async function make(home: string, file: string): Promise<{ key: KeyObject; made: boolean }> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const own = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    await writeFile(own, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
    // A link never takes the place of a file: of two that make a key at once, one wins and both use it.
    await link(own, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw new TrailSealError('SIGNING_KEY', `No signing key could be made in ${home}: set TRAILSEAL_HOME.`, {
        cause,
      });
    const other = await existing(file);
    if (other) return { key: other, made: false };
    throw new TrailSealError('SIGNING_KEY', `No signing key could be made in ${home}: remove ${own}.`, { cause });
  } finally {
    await rm(own, { force: true });
  }
  return { key: privateKey, made: true };
}
