import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runKeys, type ScanItem } from '../../domain/model/plan.ts';
import { planRun } from '../../domain/run/plan-run.ts';
import { createDirectoryStore } from '../../local/directory-store.ts';
import type { Connection } from '../connection.ts';
import type { ScanOptions } from '../scan-options.ts';
import { lineWidth, sanitize, type Terminal, wrapped } from '../terminal.ts';
import { VERSION } from '../version.ts';

/** Calls a second of one account's scan where an answer takes 100 ms; `npm run bench` measures it (docs/contributors/scale.md). */
const CALLS_A_SECOND = 50;
/** ListAccounts answers 20 accounts a page, 8 pages a second. */
const ACCOUNTS_LISTED_A_SECOND = 160;

/** What a scan would do, by the organization as it is listed now; no role is assumed. */
export interface ScanForecast {
  accounts: number;
  regions: number;
  targets: number;
  /** Accounts × Regions to be asked, at most: those that an account has not enabled are not. */
  asked: number;
  /** AWS calls at most, beside those for keys and buckets; each is a management event that is a read. */
  calls: number;
  seconds: number;
}

type Settings = Parameters<typeof planRun>[2]['settings'];

/** `scan --dry-run`: lists the organization, checks every filter against it, and tells what the scan would be. */
export async function dryRun(
  { connection, settings, options }: { connection: Connection; settings: Settings; options: ScanOptions },
  terminal: Terminal,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'trailseal-dry-'));
  try {
    const store = createDirectoryStore(folder);
    const { plan } = await planRun(store, connection.organization, {
      ...{ settings, executionArn: 'LOCAL', executionName: 'dry-run', scannerVersion: VERSION, now: connection.now },
    });
    const items = JSON.parse(new TextDecoder().decode((await store.read(runKeys(plan.runId).scanItems)) ?? undefined));
    const forecast = forecastOf(items as ScanItem[], {
      ...settings,
      accounts: plan.accounts,
      regions: plan.regions.length,
    });
    terminal.out.write(options.json ? `${JSON.stringify(forecast)}\n` : words(forecast, plan.scopeFilter, terminal));
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function forecastOf(
  items: readonly Pick<ScanItem, 'regions'>[],
  { lake, concurrency, accounts, regions }: { lake: boolean; concurrency: number; accounts: number; regions: number },
): ScanForecast {
  const asked = items.reduce((sum, item) => sum + item.regions.length, 0);
  // AssumeRole and DescribeRegions an account, DescribeTrails and ListEventDataStores a Region, and about two calls for
  // each account's view of the trails (docs/getting-started.md).
  const calls = items.length * 4 + asked * (lake ? 2 : 1);
  const atOnce = Math.max(1, Math.min(concurrency, items.length));
  const seconds = Math.ceil(accounts / ACCOUNTS_LISTED_A_SECOND + calls / (CALLS_A_SECOND * atOnce));
  return { accounts: items.length, regions, targets: accounts * regions, asked, calls, seconds };
}

function words(forecast: ScanForecast, filter: string | null, terminal: Terminal): string {
  const { accounts, targets, asked, calls, seconds } = forecast;
  const time = seconds < 60 ? 'less than a minute' : `about ${Math.ceil(seconds / 60)} min`;
  const lines = [
    `Would scan ${accounts} accounts${filter === null ? '' : ` (filtered: ${sanitize(filter)})`}: at most ${asked} of ${targets} account/Region pairs, those that are enabled.`,
    `At most ${calls} AWS calls, then a few for each key, bucket and log group; ${time} where an answer takes 100 ms.`,
    `Each call is a read management event in CloudTrail: free in the first trail of an account and Region, $2.00 per 100,000 in every further one.`,
    'Nothing was scanned, no role was assumed, nothing was written.',
  ];
  return `${lines.map((line) => wrapped(line, { indent: 2, width: lineWidth(terminal) })).join('\n')}\n`;
}
