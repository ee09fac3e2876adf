import type { HoldingSpecs } from '../world/holdings.ts';
import { numberOf, unitOf } from '../world/seed.ts';
import type { AccountSpec, BucketSpec, KeySpec, TrailSpec } from '../world/world-spec.ts';
import type { PresetContext, PresetWorld } from './preset-context.ts';

/** One kind of account in the show. */
interface Case {
  name: string;
  ou: string;
  account?: AccountSpec;
  holdings?: (place: Place) => HoldingSpecs;
}

interface Place {
  id: string;
  context: PresetContext;
}

const VENDOR = '999988887777';
const ACQUIRED = 'Acquired/Contoso';
const REGULATED = 'Workloads/Regulated';

/**
 * Northwind: a sealed organization trail over everything, local trails of every kind beside it, and Contoso, a
 * company acquired an hour ago that the organization trail has not reached yet.
 */
export const showcase = (context: PresetContext): PresetWorld => {
  const { seed, home, ids, managementId, logArchiveId, auditId } = context;
  const bucket = `northwind-cloudtrail-${logArchiveId}`;
  const gulf = context.regions.find((region) => region.optIn)?.name ?? null;
  const caseOf = (index: number): Case => {
    const place = index - 3;
    if (place < CASES.length) return CASES[place] ?? PLAIN;
    return unitOf(seed, `plain:${index}`) < 0.6
      ? PLAIN
      : (CASES[numberOf(seed, `case:${index}`, CASES.length)] ?? PLAIN);
  };
  // In a larger organization the kinds come again: only the first account of each such kind has the copy that fails.
  const failing = ids.idAt(3 + CASES.findIndex((kind) => kind.name === 'claims-prod'));

  const core: PresetWorld['core'] = [
    {
      account: { name: 'northwind-management', optedIn: gulf ? [gulf] : [] },
      holdings: {
        trails: [
          {
            name: 'northwind-organization',
            organization: true,
            home,
            key: context.keyArn({ owner: auditId, name: 'organization-trail' }),
            bucket,
            logGroup: 'cloudtrail/organization',
            ...(ids.indexOf(failing) >= 0 ? { memberErrors: { [failing]: 'AccessDenied' } } : {}),
          },
          ...(gulf
            ? [
                {
                  name: 'gulf-operations',
                  organization: true,
                  home: gulf,
                  key: context.keyArn({ owner: managementId, name: 'gulf', region: gulf }),
                  bucket: `northwind-gulf-${managementId}`,
                },
              ]
            : []),
        ],
        keys: gulf ? [{ name: 'gulf', region: gulf }] : [],
        buckets: gulf ? [{ name: `northwind-gulf-${managementId}`, region: gulf }] : [],
        logGroups: [{ name: 'cloudtrail/organization', retentionDays: 365 }],
        stores: [
          {
            name: 'organization-lake',
            organization: true,
            key: context.keyArn({ owner: auditId, name: 'organization-trail' }),
          },
        ],
      },
    },
    {
      account: { name: 'log-archive', ou: 'Security' },
      holdings: {
        buckets: [{ name: bucket, objectLock: { mode: 'GOVERNANCE', days: 365 }, expiryDays: 2_555 }],
      },
    },
    {
      account: { name: 'audit', ou: 'Security' },
      holdings: {
        keys: [
          {
            name: 'organization-trail',
            sharedWith: [managementId],
            trailArns: [`arn:${context.partition}:cloudtrail:${home}:${managementId}:trail/northwind-organization`],
          },
        ],
        stores: [{ name: 'investigations' }],
      },
    },
  ];

  return {
    core,
    account: (index) => {
      const kind = caseOf(index);
      const again = index - 3 >= CASES.length ? `-${index}` : '';
      return {
        name: `${kind.name}${again}`,
        ou: kind.ou,
        ...(kind.ou.startsWith(ACQUIRED) ? { joinedHoursAgo: 1, organizationTrails: false } : {}),
        ...kind.account,
      };
    },
    holdings: (index, held) => held ?? caseOf(index).holdings?.({ id: ids.idAt(index), context }) ?? {},
    outsiders: new Map<string, HoldingSpecs>([
      [
        VENDOR,
        {
          keys: [{ name: 'vendor' }],
          buckets: [{ name: `vendor-siem-${VENDOR}`, region: home }],
        },
      ],
    ]),
    organizationalUnits: ['Security', 'Policy Staging', ...new Set(CASES.map((kind) => kind.ou))],
    denials: [{ accounts: namedIn(context, 'lab-frankfurt'), regions: [context.second], by: 'identity' }],
    regionDeny: {
      allow: context.regions.slice(0, 4).map((region) => region.name),
      ous: [REGULATED, `${ACQUIRED}/Regulated`],
    },
  };
};

/** Ids of the accounts of a kind, among the first of each kind. */
const namedIn = (context: PresetContext, name: string): string[] => {
  const index = 3 + CASES.findIndex((kind) => kind.name === name);
  return index < context.accounts ? [context.ids.idAt(index)] : [];
};

/** A local trail with a key and a bucket of its own; `change` says what is wrong with it. */
const local =
  (change: {
    trail?: Partial<TrailSpec>;
    key?: Partial<KeySpec> | null;
    bucket?: Partial<BucketSpec>;
    stores?: HoldingSpecs['stores'];
  }) =>
  ({ id, context }: Place): HoldingSpecs => {
    const name = `trail-logs-${id}`;
    const region = change.key?.region ?? context.home;
    const multiRegion = change.key?.multiRegion ?? (change.key?.replicas ?? []).length > 0;
    return {
      trails: [
        {
          name: 'account-trail',
          bucket: name,
          key: change.key === null ? null : context.keyArn({ owner: id, name: 'trail', region, multiRegion }),
          ...change.trail,
        },
      ],
      keys: change.key === null ? [] : [{ name: 'trail', ...change.key }],
      buckets: [{ name, ...change.bucket }],
      ...(change.stores ? { stores: change.stores } : {}),
    };
  };

const PLAIN: Case = { name: 'team', ou: 'Workloads/Prod' };

/** In the order in which accounts are dealt out, so that a small organization shows the most telling ones. */
const CASES: readonly Case[] = [
  { name: 'web-prod', ou: 'Workloads/Prod' },
  {
    name: 'payments-prod',
    ou: 'Workloads/Prod/EU/Payments/PCI',
    holdings: local({ key: null, trail: { name: 'management-events' } }),
  },
  { name: 'contoso-erp', ou: ACQUIRED, holdings: local({ key: { state: 'PendingDeletion', deletionInDays: 9 } }) },
  { name: 'data-lake', ou: 'Workloads/Prod', account: { role: false } },
  { name: 'health-eu', ou: REGULATED },
  { name: 'contoso-web', ou: ACQUIRED },
  { name: 'claims-prod', ou: 'Workloads/Prod' },
  { name: 'old-poc', ou: 'Suspended', account: { state: 'SUSPENDED' } },
  {
    name: 'analytics',
    ou: 'Workloads/Prod',
    holdings: ({ id, context }) => ({
      trails: [
        {
          name: 'siem-export',
          key: context.keyArn({ owner: VENDOR, name: 'vendor' }),
          bucket: `vendor-siem-${VENDOR}`,
        },
      ],
      logGroups: [],
      buckets: [{ name: `unused-${id}` }],
    }),
  },
  { name: 'contoso-shop', ou: ACQUIRED, holdings: local({ trail: { logging: false } }) },
  {
    name: 'search-prod',
    ou: 'Workloads/Prod',
    holdings: local({ trail: { deliveredHoursAgo: 27, digestHoursAgo: 27 } }),
  },
  { name: 'health-us', ou: REGULATED },
  {
    name: 'contoso-archive',
    ou: ACQUIRED,
    holdings: ({ id, context }) => ({
      keys: [{ name: 'lake' }],
      stores: [{ name: 'contoso-lake', key: context.keyArn({ owner: id, name: 'lake' }) }],
    }),
  },
  { name: 'left-company', ou: 'Suspended', account: { state: 'CLOSED' } },
  { name: 'sandbox', ou: 'Sandbox', holdings: local({ key: null, trail: { name: 'default-trail' } }) },
  { name: 'sandbox', ou: 'Sandbox', holdings: local({ key: null, trail: { name: 'default-trail' } }) },
  { name: 'contoso-media', ou: ACQUIRED, holdings: local({ trail: { events: 'data-only' } }) },
  { name: 'lab-frankfurt', ou: 'Sandbox' },
  { name: 'orders-prod', ou: 'Workloads/Prod/EU', holdings: local({ key: { manager: 'AWS', policy: 'none' } }) },
  { name: 'contoso-finance', ou: ACQUIRED, holdings: local({ key: { state: 'Disabled', unusableHoursAgo: 24 } }) },
  { name: 'contoso-regulated', ou: `${ACQUIRED}/Regulated`, holdings: local({ trail: { multiRegion: false } }) },
  { name: 'leaving', ou: 'Workloads/Test', account: { state: 'PENDING_CLOSURE' } },
  {
    name: 'newborn',
    ou: 'Workloads/Test',
    account: { state: 'PENDING_ACTIVATION', joinedHoursAgo: 1, organizationTrails: false },
  },
  { name: 'contoso-hr', ou: ACQUIRED, holdings: local({ trail: { multiRegion: false } }) },
  { name: 'contoso-labs', ou: ACQUIRED, holdings: local({ key: null, trail: { events: 'read' } }) },
  { name: 'contoso-secrets', ou: ACQUIRED, account: { role: false } },
  {
    name: 'contoso-iot',
    ou: ACQUIRED,
    holdings: local({ trail: { deliveryError: 'AccessDenied', deliveredHoursAgo: 90 } }),
  },
  {
    name: 'network',
    ou: 'Infrastructure/Network',
    holdings: local({ trail: { multiRegion: false }, key: { rotation: false } }),
  },
  {
    name: 'shared-services',
    ou: 'Infrastructure/Shared',
    holdings: local({ key: { origin: 'EXTERNAL', rotation: false } }),
  },
  { name: 'identity', ou: 'Infrastructure/Shared', holdings: local({ key: { policy: 'public' } }) },
  {
    name: 'backup',
    ou: 'Infrastructure/Shared',
    holdings: local({ key: { policy: 'unscoped' }, bucket: { versioning: null } }),
  },
  { name: 'build', ou: 'Infrastructure/CI', holdings: local({ key: { policy: 'none' } }) },
  {
    name: 'artifacts',
    ou: 'Infrastructure/CI',
    holdings: local({ bucket: { policy: 'no-tls', versioning: 'Suspended' } }),
  },
  {
    name: 'edge',
    ou: 'Infrastructure/Network',
    holdings: local({ bucket: { publicBlocked: false, policy: 'public', accessLogsTo: null } }),
  },
  {
    name: 'retail-eu',
    ou: 'Workloads/Prod/EU',
    holdings: ({ id, context }) => ({
      trails: [
        {
          name: 'account-trail',
          key: context.keyArn({ owner: id, name: 'trail', region: context.second, multiRegion: true }),
          bucket: `trail-logs-${id}`,
        },
      ],
      keys: [{ name: 'trail', replicas: context.second === context.home ? [] : [context.second], multiRegion: true }],
      buckets: [{ name: `trail-logs-${id}`, region: context.home }],
    }),
  },
  { name: 'retail-us', ou: 'Workloads/Prod', holdings: local({ bucket: { missing: true } }) },
  { name: 'retail-asia', ou: 'Workloads/Prod', holdings: local({ key: { missing: true } }) },
  { name: 'reporting', ou: 'Workloads/Prod', holdings: local({ trail: { events: 'no-kms' } }) },
  { name: 'messaging', ou: 'Workloads/Prod', holdings: local({ trail: { events: 'no-kms', advanced: true } }) },
  { name: 'crm', ou: 'Workloads/Prod', holdings: local({ trail: { validation: false } }) },
  {
    name: 'intranet',
    ou: 'Workloads/Test',
    holdings: local({
      key: { replicas: [], multiRegion: true },
      bucket: { expiryDays: 30, objectLock: { mode: 'COMPLIANCE', days: 30 } },
    }),
  },
  { name: 'mobile-test', ou: 'Workloads/Test', holdings: local({ key: null, trail: { logging: false } }) },
  { name: 'qa', ou: 'Workloads/Test', holdings: local({ stores: [{ name: 'qa-lake' }], trail: { advanced: true } }) },
  { name: 'staging', ou: 'Workloads/Test', holdings: local({ key: { state: 'PendingImport', origin: 'EXTERNAL' } }) },
  { name: 'contoso-imports', ou: ACQUIRED, holdings: local({ key: { state: 'Unavailable', origin: 'AWS_CLOUDHSM' } }) },
  { name: 'training', ou: 'Sandbox', holdings: local({ key: null, trail: { name: 'default-trail' } }) },
  { name: 'hackathon', ou: 'Sandbox', holdings: local({ key: null, trail: { name: 'default-trail' } }) },
  { name: 'partner', ou: 'Workloads/Prod', holdings: local({ key: { policy: 'denied' } }) },
  {
    name: 'signing',
    ou: 'Infrastructure/Shared',
    holdings: local({ key: { spec: 'RSA_2048', usage: 'SIGN_VERIFY', rotation: false } }),
  },
  { name: 'mail', ou: 'Workloads/Prod', holdings: local({ key: { policy: 'public-bounded' } }) },
  { name: 'billing', ou: 'Infrastructure/Shared' },
  { name: 'web-test', ou: 'Workloads/Test' },
  { name: 'api-prod', ou: 'Workloads/Prod' },
  { name: 'api-test', ou: 'Workloads/Test' },
  { name: 'ml-prod', ou: 'Workloads/Prod' },
  { name: 'ml-test', ou: 'Workloads/Test' },
  { name: 'docs', ou: 'Workloads/Prod' },
];
