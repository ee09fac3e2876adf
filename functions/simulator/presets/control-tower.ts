import { pickOf, unitOf } from '../world/seed.ts';
import type { PresetContext, PresetWorld } from './preset-context.ts';

const UNITS: readonly [string, ...string[]] = [
  'Workloads/Prod',
  'Workloads/Prod/EU',
  'Workloads/Prod/EU/Finance/Cards',
  'Workloads/Test',
  'Workloads/Dev',
  'Infrastructure/Network',
  'Infrastructure/Shared Services',
  'Sandbox',
];

const TEAMS: readonly [string, ...string[]] = [
  'cards',
  'claims',
  'data',
  'fraud',
  'identity',
  'mobile',
  'orders',
  'search',
  'web',
];

/**
 * An AWS Control Tower landing zone (AWS Control Tower user guide: logging, KMS, region deny): one organization trail in
 * the management account, its bucket in Log Archive, its key, where KMS was chosen, in the management account, and a
 * region deny policy over every member. A few developers have made trails of their own.
 */
export const controlTower =
  (options: { kms: boolean }) =>
  (context: PresetContext): PresetWorld => {
    const { seed, home, partition, managementId, logArchiveId } = context;
    const bucket = `aws-controltower-logs-${logArchiveId}-${home}`;
    const trail = 'aws-controltower-BaselineCloudTrail';
    const key = options.kms ? context.keyArn({ owner: managementId, name: 'controltower' }) : null;
    const core: PresetWorld['core'] = [
      {
        account: { name: 'Management' },
        holdings: {
          trails: [{ name: trail, organization: true, home, key, bucket, logGroup: 'aws-controltower/CloudTrailLogs' }],
          keys: options.kms
            ? [
                {
                  name: 'controltower',
                  trailArns: [`arn:${partition}:cloudtrail:${home}:${managementId}:trail/${trail}`],
                },
              ]
            : [],
          logGroups: [{ name: 'aws-controltower/CloudTrailLogs', retentionDays: 14 }],
        },
      },
      {
        account: { name: 'Log Archive', ou: 'Security' },
        holdings: { buckets: [{ name: bucket, expiryDays: 365, ...(key === null ? {} : { encryption: key }) }] },
      },
      { account: { name: 'Audit', ou: 'Security' }, holdings: {} },
    ];
    return {
      core,
      account: (index) => {
        const ou = pickOf(seed, `ou:${index}`, UNITS);
        const fate = unitOf(seed, `fate:${index}`);
        const name = `${pickOf(seed, `team:${index}`, TEAMS)}-${ou.split('/').at(-1)?.toLowerCase().replaceAll(' ', '-')}-${index}`;
        if (fate < 0.01) return { name, ou: 'Suspended', state: 'CLOSED' };
        if (fate < 0.025) return { name, ou: 'Suspended', state: 'SUSPENDED' };
        // Enrolment that failed half-way leaves accounts without the role.
        return { name, ou, ...(fate < 0.045 ? { role: false } : {}) };
      },
      holdings: (index, held) => {
        if (held) return held;
        if (unitOf(seed, `own:${index}`) >= 0.05) return {};
        const name = `trail-logs-${context.ids.idAt(index)}`;
        return {
          trails: [{ name: 'my-trail', bucket: name }],
          buckets: [{ name, policy: 'no-tls', versioning: null }],
        };
      },
      organizationalUnits: ['Security', 'Suspended', ...UNITS],
      regionDeny: { allow: context.regions.slice(0, 4).map((region) => region.name) },
    };
  };
