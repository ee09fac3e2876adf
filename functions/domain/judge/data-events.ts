import type { AdvancedField, EventSelectors } from '../model/account-access.ts';
import { oneValueOf } from './event-selectors.ts';

/** Whether all read, and all write, data events of a bucket's objects are taken; null where that is not known. */
export interface BucketEvents {
  read: boolean | null;
  write: boolean | null;
}

const both = (taken: boolean | null): BucketEvents => ({ read: taken, write: taken });
const anyOf = (list: readonly (boolean | null)[]): boolean | null =>
  list.includes(true) ? true : list.includes(null) ? null : false;

/** What several selectors, or trails, take together. */
export const unionOfBucketEvents = (list: readonly BucketEvents[]): BucketEvents => ({
  read: anyOf(list.map(({ read }) => read)),
  write: anyOf(list.map(({ write }) => write)),
});

/**
 * Whether a trail's selectors take every data event of the bucket's objects. A selector of some objects, events or
 * callers takes not all.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
export const bucketEvents = (
  { basic, advanced }: EventSelectors,
  at: { bucket: string; partition: string },
): BucketEvents => {
  const all = `arn:${at.partition}:s3`;
  const objects = `${all}:::${at.bucket}/`;
  return unionOfBucketEvents([
    ...basic.map((selector) => takenByBasic(selector, [all, `${all}:::`, objects.slice(0, -1), objects])),
    ...advanced.map(({ fields }) => takenByAdvanced(fields, objects)),
  ]);
};

const takenByBasic = (selector: EventSelectors['basic'][number], whole: readonly string[]): BucketEvents => {
  // Files of earlier versions do not say.
  if (selector.dataResources === null) return both(null);
  const taken = selector.dataResources.some(
    ({ type, values }) => type === 'AWS::S3::Object' && values.some((value) => whole.includes(value)),
  );
  return {
    read: taken && selector.readWriteType !== 'WriteOnly',
    write: taken && selector.readWriteType !== 'ReadOnly',
  };
};

/** The fields of one advanced selector narrow one another. */
const takenByAdvanced = (fields: readonly AdvancedField[], objects: string): BucketEvents => {
  const named = (name: string) => fields.filter(({ field }) => field.toLowerCase() === name);
  if (!oneValueOf(named('eventcategory'))?.includes('Data')) return both(false);
  if (!oneValueOf(named('resources.type'))?.includes('AWS::S3::Object')) return both(false);
  const whole = fields.every((field) => {
    switch (field.field.toLowerCase()) {
      case 'eventcategory':
      case 'resources.type':
      case 'readonly':
        return true;
      case 'eventsource':
        return oneValueOf([field])?.includes('s3.amazonaws.com') ?? false;
      case 'resources.arn':
        return takesAllOf(field, objects);
      default:
        return false;
    }
  });
  const readOnly = named('readonly');
  const wanted = readOnly.length === 0 ? ['true', 'false'] : (oneValueOf(readOnly) ?? []);
  return { read: whole && wanted.includes('true'), write: whole && wanted.includes('false') };
};

/** Whether the field lets every object of the bucket pass: a prefix of their ARNs is asked for, and none is left out. */
const takesAllOf = (field: AdvancedField, objects: string): boolean => {
  if (field.equals.length > 0 || field.endsWith.length > 0 || field.notEndsWith.length > 0) return false;
  const leavesOut = [...field.notEquals, ...field.notStartsWith].some(
    (value) => value.startsWith(objects) || objects.startsWith(value),
  );
  return !leavesOut && (field.startsWith.length === 0 || field.startsWith.some((value) => objects.startsWith(value)));
};
