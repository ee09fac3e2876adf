import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { scanWorld } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { onDisk } from '../root-on-disk.ts';
import { trailseal } from '../trailseal.ts';

const accounts = [
  { name: 'management', id: '111111111111' },
  { name: 'app', id: '222222222222' },
];
const before: WorldSpec = {
  accounts,
  trails: [
    { name: 'org', organization: true, key: 'logs', bucket: 'logs' },
    { name: 'old', owner: '222222222222' },
  ],
  buckets: [{ name: 'logs', owner: '111111111111' }],
  keys: [{ name: 'logs', owner: '111111111111' }],
};
const after: WorldSpec = {
  ...before,
  trails: [
    { name: 'org', organization: true, key: 'logs', bucket: 'logs', logging: false },
    { name: 'old', owner: '222222222222', key: 'new' },
  ],
};

let folder: string;
let first: string;
let second: string;
let third: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diff-'));
  const store = memoryStore();
  first = (await scanWorld({ now: '2026-11-10T12:00:00.000Z', world: before }, { store })).runId;
  second = (await scanWorld({ now: '2026-11-11T12:00:00.000Z', world: after }, { store })).runId;
  third = (await scanWorld({ now: '2026-11-12T12:00:00.000Z', world: after }, { store })).runId;
  await onDisk(store, folder);
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const diff = (...words: string[]) => trailseal(['diff', ...words, '--report', folder]);

describe('trailseal diff', () => {
  it('ends 2 where something newly fails, and says what, what is fixed and since when', async () => {
    const { code, out } = await diff(first, second);
    expect(code).toBe(2);
    expect(out).toMatch(
      /Newly failing: \d+\n\s+CRITICAL\s+trail-delivering\s+111111111111 management.*REGRESSED: Logging is stopped/,
    );
    expect(out).toMatch(/Fixed: \d+\n[^\n]*trail-kms-encrypted\s+222222222222 app/);
    expect(out).toMatch(/\d+ newly failing, \d+ fixed, \d+ still failing/);
  }, 120_000);

  it('gives every change as JSON', async () => {
    const { code, out } = await diff(first, second, '--json');
    const made = JSON.parse(out);
    expect(code).toBe(2);
    expect(made.before.run_id).toBe(first);
    expect(made.changes.length).toBe(Object.values(made.counts as Record<string, number>).reduce((a, b) => a + b, 0));
    expect(made.changes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          kind: 'FIXED',
          before: expect.objectContaining({ control_id: 'trail-kms-encrypted', status: 'FAIL' }),
        }),
      ]),
    );
  }, 120_000);

  it('ends 0 where nothing new fails, and says since when the rest does', async () => {
    const { code, out } = await diff(second, third);
    expect(code).toBe(0);
    expect(out).toMatch(/Still failing: \d+\n\s+CRITICAL\s+trail-delivering.*since 2026-11-11: Logging is stopped/);
    expect(out).toMatch(/^Nothing new fails, 0 fixed/m);
  }, 120_000);

  it('says that the order is turned, or that there is nothing to compare', async () => {
    // The old trail fails again, seen this way.
    expect(await diff(second, first)).toMatchObject({ code: 2, err: expect.stringMatching(/is the later run/) });
    expect(await diff(first, first)).toMatchObject({ code: 1, err: expect.stringMatching(/Both runs are the same/) });
  }, 120_000);

  it('says which run there is not', async () => {
    const { code, err } = await diff(first, '01M0000000000000000000000X');
    expect(code).toBe(1);
    expect(err).toMatch(/^trailseal: There is no finished run 01M0000000000000000000000X in .*; the newest is/m);
  }, 120_000);
});
