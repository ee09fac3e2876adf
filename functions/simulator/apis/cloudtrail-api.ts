import { deliveryOf } from '../world/delivery.ts';
import type { SimAccount, Trail } from '../world/model.ts';
import type { World } from '../world/world.ts';
import { pageOf } from './paging.ts';
import { type Operation, type Service, type ServiceCall, textOf } from './service.ts';
import { ApiError } from './wire.ts';

/** Per account and region, each operation its own (General Reference, CloudTrail quotas). */
const QUOTA = { rate: 10, burst: 10 };

const OPERATIONS: Record<string, Operation> = {
  DescribeTrails: {
    quota: QUOTA,
    run: (call) => {
      const { world, account, region, input } = call;
      const names = Array.isArray(input.trailNameList) ? input.trailNameList.map(String) : [];
      const shadows = input.includeShadowTrails !== false;
      const trails = world
        .visibleTrails(account, region)
        .filter((trail) => shadows || trail.home === region)
        .filter((trail) => names.length === 0 || names.some((name) => isNamed(trail, name, call)));
      return { trailList: trails.map(trailJson) };
    },
  },
  ListTrails: {
    quota: QUOTA,
    run: (call) => {
      const { world, account } = call;
      const trails = world.regions
        .filter(({ name }) => world.isEnabled(account, name))
        .flatMap(({ name }) => world.visibleTrails(account, name).filter((trail) => trail.home === name));
      const { page, next } = paged(call, trails, 'trails', 100);
      return {
        Trails: page.map((trail) => ({ TrailARN: trail.arn, Name: trail.name, HomeRegion: trail.home })),
        ...next,
      };
    },
  },
  GetTrail: {
    quota: QUOTA,
    resource: (call) => trailResource(call, 'Name'),
    subject: ({ input }) => textOf(input, 'Name'),
    run: (call) => ({ Trail: trailJson(trailNamed(call, 'Name')) }),
  },
  GetTrailStatus: {
    quota: QUOTA,
    resource: (call) => trailResource(call, 'Name'),
    subject: ({ input }) => textOf(input, 'Name'),
    run: (call) => statusJson(call.world, trailNamed(call, 'Name'), call.account),
  },
  GetEventSelectors: {
    quota: QUOTA,
    resource: (call) => trailResource(call, 'TrailName'),
    subject: ({ input }) => textOf(input, 'TrailName'),
    run: (call) => {
      const trail = trailNamed(call, 'TrailName');
      return { TrailARN: trail.arn, ...trail.selectors };
    },
  },
  GetInsightSelectors: {
    quota: QUOTA,
    resource: (call) => trailResource(call, 'TrailName'),
    subject: ({ input }) => textOf(input, 'TrailName'),
    run: (call) => {
      const { arn } = trailNamed(call, 'TrailName');
      throw new ApiError(
        400,
        'InsightNotEnabledException',
        `Trail ${arn} does not have Insights enabled. Edit the trail settings to enable Insights, and then try the operation again.`,
      );
    },
  },
  ListTags: {
    quota: QUOTA,
    subject: ({ input }) => JSON.stringify(input.ResourceIdList ?? []),
    run: (call) => {
      const { world, account, region, input } = call;
      const asked = Array.isArray(input.ResourceIdList) ? input.ResourceIdList.map(String) : [];
      const seen = new Set(world.visibleTrails(account, region).map(({ arn }) => arn));
      const unknown = asked.find((arn) => !seen.has(arn));
      if (unknown !== undefined) {
        throw new ApiError(400, 'ResourceNotFoundException', `The specified resource ${unknown} was not found.`);
      }
      return { ResourceTagList: asked.map((arn) => ({ ResourceId: arn, TagsList: [] })) };
    },
  },
  ListEventDataStores: {
    quota: QUOTA,
    run: (call) => {
      const stores = call.world.holdingsOf(call.account.id).stores.filter((store) => store.region === call.region);
      const { page, next } = paged(call, stores, 'stores', 1_000);
      return { EventDataStores: page.map((store) => ({ EventDataStoreArn: store.arn, Name: store.name })), ...next };
    },
  },
  GetEventDataStore: {
    quota: QUOTA,
    resource: ({ input }) => textOf(input, 'EventDataStore'),
    subject: ({ input }) => textOf(input, 'EventDataStore'),
    run: (call) => {
      const asked = textOf(call.input, 'EventDataStore');
      const store = call.world
        .holdingsOf(call.account.id)
        .stores.find((held) => held.region === call.region && (held.arn === asked || held.arn.endsWith(`/${asked}`)));
      if (!store) {
        throw new ApiError(
          400,
          'EventDataStoreNotFoundException',
          `The specified event data store ${asked} was not found.`,
        );
      }
      return {
        EventDataStoreArn: store.arn,
        Name: store.name,
        Status: store.status,
        AdvancedEventSelectors: [
          { Name: 'Default management events', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] },
        ],
        MultiRegionEnabled: store.multiRegion,
        OrganizationEnabled: store.organization,
        RetentionPeriod: store.retentionDays,
        TerminationProtectionEnabled: true,
        CreatedTimestamp: store.createdAt / 1_000,
        UpdatedTimestamp: store.createdAt / 1_000,
        ...(store.key === null ? {} : { KmsKeyId: store.key }),
        BillingMode: 'EXTENDABLE_RETENTION_PRICING',
      };
    },
  },
};

export const cloudtrail: Service = {
  name: 'cloudtrail',
  protocol: 'json',
  throttling: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  operations: OPERATIONS,
};

/** Outside its home region, and in a member of the organization, a trail answers to its ARN alone. */
const isNamed = (trail: Trail, name: string, call: ServiceCall): boolean =>
  name === trail.arn || (name === trail.name && trail.owner === call.account.id && trail.home === call.region);

const trailNamed = (call: ServiceCall, member: string): Trail => {
  const name = textOf(call.input, member);
  const trail = call.world.visibleTrails(call.account, call.region).find((seen) => isNamed(seen, name, call));
  if (!trail) {
    throw new ApiError(400, 'TrailNotFoundException', `Unknown trail: ${name} for the user: ${call.account.id}`);
  }
  return trail;
};

const trailResource = (call: ServiceCall, member: string): string => {
  const name = textOf(call.input, member);
  return name.startsWith('arn:')
    ? name
    : `arn:${call.world.partition}:cloudtrail:${call.region}:${call.account.id}:trail/${name}`;
};

const paged = <T>(call: ServiceCall, things: readonly T[], list: string, most: number) => {
  const { from, to, nextToken } = pageOf({
    count: things.length,
    token: call.input.NextToken,
    size: Math.min(most, call.rules.pageSize < 20 ? call.rules.pageSize : most, Number(call.input.MaxResults ?? most)),
    list: `${list} of ${call.account.id} ${call.region}`,
    rules: call.rules,
    invalid: new ApiError(400, 'InvalidNextTokenException', 'The specified NextToken is not valid.'),
  });
  return { page: things.slice(from, to), next: nextToken === null ? {} : { NextToken: nextToken } };
};

const trailJson = (trail: Trail): object => ({
  Name: trail.name,
  S3BucketName: trail.bucket,
  ...(trail.prefix === null ? {} : { S3KeyPrefix: trail.prefix }),
  IncludeGlobalServiceEvents: trail.globalEvents,
  IsMultiRegionTrail: trail.multiRegion,
  HomeRegion: trail.home,
  TrailARN: trail.arn,
  LogFileValidationEnabled: trail.validation,
  ...(trail.logGroupArn === null
    ? {}
    : {
        CloudWatchLogsLogGroupArn: trail.logGroupArn,
        CloudWatchLogsRoleArn: `arn:${trail.arn.split(':')[1]}:iam::${trail.owner}:role/CloudTrail_CloudWatchLogs_Role`,
      }),
  ...(trail.key === null ? {} : { KmsKeyId: trail.key }),
  HasCustomEventSelectors: !isDefault(trail),
  HasInsightSelectors: false,
  IsOrganizationTrail: trail.organization,
});

const isDefault = (trail: Trail): boolean =>
  JSON.stringify(trail.selectors).includes('"ReadWriteType":"All","IncludeManagementEvents":true');

const statusJson = (world: World, trail: Trail, account: SimAccount): object => {
  const delivery = deliveryOf(world, trail, account);
  const started = Math.max(trail.startedAt, trail.organization ? account.joinedAt : 0);
  const reached = trail.logGroupDeliveredAt === undefined ? delivery.deliveredAt : trail.logGroupDeliveredAt;
  const time = (at: number | null): string => (at === null ? '' : new Date(at).toISOString().replace('.000Z', 'Z'));
  // Real answers carry the deprecated text forms too, empty where there is nothing to say.
  return {
    IsLogging: trail.logging,
    ...(delivery.deliveryError === null ? {} : { LatestDeliveryError: delivery.deliveryError }),
    ...(delivery.deliveredAt === null ? {} : { LatestDeliveryTime: delivery.deliveredAt / 1_000 }),
    StartLoggingTime: started / 1_000,
    ...(trail.stoppedAt === null ? {} : { StopLoggingTime: trail.stoppedAt / 1_000 }),
    ...(trail.logGroupArn === null || reached === null ? {} : { LatestCloudWatchLogsDeliveryTime: reached / 1_000 }),
    ...(trail.logGroupError === null ? {} : { LatestCloudWatchLogsDeliveryError: trail.logGroupError }),
    ...(delivery.digestAt === null ? {} : { LatestDigestDeliveryTime: delivery.digestAt / 1_000 }),
    ...(delivery.digestError === null ? {} : { LatestDigestDeliveryError: delivery.digestError }),
    LatestDeliveryAttemptTime: time(delivery.deliveredAt),
    LatestNotificationAttemptTime: '',
    LatestNotificationAttemptSucceeded: '',
    LatestDeliveryAttemptSucceeded: time(delivery.deliveredAt),
    TimeLoggingStarted: time(started),
    TimeLoggingStopped: time(trail.stoppedAt),
  };
};
