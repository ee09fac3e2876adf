import { pickOf, unitOf } from '../world/seed.ts';
import { type CoreAccount, coreAccount, type PresetContext, type PresetWorld } from './preset-context.ts';

const UNITS: readonly [string, ...string[]] = ['Workloads/Prod', 'Workloads/Test', 'Infrastructure', 'Sandbox'];

/** An organization that has done everything right: every control passes, and a scan of it ends with exit code 0. */
export const tidy = (context: PresetContext): PresetWorld => {
  const { seed, home, partition, managementId, logArchiveId, auditId } = context;
  const bucket = `organization-trail-${logArchiveId}`;
  const core: readonly CoreAccount[] = [
    {
      account: { name: 'management' },
      holdings: {
        trails: [
          {
            name: 'organization',
            organization: true,
            home,
            key: context.keyArn({ owner: auditId, name: 'organization-trail' }),
            bucket,
            logGroup: 'organization-trail',
          },
        ],
        keys: [{ name: 'logs' }],
        logGroups: [
          {
            name: 'organization-trail',
            key: context.keyArn({ owner: managementId, name: 'logs' }),
            retentionDays: 365,
          },
        ],
      },
    },
    {
      account: { name: 'log-archive', ou: 'Security' },
      holdings: { buckets: [{ name: bucket, objectLock: { mode: 'COMPLIANCE', days: 365 }, expiryDays: 2_555 }] },
    },
    {
      account: { name: 'audit', ou: 'Security' },
      holdings: {
        keys: [
          {
            name: 'organization-trail',
            sharedWith: [managementId],
            trailArns: [`arn:${partition}:cloudtrail:${home}:${managementId}:trail/organization`],
          },
        ],
      },
    },
  ];
  return {
    account: (index) => {
      const id = context.ids.idAt(index);
      const optedIn = context.optedIn(index);
      const fixed = coreAccount(core, context, index);
      if (fixed) return { ...fixed.account, id, optedIn };
      const ou = pickOf(seed, `ou:${index}`, UNITS);
      const closed = unitOf(seed, `closed:${index}`) < 0.03;
      return { id, name: `account-${index}`, optedIn, ...(closed ? { ou: 'Closed', state: 'CLOSED' } : { ou }) };
    },
    holdings: (index) => coreAccount(core, context, index)?.holdings ?? {},
    outsiders: new Map(),
    organizationalUnits: ['Security', 'Closed', ...UNITS],
    denials: [],
    regionDeny: null,
  };
};
