import { describe, expect, test } from '@jest/globals';
import { type BucketEvents, bucketEvents } from '../../../functions/domain/judge/data-events.ts';
import type { AdvancedField, EventSelectors } from '../../../functions/domain/model/account-access.ts';

type Basic = EventSelectors['basic'][number];
const taken = (selectors: Partial<EventSelectors>, partition = 'aws'): BucketEvents =>
  bucketEvents({ basic: [], advanced: [], ...selectors }, { bucket: 'logs', partition });
const NOTHING = { read: false, write: false };
const ALL = { read: true, write: true };

const basic = (values: string[] | null, readWriteType = 'All', type = 'AWS::S3::Object'): Basic => ({
  readWriteType,
  includeManagementEvents: true,
  excludeManagementEventSources: [],
  dataResources: values && [{ type, values }],
});

describe('bucketEvents by basic selectors', () => {
  test.each<[string, Basic[], BucketEvents]>([
    ['none', [], NOTHING],
    ['management events alone', [basic([])], NOTHING],
    ['every bucket', [basic(['arn:aws:s3'])], ALL],
    ['every bucket, the long way', [basic(['arn:aws:s3:::'])], ALL],
    ['this bucket', [basic(['arn:aws:s3:::other/', 'arn:aws:s3:::logs/'])], ALL],
    ['a part of it', [basic(['arn:aws:s3:::logs/AWSLogs'])], NOTHING],
    ['another whose name begins so', [basic(['arn:aws:s3:::logs-2/'])], NOTHING],
    ['another partition', [basic(['arn:aws-cn:s3'])], NOTHING],
    ['another service', [basic(['arn:aws:s3'], 'All', 'AWS::Lambda::Function')], NOTHING],
    ['reads alone', [basic(['arn:aws:s3'], 'ReadOnly')], { read: true, write: false }],
    ['reads and writes apart', [basic(['arn:aws:s3'], 'ReadOnly'), basic(['arn:aws:s3:::logs/'], 'WriteOnly')], ALL],
    ['a file that does not say', [basic(null)], { read: null, write: null }],
    ['a file that does not say, beside one that takes all', [basic(null), basic(['arn:aws:s3'])], ALL],
  ])('%s', (_, selectors, expected) => expect(taken({ basic: selectors })).toEqual(expected));
});

const field = (name: string, operators: Partial<AdvancedField>): AdvancedField => ({
  ...{ field: name, equals: [], notEquals: [], startsWith: [], notStartsWith: [], endsWith: [], notEndsWith: [] },
  ...operators,
});
const objects = [
  field('eventCategory', { equals: ['Data'] }),
  field('resources.type', { equals: ['AWS::S3::Object'] }),
];
const arn = (operators: Partial<AdvancedField>) => field('resources.ARN', operators);

describe('bucketEvents by advanced selectors', () => {
  test.each<[string, AdvancedField[], BucketEvents]>([
    ['every object', objects, ALL],
    ['this bucket', [...objects, arn({ startsWith: ['arn:aws:s3:::other/', 'arn:aws:s3:::logs/'] })], ALL],
    ['buckets of a name that begins so', [...objects, arn({ startsWith: ['arn:aws:s3:::lo'] })], ALL],
    ['a part of it', [...objects, arn({ startsWith: ['arn:aws:s3:::logs/AWSLogs'] })], NOTHING],
    ['one object', [...objects, arn({ equals: ['arn:aws:s3:::logs/a'] })], NOTHING],
    ['all but another bucket', [...objects, arn({ notStartsWith: ['arn:aws:s3:::other/'] })], ALL],
    ['all but this bucket', [...objects, arn({ notStartsWith: ['arn:aws:s3:::logs/'] })], NOTHING],
    ['all but buckets of such names', [...objects, arn({ notStartsWith: ['arn:aws:s3:::l'] })], NOTHING],
    ['all but a part of it', [...objects, arn({ notStartsWith: ['arn:aws:s3:::logs/AWSLogs/'] })], NOTHING],
    ['all but one object', [...objects, arn({ notEquals: ['arn:aws:s3:::logs/a'] })], NOTHING],
    ['all but some endings', [...objects, arn({ notEndsWith: ['.gz'] })], NOTHING],
    ['writes alone', [...objects, field('readOnly', { equals: ['false'] })], { read: false, write: true }],
    ['some events', [...objects, field('eventName', { equals: ['GetObject'] })], NOTHING],
    ['some callers', [...objects, field('userIdentity.arn', { startsWith: ['arn:aws:iam::1'] })], NOTHING],
    ['of S3', [...objects, field('eventSource', { equals: ['s3.amazonaws.com'] })], ALL],
    [
      'of access points',
      [objects[0] as AdvancedField, field('resources.type', { equals: ['AWS::S3::AccessPoint'] })],
      NOTHING,
    ],
    ['management events', [field('eventCategory', { equals: ['Management'] })], NOTHING],
  ])('%s', (_, fields, expected) => expect(taken({ advanced: [{ name: null, fields }] })).toEqual(expected));
});
