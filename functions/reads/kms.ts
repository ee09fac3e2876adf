import { DescribeKeyCommand, GetKeyPolicyCommand, GetKeyRotationStatusCommand, KMSClient } from '@aws-sdk/client-kms';
import type { AccountSession } from '../domain/model/account-access.ts';
import { malformed } from './call-error.ts';
import type { Read, ReadCalls } from './read.ts';
import { type Change, changes } from './watched/change.ts';

const service = 'kms';
const source = 'aws.kms';

/**
 * What changes the state of a key, its multi-region replicas or its key store. The notices come without a call: on the
 * date that was set before.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/kms-events.html
 */
const KEY_STATE: readonly Change[] = [
  {
    source,
    events: [
      ...['CreateKey', 'DisableKey', 'EnableKey', 'ScheduleKeyDeletion', 'CancelKeyDeletion', 'DeleteKey'],
      ...['ImportKeyMaterial', 'DeleteImportedKeyMaterial', 'DeleteExpiredKeyMaterial'],
      ...['ReplicateKey', 'UpdatePrimaryRegion', 'SynchronizeMultiRegionKey'],
      ...['ConnectCustomKeyStore', 'DisconnectCustomKeyStore', 'UpdateCustomKeyStore', 'DeleteCustomKeyStore'],
    ],
    notices: ['KMS CMK Deletion', 'KMS Imported Key Material Expiration'],
  },
];

export const KMS_READS = {
  key: {
    service,
    operation: 'DescribeKey',
    actions: ['kms:DescribeKey'],
    grant: 'ReadKeys',
    changedBy: KEY_STATE,
  },
  keyPolicy: {
    service,
    operation: 'GetKeyPolicy',
    actions: ['kms:GetKeyPolicy'],
    grant: 'ReadKeys',
    changedBy: changes(source, 'PutKeyPolicy'),
  },
  keyRotation: {
    service,
    operation: 'GetKeyRotationStatus',
    actions: ['kms:GetKeyRotationStatus'],
    grant: 'ReadKeys',
    changedBy: changes(source, 'EnableKeyRotation', 'DisableKeyRotation'),
  },
} as const satisfies Record<string, Read>;

export const kmsReads = (calls: ReadCalls): Pick<AccountSession, keyof typeof KMS_READS> => {
  const client = (region: string) => calls.client(KMSClient, region);
  const regionOf = (keyArn: string) => regionOfKey(keyArn) ?? calls.homeRegion;
  return {
    key: (keyArn) =>
      calls.read(KMS_READS.key.operation, async () => {
        const { operation } = KMS_READS.key;
        const region = regionOf(keyArn);
        const input = { KeyId: keyArn };
        const { KeyMetadata: key } = await calls.ask({
          ...KMS_READS.key,
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
      calls.read(KMS_READS.keyRotation.operation, async () => {
        const { operation } = KMS_READS.keyRotation;
        const region = regionOf(keyArn);
        const input = { KeyId: keyArn };
        const rotation = await calls.ask({
          ...KMS_READS.keyRotation,
          region,
          input,
          subject: keyArn,
          send: () => client(region).send(new GetKeyRotationStatusCommand(input)),
        });
        if (typeof rotation.KeyRotationEnabled !== 'boolean') throw malformed(operation, 'KeyRotationEnabled');
        return { enabled: rotation.KeyRotationEnabled, periodDays: rotation.RotationPeriodInDays ?? null };
      }),

    keyPolicy: (keyArn) =>
      calls.read(KMS_READS.keyPolicy.operation, async () => {
        const { operation } = KMS_READS.keyPolicy;
        const region = regionOf(keyArn);
        const input = { KeyId: keyArn, PolicyName: 'default' };
        const { Policy } = await calls.ask({
          ...KMS_READS.keyPolicy,
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
