import { pickOf, unitOf } from '../world/seed.ts';
import type { PresetContext, PresetWorld } from './preset-context.ts';

const UNITS: readonly [string, ...string[]] = ['Workloads/Prod', 'Workloads/Test', 'Infrastructure', 'Sandbox'];

/** An organization that has done everything right: every control passes, and a scan of it ends with exit code 0. */
export const tidy = (context: PresetContext): PresetWorld => {
  const { seed, home, partition, managementId, logArchiveId, auditId } = context;
  const bucket = `organization-trail-${logArchiveId}`;
  const core: PresetWorld['core'] = [
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
    core,
    account: (index) => {
      const closed = unitOf(seed, `closed:${index}`) < 0.03;
      return {
        name: `account-${index}`,
        ...(closed ? { ou: 'Closed', state: 'CLOSED' } : { ou: pickOf(seed, `ou:${index}`, UNITS) }),
      };
    },
    holdings: (_, core = {}) => core,
    organizationalUnits: ['Security', 'Closed', ...UNITS],
  };
};
