/** A maximum past which TrailSeal refuses to continue, rather than slow down, guess or leave something out silently. */
export interface Limit {
  most: number;
  /** What is counted, in the plural: `accounts`. */
  unit: string;
  /** Of what, for the document. */
  of: string;
  /** What is said and done past it. */
  past: string;
  /** Where the number comes from. */
  why: string;
}

const KB = 1_024;
const MB = 1_024 * KB;
const GB = 1_024 * MB;

/** Every stated maximum, in one place; docs/reference/limits.md is generated from it, and each has a test of what happens past it. */
export const LIMITS = {
  accounts: {
    most: 50_000,
    unit: 'accounts',
    of: 'an organization',
    past: 'The scan is refused (LIMIT) before any role is assumed.',
    why: 'The largest organization that was simulated and measured.',
  },
  regions: {
    most: 100,
    unit: 'Regions',
    of: 'a partition',
    past: 'The scan is refused (LIMIT) before any role is assumed.',
    why: 'Three times as many as the largest partition has.',
  },
  filter: {
    most: 10_000,
    unit: 'entries',
    of: 'a filter or list: accounts, organizational units, Regions',
    past: 'The command (USAGE) or the execution (PAYLOAD) is refused.',
    why: 'More are better named by their organizational unit.',
  },
  concurrency: {
    most: 1_000,
    unit: 'children at once',
    of: 'a scan on one machine',
    past: '`--concurrency` is refused (USAGE).',
    why: 'Beyond it sockets, not AWS, are what is waited for.',
  },
  trailsInRegion: {
    most: 1_000,
    unit: 'trails',
    of: 'an account in a Region, those of other Regions and of the organization included',
    past: 'The Region is an ERROR (`TooManyTrails`) and the run PARTIAL; every other target is scanned.',
    why: 'AWS lets an account have 5 trails in a Region.',
  },
  pages: {
    most: 100_000,
    unit: 'pages',
    of: 'one listing',
    past: 'The listing is an ERROR (`MalformedAnswer`), as one that never ends.',
    why: '50,000 accounts in pages of 20 are 2,500.',
  },
  policy: {
    most: 32 * KB,
    unit: 'bytes',
    of: 'a key or bucket policy',
    past: 'The finding is UNVERIFIED, with the size in its detail.',
    why: 'AWS stores key policies of up to 32 KB and bucket policies of up to 20 KB.',
  },
  bucketSearch: {
    most: 1_000,
    unit: 'look-ups',
    of: "an inspection's search for the owner of its buckets",
    past: 'The bucket is UNVERIFIED (`OWNER_UNKNOWN`): name the account in `logArchiveAccounts`.',
    why: "What fits into one function's time.",
  },
  sampleSearch: {
    most: 40,
    unit: 'look-ups',
    of: "an inspection's search for the owner of a bucket in which it only samples accounts' logs",
    past: 'These samples are UNVERIFIED (`SAMPLE_NOT_FOUND`): name the account in `logArchiveAccounts`.',
    why: 'Hundreds of inspections may sample one bucket: one look-up for each sample is enough.',
  },
  waiversFile: {
    most: MB,
    unit: 'bytes',
    of: 'a waivers file',
    past: 'The scan is refused (WAIVERS).',
    why: 'About 3,000 waivers with their reasons.',
  },
  waivers: {
    most: 10_000,
    unit: 'waivers',
    of: 'a waivers file',
    past: 'The scan is refused (WAIVERS).',
    why: 'An exception is for people to read.',
  },
  waiverPatterns: {
    most: 5_000,
    unit: 'patterns',
    of: 'a field of a waiver',
    past: 'The scan is refused (WAIVERS), with the line.',
    why: 'More are better named by their organizational unit.',
  },
  waiverDays: {
    most: 365,
    unit: 'days',
    of: 'a waiver, from its approval to its end',
    past: 'The scan is refused (WAIVERS), with the line and the last day it could have.',
    why: 'An exception that nobody renews is a rule.',
  },
  runFile: {
    most: 64 * MB,
    unit: 'bytes',
    of: "an observation, an inspection or another of a run's own files",
    past: 'The file is not believed: its targets are NOT_SCANNED and it is named in the report.',
    why: 'Real ones are kilobytes.',
  },
  line: {
    most: 16_000_000,
    unit: 'characters',
    of: "a line of a run's list of accounts, or of its raw answers",
    past: 'The file is refused (CORRUPT_FILE).',
    why: 'Real ones are kilobytes.',
  },
  query: {
    most: 100_000,
    unit: 'characters',
    of: 'an SQL query',
    past: 'The query is refused (QUERY).',
    why: 'Athena takes 262,144 bytes.',
  },
  packDays: {
    most: 3_660,
    unit: 'days',
    of: 'the period of an evidence pack',
    past: 'The pack is refused (USAGE).',
    why: 'Ten years.',
  },
  packEntries: {
    most: 2_000_000,
    unit: 'files',
    of: 'a pack that is verified',
    past: '`verify` says UNREADABLE and ends with 2.',
    why: '365 daily runs of 5,000 accounts.',
  },
  packPath: {
    most: KB,
    unit: 'characters',
    of: 'a name in a pack',
    past: 'The file is UNSAFE and never read.',
    why: 'What S3 takes for a key.',
  },
  packManifest: {
    most: 512 * MB,
    unit: 'bytes',
    of: "a pack's manifest, unpacked",
    past: '`verify` says UNREADABLE and ends with 2.',
    why: 'The largest pack has one of about 400 MB.',
  },
  packSignature: {
    most: 64 * KB,
    unit: 'bytes',
    of: "a pack's signature",
    past: '`verify` says ALTERED and ends with 2.',
    why: 'Real ones are under 1 KB.',
  },
  packTimestamp: {
    most: MB,
    unit: 'bytes',
    of: 'the answer of a time-stamping authority',
    past: '`evidence` asks again, then ends with 1; `verify` says ALTERED.',
    why: 'Real ones are under 16 KB.',
  },
  packUnsigned: {
    most: 64 * GB,
    unit: 'bytes',
    of: 'what is unpacked of a pack whose signature does not hold',
    past: 'The rest is UNREADABLE.',
    why: 'What such a pack claims has no signature behind it.',
  },
  message: {
    most: 10_000,
    unit: 'characters',
    of: 'an error message of TrailSeal, whatever it quotes',
    past: 'It is cut.',
    why: 'A person reads it.',
  },
} as const satisfies Record<string, Limit>;

export type LimitName = keyof typeof LIMITS;
