/** Events that say that the answer of a read may be another now. */
export interface Change {
  /** EventBridge's `source`. Only AWS can send one that begins with `aws.`. */
  source: `aws.${string}`;
  /**
   * `eventName` of CloudTrail's events, as CloudTrail logs it: not always the API's name, and where documents and logs
   * were seen to disagree, both.
   */
  events?: readonly string[];
  /** `detail-type` of what the service sends to EventBridge by itself. */
  notices?: readonly string[];
}

/** What changes the answer of a read; or, in words, why no event says so. */
export type ChangedBy = readonly Change[] | { unwatched: string };

/** @example changes('aws.kms', 'PutKeyPolicy') */
export const changes = (source: Change['source'], ...events: string[]): readonly Change[] => [{ source, events }];

/** Merges what several reads declare: an entry a source, each name once, sorted. */
export const mergedChanges = (declared: readonly ChangedBy[]): Change[] => {
  const sources = new Map<Change['source'], { events: Set<string>; notices: Set<string> }>();
  for (const changedBy of declared) {
    for (const { source, events = [], notices = [] } of 'unwatched' in changedBy ? [] : changedBy) {
      const known = sources.get(source) ?? { events: new Set(), notices: new Set() };
      for (const name of events) known.events.add(name);
      for (const name of notices) known.notices.add(name);
      sources.set(source, known);
    }
  }
  return [...sources.keys()].sort().map((source) => {
    const { events = [], notices = [] } = sources.get(source) ?? {};
    return { source, events: [...events].sort(), notices: [...notices].sort() };
  });
};
