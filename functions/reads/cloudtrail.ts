import {
  type AdvancedFieldSelector,
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventDataStoreCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  ListEventDataStoresCommand,
  type ListEventDataStoresCommandOutput,
  type Trail,
} from '@aws-sdk/client-cloudtrail';
import { LIMITS } from '../domain/limits/limits.ts';
import type { AccountSession, AdvancedField, DescribedTrail } from '../domain/model/account-access.ts';
import { CallError, malformed } from './call-error.ts';
import { pages } from './paging.ts';
import type { Read, ReadCalls } from './read.ts';
import { changes } from './watched/change.ts';

const service = 'cloudtrail';
const source = 'aws.cloudtrail';
const TRAILS = ['CreateTrail', 'UpdateTrail', 'DeleteTrail'];
const STORES = ['CreateEventDataStore', 'UpdateEventDataStore', 'DeleteEventDataStore', 'RestoreEventDataStore'];
const INGESTION = ['StartEventDataStoreIngestion', 'StopEventDataStoreIngestion'];

export const CLOUDTRAIL_READS = {
  trails: {
    service,
    operation: 'DescribeTrails',
    actions: ['cloudtrail:DescribeTrails'],
    grant: 'ListRegionsTrailsAndStores',
    changedBy: changes(source, ...TRAILS),
  },
  trailStatus: {
    service,
    operation: 'GetTrailStatus',
    actions: ['cloudtrail:GetTrailStatus'],
    grant: 'ReadTrailStatus',
    changedBy: changes(source, 'StartLogging', 'StopLogging'),
  },
  eventSelectors: {
    service,
    operation: 'GetEventSelectors',
    actions: ['cloudtrail:GetEventSelectors'],
    grant: 'ReadEventSelectors',
    changedBy: changes(source, 'PutEventSelectors'),
  },
  eventDataStores: {
    service,
    operation: 'ListEventDataStores',
    actions: ['cloudtrail:ListEventDataStores'],
    grant: 'ListRegionsTrailsAndStores',
    changedBy: changes(source, ...STORES, ...INGESTION),
  },
  eventDataStore: {
    service,
    operation: 'GetEventDataStore',
    actions: ['cloudtrail:GetEventDataStore'],
    grant: 'ReadEventDataStores',
    changedBy: changes(source, ...STORES, ...INGESTION),
  },
} as const satisfies Record<string, Read>;

export const cloudTrailReads = (calls: ReadCalls): Pick<AccountSession, keyof typeof CLOUDTRAIL_READS> => {
  const client = (region: string) => calls.client(CloudTrailClient, region);
  return {
    trails: (region) =>
      calls.read(CLOUDTRAIL_READS.trails.operation, async () => {
        const { operation } = CLOUDTRAIL_READS.trails;
        const input = { includeShadowTrails: true };
        const { trailList } = await calls.ask({
          ...CLOUDTRAIL_READS.trails,
          region,
          input,
          send: () => client(region).send(new DescribeTrailsCommand(input)),
        });
        // Taking a missing list for an empty one would report "no trail" where there was no answer.
        if (!trailList) throw malformed(operation, 'trailList');
        if (trailList.length > LIMITS.trailsInRegion.most) {
          const message = `${trailList.length} trails in one Region, more than the ${LIMITS.trailsInRegion.most} that are taken`;
          throw new CallError({ kind: 'ERROR', operation, code: 'TooManyTrails', message });
        }
        return trailList.map(describedTrail);
      }),

    trailStatus: (region, trailArn) =>
      calls.read(CLOUDTRAIL_READS.trailStatus.operation, async () => {
        const { operation } = CLOUDTRAIL_READS.trailStatus;
        const input = { Name: trailArn };
        const status = await calls.ask({
          ...CLOUDTRAIL_READS.trailStatus,
          region,
          input,
          subject: trailArn,
          send: () => client(region).send(new GetTrailStatusCommand(input)),
        });
        if (typeof status.IsLogging !== 'boolean') throw malformed(operation, 'IsLogging');
        return {
          isLogging: status.IsLogging,
          latestDeliveryAt: isoOf(status.LatestDeliveryTime),
          latestDigestAt: isoOf(status.LatestDigestDeliveryTime),
          latestDeliveryError: status.LatestDeliveryError || null,
          latestDigestError: status.LatestDigestDeliveryError || null,
          startedLoggingAt: isoOf(status.StartLoggingTime),
          stoppedLoggingAt: isoOf(status.StopLoggingTime),
          latestLogGroupDeliveryAt: isoOf(status.LatestCloudWatchLogsDeliveryTime),
          latestLogGroupDeliveryError: status.LatestCloudWatchLogsDeliveryError || null,
        };
      }),

    eventSelectors: (region, trailArn) =>
      calls.read(CLOUDTRAIL_READS.eventSelectors.operation, async () => {
        const { operation } = CLOUDTRAIL_READS.eventSelectors;
        const input = { TrailName: trailArn };
        const answer = await calls.ask({
          ...CLOUDTRAIL_READS.eventSelectors,
          region,
          input,
          subject: trailArn,
          send: () => client(region).send(new GetEventSelectorsCommand(input)),
        });
        if (!answer.EventSelectors && !answer.AdvancedEventSelectors) throw malformed(operation, 'event selectors');
        return {
          basic: (answer.EventSelectors ?? []).map((selector) => ({
            // The defaults of the API where a selector leaves them out.
            readWriteType: selector.ReadWriteType ?? 'All',
            includeManagementEvents: selector.IncludeManagementEvents ?? true,
            excludeManagementEventSources: selector.ExcludeManagementEventSources ?? [],
            dataResources: (selector.DataResources ?? []).map(({ Type, Values }) => ({
              type: Type ?? '',
              values: Values ?? [],
            })),
          })),
          advanced: (answer.AdvancedEventSelectors ?? []).map((selector) => ({
            name: selector.Name ?? null,
            fields: (selector.FieldSelectors ?? []).map(advancedField),
          })),
        };
      }),

    eventDataStores: (region) =>
      calls.read(CLOUDTRAIL_READS.eventDataStores.operation, async () => {
        const { operation } = CLOUDTRAIL_READS.eventDataStores;
        // By ARN: a page may be given twice.
        const stores = new Map<string, { arn: string; name: string; status: string | null }>();
        const list = (NextToken: string | undefined, page: number): Promise<ListEventDataStoresCommandOutput> => {
          const input = NextToken === undefined ? {} : { NextToken };
          return calls.ask({
            ...CLOUDTRAIL_READS.eventDataStores,
            region,
            input,
            page,
            send: () => client(region).send(new ListEventDataStoresCommand(input)),
          });
        };
        for await (const { EventDataStores } of pages(operation, list, (page) => page.NextToken)) {
          if (!EventDataStores) throw malformed(operation, 'EventDataStores');
          for (const { EventDataStoreArn, Name, Status } of EventDataStores) {
            if (!EventDataStoreArn) throw malformed(operation, 'EventDataStoreArn');
            stores.set(EventDataStoreArn, { arn: EventDataStoreArn, name: Name ?? '', status: Status ?? null });
          }
        }
        return [...stores.values()];
      }),

    eventDataStore: (region, arn) =>
      calls.read(CLOUDTRAIL_READS.eventDataStore.operation, async () => {
        const { operation } = CLOUDTRAIL_READS.eventDataStore;
        const input = { EventDataStore: arn };
        const store = await calls.ask({
          ...CLOUDTRAIL_READS.eventDataStore,
          region,
          input,
          subject: arn,
          send: () => client(region).send(new GetEventDataStoreCommand(input)),
        });
        if (!store.EventDataStoreArn) throw malformed(operation, 'EventDataStoreArn');
        return {
          arn: store.EventDataStoreArn,
          name: store.Name ?? '',
          status: store.Status ?? null,
          kmsKeyId: store.KmsKeyId || null,
          isOrganization: store.OrganizationEnabled ?? false,
          isMultiRegion: store.MultiRegionEnabled ?? false,
          retentionDays: store.RetentionPeriod ?? null,
        };
      }),
  };
};

const describedTrail = (trail: Trail): DescribedTrail => {
  if (!trail.TrailARN || !trail.HomeRegion) throw malformed('DescribeTrails', 'TrailARN or HomeRegion');
  return {
    trailArn: trail.TrailARN,
    name: trail.Name ?? '',
    homeRegion: trail.HomeRegion,
    isMultiRegion: trail.IsMultiRegionTrail ?? false,
    isOrganization: trail.IsOrganizationTrail ?? false,
    globalServiceEvents: trail.IncludeGlobalServiceEvents ?? false,
    logFileValidation: trail.LogFileValidationEnabled ?? false,
    kmsKeyId: trail.KmsKeyId || null,
    bucket: trail.S3BucketName || null,
    s3KeyPrefix: trail.S3KeyPrefix || null,
    logGroupArn: trail.CloudWatchLogsLogGroupArn || null,
  };
};

const advancedField = (selector: AdvancedFieldSelector): AdvancedField => ({
  field: selector.Field ?? '',
  equals: selector.Equals ?? [],
  notEquals: selector.NotEquals ?? [],
  startsWith: selector.StartsWith ?? [],
  notStartsWith: selector.NotStartsWith ?? [],
  endsWith: selector.EndsWith ?? [],
  notEndsWith: selector.NotEndsWith ?? [],
});

const isoOf = (date: Date | undefined): string | null => date?.toISOString() ?? null;
