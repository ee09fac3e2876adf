import { createHash, createPublicKey, type KeyObject, verify as verifySignature } from 'node:crypto';
import { LIMITS } from '../../domain/limits/limits.ts';
import { TrailSealError } from '../../domain/model/errors.ts';
import { isFollowed, type ManifestLink, manifestLink } from './chain.ts';
import { type Manifest, type ManifestSignature, parseManifest, parseSignature } from './manifest.ts';
import { PACK_MANIFEST, PACK_SIGNATURE, type PackManifest, packPath, parsePackManifest } from './pack-manifest.ts';
import { openZip, type ZipMember, type ZipReader } from './zip/zip-reader.ts';

export type ProblemKind =
  /** Not what the manifest says. */
  | 'ALTERED'
  /** In the zip, and not in the manifest; without a path, what belongs to no file. */
  | 'ADDED'
  /** In the manifest, and not in the zip. */
  | 'MISSING'
  /** Twice in the zip: which one a program unpacks is up to the program. */
  | 'DUPLICATED'
  /** A name that leads elsewhere, a link, or the like. Never read. */
  | 'UNSAFE'
  /** The manifest is not signed with the key that was given. */
  | 'SIGNATURE'
  /** Not a pack, or not one that can be read. */
  | 'UNREADABLE'
  /** Not what the run itself recorded, or the runs do not follow each other as they say. */
  | 'RUN'
  /** Known already when the pack was made, and said in it. */
  | 'ROOT';

export interface Problem {
  kind: ProblemKind;
  /** The file in the zip; null where it is about the pack as a whole. */
  path: string | null;
  /** One sentence. Holds names from the zip: untrusted text. */
  message: string;
}

export interface Verification {
  sound: boolean;
  problems: Problem[];
  /** What a reader should know although it is no fault. */
  notes: string[];
  pack: PackManifest | null;
  files: number;
  bytes: number;
  /** SHA-256 of the key that was given, as its owner can read it out. */
  keyFingerprint: string;
  /** The key that the signature names; told, never trusted. */
  signedBy: string | null;
}

/** @throws TrailSealError USAGE for what is no public key, a private one included */
export function readPublicKey(pem: string): KeyObject {
  if (/PRIVATE KEY/.test(pem))
    throw new TrailSealError(
      'USAGE',
      'That is a private key (--key): give its public half, and keep this one to yourself.',
    );
  try {
    const key = createPublicKey(pem);
    const { asymmetricKeyType: type } = key;
    if (type === 'ed25519' || type === 'ec') return key;
  } catch (cause) {
    throw new TrailSealError('USAGE', 'The key (--key) is no public key in PEM form.', { cause });
  }
  throw new TrailSealError(
    'USAGE',
    'The key (--key) is neither an Ed25519 nor an ECDSA key: no pack is signed with one.',
  );
}

/**
 * Verifies a pack offline, with a key that came by another way: whatever key the pack names is not believed. Nothing
 * is unpacked to the disk; entries with tricks are told and never read.
 * @param file path of the zip
 */
export async function verifyPack({ file, key }: { file: string; key: KeyObject }): Promise<Verification> {
  const der = key.export({ type: 'spki', format: 'der' });
  const verification: Verification = {
    sound: false,
    problems: [],
    notes: [],
    pack: null,
    files: 0,
    bytes: 0,
    keyFingerprint: `SHA256:${createHash('sha256').update(der).digest('hex')}`,
    signedBy: null,
  };
  const tell = (kind: ProblemKind, path: string | null, message: string): void => {
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
    await check({ zip, key, verification, tell });
  } finally {
    zip.close();
  }
  verification.sound = verification.problems.length === 0 && verification.pack !== null;
  return verification;
}

interface Checking {
  zip: ZipReader;
  key: KeyObject;
  verification: Verification;
  tell(kind: ProblemKind, path: string | null, message: string): void;
}

async function check({ zip, key, verification, tell }: Checking): Promise<void> {
  const { members, twice } = soundMembers(zip, tell);
  for (const sentence of zip.foreign) tell('ADDED', null, sentence);
  const manifestPath = [...members.keys()].find((path) => /^[^/]+\/MANIFEST\.json$/.test(path));
  const folder = manifestPath?.slice(0, -PACK_MANIFEST.length - 1);
  const manifestMember = manifestPath === undefined ? undefined : members.get(manifestPath);
  if (folder === undefined || !manifestMember)
    return tell('MISSING', PACK_MANIFEST, 'The manifest is missing: this is no evidence pack.');

  const { kept: manifestBytes, failure } = await small(zip, manifestMember, LIMITS.packManifest.most);
  const pack = manifestBytes && parsePackManifest(manifestBytes);
  if (!manifestBytes || !pack) {
    const sentence = ['The manifest cannot be read.', failure].filter(Boolean).join(' ');
    return tell('UNREADABLE', manifestMember.path, sentence);
  }
  verification.pack = pack;
  const signaturePath = `${folder}/${PACK_SIGNATURE}`;
  const signatureMember = members.get(signaturePath);
  const signatureBytes = signatureMember && (await small(zip, signatureMember, LIMITS.packSignature.most)).kept;
  const signature = signatureBytes ? parseSignature(signatureBytes) : null;
  verification.signedBy = signature?.key ?? null;
  const signed = signature !== null && holds(manifestBytes, signature, key);
  if (!signatureMember) tell('MISSING', signaturePath, 'The signature is missing.');
  else if (!signature) tell('ALTERED', signaturePath, 'The signature cannot be read.');
  else if (!signed)
    tell(
      'SIGNATURE',
      manifestMember.path,
      'The manifest is not signed with this key: it was changed, or another key signed it.',
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
  for (const path of members.keys()) {
    if (!listed.has(path) && path !== manifestPath && path !== signaturePath)
      tell('ADDED', path, 'It is in the pack and not in the manifest.');
  }
  const read = async (path: string): Promise<Uint8Array | null> => {
    const member = sound.has(path) ? members.get(`${folder}/${path}`) : undefined;
    return member ? (await small(zip, member, LIMITS.packManifest.most)).kept : null;
  };
  await checkRuns({ pack, read, key, packSignature: signed ? signature : null, verification, tell });
  for (const problem of pack.problems) tell('ROOT', null, `When the pack was made: ${problem}`);
}

/** Members by path; what is unsafe or comes twice is told and left out. */
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
  // Whichever of the two a program unpacks, neither is vouched for.
  for (const path of twice) members.delete(path);
  return { members, twice };
}

const isTold = ({ problems }: Verification, path: string): boolean =>
  problems.some((problem) => problem.path === path && problem.kind !== 'ADDED');

/** The algorithm is the key's, whatever the signature says. */
export function holds(document: Uint8Array, { signature }: ManifestSignature, key: KeyObject): boolean {
  const made = Buffer.from(signature, 'base64');
  try {
    return verifySignature(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', document, key, made);
  } catch {
    return false;
  }
}

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
    for await (const chunk of (await zip.open(member)) as AsyncIterable<Uint8Array>) {
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

/**
 * Each run recorded its files when it ended, and the run before it: the pack must agree with both. One run's manifest
 * is in memory at a time.
 */
async function checkRuns(request: {
  pack: PackManifest;
  /** A file of the pack that is what its manifest says, else null. */
  read(path: string): Promise<Uint8Array | null>;
  key: KeyObject;
  /** Where it holds. */
  packSignature: ManifestSignature | null;
  verification: Verification;
  tell: Checking['tell'];
}): Promise<void> {
  const { pack, read, tell } = request;
  const files = new Map(pack.files.map((file) => [file.path, file.sha256]));
  const links = new Map<string, RunLink>();
  for (const { run_id: runId, status } of pack.runs) {
    if (status === 'FAILED') continue;
    const path = `runs/${runId}/evidence/manifest.json`;
    const bytes = await read(path);
    const manifest = bytes && parseManifest(bytes);
    if (!bytes || !manifest) {
      if (!files.has(path)) tell('RUN', path, 'The run has no manifest of its own.');
      else if (bytes) tell('RUN', path, "The run's own manifest cannot be read.");
      continue;
    }
    const { previous_run_id, previous_manifest_sha256 } = manifest;
    links.set(runId, { ...manifestLink(bytes, manifest), previous_run_id, previous_manifest_sha256 });
    if (manifest.run_id !== runId) tell('RUN', path, `It is the manifest of run ${manifest.run_id}.`);
    if (manifest.status !== status) tell('RUN', path, `The run was ${manifest.status}; the pack calls it ${status}.`);
    for (const { key, sha256 } of manifest.files) {
      const inPack = packPath(runId, key);
      // Of a part, tables hold some rows and not every answer is there.
      if (inPack === null || (pack.subset !== null && inPack.includes('/tables/'))) continue;
      const found = files.get(inPack);
      if (found === undefined && pack.subset === null)
        tell('RUN', inPack, 'The run recorded it, and it is not in the pack.');
      if (found !== undefined && found !== sha256)
        tell('RUN', inPack, 'It is not what the run recorded when it ended.');
    }
    await runSignature({ ...request, runId, bytes });
  }
  for (const [runId, link] of links) {
    const before = link.previous_run_id === null ? undefined : links.get(link.previous_run_id);
    if (before && !isFollowed(before, link))
      tell(
        'RUN',
        `runs/${runId}/evidence/manifest.json`,
        `It follows another state of run ${link.previous_run_id} than the pack holds.`,
      );
  }
  if (pack.period !== null) gaps(pack, links, request.verification);
}

/** What is kept of a run's manifest once it was checked. */
type RunLink = ManifestLink & Pick<Manifest, 'previous_run_id' | 'previous_manifest_sha256'>;

/** The scanner may have signed with another key than the pack's maker: told, and left to the pack's signature. */
async function runSignature(
  request: Parameters<typeof checkRuns>[0] & { runId: string; bytes: Uint8Array },
): Promise<void> {
  const { read, key, packSignature, runId, bytes, verification, tell } = request;
  const path = `runs/${runId}/evidence/manifest.sig.json`;
  const signature = parseSignature((await read(path)) ?? new Uint8Array());
  // Without the pack's own signature nothing more can be said of this one.
  if (packSignature === null) return;
  if (!signature)
    verification.notes.push(`Run ${runId} did not sign its own manifest; the pack's signature covers it.`);
  else if (holds(bytes, signature, key)) return;
  else if (signature.key === packSignature.key)
    tell('RUN', path, "The signature of the run's own manifest does not hold.");
  else
    verification.notes.push(
      `Run ${runId} signed its own manifest with another key (${signature.key}), which was not checked.`,
    );
}

/** A run between two of the pack that is not in it. */
function gaps(pack: PackManifest, links: ReadonlyMap<string, RunLink>, verification: Verification): void {
  const first = pack.runs.find(({ status }) => status !== 'FAILED')?.run_id ?? '';
  for (const [runId, { previous_run_id: previous }] of links) {
    if (previous && previous >= first && !links.has(previous))
      verification.notes.push(`Run ${runId} follows run ${previous}, which is not in the pack.`);
  }
}
