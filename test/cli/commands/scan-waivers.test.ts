import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { trailseal } from '../trailseal.ts';

const WAIVER = `waivers:
  - id: W-1
    control: trail-kms-encrypted
    accounts: '*'
    reason: the key comes with the new landing zone
    ticket: SEC-1
    approver: ciso@example.com
    approved_on: 2026-01-01
    expires_on: 2026-12-31
`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trailseal-waivers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const scan = (...words: string[]) =>
  trailseal([
    'scan',
    '--simulate',
    'accounts=1,regions=1',
    '--out',
    join(folder, 'report'),
    '--fail-on',
    'none',
    ...words,
  ]);

test('a mistake in the waivers is named by file and line, and nothing is planned', async () => {
  const file = join(folder, 'waivers.yaml');
  await writeFile(file, WAIVER.replace('trail-kms-encrypted', 'trail-kms-encrypte'));
  const { code, err } = await scan('--waivers', file, '--quiet');
  expect(code).toBe(1);
  expect(err).toContain(`trailseal: ${file}:3: control: `);
  expect(existsSync(join(folder, 'report', 'runs'))).toBe(false);
});

test('a run is not resumed with other waivers than it was planned with', async () => {
  const file = join(folder, 'waivers.yaml');
  await writeFile(file, WAIVER);
  const { code, out } = await scan('--waivers', file, '--json');
  expect(code).toBe(0);
  const { run, waivers } = JSON.parse(out);
  expect(waivers.listed).toEqual([expect.objectContaining({ id: 'W-1' })]);
  await writeFile(file, WAIVER.replace('SEC-1', 'SEC-2'));
  const other = await scan('--waivers', file, '--resume', run.run_id, '--quiet');
  expect(other.code).toBe(1);
  expect(other.err).toContain('was planned with other waivers, or none');
});
