import { ANSWERS_IN_TURN } from '../../domain/run/scan-account.ts';

/** AssumeRole calls that STS takes from one account in a second (docs/operations.md, "Quotas that matter"). */
const ROLES_A_SECOND = 600;
/** Milliseconds of processor time that a call takes; `npm run bench` measures 0.2 to 0.3 (docs/contributors/scale.md). */
const CPU_PER_CALL = 0.3;

export interface Bounds {
  least: number;
  most: number;
}

/** What a scan would do, by the organization as it is listed now; no role is assumed. */
export interface ScanForecast {
  accounts: number;
  regions: number;
  targets: number;
  /** Accounts × Regions to be asked, at most: those that an account has not enabled are not. */
  asked: number;
  /** AWS calls, each a read management event: what is likely between the two bounds below. */
  calls: number;
  /** Without trails of their own and with the Regions that every account has; and with a trail, key and bucket in each. */
  callsBetween: Bounds;
  seconds: number;
  secondsBetween: Bounds;
}

export interface ForecastInput {
  /** Accounts of the organization, those left out included. */
  accounts: number;
  /** Regions of the partition. */
  regions: number;
  /** Of the accounts to be scanned, the Regions to be asked about. */
  items: readonly { regions: readonly string[] }[];
  /** Regions that an account may not have enabled. */
  optIn: ReadonlySet<string>;
  lake: boolean;
  concurrency: number;
  /** Milliseconds until a call is answered. */
  latency: number;
  /** Milliseconds that listing the organization takes. */
  listing: number;
}

/**
 * Calls and time of a scan from what is called (docs/getting-started.md), how many accounts are scanned at once, how
 * long an answer takes, and the quota of STS. What cannot be known before is said as bounds: opt-in Regions that
 * accounts have enabled, and trails, keys and buckets of their own. An account that refuses the role costs one call.
 */
export function forecastOf(input: ForecastInput): ScanForecast {
  const { items, optIn, lake, concurrency, latency, listing } = input;
  const inRegion = lake ? 2 : 1;
  const asked = items.reduce((sum, item) => sum + item.regions.length, 0);
  const always = items.reduce((sum, item) => sum + item.regions.filter((region) => !optIn.has(region)).length, 0);
  // AssumeRole, DescribeRegions, and the status of an organization's trail; or status and selectors of a trail of its own,
  // and AssumeRole, 3 calls for its key and 8 for its bucket and the owner of that.
  const callsBetween = { least: items.length * 3 + always * inRegion, most: items.length * 16 + asked * inRegion };

  // The owner of a bucket, its settings, then what depends on them.
  const perOwner = 5;
  const turns = Math.ceil(items.length / Math.max(1, concurrency));
  const seconds = (answers: number, calls: number): number =>
    (listing + Math.max(answers * latency, calls * CPU_PER_CALL, (items.length / ROLES_A_SECOND) * 1_000)) / 1_000;
  const secondsBetween = {
    least: seconds(turns * ANSWERS_IN_TURN + perOwner, callsBetween.least),
    most: seconds(turns * (ANSWERS_IN_TURN + perOwner), callsBetween.most),
  };
  return {
    accounts: items.length,
    regions: input.regions,
    targets: input.accounts * input.regions,
    asked,
    calls: Math.round(likely(callsBetween)),
    callsBetween,
    seconds: Math.ceil(likely(secondsBetween)),
    secondsBetween: { least: Math.floor(secondsBetween.least), most: Math.ceil(secondsBetween.most) },
  };
}

/** Nearer to the least: more organizations have one trail for all accounts than a trail in each. */
const LIKELY = 0.4;
const likely = ({ least, most }: Bounds): number => least + (most - least) * LIKELY;
