import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { EXAMPLES } from '../../functions/cli/help/examples.ts';
import { trailseal } from './trailseal.ts';

const folder = mkdtempSync(join(tmpdir(), 'trailseal-built-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `simulate` serves until it is stopped, and `run` needs a deployment: both have suites of their own. */
const ELSEWHERE = ['simulate', 'run'];
/** What each other command is asked. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  scan: ['scan', '--simulate', 'accounts=5,regions=3,seed=3', '--dry-run'],
  doctor: ['doctor', '--simulate', 'accounts=5,regions=3,seed=3'],
  report: ['report'],
  query: ['query', '--named', 'coverage-gaps'],
  remediate: ['remediate', '--format', 'terraform'],
  evidence: ['evidence', '--framework', 'pci-dss-4.0.1', '--out', 'pci.zip'],
  verify: ['verify', 'report'],
  export: ['export', '--format', 'markdown'],
  runs: ['runs'],
  diff: ['diff'],
  waive: ['waive', 'FINDING', '--until', '2099-01-31', '--reason', 'Tried', '--ticket', 'SEC-1', '--approver', 'jane'],
  completion: ['completion', 'zsh'],
  controls: ['controls', 'trail-key-usable'],
  frameworks: ['frameworks', 'pci-dss-4.0.1'],
};

/** Without what differs from call to call: the folder, the id of a run, the key of a home. */
const lasting = (text: string, cwd: string): string =>
  text
    .replaceAll(cwd, 'HERE')
    .replace(/TrailSeal-[0-9A-Z]{26}/, 'SESSION')
    .replace(/SHA256:\w{64}/, 'KEY');

test('every command that has an example says the same as built, in a process of its own, as it does from the sources', async () => {
  expect(Object.keys(ASKED)).toEqual(Object.keys(EXAMPLES).filter((name) => !ELSEWHERE.includes(name)));
  const root = join(folder, 'report');
  const scan = ['scan', '--simulate', 'accounts=5,regions=3,seed=3', '--quiet', '--out', root];
  for (const _ of ['first', 'second'])
    expect([2, 3]).toContain((await trailseal(scan, { ownProcess: true, cwd: folder })).code);
  const latest = JSON.parse(readFileSync(join(root, 'reports', 'latest.json'), 'utf8')) as Record<string, string>;
  const findings = await trailseal(
    [
      'query',
      "SELECT finding_id FROM latest_findings WHERE status = 'FAIL' LIMIT 1",
      '--format',
      'json',
      '--report',
      root,
    ],
    { cwd: folder },
  );
  const [finding] = JSON.parse(findings.out) as [{ finding_id: string }];
  expect(latest).toMatchObject({ run_id: expect.any(String) });
  const said: unknown[] = [];
  for (const ownProcess of [true, false]) {
    const cwd = join(folder, String(ownProcess));
    mkdirSync(cwd);
    const ended: Record<string, unknown> = {};
    for (const [name, asked] of Object.entries(ASKED)) {
      const words = asked.map((word) => ({ FINDING: finding.finding_id, report: root })[word] ?? word);
      // `report` is both a command and where it reads.
      words[0] = name;
      const reads = !['scan', 'doctor', 'verify', 'completion', 'controls', 'frameworks'].includes(name);
      const { code, out, err } = await trailseal([...words, ...(reads ? ['--report', root] : [])], { ownProcess, cwd });
      ended[name] = { code, out: lasting(out, cwd), err: lasting(err, cwd) };
      expect([name, out === '' && err === '', /\n\s+at /.test(err)]).toEqual([name, false, false]);
    }
    said.push([ended, readdirSync(cwd).toSorted()]);
  }
  expect(said[0]).toEqual(said[1]);
});
