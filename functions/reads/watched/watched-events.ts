import { READS } from '../registry.ts';
import { type Change, mergedChanges } from './change.ts';
import { ORGANIZATION_CHANGES } from './organization-changes.ts';

/** Every event after which some read of ours may be answered otherwise, by its source. */
export const WATCHED: readonly Change[] = mergedChanges([
  ...READS.map(({ changedBy }) => changedBy),
  ...Object.values(ORGANIZATION_CHANGES),
]);

/** Whether an event, by its source and its name (or `detail-type`), is one of those. */
export const isWatched = ({ source, name }: { source: string; name: string }): boolean =>
  WATCHED.some(
    (change) => change.source === source && (change.events?.includes(name) || change.notices?.includes(name)),
  );

/** As CloudTrail hands its events to EventBridge. Its events of reads are never sent there unless a rule asks for them. */
export const CLOUDTRAIL_DETAIL_TYPES = ['AWS API Call via CloudTrail', 'AWS Service Event via CloudTrail'] as const;

/** What EventBridge takes of one pattern, in characters of its JSON. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
export const PATTERN_LIMIT = 2_048;

/** Of one source: what CloudTrail logs of it, or what it sends by itself. */
type SourcePattern = {
  source: [Change['source']];
  'detail-type': string[];
  detail?: { eventName: string[] };
};
/** EventBridge takes no `$or` of one branch. */
export type EventPattern = { $or: SourcePattern[] } | SourcePattern;

/**
 * The watched events as EventBridge's patterns, as few as fit into its limit: a rule for each. Every branch names the
 * `source`: a pattern without one would let anybody's custom event in.
 */
export function watchedPatterns(watched: readonly Change[] = WATCHED, limit = PATTERN_LIMIT): EventPattern[] {
  const groups: SourcePattern[][] = [];
  for (const branch of watched.flatMap(branchesOf)) {
    const last = groups.at(-1);
    if (last && lengthOf(patternOf([...last, branch])) <= limit) last.push(branch);
    else groups.push([branch]);
  }
  const patterns = groups.map(patternOf);
  const longest = Math.max(...patterns.map(lengthOf));
  if (longest > limit) throw new Error(`an event pattern of one source has ${longest} characters; ${limit} are taken`);
  return patterns;
}

const patternOf = (branches: SourcePattern[]): EventPattern =>
  branches.length === 1 ? (branches[0] as SourcePattern) : { $or: branches };

const lengthOf = (pattern: EventPattern): number => JSON.stringify(pattern).length;

const branchesOf = ({ source, events = [], notices = [] }: Change): SourcePattern[] => [
  ...(events.length > 0
    ? [
        {
          source: [source] as [typeof source],
          'detail-type': [...CLOUDTRAIL_DETAIL_TYPES],
          detail: { eventName: [...events] },
        },
      ]
    : []),
  ...(notices.length > 0 ? [{ source: [source] as [typeof source], 'detail-type': [...notices] }] : []),
];
