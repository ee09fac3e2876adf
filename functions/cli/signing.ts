import type { AwsAccess } from '../aws/calls/clients.ts';
import { createKmsSigner } from '../aws/kms-signer.ts';
import { TrailSealError, usageError } from '../domain/model/errors.ts';
import { openSigningKey } from '../local/signing-key.ts';
import type { ManifestSigner } from '../report/evidence/manifest.ts';
import type { Terminal } from './terminal.ts';

export interface SigningOptions {
  /** `--signing-key`. */
  arn: string | undefined;
  access: AwsAccess;
  terminal: Terminal;
}

/** The KMS key that was named, else the key of this machine; where that is made, its public half is shown once. */
export async function openSigner({ arn, access, terminal }: SigningOptions): Promise<ManifestSigner> {
  if (arn !== undefined) {
    if (!/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(arn))
      throw usageError(`"${arn.slice(0, 120)}" (--signing-key) is not the ARN of a KMS key.`);
    return createKmsSigner({ access, keyArn: arn });
  }
  const { signer, publicKeyFile, made } = await openSigningKey();
  if (made)
    terminal.err.write(
      `A signing key was made for this machine. To verify, others need its public half, from you and not from a pack:\n  ${publicKeyFile}\n`,
    );
  return signer;
}

/** For a scan: a machine that cannot keep a key still scans, and the manifest is not signed. */
export async function scanSigner(options: SigningOptions): Promise<ManifestSigner | null> {
  try {
    return await openSigner(options);
  } catch (error) {
    if (!(error instanceof TrailSealError) || error.code !== 'SIGNING_KEY') throw error;
    options.terminal.err.write(`The manifest will not be signed. ${error.message}\n`);
    return null;
  }
}
