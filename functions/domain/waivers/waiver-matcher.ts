import { matchesWildcard } from '../policy/pattern.ts';
import type { Waiver } from './waiver.ts';

/** What a waiver is matched against: the columns of a finding before it is waived. */
export interface WaivableFinding {
  control_id: string;
  status: string;
  /** null where unknown: then only a waiver that does not ask covers it. So too the next two. */
  account_id: string | null;
  ou_path: string | null;
  /** Tags of the account, where they were asked for. */
  account_tags?: Readonly<Record<string, string>> | undefined;
  region: string | null;
  resource_arn: string;
}

export interface WaiverReport {
  /** `covered`: findings that are WAIVED by it. */
  inForce: { waiver: Waiver; covered: number }[];
  /** `wouldCover`: findings that fail again because it ended. */
  expired: { waiver: Waiver; wouldCover: number }[];
  /** Of those in force, the ones that match no open finding: fixed, misspelled, or no longer needed. */
  matchingNothing: Waiver[];
}

/** Findings stream through `match`; `report` sums up once they have. */
export interface WaiverMatcher {
  /**
   * The waiver that covers an open finding (FAIL or UNVERIFIED; nothing else can be waived), or null. Of several in
   * force the one that lasts longest; where only expired ones match, the last to expire, with `expired` true: the
   * finding stays as it is.
   */
  match(finding: WaivableFinding): { waiver: Waiver; expired: boolean } | null;
  /** In the order of the file. */
  report(): WaiverReport;
}

/** @param now ISO 8601 UTC; a waiver is in force through the whole of its last day, UTC */
export const createWaiverMatcher = (waivers: readonly Waiver[], { now }: { now: string }): WaiverMatcher => {
  const time = Date.parse(now);
  const entries = waivers.map((waiver) => ({
    waiver,
    covers: predicate(waiver),
    expired: Date.parse(waiver.expiresAt) < time,
    /** Findings it matches, and of those the ones it is named for. */
    matched: 0,
    covered: 0,
  }));
  // In force first, then the longest, then by id: the first that matches is the one.
  const ranked = entries.toSorted(
    (a, b) =>
      Number(a.expired) - Number(b.expired) ||
      b.waiver.expiresOn.localeCompare(a.waiver.expiresOn) ||
      (a.waiver.id < b.waiver.id ? -1 : 1),
  );
  const byControl = new Map<string, typeof ranked>();
  for (const entry of ranked) {
    byControl.set(entry.waiver.control, [...(byControl.get(entry.waiver.control) ?? []), entry]);
  }
  return {
    match(finding) {
      if (finding.status !== 'FAIL' && finding.status !== 'UNVERIFIED') return null;
      const found = byControl.get(finding.control_id)?.filter(({ covers }) => covers(finding)) ?? [];
      for (const entry of found) entry.matched += 1;
      const [first] = found;
      if (!first) return null;
      if (first.expired) for (const entry of found) entry.covered += 1;
      else first.covered += 1;
      return { waiver: first.waiver, expired: first.expired };
    },
    report: () => ({
      inForce: entries.filter(({ expired }) => !expired).map(({ waiver, covered }) => ({ waiver, covered })),
      expired: entries.filter(({ expired }) => expired).map(({ waiver, covered }) => ({ waiver, wouldCover: covered })),
      matchingNothing: entries.filter(({ expired, matched }) => !expired && matched === 0).map(({ waiver }) => waiver),
    }),
  };
};

const predicate = ({
  accounts,
  ous,
  accountTags,
  regions,
  resources,
}: Waiver): ((finding: WaivableFinding) => boolean) => {
  const account = anyPattern(accounts);
  const ou = anyPattern(ous?.flatMap((path) => [path, `${path}/*`]));
  const region = anyPattern(regions);
  const resource = anyPattern(resources);
  const tags = accountTags?.map((pattern) => anyPattern([pattern])) ?? [];
  const tagged = (own: Readonly<Record<string, string>> = {}): boolean => {
    const texts = Object.entries(own).map(([key, value]) => `${key}=${value}`);
    return tags.every((tag) => texts.some(tag));
  };
  return (finding) =>
    tagged(finding.account_tags) &&
    account(finding.account_id) &&
    region(finding.region) &&
    ou(finding.ou_path) &&
    resource(finding.resource_arn);
};

/** Plain ids, of which there may be thousands, are looked up; only patterns are tried one by one. */
const anyPattern = (patterns: readonly string[] | null | undefined): ((text: string | null) => boolean) => {
  if (!patterns) return () => true;
  const wild = patterns.filter((pattern) => /[*?]/.test(pattern));
  const exact = new Set(patterns);
  return (text) => text !== null && (exact.has(text) || wild.some((pattern) => matchesWildcard(pattern, text)));
};
