import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Certificate } from 'pkijs';
import { LIMITS } from '../../domain/limits/limits.ts';
import { usageError } from '../../domain/model/errors.ts';
import { checksums } from './integrity/checksums.ts';
import { checkTimestamp } from './integrity/timestamp.ts';
import { signatureBytes, signingKeyOf, type Tell, type Verification } from './integrity/verification.ts';
import { checkRuns } from './integrity/verify-runs.ts';
import { parseSignature } from './manifest.ts';
import {
  MANIFEST_FILES,
  PACK_CHECKSUMS,
  PACK_CHECKSUMS_SIGNATURE,
  PACK_GUIDE,
  PACK_MANIFEST,
  PACK_SIGNATURE,
  PACK_TIMESTAMP,
  type PackManifest,
  parsePackManifest,
  UNLISTED,
} from './pack-manifest.ts';
import { openZip, type ZipMember, type ZipReader } from './zip/zip-reader.ts';

/** @throws TrailSealError USAGE for what is no public key, a private one included */
export function readPublicKey(pem: string): KeyObject {
  if (/PRIVATE KEY/.test(pem))
    throw usageError('That is a private key (--key): give its public half, and keep this one to yourself.');
  try {
    const key = createPublicKey(pem);
    const { asymmetricKeyType: type } = key;
    if (type === 'ed25519' || type === 'ec') return key;
  } catch (cause) {
    throw usageError('The key (--key) is no public key in PEM form.', { cause });
  }
  throw usageError('The key (--key) is neither an Ed25519 nor an ECDSA key: no pack is signed with one.');
}

const fingerprintOf = (key: KeyObject): string =>
  `SHA256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')}`;

export interface VerifyRequest {
  /** Path of the zip. */
  file: string;
  /** Those that may have signed, the pack or its runs: they came by another way. At least one. */
  keys: readonly [KeyObject, ...KeyObject[]];
  /** Certificates that are trusted for time stamps; null where none were given. */
  authorities?: readonly Certificate[] | null;
}

/**
 * Verifies a pack offline, with keys that came by another way: whatever key the pack names is not believed. Nothing
 * is unpacked to the disk; entries with tricks are reported and never read.
 */
export async function verifyPack({ file, keys, authorities = null }: VerifyRequest): Promise<Verification> {
  const verification: Verification = {
    sound: false,
    problems: [],
    notes: [],
    pack: null,
    files: 0,
    bytes: 0,
    keyFingerprint: fingerprintOf(keys[0]),
    signedBy: null,
    timestamp: null,
  };
  const tell: Tell = (kind, path, message) => {
    verification.problems.push({ kind, path, message });
  };
  let zip: ZipReader;
  try {
    zip = await openZip(file);
  } catch (error) {
    tell('UNREADABLE', null, `It is no sound zip: ${error instanceof Error ? error.message : String(error)}.`);
    return verification;
  }
  try {
    await check({ zip, keys, authorities, verification, tell });
  } finally {
    zip.close();
  }
  verification.sound = verification.problems.length === 0 && verification.pack !== null;
  return verification;
}

interface Checking {
  zip: ZipReader;
  keys: VerifyRequest['keys'];
  authorities: readonly Certificate[] | null;
  verification: Verification;
  tell: Tell;
}

async function check({ zip, keys, authorities, verification, tell }: Checking): Promise<void> {
  const { members, twice } = soundMembers(zip, tell);
  for (const { path, sentence } of zip.foreign) tell('ADDED', path, sentence);
  const manifestPath = [...members.keys()].find((path) => /^[^/]+\/MANIFEST\.json$/.test(path));
  const folder = manifestPath?.slice(0, -PACK_MANIFEST.length - 1);
  const manifestMember = manifestPath === undefined ? undefined : members.get(manifestPath);
  if (folder === undefined || !manifestMember)
    return tell('MISSING', PACK_MANIFEST, 'The manifest is missing: this is no evidence pack.');

  const manifest = await small(zip, manifestMember, LIMITS.packManifest.most);
  const { kept: manifestBytes, failure } = manifest;
  const pack = manifestBytes && parsePackManifest(manifestBytes);
  if (!manifestBytes || !pack) {
    const sentence = ['The manifest cannot be read.', failure].filter(Boolean).join(' ');
    return tell('UNREADABLE', manifestMember.path, sentence);
  }
  verification.pack = pack;
  const signaturePath = `${folder}/${PACK_SIGNATURE}`;
  const signatureMember = members.get(signaturePath);
  const signatureText = signatureMember && (await small(zip, signatureMember, LIMITS.packSignature.most)).kept;
  const signature = signatureText ? parseSignature(signatureText) : null;
  verification.signedBy = signature?.key ?? null;
  const signingKey = signature ? signingKeyOf(manifestBytes, signatureBytes(signature), keys) : undefined;
  const signed = signingKey !== undefined;
  if (signingKey) verification.keyFingerprint = fingerprintOf(signingKey);
  if (!signatureMember) tell('MISSING', signaturePath, 'The signature is missing.');
  else if (!signature) tell('ALTERED', signaturePath, 'The signature cannot be read.');
  else if (!signed)
    tell(
      'SIGNATURE',
      manifestMember.path,
      `The manifest is not signed with ${keys.length === 1 ? 'this key' : 'any of these keys'}: it was changed, or another key signed it.`,
    );
  if (pack.name !== folder) tell('ALTERED', `${folder}/`, `The folder was renamed: the pack is ${pack.name}.`);

  /** Paths whose bytes are what the manifest says. */
  const sound = new Set<string>();
  const listed = new Set<string>();
  for (const stated of pack.files) {
    const path = `${folder}/${stated.path}`;
    if (listed.has(path)) tell('UNREADABLE', path, 'The manifest lists it twice.');
    listed.add(path);
    const member = members.get(path);
    if (!member) {
      if (!twice.has(path) && !isTold(verification, path))
        tell('MISSING', path, 'It is in the manifest and not in the pack.');
      continue;
    }
    if (!signed && verification.bytes + stated.bytes > LIMITS.packUnsigned.most) {
      tell('UNREADABLE', path, 'It was not read: without a signature that holds, no more is unpacked.');
      break;
    }
    const found = await hashOf(zip, member, { most: stated.bytes, keep: false });
    verification.files += 1;
    verification.bytes += found.bytes;
    if (found.failure !== null) tell('ALTERED', path, found.failure);
    else if (found.sha256 !== stated.sha256) tell('ALTERED', path, 'It is not what the manifest says.');
    else sound.add(stated.path);
  }
  // Packs of before there was a guide have no checksums beside their manifest.
  const hasChecksums = pack.files.some(({ path }) => path === PACK_GUIDE);
  const unlisted = new Set((hasChecksums ? UNLISTED : MANIFEST_FILES).map((name) => `${folder}/${name}`));
  for (const path of members.keys()) {
    if (!listed.has(path) && !unlisted.has(path)) tell('ADDED', path, 'It is in the pack and not in the manifest.');
  }
  await checkTimes({ zip, authorities, verification, tell, pack, folder, members, manifestBytes });
  if (hasChecksums) await checkChecksums({ zip, verification, tell, pack, folder, members, signingKey, manifest });
  const read = async (path: string): Promise<Uint8Array | null> => {
    const member = sound.has(path) ? members.get(`${folder}/${path}`) : undefined;
    return member ? (await small(zip, member, LIMITS.packManifest.most)).kept : null;
  };
  await checkRuns({ pack, read, keys, packSignature: signed ? signature : null, verification, tell });
  for (const problem of pack.problems) tell('ROOT', null, `When the pack was made: ${problem}`);
}

interface InPack {
  zip: ZipReader;
  verification: Verification;
  tell: Tell;
  pack: PackManifest;
  folder: string;
  members: ReadonlyMap<string, ZipMember>;
}

/** When the pack was there, as somebody else attests it. */
async function checkTimes(
  request: InPack & Pick<Checking, 'authorities'> & { manifestBytes: Uint8Array },
): Promise<void> {
  const { zip, verification, tell, pack, folder, members, authorities } = request;
  const path = `${folder}/${PACK_TIMESTAMP}`;
  const member = members.get(path);
  if (pack.timestamp_url === null) {
    if (member) tell('ADDED', path, 'The manifest says that no authority was asked for a time stamp.');
    verification.notes.push('No time stamp: when the pack was made rests on the word of its maker.');
    if (authorities !== null) tell('TIMESTAMP', null, 'There is no time stamp to check with --tsa-ca.');
    return;
  }
  if (!member) {
    if (!isTold(verification, path)) tell('MISSING', path, 'The time stamp is missing.');
    return;
  }
  const { kept, failure } = await small(zip, member, LIMITS.packTimestamp.most);
  if (!kept) return tell('ALTERED', path, failure ?? 'It cannot be read.');
  const checked = await checkTimestamp(kept, request.manifestBytes, authorities);
  verification.timestamp = checked;
  if (checked.problem !== null) tell('TIMESTAMP', path, checked.problem);
  else if (checked.trusted === null)
    verification.notes.push(
      `The time stamp names the authority ${checked.authority}, which is not verified: give its certificates (--tsa-ca).`,
    );
}

/** The list for standard tools must say what the manifest says, and be signed with the same key. */
async function checkChecksums(
  request: InPack & { signingKey: KeyObject | undefined; manifest: Hashed },
): Promise<void> {
  const { zip, verification, tell, pack, folder, members, signingKey, manifest } = request;
  const files = [...pack.files];
  // A problem that one of these files has shows in the list too, and is reported once.
  let reported = signingKey === undefined;
  for (const name of MANIFEST_FILES) {
    const member = members.get(`${folder}/${name}`);
    reported ||= verification.problems.some(({ path }) => path === `${folder}/${name}`);
    if (!member) continue;
    const { sha256, bytes } =
      name === PACK_MANIFEST ? manifest : await hashOf(zip, member, { most: member.bytes, keep: false });
    files.push({ path: name, sha256, bytes });
  }
  const expected = checksums(files);
  const content = async (name: string, most: number): Promise<Uint8Array | null> => {
    const path = `${folder}/${name}`;
    const member = members.get(path);
    if (!member) {
      if (!isTold(verification, path)) tell('MISSING', path, 'It belongs to every pack, and is not in this one.');
      return null;
    }
    const { kept, failure } = await small(zip, member, most);
    if (failure !== null) tell('ALTERED', path, failure);
    return kept;
  };
  const found = await content(PACK_CHECKSUMS, LIMITS.packManifest.most);
  if (found && !reported && !Buffer.from(found).equals(expected))
    tell('ALTERED', `${folder}/${PACK_CHECKSUMS}`, 'It does not say what the manifest and its files say.');
  const signature = await content(PACK_CHECKSUMS_SIGNATURE, LIMITS.packSignature.most);
  // Without the manifest's own signature nothing more can be said of this one.
  if (found && signature && signingKey && !signingKeyOf(found, signature, [signingKey]))
    tell('SIGNATURE', `${folder}/${PACK_CHECKSUMS_SIGNATURE}`, 'It is no signature of the checksums by the same key.');
}

/** Members by path; what is unsafe or comes twice is reported and left out. */
function soundMembers(
  zip: ZipReader,
  tell: Checking['tell'],
): { members: Map<string, ZipMember>; twice: ReadonlySet<string> } {
  const members = new Map<string, ZipMember>();
  const seen = new Map<string, string>();
  const twice = new Set<string>();
  for (const member of zip.members) {
    const { path, wrong } = member;
    if (wrong !== null) {
      tell('UNSAFE', path, `It ${wrong}.`);
      continue;
    }
    // Where capitals or the forms of an accent make no difference, one would overwrite the other.
    const alike = path.normalize('NFC').toLowerCase();
    const other = seen.get(alike);
    if (other === undefined) members.set(path, member);
    else {
      tell(
        'DUPLICATED',
        path,
        other === path ? 'It is in the pack twice.' : `Its name is the same as ${other} on some disks.`,
      );
      twice.add(other);
    }
    seen.set(alike, path);
  }
  // Whichever of the two a program unpacks, neither is verified.
  for (const path of twice) members.delete(path);
  return { members, twice };
}

const isTold = ({ problems }: Verification, path: string): boolean =>
  problems.some((problem) => problem.path === path && problem.kind !== 'ADDED');

/** A whole member in memory; what says that it is longer than the limit is not even opened. */
async function small(zip: ZipReader, member: ZipMember, limit: number): Promise<Hashed> {
  if (member.bytes > limit) return tooLong(member.bytes, limit);
  return hashOf(zip, member, { most: member.bytes, keep: true });
}

const tooLong = (bytes: number, most: number): Hashed => ({
  sha256: '',
  bytes,
  kept: null,
  failure: `It is longer than the ${most} bytes it may be.`,
});

interface Hashed {
  sha256: string;
  bytes: number;
  /** Where asked for, and sound. */
  kept: Uint8Array | null;
  failure: string | null;
}

async function hashOf(
  zip: ZipReader,
  member: ZipMember,
  { most, keep }: { most: number; keep: boolean },
): Promise<Hashed> {
  const hash = createHash('sha256');
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of zip.open(member)) {
      bytes += chunk.length;
      if (bytes > most) return tooLong(bytes, most);
      hash.update(chunk);
      if (keep) parts.push(chunk);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { sha256: '', bytes, kept: null, failure: `It cannot be unpacked (${why}).` };
  }
  return { sha256: hash.digest('hex'), bytes, kept: keep ? Buffer.concat(parts) : null, failure: null };
}
