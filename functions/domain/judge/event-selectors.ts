import type { AdvancedField, EventSelectors, ManagementEvents } from '../model/account-access.ts';

/**
 * How many of the read (or write) management events are taken: none, all but those of some sources
 * (of none: all), or some that cannot be known by source.
 */
type Half =
  | { kind: 'NONE' }
  | { kind: 'ALL_BUT'; sources: ReadonlySet<string> }
  | { kind: 'SOME' }
  | { kind: 'UNKNOWN' };

interface Taken {
  read: Half;
  write: Half;
}

const NONE: Half = { kind: 'NONE' };
const UNKNOWN: Half = { kind: 'UNKNOWN' };
const allBut = (sources: readonly string[]): Half => ({ kind: 'ALL_BUT', sources: new Set(sources) });
const both = (half: Half): Taken => ({ read: half, write: half });

/**
 * Which management events a trail's selectors take, all selectors together (an event is logged if any takes it).
 * A trail without selectors takes them all. PARTIAL: some of the read or of the write events are missing, by an
 * excluded source (KMS, RDS Data API) or another narrowing field. UNKNOWN: a selector that AWS does not describe.
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html
 */
export const managementEvents = ({ basic, advanced }: EventSelectors): ManagementEvents => {
  if (basic.length === 0 && advanced.length === 0) return 'ALL';
  const taken = [...basic.map(takenByBasic), ...advanced.map(({ fields }) => takenByAdvanced(fields))];
  return named({
    read: taken.map(({ read }) => read).reduce(union, NONE),
    write: taken.map(({ write }) => write).reduce(union, NONE),
  });
};

/** What several trails that record one target take together: READ and WRITE make ALL. NONE where there is no trail. */
export const unionOfManagementEvents = (list: readonly ManagementEvents[]): ManagementEvents =>
  named({
    read: list.map((events) => HALVES[events].read).reduce(union, NONE),
    write: list.map((events) => HALVES[events].write).reduce(union, NONE),
  });

const HALVES: Readonly<Record<ManagementEvents, Taken>> = {
  ALL: both(allBut([])),
  READ: { read: allBut([]), write: NONE },
  WRITE: { read: NONE, write: allBut([]) },
  PARTIAL: both({ kind: 'SOME' }),
  NONE: both(NONE),
  UNKNOWN: both(UNKNOWN),
};

const takenByBasic = (selector: EventSelectors['basic'][number]): Taken => {
  if (!selector.includeManagementEvents) return both(NONE);
  const half = allBut(selector.excludeManagementEventSources);
  if (selector.readWriteType === 'All') return both(half);
  if (selector.readWriteType === 'ReadOnly') return { read: half, write: NONE };
  if (selector.readWriteType === 'WriteOnly') return { read: NONE, write: half };
  return both(UNKNOWN);
};

/** The fields of one advanced selector narrow one another. */
const takenByAdvanced = (fields: readonly AdvancedField[]): Taken => {
  const named = (name: string) => fields.filter(({ field }) => field.toLowerCase() === name);
  const category = oneValueOf(named('eventcategory'));
  // AWS requires it, with Equals.
  if (!category) return both(UNKNOWN);
  if (!category.includes('Management')) return both(NONE);
  const readOnly = named('readonly');
  const wanted = readOnly.length === 0 ? ['true', 'false'] : oneValueOf(readOnly);
  if (!wanted?.every((value) => value === 'true' || value === 'false')) return both(UNKNOWN);
  const rest = fields.filter(({ field }) => !['eventcategory', 'readonly'].includes(field.toLowerCase()));
  const half: Half = rest.every(onlyExcludesSources)
    ? allBut(rest.flatMap(({ notEquals }) => notEquals))
    : { kind: 'SOME' };
  return { read: wanted.includes('true') ? half : NONE, write: wanted.includes('false') ? half : NONE };
};

/** The values that every one of these fields takes by Equals; null where there is none, or another operator. */
export const oneValueOf = (fields: readonly AdvancedField[]): string[] | null => {
  const [first] = fields;
  const plain = fields.every(
    (field) => field.equals.length > 0 && OTHER_OPERATORS.every((name) => field[name].length === 0),
  );
  if (!first || !plain) return null;
  return first.equals.filter((value) => fields.every(({ equals }) => equals.includes(value)));
};

const OTHER_OPERATORS = ['notEquals', 'startsWith', 'notStartsWith', 'endsWith', 'notEndsWith'] as const;

const onlyExcludesSources = (field: AdvancedField): boolean =>
  field.field.toLowerCase() === 'eventsource' &&
  field.equals.length === 0 &&
  OTHER_OPERATORS.every((name) => (name === 'notEquals' ? field[name].length > 0 : field[name].length === 0));

const union = (one: Half, other: Half): Half => {
  if (one.kind === 'NONE') return other;
  if (other.kind === 'NONE') return one;
  if (isAll(one) || isAll(other)) return allBut([]);
  if (one.kind === 'UNKNOWN' || other.kind === 'UNKNOWN') return UNKNOWN;
  if (one.kind === 'ALL_BUT' && other.kind === 'ALL_BUT') {
    return allBut([...one.sources].filter((source) => other.sources.has(source)));
  }
  return one.kind === 'ALL_BUT' ? one : other;
};

const isAll = (half: Half): boolean => half.kind === 'ALL_BUT' && half.sources.size === 0;

const named = ({ read, write }: Taken): ManagementEvents => {
  if (isAll(read) && isAll(write)) return 'ALL';
  if (read.kind === 'UNKNOWN' || write.kind === 'UNKNOWN') return 'UNKNOWN';
  if (read.kind === 'NONE' && write.kind === 'NONE') return 'NONE';
  if (isAll(read) && write.kind === 'NONE') return 'READ';
  if (read.kind === 'NONE' && isAll(write)) return 'WRITE';
  return 'PARTIAL';
};
