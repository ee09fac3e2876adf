import { DescribeKeyCommand, GetKeyPolicyCommand, GetKeyRotationStatusCommand, KMSClient } from '@aws-sdk/client-kms';
import type { EnteredAccount } from '../../domain/model/account-access.ts';
import type { AccountCalls } from '../calls/account-calls.ts';
import { malformed } from '../calls/failure.ts';

const service = 'kms';

export const kmsReads = (calls: AccountCalls): Pick<EnteredAccount, 'key' | 'keyRotation' | 'keyPolicy'> => {
  const client = (region: string) => calls.access.entered(KMSClient, region);
  const regionOf = (keyArn: string) => regionOfKey(keyArn) ?? calls.access.region;
  return {
    key: (keyArn) =>
      calls.read('DescribeKey', async () => {
        const operation = 'DescribeKey';
        const region = regionOf(keyArn);
        const input = { KeyId: keyArn };
        const { KeyMetadata: key } = await calls.ask({
          service,
          operation,
          region,
          input,
          subject: keyArn,
          send: () => client(region).send(new DescribeKeyCommand(input)),
        });
        if (!key?.Arn || !key.KeyState || !key.KeyManager) throw malformed(operation, 'Arn, KeyState or KeyManager');
        return {
          keyArn: key.Arn,
          accountId: key.AWSAccountId ?? key.Arn.split(':')[4] ?? '',
          state: key.KeyState,
          manager: key.KeyManager,
          origin: key.Origin ?? 'AWS_KMS',
          // The older field, where an endpoint does not know the newer one.
          spec: key.KeySpec ?? key.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
          usage: key.KeyUsage ?? 'ENCRYPT_DECRYPT',
          multiRegion: key.MultiRegion ?? false,
          deletionDate: key.DeletionDate?.toISOString() ?? null,
        };
      }),

    keyRotation: (keyArn) =>
      calls.read('GetKeyRotationStatus', async () => {
        const operation = 'GetKeyRotationStatus';
        const region = regionOf(keyArn);
        const input = { KeyId: keyArn };
        const rotation = await calls.ask({
          service,
          operation,
          region,
          input,
          subject: keyArn,
          send: () => client(region).send(new GetKeyRotationStatusCommand(input)),
        });
        if (typeof rotation.KeyRotationEnabled !== 'boolean') throw malformed(operation, 'KeyRotationEnabled');
        return { enabled: rotation.KeyRotationEnabled, periodDays: rotation.RotationPeriodInDays ?? null };
      }),

    keyPolicy: (keyArn) =>
      calls.read('GetKeyPolicy', async () => {
        const operation = 'GetKeyPolicy';
        const region = regionOf(keyArn);
        const input = { KeyId: keyArn, PolicyName: 'default' };
        const { Policy } = await calls.ask({
          service,
          operation,
          region,
          input,
          subject: keyArn,
          send: () => client(region).send(new GetKeyPolicyCommand(input)),
        });
        if (Policy === undefined) throw malformed(operation, 'Policy');
        return Policy;
      }),
  };
};

/** `arn:aws:kms:eu-west-1:…` → `eu-west-1`; null for an id or an alias name, which name none. */
const regionOfKey = (keyArn: string): string | null => /^arn:[a-z-]+:kms:([a-z0-9-]+):/.exec(keyArn)?.[1] ?? null;
