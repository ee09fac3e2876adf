import { RemovalPolicy } from 'aws-cdk-lib';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** Signs each run's manifest. The private half never leaves KMS; anyone who holds the public half can verify offline. */
export class SigningKey extends Key {
  constructor(scope: Construct, id: string, { alias }: { alias: string }) {
    super(scope, id, {
      alias,
      description: 'TrailSeal: signs the manifest of every run',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      // The public key stays available for as long as the key exists, and old packs must stay verifiable.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
  }
}
