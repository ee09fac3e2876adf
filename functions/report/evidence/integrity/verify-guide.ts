import type { ManifestSigner } from '../manifest.ts';
import {
  PACK_CHECKSUMS,
  PACK_CHECKSUMS_SIGNATURE,
  PACK_MANIFEST,
  PACK_SIGNATURE,
  PACK_TIMESTAMP,
} from '../pack-manifest.ts';

/** What has to hold a pack together so that its guide is true. */
export interface GuideFacts {
  algorithm: ManifestSigner['algorithm'];
  keyName: string;
  /** The time-stamping authority that was asked; null for none. */
  timestampUrl: string | null;
}

/**
 * `VERIFY.txt`: how to verify the pack with `openssl`, `sha256sum` and `find` alone. The lines that are indented are
 * commands, to be run as they stand in the folder of the pack.
 */
export function verifyGuide(facts: GuideFacts): string {
  return `How to verify this evidence pack without TrailSeal

You need OpenSSL 3 and the GNU coreutils (Linux, WSL, AWS CloudShell; on macOS: brew install openssl coreutils).
Unpack the zip, put the public key of the signer beside the unpacked folder as PUBLIC.pem, and run the indented
lines in the folder that holds this file. Get the public key from the signer, never from the one who gave you the pack.

1. The key. It must be the one whose fingerprint (SHA-256) its owner tells you:

    openssl pkey -pubin -in ../PUBLIC.pem -outform DER | sha256sum

   The signature names this key: ${facts.keyName}

2. The signature over the list of checksums. It must print "${signatureWords[facts.algorithm]}":

    ${signatureCommand[facts.algorithm]}

3. Every file. It must print nothing and end with 0:

    sha256sum --check --strict --quiet ${PACK_CHECKSUMS}

4. No file was added. It must print "No file was added":

    test "$(find . -type f | wc -l)" -eq "$(($(wc -l < ${PACK_CHECKSUMS}) + 2))" && echo "No file was added"

   (All files are in ${PACK_CHECKSUMS} but that file itself and ${PACK_CHECKSUMS_SIGNATURE}.)

${timestampSteps(facts.timestampUrl)}
What the signature does not show: that the scanner saw the truth. cover.html says what was scanned and what was not; the
answers of AWS are under runs/<run>/evidence/. ${PACK_MANIFEST} (signed once more in ${PACK_SIGNATURE}) holds the same
checksums for "trailseal verify", which also checks the chain of runs and what the zip holds beside its files.
`;
}

const signatureCommand: Record<GuideFacts['algorithm'], string> = {
  Ed25519: `openssl pkeyutl -verify -pubin -inkey ../PUBLIC.pem -rawin -in ${PACK_CHECKSUMS} -sigfile ${PACK_CHECKSUMS_SIGNATURE}`,
  ECDSA_SHA_256: `openssl dgst -sha256 -verify ../PUBLIC.pem -signature ${PACK_CHECKSUMS_SIGNATURE} ${PACK_CHECKSUMS}`,
};

const signatureWords: Record<GuideFacts['algorithm'], string> = {
  Ed25519: 'Signature Verified Successfully',
  ECDSA_SHA_256: 'Verified OK',
};

const timestampSteps = (url: string | null): string =>
  url === null
    ? `5. There is no time stamp: that the pack was made at the time it states rests on the word of its maker.
`
    : `5. The time stamp (RFC 3161) by ${url}. Put the certificates that you trust for time stamps beside the folder
   as TSA-CA.pem, from the authority itself. It must print "Verification: OK"; the second line shows the time:

    openssl ts -verify -in ${PACK_TIMESTAMP} -data ${PACK_MANIFEST} -CAfile ../TSA-CA.pem
    openssl ts -reply -in ${PACK_TIMESTAMP} -text
`;
