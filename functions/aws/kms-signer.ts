import { createHash } from 'node:crypto';
import { KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { malformed } from '../reads/call-error.ts';
import type { AwsAccess } from './calls/clients.ts';

export interface KmsSigner {
  readonly keyName: string;
  readonly algorithm: 'ECDSA_SHA_256';
  sign(document: Uint8Array): Promise<Uint8Array>;
}

/**
 * Signs with an asymmetric KMS key (ECC_NIST_P256), which never leaves KMS. The digest is made here: KMS itself takes
 * no more than 4,096 bytes. The signature is ASN.1 DER, as `openssl dgst -sha256 -verify` and node:crypto read it.
 */
export const createKmsSigner = ({ access, keyArn }: { access: AwsAccess; keyArn: string }): KmsSigner => ({
  keyName: keyArn,
  algorithm: 'ECDSA_SHA_256',
  sign: async (document) => {
    const [, , , region] = keyArn.split(':');
    const { Signature } = await access.own(KMSClient, region || undefined).send(
      new SignCommand({
        KeyId: keyArn,
        Message: createHash('sha256').update(document).digest(),
        MessageType: 'DIGEST',
        SigningAlgorithm: 'ECDSA_SHA_256',
      }),
    );
    if (!Signature) throw malformed('Sign', 'Signature');
    return Signature;
  },
});
