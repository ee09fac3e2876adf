import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createAwsAccess } from '../../functions/aws/calls/clients.ts';
import { createKmsSigner } from '../../functions/aws/kms-signer.ts';
import { wire } from './wire.ts';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/11111111-2222-3333-4444-555555555555';

test('signs the digest of a document of any length, in the Region of the key', async () => {
  const document = Buffer.alloc(100_000, 'manifest');
  const { handler, calls } = wire(() => ({ body: { KeyId: KEY, Signature: 'c2lnbmVk' } }));
  const access = createAwsAccess({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
    requestHandler: handler,
  });
  const signer = createKmsSigner({ access, keyArn: KEY });
  expect(Buffer.from(await signer.sign(document)).toString()).toBe('signed');
  expect([signer.keyName, signer.algorithm]).toEqual([KEY, 'ECDSA_SHA_256']);
  expect(calls[0]).toMatchObject({
    service: 'kms',
    region: 'eu-west-1',
    operation: 'Sign',
    input: {
      KeyId: KEY,
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
      Message: createHash('sha256').update(document).digest('base64'),
    },
  });
});
