import type { WorldSpec } from '../../functions/simulator/world/world-spec.ts';

/**
 * A few accounts in which a scan has to make every kind of call there is, in other accounts and in the scanner's own:
 * no role can be assumed in the management account, so its organization trail is read where it is seen first, in the audit
 * account; that account and a member each have a trail, a key, a bucket, a log group and an event data store.
 */
export const SMALL_WORLD: WorldSpec = {
  accounts: [
    { id: '555555555555', name: 'management', role: false },
    { id: '111111111111', name: 'audit', ou: 'Security' },
    { id: '222222222222', name: 'log-archive', ou: 'Security' },
    { id: '333333333333', name: 'payments', ou: 'Workloads' },
    { id: '444444444444', name: 'shop', ou: 'Workloads' },
  ],
  regions: ['us-east-1', 'eu-west-1'],
  delegatedAdministrators: ['audit'],
  trails: [
    { name: 'organization', organization: true, key: 'organization-logs', bucket: 'organization-logs' },
    ...['audit', 'shop'].map((owner) => ({
      name: `${owner}-trail`,
      owner,
      key: `${owner}-key`,
      bucket: `${owner}-logs`,
      logGroup: `${owner}-group`,
    })),
    // Its bucket is neither its owner's nor the log archive's: whose it is has to be asked around.
    { name: 'shop-export', owner: 'shop', bucket: 'payments-export' },
  ],
  keys: [
    { name: 'organization-logs', owner: 'log-archive' },
    { name: 'audit-key', owner: 'audit' },
    { name: 'shop-key', owner: 'shop' },
    { name: 'audit-lake', owner: 'audit' },
    { name: 'shop-lake', owner: 'shop' },
  ],
  buckets: [
    { name: 'organization-logs', owner: 'log-archive' },
    // Open by themselves: what their accounts block has to be asked.
    { name: 'audit-logs', owner: 'audit', publicBlocked: false },
    { name: 'shop-logs', owner: 'shop', region: 'eu-west-1', publicBlocked: 'partly' },
    { name: 'payments-export', owner: 'payments' },
  ],
  logGroups: [
    { name: 'audit-group', owner: 'audit' },
    { name: 'shop-group', owner: 'shop' },
  ],
  eventDataStores: [
    { name: 'audit-store', owner: 'audit', key: 'audit-lake' },
    { name: 'shop-store', owner: 'shop', key: 'shop-lake' },
  ],
};
