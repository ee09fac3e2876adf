import type { Key } from '../world/model.ts';
import { type Operation, type Service, type ServiceCall, textOf } from './service.ts';
import { ApiError } from './wire.ts';

const OPERATIONS: Record<string, Operation> = {
  DescribeKey: {
    quota: { rate: 2_000, burst: 2_000 },
    resource: keyResource,
    subject: ({ input }) => textOf(input, 'KeyId'),
    run: (call) => ({ KeyMetadata: keyJson(keyNamed(call)) }),
  },
  GetKeyRotationStatus: {
    quota: { rate: 1_000, burst: 1_000 },
    resource: keyResource,
    subject: ({ input }) => textOf(input, 'KeyId'),
    run: (call) => {
      const key = keyNamed(call);
      if (key.state === 'PendingImport') {
        throw new ApiError(400, 'KMSInvalidStateException', `${key.arn} is pending import.`);
      }
      // Always false for key material that KMS cannot rotate, and while a key waits to be deleted.
      const enabled = key.rotation && isRotatable(key) && key.state !== 'PendingDeletion';
      return {
        KeyId: key.arn,
        KeyRotationEnabled: enabled,
        ...(enabled
          ? {
              RotationPeriodInDays: key.rotationDays,
              NextRotationDate: Math.floor(call.world.present / 1_000) + 90 * 86_400,
            }
          : {}),
      };
    },
  },
  GetKeyPolicy: {
    quota: { rate: 1_000, burst: 1_000 },
    resource: keyResource,
    subject: ({ input }) => textOf(input, 'KeyId'),
    run: (call) => {
      const key = keyNamed(call, { crossAccount: false });
      if ((textOf(call.input, 'PolicyName') || 'default') !== 'default') {
        throw new ApiError(400, 'NotFoundException', 'No such policy exists');
      }
      return { Policy: key.policy, PolicyName: 'default' };
    },
  },
};

/** AWS KMS. Other accounts' keys answer to their ARN, where their policy lets the caller's account in. */
export const kms: Service = {
  name: 'kms',
  protocol: 'json',
  throttling: {
    status: 400,
    code: 'ThrottlingException',
    message: 'You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.',
  },
  operations: OPERATIONS,
};

function keyResource(call: ServiceCall): string {
  const name = textOf(call.input, 'KeyId');
  if (name.startsWith('arn:')) return name;
  const place = `arn:${call.world.partition}:kms:${call.region}:${call.account.id}`;
  return name.startsWith('alias/') ? `${place}:${name}` : `${place}:key/${name}`;
}

const keyNamed = (call: ServiceCall, options: { crossAccount: boolean } = { crossAccount: true }): Key => {
  const { action } = call;
  const name = textOf(call.input, 'KeyId');
  const arn = keyResource(call);
  const [, partition, service, region, owner = '', resource = ''] = arn.split(':');
  const own = owner === call.account.id;
  if (!/^(key|alias)\/./.test(resource) || service !== 'kms' || partition !== call.world.partition) {
    throw new ApiError(400, 'NotFoundException', `Invalid keyId '${name}'`);
  }
  if (region !== call.region) throw new ApiError(400, 'NotFoundException', `Invalid arn ${region}`);
  const key = resource.startsWith('alias/') ? aliased(call, owner, resource) : call.world.key(arn);
  if (own) {
    if (key) return key;
    const what = resource.startsWith('alias/') ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`;
    throw new ApiError(400, 'NotFoundException', what);
  }
  // A outsider cannot tell a key that refuses from one that is not there.
  if (!key || !options.crossAccount || !key.sharedWith.includes(call.account.id)) {
    throw new ApiError(
      400,
      'AccessDeniedException',
      `User: ${call.principal.arn} is not authorized to perform: ${action} on resource: ${arn} because no resource-based policy allows the ${action} action`,
    );
  }
  return key;
};

const aliased = (call: ServiceCall, owner: string, alias: string): Key | undefined =>
  call.world.account(owner)
    ? call.world.holdingsOf(owner).keys.find((key) => key.region === call.region && key.alias === alias)
    : undefined;

const isRotatable = (key: Key): boolean => key.origin === 'AWS_KMS' && key.spec === 'SYMMETRIC_DEFAULT';

const keyJson = (key: Key): object => {
  const encrypts = key.usage === 'ENCRYPT_DECRYPT';
  const place = (region: string) => ({ Arn: key.arn.replace(`:${key.region}:`, `:${region}:`), Region: region });
  return {
    AWSAccountId: key.owner,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: key.createdAt / 1_000,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: key.usage,
    KeyState: key.state,
    ...(key.deletionAt === null ? {} : { DeletionDate: key.deletionAt / 1_000 }),
    Origin: key.origin,
    ...(key.origin === 'AWS_CLOUDHSM'
      ? { CustomKeyStoreId: 'cks-1234567890abcdef0', CloudHsmClusterId: 'cluster-1a23b4cdefg' }
      : {}),
    ...(key.origin === 'EXTERNAL_KEY_STORE'
      ? { CustomKeyStoreId: 'cks-9876543210fedcba9', XksKeyConfiguration: { Id: 'bb8562717f809024' } }
      : {}),
    ...(key.origin === 'EXTERNAL' && key.state !== 'PendingImport'
      ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
      : {}),
    KeyManager: key.manager,
    CustomerMasterKeySpec: key.spec,
    KeySpec: key.spec,
    ...(encrypts
      ? { EncryptionAlgorithms: [key.spec === 'SYMMETRIC_DEFAULT' ? 'SYMMETRIC_DEFAULT' : 'RSAES_OAEP_SHA_256'] }
      : { SigningAlgorithms: ['RSASSA_PSS_SHA_256'] }),
    MultiRegion: key.multiRegion,
    ...(key.multiRegion
      ? {
          MultiRegionConfiguration: {
            MultiRegionKeyType: key.region === key.primaryRegion ? 'PRIMARY' : 'REPLICA',
            PrimaryKey: place(key.primaryRegion),
            ReplicaKeys: key.replicaRegions.map(place),
          },
        }
      : {}),
  };
};
