import type { HoldingSpecs } from '../world/holdings.ts';
import { numberOf, pickOf, unitOf } from '../world/seed.ts';
import type { AccountSpec, BucketSpec, KeySpec, TrailSpec } from '../world/world-spec.ts';
import type { PresetContext, PresetWorld } from './preset-context.ts';

/** Names that many accounts were given. */
const NAMES: readonly [string, ...string[]] = [
  'prod',
  'dev',
  'test',
  'staging',
  'sandbox',
  'shared',
  'analytics',
  'legacy',
  'poc',
];

const UNITS: readonly [string, ...string[]] = [
  'Business/Retail/Europe/Stores/Point of Sale',
  'Business/Retail/Americas',
  'Business/Wholesale',
  'Platform/Core',
  'Platform/Data/Warehouse',
  'Acquired 2017/Fabrikam',
  'Acquired 2021/Tailspin/Labs',
  'Misc',
];

/** One habit of trail-making that spread through the years. */
interface Habit {
  share: number;
  make(place: { id: string; index: number; context: PresetContext }): {
    trails: TrailSpec[];
    keys?: KeySpec[];
    buckets?: BucketSpec[];
  };
}

/**
 * An organization grown over years: thousands of local trails of a few families, several in most accounts, hardly any
 * with a key, and with an odd seed an organization trail that covers one region only.
 */
export const grown = (context: PresetContext): PresetWorld => {
  const { seed, home, managementId, logArchiveId, auditId } = context;
  const corporate = 'corp-audit-logs';
  const siem = 'siem-ingest-legacy';
  const partial = seed % 2 === 1;
  const habits: readonly Habit[] = [
    {
      share: 0.55,
      make: ({ id }) => ({
        trails: [{ name: 'default-trail', bucket: `cloudtrail-${id}` }],
        buckets: [
          { name: `cloudtrail-${id}`, publicBlocked: false, policy: 'no-tls', versioning: null, accessLogsTo: null },
        ],
      }),
    },
    { share: 0.4, make: () => ({ trails: [{ name: 'corp-audit', bucket: corporate, validation: false }] }) },
    {
      share: 0.2,
      make: ({ index }) => ({
        trails: [{ name: 'siem-export', bucket: siem, logging: unitOf(seed, `siem:${index}`) < 0.6 }],
      }),
    },
    {
      // A template of 2016, from before multi-region trails: one trail a region.
      share: 0.12,
      make: ({ id, index }) => ({
        trails: context.regions
          .filter(({ optIn }) => !optIn)
          .map(({ name }) => ({
            name: `trail-${name}`,
            home: name,
            multiRegion: false,
            bucket: `cloudtrail-regional-${id}`,
            logging: unitOf(seed, `on:${index}:${name}`) < 0.9,
          })),
        buckets: [{ name: `cloudtrail-regional-${id}`, policy: 'no-tls', versioning: 'Suspended' }],
      }),
    },
    {
      share: 0.15,
      make: ({ id, index, context: { keyArn } }) => {
        const fate = unitOf(seed, `key:${index}`);
        return {
          trails: [
            { name: 'security-trail', key: keyArn({ owner: id, name: 'security' }), bucket: `security-trail-${id}` },
          ],
          keys: [
            {
              name: 'security',
              rotation: fate > 0.3,
              policy: fate < 0.5 ? 'unscoped' : 'cloudtrail',
              ...(fate < 0.05
                ? { state: 'PendingDeletion' }
                : fate < 0.1
                  ? { state: 'Disabled', unusableHoursAgo: 900 }
                  : {}),
              missing: fate > 0.97,
            },
          ],
          buckets: [{ name: `security-trail-${id}`, versioning: null, missing: fate > 0.9 && fate < 0.94 }],
        };
      },
    },
    {
      share: 0.05,
      make: ({ id }) => ({
        trails: [{ name: 's3-data-events', events: 'data-only', bucket: `cloudtrail-data-${id}` }],
        buckets: [{ name: `cloudtrail-data-${id}` }],
      }),
    },
  ];
  const core: PresetWorld['core'] = [
    {
      account: { name: 'root-billing' },
      holdings: partial
        ? {
            trails: [
              {
                name: 'organization-trail',
                organization: true,
                multiRegion: false,
                home,
                key: context.keyArn({ owner: managementId, name: 'organization' }),
                bucket: `organization-trail-${managementId}`,
              },
            ],
            keys: [{ name: 'organization', rotation: false }],
            buckets: [{ name: `organization-trail-${managementId}`, policy: 'no-tls' }],
          }
        : {},
    },
    {
      account: { name: 'corp-logging', ou: 'Platform/Core' },
      holdings: { buckets: [{ name: corporate, policy: 'no-tls', versioning: null }] },
    },
    {
      account: { name: 'siem', ou: 'Platform/Core' },
      holdings: { buckets: [{ name: siem, publicBlocked: 'partly', policy: 'public', expiryDays: 30 }] },
    },
  ];
  return {
    core,
    account: (index) => {
      const fate = unitOf(seed, `fate:${index}`);
      const account: AccountSpec = {
        name: pickOf(seed, `name:${index}`, NAMES),
        ou: pickOf(seed, `ou:${index}`, UNITS),
      };
      if (fate < 0.03) return { ...account, ou: 'To be closed', state: 'CLOSED' };
      if (fate < 0.06) return { ...account, ou: 'To be closed', state: 'SUSPENDED' };
      if (fate < 0.07) return { ...account, state: 'PENDING_CLOSURE' };
      return fate < 0.13 ? { ...account, role: false } : account;
    },
    holdings: (index, held = {}) => {
      const holdings = {
        trails: [] as TrailSpec[],
        keys: [] as KeySpec[],
        buckets: [] as BucketSpec[],
        stores: [],
        logGroups: [],
      };
      const add = (more: HoldingSpecs): void => {
        holdings.trails.push(...(more.trails ?? []));
        holdings.keys.push(...(more.keys ?? []));
        holdings.buckets.push(...(more.buckets ?? []));
      };
      add(held);
      const id = context.ids.idAt(index);
      for (const [number, habit] of habits.entries()) {
        if (unitOf(seed, `habit:${number}:${index}`) < habit.share) add(habit.make({ id, index, context }));
      }
      // Five trails are all that a region takes.
      const room = 5 - holdings.trails.filter((trail) => (trail.home ?? home) === home).length;
      const extra = Math.min(room, numberOf(seed, `extra:${index}`, 12) - 9);
      for (let n = 1; n <= extra; n++)
        add({ trails: [{ name: `tmp-trail-${n}`, bucket: corporate, logging: n === 1 }] });
      return holdings;
    },
    organizationalUnits: ['To be closed', ...UNITS],
    sharedBuckets: new Map([
      [corporate, logArchiveId],
      [siem, auditId],
    ]),
  };
};
