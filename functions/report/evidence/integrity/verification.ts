import { type KeyObject, verify as verifySignature } from 'node:crypto';
import type { PackManifest } from '../pack-manifest.ts';
import type { CheckedTimestamp } from './timestamp.ts';

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
  /** Not signed with a key that was given. */
  | 'SIGNATURE'
  /** The time stamp does not hold, or is by nobody who was given. */
  | 'TIMESTAMP'
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
  /** SHA-256 of the key that signed, of those that were given, else of the first: as its owner can read it out. */
  keyFingerprint: string;
  /** The key that the signature names; printed, never trusted. */
  signedBy: string | null;
  timestamp: CheckedTimestamp | null;
}

export type Tell = (kind: ProblemKind, path: string | null, message: string) => void;

/** The first of these keys with which the signature holds, if any. The algorithm is the key's, whatever the signature says. */
export const signingKeyOf = (
  document: Uint8Array,
  signature: Uint8Array,
  keys: readonly KeyObject[],
): KeyObject | undefined =>
  keys.find((key) => {
    try {
      return verifySignature(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', document, key, signature);
    } catch {
      return false;
    }
  });

/** The bytes of a signature in base64. */
export const signatureBytes = ({ signature }: { signature: string }): Uint8Array => Buffer.from(signature, 'base64');
