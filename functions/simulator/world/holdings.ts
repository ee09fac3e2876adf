import type { Bucket, Holdings, Key, LogGroup, Store, Trail } from './model.ts';
import { bucketPolicyText, keyPolicyText } from './policies.ts';
import { numberOf, uuidOf } from './seed.ts';
import type { BucketSpec, KeySpec, LogGroupSpec, StoreSpec, TrailEvents, TrailSpec } from './world-spec.ts';

/** What one account owns, as specified: names are final (keys are ARNs), defaults are not yet filled in. */
export interface HoldingSpecs {
  trails?: TrailSpec[];
  keys?: KeySpec[];
  buckets?: BucketSpec[];
  stores?: StoreSpec[];
  logGroups?: LogGroupSpec[];
}

export interface HoldingContext {
  seed: number;
  partition: string;
  owner: string;
  /** Where things are that do not say. */
  region: string;
  /** The simulation's present, epoch milliseconds. */
  present: number;
}

const HOUR = 3_600_000;
const USABLE = new Set(['Enabled', 'Updating']);

/** Where a key of this name is: any account can name its ARN before it is made. */
export const keyArnOf = (key: {
  seed: number;
  partition: string;
  owner: string;
  region: string;
  name: string;
  multiRegion?: boolean;
}): string => `arn:${key.partition}:kms:${key.region}:${key.owner}:key/${keyIdOf(key)}`;

const keyIdOf = (key: { seed: number; owner: string; name: string; multiRegion?: boolean }): string => {
  const uuid = uuidOf(key.seed, `key:${key.owner}:${key.name}`);
  return key.multiRegion === true ? `mrk-${uuid.replaceAll('-', '')}` : uuid;
};

export const trailArnOf = (trail: { partition: string; owner: string; home: string; name: string }): string =>
  `arn:${trail.partition}:cloudtrail:${trail.home}:${trail.owner}:trail/${trail.name}`;

export const logGroupArnOf = (group: { partition: string; owner: string; region: string; name: string }): string =>
  `arn:${group.partition}:logs:${group.region}:${group.owner}:log-group:${group.name}`;

/** Fills the defaults in. What few calls ask for (policies, selectors, dates) is a getter, since accounts are many. */
export const fillHoldings = (specs: HoldingSpecs, context: HoldingContext): Holdings => ({
  trails: (specs.trails ?? []).map((spec) => trailFrom(spec, context)),
  keys: (specs.keys ?? []).flatMap((spec) => keysFrom(spec, context)),
  buckets: (specs.buckets ?? []).filter((spec) => spec.missing !== true).map((spec) => bucketFrom(spec, context)),
  stores: (specs.stores ?? []).map((spec) => storeFrom(spec, context)),
  logGroups: (specs.logGroups ?? []).map((spec) => logGroupFrom(spec, context)),
});

const trailFrom = (spec: TrailSpec, context: HoldingContext): Trail => {
  const home = spec.home ?? context.region;
  const logging = spec.logging ?? true;
  const validation = spec.validation ?? true;
  const multiRegion = spec.multiRegion ?? true;
  const stoppedHours = logging ? (spec.stoppedHoursAgo ?? null) : (spec.stoppedHoursAgo ?? 72);
  // What a stopped trail delivered last, it delivered before it stopped.
  const idle = logging ? 0 : (stoppedHours ?? 0);
  const ago = (hours: number | null): number | null =>
    hours === null ? null : Math.round(context.present - hours * HOUR);
  return {
    arn: trailArnOf({ ...context, home, name: spec.name }),
    name: spec.name,
    owner: context.owner,
    home,
    multiRegion,
    organization: spec.organization ?? false,
    globalEvents: spec.globalEvents ?? multiRegion,
    validation,
    key: spec.key ?? null,
    deliveredWith: spec.deliveredWith === undefined ? (spec.key ?? null) : spec.deliveredWith,
    memberDeliveredWith: spec.memberDeliveredWith ?? {},
    bucket: spec.bucket ?? defaultBucketOf(context.owner),
    prefix: spec.prefix ?? null,
    logGroupArn: spec.logGroup ? `${logGroupArnOf({ ...context, region: home, name: spec.logGroup })}:*` : null,
    logging,
    get selectors() {
      return spec.selectors ?? selectorsOf(spec.events ?? 'all', spec.advanced ?? false);
    },
    startedAt: context.present - (spec.startedHoursAgo ?? 9_000) * HOUR,
    stoppedAt: ago(stoppedHours),
    deliveredAt: ago(spec.deliveredHoursAgo === undefined ? idle + 0.1 : spec.deliveredHoursAgo),
    digestAt: ago(
      spec.digestHoursAgo !== undefined
        ? spec.digestHoursAgo
        : !validation || spec.deliveredHoursAgo === null
          ? null
          : (spec.deliveredHoursAgo ?? idle + 0.1) + 0.5,
    ),
    deliveryError: spec.deliveryError ?? null,
    logGroupDeliveredAt: spec.logGroupDeliveredHoursAgo === undefined ? undefined : ago(spec.logGroupDeliveredHoursAgo),
    logGroupError: spec.logGroupError ?? null,
    digestError: spec.digestError ?? null,
    memberErrors: spec.memberErrors ?? {},
  };
};

export const defaultBucketOf = (owner: string): string => `trail-logs-${owner}`;

/** One key, and one more for each replica of it. */
const keysFrom = (spec: KeySpec, context: HoldingContext): Key[] => {
  if (spec.missing === true) return [];
  const primary = spec.region ?? context.region;
  const replicas = spec.replicas ?? [];
  const multiRegion = spec.multiRegion ?? replicas.length > 0;
  const state = spec.state ?? 'Enabled';
  const manager = spec.manager ?? 'CUSTOMER';
  const sharedWith = spec.sharedWith ?? [];
  const id = keyIdOf({ ...context, name: spec.name, multiRegion });
  const usable = USABLE.has(state);
  return [primary, ...replicas].map((region) => ({
    arn: `arn:${context.partition}:kms:${region}:${context.owner}:key/${id}`,
    id,
    owner: context.owner,
    region,
    primaryRegion: primary,
    replicaRegions: replicas,
    state,
    manager,
    origin: spec.origin ?? 'AWS_KMS',
    spec: spec.spec ?? 'SYMMETRIC_DEFAULT',
    usage: spec.usage ?? 'ENCRYPT_DECRYPT',
    multiRegion,
    rotation: spec.rotation ?? true,
    rotationDays: spec.rotationDays ?? 365,
    get createdAt() {
      return oldDate(context, id);
    },
    deletionAt: state === 'PendingDeletion' ? context.present + (spec.deletionInDays ?? 12) * 24 * HOUR : null,
    unusableSince: usable ? null : context.present - (spec.unusableHoursAgo ?? 24) * HOUR,
    alias: `alias/${manager === 'AWS' ? 'aws/' : ''}${spec.name}`,
    description:
      spec.description ?? (manager === 'AWS' ? `Default key that protects ${spec.name}` : `Key ${spec.name}`),
    get policy() {
      return (
        spec.policyText ??
        keyPolicyText({
          kind: spec.policy ?? (manager === 'AWS' ? 'none' : 'cloudtrail'),
          partition: context.partition,
          owner: context.owner,
          trailArns: spec.trailArns ?? [],
          sharedWith,
        })
      );
    },
    sharedWith,
  }));
};

const bucketFrom = (spec: BucketSpec, context: HoldingContext): Bucket => ({
  name: spec.name,
  owner: context.owner,
  region: spec.region ?? context.region,
  get createdAt() {
    return oldDate(context, spec.name);
  },
  publicBlocked: spec.publicBlocked ?? true,
  get policy() {
    return (
      spec.policyText ?? bucketPolicyText({ kind: spec.policy ?? 'tls', partition: context.partition, name: spec.name })
    );
  },
  versioning: spec.versioning === undefined ? 'Enabled' : spec.versioning,
  objectLock: spec.objectLock ?? null,
  expiryDays: spec.expiryDays ?? null,
  accessLogsTo: spec.accessLogsTo === undefined ? `access-logs-${context.owner}` : spec.accessLogsTo,
  encryption: spec.encryption ?? 'AES256',
  readers: spec.readers ?? [],
  writable: spec.writable ?? false,
});

const storeFrom = (spec: StoreSpec, context: HoldingContext): Store => {
  const region = spec.region ?? context.region;
  return {
    arn: `arn:${context.partition}:cloudtrail:${region}:${context.owner}:eventdatastore/${uuidOf(context.seed, `store:${context.owner}:${region}:${spec.name}`)}`,
    ...{ key: null, organization: false, multiRegion: true, status: 'ENABLED', retentionDays: 2557 },
    ...spec,
    owner: context.owner,
    region,
    createdAt: oldDate(context, spec.name),
  };
};

const logGroupFrom = (spec: LogGroupSpec, context: HoldingContext): LogGroup => {
  const region = spec.region ?? context.region;
  return {
    arn: logGroupArnOf({ ...context, region, name: spec.name }),
    ...{ key: null, retentionDays: null },
    ...spec,
    owner: context.owner,
    region,
    createdAt: oldDate(context, spec.name),
  };
};

/** A day between 2019 and 2024: it does not move with the present. */
const oldDate = (context: HoldingContext, name: string): number =>
  Date.UTC(2019, 0, 1) + numberOf(context.seed, `made:${context.owner}:${name}`, 1_800) * 24 * HOUR;

const EXCLUDED: Partial<Record<TrailEvents, string>> = {
  'no-kms': 'kms.amazonaws.com',
  'no-rds-data': 'rdsdata.amazonaws.com',
};

const selectorsOf = (events: TrailEvents, advanced: boolean): Trail['selectors'] => {
  const excluded = EXCLUDED[events];
  if (events === 'network-only') {
    return {
      AdvancedEventSelectors: [
        {
          Name: 'VPC endpoints',
          FieldSelectors: [equal('eventCategory', 'NetworkActivity'), equal('eventSource', 'kms.amazonaws.com')],
        },
      ],
    };
  }
  if (advanced) {
    if (events === 'data-only') {
      return {
        AdvancedEventSelectors: [
          {
            Name: 'S3 objects',
            FieldSelectors: [equal('eventCategory', 'Data'), equal('resources.type', 'AWS::S3::Object')],
          },
        ],
      };
    }
    const fields: object[] = [equal('eventCategory', 'Management')];
    if (events === 'read') fields.push(equal('readOnly', 'true'));
    if (events === 'write') fields.push(equal('readOnly', 'false'));
    if (excluded) fields.push({ Field: 'eventSource', NotEquals: [excluded] });
    return { AdvancedEventSelectors: [{ Name: 'Management events selector', FieldSelectors: fields }] };
  }
  return {
    EventSelectors: [
      {
        ReadWriteType: events === 'read' ? 'ReadOnly' : events === 'write' ? 'WriteOnly' : 'All',
        IncludeManagementEvents: events !== 'data-only',
        DataResources: events === 'data-only' ? [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }] : [],
        ExcludeManagementEventSources: excluded ? [excluded] : [],
      },
    ],
  };
};

const equal = (field: string, value: string): object => ({ Field: field, Equals: [value] });
