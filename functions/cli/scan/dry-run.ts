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
import { type Bounds, forecastOf, type ScanForecast } from './forecast.ts';

/** Milliseconds that AWS takes for an answer at the least, across all its Regions; nearer ones are quicker than most. */
const USUAL_LATENCY = 100;

type Settings = Parameters<typeof planRun>[2]['settings'];

/** `scan --dry-run`: lists the organization, checks every filter against it, and tells what the scan would be. */
export async function dryRun(
  { connection, settings, options }: { connection: Connection; settings: Settings; options: ScanOptions },
  terminal: Terminal,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'trailseal-dry-'));
  try {
    const store = createDirectoryStore(folder);
    const began = performance.now();
    const { plan } = await planRun(store, connection.organization, {
      ...{ settings, executionArn: 'LOCAL', executionName: 'dry-run', scannerVersion: VERSION, now: connection.now },
    });
    const planned = performance.now();
    // Once more, over a connection that is open.
    await connection.organization.organization();
    const latency = performance.now() - planned;
    const items = JSON.parse(new TextDecoder().decode((await store.read(runKeys(plan.runId).scanItems)) ?? undefined));
    const forecast = forecastOf({
      items: items as ScanItem[],
      ...{ accounts: plan.accounts, regions: plan.regions.length, optIn: optInRegions(connection) },
      ...{ lake: settings.lake, concurrency: settings.concurrency, listing: planned - began },
      latency: connection.simulation === null ? Math.max(latency, USUAL_LATENCY) : latency,
    });
    terminal.out.write(options.json ? `${JSON.stringify(forecast)}\n` : words(forecast, plan.scopeFilter, terminal));
    return 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Of the answer of DescribeRegions that the plan rests on. */
function optInRegions(connection: Connection): Set<string> {
  const answers = connection.organization.takeEvidence().filter(({ operation }) => operation === 'DescribeRegions');
  const names = answers.flatMap(({ outcome }) => {
    const output = outcome.ok ? (outcome.output as { Regions?: { RegionName?: string; OptInStatus?: string }[] }) : {};
    return (output.Regions ?? []).filter(({ OptInStatus }) => OptInStatus !== 'opt-in-not-required');
  });
  return new Set(names.map(({ RegionName }) => RegionName ?? ''));
}

function words(forecast: ScanForecast, filter: string | null, terminal: Terminal): string {
  const { accounts, targets, asked, calls, callsBetween, secondsBetween } = forecast;
  const number = (count: number) => count.toLocaleString('en-US');
  const lines = [
    `Would scan ${number(accounts)} accounts${filter === null ? '' : ` (filtered: ${sanitize(filter)})`}: at most ${number(asked)} of ${number(targets)} account/Region pairs, those that are enabled.`,
    `About ${number(calls)} AWS calls: ${number(callsBetween.least)} if no account has a trail of its own, up to ${number(callsBetween.most)} if each has one with a key and a bucket, and every Region enabled; fewer where a policy denies Regions. ${time(secondsBetween)}`,
    `Each call is a read management event in CloudTrail: free in the first trail of an account and Region, $2.00 per 100,000 in every further one.`,
    'Nothing was scanned, no role was assumed, nothing was written.',
  ];
  return `${lines.map((line) => wrapped(line, { indent: 2, width: lineWidth(terminal) })).join('\n')}\n`;
}

function time({ least, most }: Bounds): string {
  if (most < 60) return 'Less than a minute.';
  const [from, to] = [Math.max(1, Math.floor(least / 60)), Math.ceil(most / 60)];
  return from === to ? `About ${to} min.` : `${from} to ${to} min.`;
}
