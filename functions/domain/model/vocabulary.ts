/**
 * The closed sets of codes that the tables hold (CONTRACT sections 3 to 5), and the words for them on the
 * page, in the terminal, in documents and in exports. The order of a set is the order in which it is shown.
 */
export interface Words {
  label: string;
  /** Its sign where colour cannot be seen. */
  sign: string;
  /** One clause, with a capital and without a full stop. */
  means: string;
}

export const COVERAGE_STATES = [
  'SCANNED',
  'REGION_DISABLED',
  'REGION_DENIED',
  'ACCOUNT_INACTIVE',
  'EXCLUDED',
  'ACCESS_DENIED',
  'THROTTLED',
  'ERROR',
  'NOT_SCANNED',
] as const;
export type CoverageState = (typeof COVERAGE_STATES)[number];

/** A run is COMPLETE when every target is in one of these. */
export const ANSWERED_STATES: ReadonlySet<CoverageState> = new Set([
  'SCANNED',
  'REGION_DISABLED',
  'REGION_DENIED',
  'ACCOUNT_INACTIVE',
  'EXCLUDED',
]);
/** No answer, and no good reason for having none: what makes a run PARTIAL. */
export const isUnreached = (state: CoverageState): boolean => !ANSWERED_STATES.has(state);

export const STATE_WORDS: Record<CoverageState, string> = {
  SCANNED: 'DescribeTrails returned the trails',
  REGION_DISABLED: 'Region not enabled in the account',
  REGION_DENIED: 'Region denied by a service control policy',
  ACCOUNT_INACTIVE: 'Account closed, suspended or not yet active',
  EXCLUDED: 'Excluded by a filter or by settings',
  ACCESS_DENIED: 'Access denied',
  THROTTLED: 'Throttled until all retries were used',
  ERROR: 'Failed with another error',
  NOT_SCANNED: 'No answer was recorded',
};

export const BASES = ['OBSERVED', 'INFERRED', 'NONE'] as const;

/** Worst first: an account counts under the worst verdict of its Regions. */
export const COVERAGE_VERDICTS = [
  'UNENCRYPTED',
  'NO_TRAIL',
  'NOT_LOGGING',
  'BROKEN',
  'FOREIGN_KEY',
  'UNVERIFIED',
  'ENCRYPTED',
  'NOT_APPLICABLE',
] as const;
export type CoverageVerdict = (typeof COVERAGE_VERDICTS)[number];

/** An alternative name for each verdict of a target, for people. */
export const COVERAGE_WORDS: Record<CoverageVerdict, Words> = {
  UNENCRYPTED: { label: 'Unencrypted', sign: '✕', means: 'The trail has no KMS key' },
  NO_TRAIL: { label: 'No trail', sign: '∅', means: 'No trail logs management events here' },
  NOT_LOGGING: { label: 'Logging stopped', sign: '■', means: 'Logging is off on the only trail' },
  BROKEN: { label: 'Delivery failing', sign: '!', means: 'KMS key unusable, or log delivery failing' },
  FOREIGN_KEY: { label: 'External key', sign: 'E', means: 'Key not managed by your organization' },
  UNVERIFIED: { label: 'Unknown', sign: '?', means: 'Could not be determined' },
  ENCRYPTED: {
    label: 'Encrypted',
    sign: '✓',
    means: 'Encrypted with a working customer managed key in your organization',
  },
  NOT_APPLICABLE: { label: 'Not applicable', sign: '–', means: 'Inactive accounts and disabled Regions' },
};

/** What people are shown of a target: its verdict, or that the run was not to look there, which no count of a scope has. */
export const SHOWN_VERDICTS = [...COVERAGE_VERDICTS, 'EXCLUDED'] as const;
export type ShownVerdict = (typeof SHOWN_VERDICTS)[number];
export const SHOWN_WORDS: Record<ShownVerdict, Words> = {
  ...COVERAGE_WORDS,
  EXCLUDED: { label: 'Excluded', sign: '○', means: 'Outside the scope of this run' },
};
export const shownVerdict = <V extends string>({ state, verdict }: { state: string; verdict: V }): V | 'EXCLUDED' =>
  state === 'EXCLUDED' ? 'EXCLUDED' : verdict;

/** Worst first. */
export const TRAIL_VERDICTS = ['UNSEALED', 'BROKEN', 'STOPPED', 'FOREIGN_KEY', 'UNVERIFIED', 'SEALED'] as const;
export type TrailVerdict = (typeof TRAIL_VERDICTS)[number];

/** A trail's verdict in the words of the targets that it records. */
export const VERDICT_OF_TRAIL: Record<TrailVerdict, CoverageVerdict> = {
  UNSEALED: 'UNENCRYPTED',
  BROKEN: 'BROKEN',
  STOPPED: 'NOT_LOGGING',
  FOREIGN_KEY: 'FOREIGN_KEY',
  UNVERIFIED: 'UNVERIFIED',
  SEALED: 'ENCRYPTED',
};
const trailWords = (verdict: TrailVerdict, means: string): Words => ({
  ...COVERAGE_WORDS[VERDICT_OF_TRAIL[verdict]],
  means,
});
export const TRAIL_WORDS: Record<TrailVerdict, Words> = {
  UNSEALED: trailWords('UNSEALED', 'No KMS key'),
  BROKEN: trailWords('BROKEN', 'KMS key unusable, or log delivery failing'),
  STOPPED: trailWords('STOPPED', 'Logging is off'),
  FOREIGN_KEY: trailWords('FOREIGN_KEY', 'Key not managed by your organization'),
  UNVERIFIED: trailWords('UNVERIFIED', 'Could not be determined'),
  SEALED: trailWords('SEALED', 'Encrypted with a working key of your organization, and delivering'),
};

export const MANAGEMENT_EVENTS = ['ALL', 'READ', 'WRITE', 'PARTIAL', 'NONE', 'UNKNOWN'] as const;

/** What a control decides; a waiver makes WAIVED of the second and third. */
export const DECIDED_STATUSES = ['PASS', 'FAIL', 'UNVERIFIED', 'NOT_APPLICABLE'] as const;
export type DecidedStatus = (typeof DECIDED_STATUSES)[number];

/** What to act on first. */
export const FINDING_STATUSES = ['FAIL', 'UNVERIFIED', 'WAIVED', 'PASS', 'NOT_APPLICABLE'] as const;
export type FindingStatus = (typeof FINDING_STATUSES)[number];

export const STATUS_WORDS: Record<FindingStatus, Words> = {
  FAIL: { label: 'Fail', sign: '✕', means: 'Does not pass' },
  UNVERIFIED: { label: 'Unverified', sign: '?', means: 'Could not be determined; never counts as a pass' },
  WAIVED: { label: 'Waived', sign: '~', means: 'Does not pass; accepted until a date' },
  PASS: { label: 'Pass', sign: '✓', means: 'Passes' },
  NOT_APPLICABLE: { label: 'Not applicable', sign: '–', means: 'Nothing to check' },
};

/** FAIL or UNVERIFIED: somebody must act on it. */
export const isOpen = (status: FindingStatus | string): boolean => status === 'FAIL' || status === 'UNVERIFIED';
/** Open, or waived: it does not pass, whether or not somebody accepted that. */
export const isUnmet = (status: FindingStatus | string): boolean => isOpen(status) || status === 'WAIVED';

/** Worst first. */
export const SEVERITIES = ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const RUN_STATUSES = ['COMPLETE', 'PARTIAL'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];
export const RUN_SCOPES = ['ORGANIZATION', 'FILTERED'] as const;
export type RunScope = (typeof RUN_SCOPES)[number];

/** Nothing counted yet, by code. */
export const zeros = <C extends string>(codes: readonly C[]): Record<C, number> =>
  Object.fromEntries(codes.map((code) => [code, 0])) as Record<C, number>;
