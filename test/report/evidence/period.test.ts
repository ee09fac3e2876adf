import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Day, failedIn, periodOf, runsIn } from '../../../functions/report/evidence/period.ts';
import { verifyPack } from '../../../functions/report/evidence/verify.ts';
import { type ScannedWorld, scanWorld } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { withoutLinks } from './assessed/auditor.ts';
import { packTo, signingPair } from './scanned-root.ts';
import { unzipped } from './zip-surgery.ts';

const pair = signingPair();
const ports = { signer: async () => pair.signer };
const a = { name: 'a', id: '111111111111' };
const b = { name: 'b', id: '222222222222' };
const shut = { ...b, role: false };
const c = { name: 'c', id: '333333333333', ou: 'Late' };
const at = (day: number, time = '12:00:00.000'): string => `2026-11-${String(day).padStart(2, '0')}T${time}Z`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'period-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Store = ScannedWorld['store'];

/** A scan on a day, into a root. */
async function scanned(
  store: Store,
  now: string,
  options: { accounts?: readonly object[]; regions?: string[]; resume?: string } = {},
): Promise<string> {
  const { accounts = [a, b], regions, resume } = options;
  const { runId } = await scanWorld(
    { now, world: { accounts: [...accounts] } },
    {
      store,
      ports,
      ...(regions && { settings: { onlyRegions: regions } }),
      ...(resume !== undefined && { resume }),
    },
  );
  return runId;
}

let made = 0;
/** The pack of a period, what it says and what `verify` says of it. */
async function packed(
  store: Store,
  from: number,
  to: number,
  subset = { accounts: [] as string[], ous: [] as string[] },
) {
  const period = periodOf(at(from).slice(0, 10), at(to).slice(0, 10), '2026-12-31');
  const { runs, next } = await runsIn(store, period);
  const failed = await failedIn(store, period, runs);
  const file = join(folder, `${made++}.zip`);
  const manifest = await packTo(file, { store, signer: pair.signer, runs, failed, period, next, subset });
  const files = await unzipped(file);
  const text = (name: string) => files.find(({ path }) => path.endsWith(`/${name}`))?.bytes.toString('utf8') ?? '';
  const results = JSON.parse(text('results.json')) as {
    days: Day[];
    runs: { run: { run_id: string }; absent: string[]; part: { accounts: number } }[];
  };
  return {
    manifest,
    cover: withoutLinks(text('cover.html')),
    results,
    days: results.days.map(({ date, state, runs: n }) => `${date.slice(8)} ${state} ${n}`),
    verification: await verifyPack({ file, keys: [pair.publicKey] }),
  };
}

/** Takes every file that names a run out of a root, but for those that one says to keep. */
const taken = (store: Store, runId: string, what = /./): void => {
  for (const key of [...store.files.keys()]) if (key.includes(runId) && what.test(key)) store.files.delete(key);
};

describe('the days of a period', () => {
  it('are UTC days: a run belongs to the one on which it began, and the best of a day counts', async () => {
    const store = memoryStore();
    const late = await scanned(store, at(10, '23:59:00.000'));
    const early = await scanned(store, at(11, '00:00:00.000'), { accounts: [a, shut] });
    await scanned(store, at(11, '18:00:00.000'));
    const { days, manifest, cover, verification } = await packed(store, 10, 11);
    expect(days).toEqual(['10 COMPLETE 1', '11 COMPLETE 2']);
    expect(manifest.runs.slice(0, 2)).toMatchObject([
      { run_id: late, run_date: '2026-11-10' },
      { run_id: early, run_date: '2026-11-11', status: 'PARTIAL' },
    ]);
    // The day is complete, the pack is not: one of its runs did not see everything.
    expect(manifest.status).toBe('PARTIAL');
    expect(cover).toMatch(new RegExp(`${early}</code></td><td class="id">2026-11-11 00:00 UTC</td><td>PARTIAL`));
    expect(verification.problems).toEqual([]);
    expect((await packed(store, 10, 10)).manifest.runs.map(({ run_id }) => run_id)).toEqual([late]);
  }, 120_000);

  it('know failed runs by their evidence where the working files have expired, and call nothing complete without a run', async () => {
    const store = memoryStore();
    await expect(
      scanWorld(
        { now: at(12), world: { accounts: [a] } },
        { store, ports: { signer: () => Promise.reject(new Error('no key')) } },
      ),
    ).rejects.toThrow('no key');
    for (const key of [...store.files.keys()]) if (key.startsWith('runs/')) store.files.delete(key);
    const { days, manifest, cover, verification } = await packed(store, 12, 13);
    expect(days).toEqual(['12 FAILED 1', '13 MISSING 0']);
    expect(manifest).toMatchObject({ status: 'PARTIAL', runs: [{ status: 'FAILED' }] });
    expect(cover).toContain('no run wrote a report');
    expect(verification.sound).toBe(true);
  }, 120_000);

  it('are packed alike once the working files have expired', async () => {
    const store = memoryStore();
    await scanned(store, at(10));
    await scanned(store, at(11));
    for (const key of [...store.files.keys()]) if (key.startsWith('runs/')) store.files.delete(key);
    const { manifest, cover, verification } = await packed(store, 10, 11);
    expect(manifest.problems).toEqual([]);
    expect(cover).toContain('They reconcile.');
    expect(verification.sound).toBe(true);
  }, 120_000);
});

describe('the runs of a period', () => {
  it('may have been resumed after a later run: what that one followed is kept', async () => {
    const store = memoryStore();
    const first = await scanned(store, at(10), { accounts: [a, shut] });
    const second = await scanned(store, at(11));
    await scanned(store, at(12), { resume: first });
    const { days, manifest, verification } = await packed(store, 10, 12);
    expect(days).toEqual(['10 COMPLETE 1', '11 COMPLETE 1', '12 MISSING 0']);
    expect(manifest.runs.map(({ run_id }) => run_id)).toEqual([first, second]);
    expect(manifest.problems).toEqual([]);
    expect(verification).toMatchObject({ sound: true, problems: [], notes: [expect.stringMatching(/^No time stamp/)] });
    expect(manifest.files.some(({ path }) => path.includes(`${first}/evidence/superseded/`))).toBe(true);
  }, 120_000);

  it('that were narrowed are not counted among those of the whole organization', async () => {
    const store = memoryStore();
    const whole = await scanned(store, at(10));
    const narrow = await scanned(store, at(11), { regions: ['us-east-1'] });
    const { days, cover, verification } = await packed(store, 10, 11);
    expect(days).toEqual(['10 COMPLETE 1', '11 FILTERED 1']);
    expect(cover).toContain('Counted over 1 run of the whole organization. 1 filtered run not counted.');
    expect(cover).toMatch(
      /1 of 2 runs:<\/div><div><bdi>[^<]*us-east-1[^<]*<\/bdi>: says nothing about the organization/,
    );
    expect(cover).toMatch(new RegExp(`${narrow}</code></td><td[^>]*>[^<]*</td><td>COMPLETE</td><td>filtered`));
    // The run of the whole comes first, though the narrowed one is newer.
    expect([...cover.matchAll(/<h2>Run (\w+), COMPLETE/g)].map(([, id]) => id)).toEqual([whole, narrow]);
    expect(verification.sound).toBe(true);
    expect((await packed(store, 11, 11)).cover).not.toContain('Requirements over all runs');
  }, 120_000);

  it('are missed by the run that followed them, also where that one began after the period', async () => {
    const store = memoryStore();
    await scanned(store, at(10));
    const bad = await scanned(store, at(11), { accounts: [a, shut] });
    const after = await scanned(store, at(15));
    taken(store, bad);
    const { manifest, cover, verification } = await packed(store, 10, 12);
    expect(manifest.problems).toEqual([`Run ${bad}, which run ${after} follows, is no longer there.`]);
    expect(cover).toContain('the report root was not as its manifests say');
    expect(verification).toMatchObject({ sound: false, problems: [{ kind: 'ROOT' }] });
    // A period that it is not in has nothing to do with it.
    expect((await packed(store, 14, 15)).manifest.problems).toHaveLength(1);
    expect((await packed(store, 10, 10)).manifest.problems).toEqual([]);
  }, 120_000);

  it('are missed where only their row in the runs table was taken, or another of their tables', async () => {
    const store = memoryStore();
    const bad = await scanned(store, at(10), { accounts: [a, shut] });
    const after = await scanned(store, at(11));
    taken(store, bad, /^tables\/findings\//);
    const lost = await packed(store, 10, 11);
    expect(lost.days[0]).toBe('10 FAILED 1');
    expect(lost.manifest.problems).toEqual([`Run ${bad} has no table findings any more, and is left out.`]);
    expect(lost.manifest.runs).toMatchObject([{ run_id: bad, status: 'FAILED' }, { run_id: after }]);
    taken(store, bad, /^tables\/runs\//);
    const unlisted = await packed(store, 10, 11);
    expect(unlisted.days[0]).toBe('10 FAILED 1');
    expect(unlisted.manifest.problems).toEqual([
      `Run ${bad}, which run ${after} follows, is no longer in the runs table: it was taken out.`,
    ]);
    expect(unlisted.verification.sound).toBe(false);
  }, 120_000);

  it('may be without an account that joined later, and say so', async () => {
    const store = memoryStore();
    const before = await scanned(store, at(10));
    const since = await scanned(store, at(11), { accounts: [a, b, c] });
    for (const subset of [
      { accounts: [c.id], ous: [] },
      { accounts: [], ous: ['Root/Late'] },
    ]) {
      const { results, cover, verification } = await packed(store, 10, 11, subset);
      const [asked] = [...subset.accounts, ...subset.ous];
      expect(
        results.runs.map((run: { run: { run_id: string }; absent: string[]; part: { accounts: number } }) => [
          run.run.run_id,
          run.absent,
          run.part.accounts,
        ]),
      ).toEqual([
        [before, [asked], 0],
        [since, [], 1],
      ]);
      expect(cover).toMatch(new RegExp(`Not in every run</th><td><bdi>${asked}</bdi>`));
      expect(verification.sound).toBe(true);
    }
    await expect(packed(store, 10, 11, { accounts: ['999999999999'], ous: [] })).rejects.toThrow(
      'Account 999999999999 (--accounts) is not in any of the 2 runs.',
    );
  }, 120_000);
});
