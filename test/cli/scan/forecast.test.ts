import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ForecastInput, forecastOf, type ScanForecast } from '../../../functions/cli/scan/forecast.ts';
import type { RunReport } from '../../../functions/report/run/run-report.ts';
import { onlyDeep } from '../../depth.ts';
import { inThisProcess } from '../in-process.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `r${at}`);
const of = (changes: Partial<ForecastInput> & { count?: number } = {}): ScanForecast => {
  const { count = 64, ...rest } = changes;
  const items = Array.from({ length: count }, () => ({ regions: names(17) }));
  const all = { accounts: count, regions: 17, items, optIn: new Set<string>(), lake: true };
  return forecastOf({ ...all, concurrency: 32, latency: 100, listing: 0, ...rest });
};

describe('a forecast', () => {
  it('counts what is called', () => {
    // AssumeRole, DescribeRegions, a trail's status, and two calls a Region; or 13 more for a trail, key and bucket of its own.
    expect(of().callsBetween).toEqual({ least: 64 * (3 + 34), most: 64 * (16 + 34) });
    expect(of({ lake: false }).callsBetween.least).toBe(64 * (3 + 17));
    expect(of({ optIn: new Set(['r1', 'r2']) })).toMatchObject({
      callsBetween: { least: 64 * (3 + 30), most: 64 * (16 + 34) },
      calls: Math.round(64 * (33 + 0.4 * 17)),
      asked: 64 * 17,
    });
    expect(of({ count: 0 })).toMatchObject({ accounts: 0, calls: 0 });
  });

  it('takes the time of one account after another, of listing, of the quota of STS and of the processor, whichever binds', () => {
    // Two turns of 2 + 2 × 2 + 1 answers: 16 Regions are asked at once.
    expect(of().secondsBetween).toEqual({ least: 1, most: 2 });
    expect(of({ latency: 1_000 }).secondsBetween).toEqual({ least: 13, most: 18 });
    expect(of({ latency: 1_000, concurrency: 1 }).secondsBetween.least).toBe(64 * 4 + 5);
    expect(of({ listing: 60_000 }).secondsBetween.least).toBe(61);
    // 60,000 ÷ 600 a second.
    expect(of({ count: 60_000, latency: 0, lake: false, optIn: new Set(names(17)) }).secondsBetween.least).toBe(100);
    expect(of({ count: 10_000, latency: 0 }).secondsBetween.least).toBe(Math.floor((10_000 * 37 * 0.3) / 1_000));
  });
});

onlyDeep(() =>
  describe('a scan of a simulated organization', () => {
    let folder = '';
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'trailseal-forecast-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const run = async <T>(...words: string[]): Promise<T> => {
      const env = { PATH: process.env.PATH ?? '', HOME: folder };
      return JSON.parse((await inThisProcess(['scan', ...words, '--json'], { cwd: folder, env })).out) as T;
    };
    const both = async (spec: string, ...more: string[]) => {
      const forecast = await run<ScanForecast>('--simulate', spec, ...more, '--dry-run');
      const { run: row } = await run<RunReport>('--simulate', spec, ...more, '--out', spec.replaceAll(/\W/g, '-'));
      return {
        forecast,
        calls: row.api_calls,
        seconds: (Date.parse(row.finished_at) - Date.parse(row.started_at)) / 1_000,
      };
    };

    it.each([
      ['accounts=40,regions=20'],
      ['accounts=30,regions=34,seed=3'],
      ['preset=tidy,accounts=24,regions=17'],
      // A Region that a policy denies is asked once, so one that is asked once anyway costs no less.
      ['preset=control-tower,accounts=24,regions=17', '--no-lake'],
    ])(
      'makes as many calls as was said, within the bounds and a quarter: %s',
      async (spec, ...more) => {
        const { forecast, calls } = await both(spec, ...more);
        expect([spec, calls, forecast.callsBetween.least <= calls && calls <= forecast.callsBetween.most]).toEqual([
          spec,
          calls,
          true,
        ]);
        expect(Math.abs(forecast.calls / calls - 1)).toBeLessThan(0.25);
      },
      120_000,
    );

    it('takes as long as was said, within 30 %, where answers take 200 ms', async () => {
      const { forecast, seconds } = await both('accounts=24,regions=4,latency=200', '--concurrency', '4');
      expect(forecast.seconds).toBeGreaterThan(8);
      expect(Math.abs(forecast.seconds / seconds - 1)).toBeLessThan(0.3);
    }, 120_000);
  }),
);
