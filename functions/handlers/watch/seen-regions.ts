import * as z from 'zod';
import type { ReportStore } from '../../domain/model/store.ts';
import { jsonParserOf, orNull } from '../../domain/run/parsed.ts';

/** When each region last sent an event: a region that sent some and sends none any more may have lost its rule or its trail. */
const SEEN_KEY = 'reports/watched-regions.json';
const parseSeen = jsonParserOf(z.object({ version: z.literal(1), regions: z.record(z.string(), z.string()) }));

const HOUR_MS = 3_600_000;

/** Notes when regions sent events, to the hour: two that write at once differ by less. */
export async function noteRegions(store: ReportStore, seen: ReadonlyMap<string, string>): Promise<void> {
  if (seen.size === 0) return;
  const regions = await seenRegions(store);
  const news = [...seen].filter(([region, at]) => Date.parse(at) - Date.parse(regions[region] ?? '1970') >= HOUR_MS);
  if (news.length === 0) return;
  const body = { version: 1, regions: { ...regions, ...Object.fromEntries(news) } };
  await store.write(SEEN_KEY, `${JSON.stringify(body, null, 1)}\n`);
}

/** Regions that sent events once, and none for so many days. */
export async function silentRegions(
  store: ReportStore,
  { days, now }: { days: number; now: number },
): Promise<string[]> {
  const regions = await seenRegions(store);
  return Object.keys(regions)
    .filter((region) => now - Date.parse(regions[region] ?? '') > days * 24 * HOUR_MS)
    .sort();
}

const seenRegions = async (store: ReportStore): Promise<Record<string, string>> =>
  orNull(parseSeen((await store.read(SEEN_KEY)) ?? ''))?.regions ?? {};
