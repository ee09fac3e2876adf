import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FRAMEWORKS } from '../../../functions/domain/frameworks/catalogue.ts';
import { parsePackManifest } from '../../../functions/report/evidence/pack-manifest.ts';
import { daysOf, failedIn, periodOf, runsIn } from '../../../functions/report/evidence/period.ts';
import { verifyPack } from '../../../functions/report/evidence/verify.ts';
import { parquetRows } from '../../../functions/report/tables/parquet/parquet-reader.ts';
import type { FinishedRun } from '../../../functions/report/tables/tables.ts';
import type { WorldSpec } from '../../../functions/simulator/world/world-spec.ts';
import { onlyDeep } from '../../depth.ts';
import { type ScannedWorld, scanWorld } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { csvRows, withoutLinks } from './assessed/auditor.ts';
import { frameworkNamed, packTo, type SigningPair, signingPair, WORLD } from './scanned-root.ts';
import { unzipped } from './zip-surgery.ts';

const WAIVERS = `waivers:
  - id: plain-trail
    control: trail-kms-encrypted
    accounts: "333333333333"
    reason: '<b>retired</b> in May'
    ticket: SEC-9
    approver: jane@example.com
    approved_on: 2026-11-01
    expires_on: 2027-01-31
  - id: long-gone
    control: trail-key-rotation
    accounts: "*"
    reason: nobody knows
    ticket: SEC-1
    approver: jane@example.com
    approved_on: 2025-01-01
    expires_on: 2025-12-31
`;

let folder: string;
let world: ScannedWorld;
let pair: SigningPair;
const made = new Map<string, Buffer>();
let name: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pack-'));
  pair = signingPair();
  world = await scanWorld(
    { world: WORLD },
    { ports: { signer: async () => pair.signer, waivers: async () => WAIVERS } },
  );
  const manifest = await packTo(join(folder, 'pack.zip'), { store: world.store, signer: pair.signer });
  name = manifest.name;
  for (const { path, bytes } of await unzipped(join(folder, 'pack.zip'))) made.set(path.slice(name.length + 1), bytes);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const text = (path: string): string => made.get(path)?.toString('utf8') ?? '';
const table = (path: string): string => `runs/${world.runId}/tables/${path}`;

describe('an evidence pack', () => {
  it('holds every table twice, the raw answers, waivers, settings and the manifest of its run', () => {
    for (const table of ['findings', 'coverage', 'trails', 'keys', 'buckets', 'runs'])
      for (const form of ['csv', 'parquet']) expect(made.has(`runs/${world.runId}/tables/${table}.${form}`)).toBe(true);
    const evidence = [...made.keys()]
      .filter((path) => path.includes('/evidence/'))
      .map((path) => path.split('/').at(-1));
    expect(evidence).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^111111111111\.[0-9a-f]{16}\.ndjson\.gz$/),
        'manifest.json',
        'manifest.sig.json',
        expect.stringMatching(new RegExp(`^population-${world.runId}\\.[0-9a-f]{16}\\.ndjson\\.gz$`)),
        `run-${world.runId}.json`,
        'waivers.yaml',
      ]),
    );
    expect(text(`runs/${world.runId}/evidence/waivers.yaml`)).toBe(WAIVERS);
    expect(made.get(table('findings.parquet'))).toEqual(
      Buffer.from(world.store.files.get(`tables/findings/run_date=2026-11-20/${world.runId}.parquet`) ?? ''),
    );
  });

  it('has CSV with the rows of its Parquet, in which a spreadsheet runs nothing', async () => {
    const rows = csvRows(made.get(table('coverage.csv')));
    let count = 0;
    for await (const row of parquetRows({
      table: 'coverage',
      bytes: made.get(table('coverage.parquet')) ?? Buffer.alloc(0),
      source: 'x',
    })) {
      expect(rows[count]).toMatchObject({ account_id: row.account_id, region: row.region, state: row.state });
      count += 1;
    }
    expect(rows).toHaveLength(count);
    expect(rows.find((row) => row.account_id === '222222222222')?.account_name).toBe(`'=HYPERLINK("http://x","a")`);
    expect(rows.find((row) => row.account_id === '444444444444')?.account_name).toBe('two\nlines, "quoted"');
  });

  it('begins with what it is: scope, population and ledger, exceptions, requirements, what is not evidenced', () => {
    const cover = withoutLinks(text('cover.html'));
    expect(cover).toContain('Organizations listed 5 accounts');
    expect(cover).toMatch(/The ledger has 5 accounts × 2 Regions = 10 targets, one row each\.\s+They reconcile\./);
    expect(cover).toMatch(/1 finding is waived: accepted until a date, and not counted as a pass\./);
    expect(cover).toContain('jane@example.com');
    expect(cover).toMatch(/long-gone.*expired on 2025-12-31/);
    expect(cover).toContain('10.3.2');
    expect(cover).toContain('they do not by themselves ensure compliance');
    expect(cover).toContain('Integrity only:');
    expect(cover).not.toMatch(/10\.3\.2[^<]*PASS/);
  });

  it('shows hostile names as text: no script, no markup of theirs, no turned direction', () => {
    const cover = text('cover.html');
    expect(cover).not.toMatch(/<script/i);
    expect(cover).toContain('&lt;b&gt;retired&lt;/b&gt; in May');
    expect(cover).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(cover).not.toContain('\u202E');
    expect(cover).toMatch(
      /content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]+'; base-uri 'none'; form-action 'none'"/,
    );
    expect(cover).not.toMatch(/https?:\/\/(?!x)/);
  });

  it('has results for programs, with the requirements as a table', () => {
    const results = JSON.parse(text('results.json'));
    expect(results.runs[0]).toMatchObject({ accounts_listed: 5, exceptions: 1, part: null });
    const rows = csvRows(made.get('requirements.csv'));
    expect(rows.filter((row) => row.requirement === '10.3.2').map((row) => row.outcome)[0]).toBe(
      results.runs[0].whole.result.requirements.find((r: { requirementId: string }) => r.requirementId === '10.3.2')
        .outcome,
    );
    expect(
      rows.filter((row) => row.requirement === '10.3.4').map(({ control, decides }) => `${control} ${decides}`),
    ).toEqual(['trail-kms-encrypted supports', 'trail-log-validation decides']);
    // The pack counts the tables; the run counted as it went.
    const { frameworks } = JSON.parse(text(`runs/${world.runId}/report.json`));
    const own = frameworks.find((f: { frameworkId: string }) => f.frameworkId === 'pci-dss-4.0.1');
    expect(results.runs[0].whole.result).toEqual(own);
  });

  it('is the same, byte for byte, when made again', async () => {
    await packTo(join(folder, 'again.zip'), { store: world.store, signer: pair.signer });
    expect((await readFile(join(folder, 'again.zip'))).equals(await readFile(join(folder, 'pack.zip')))).toBe(true);
  });

  it('says in its manifest, its folder and its cover that a simulated organization is no evidence', () => {
    expect(parsePackManifest(made.get('MANIFEST.json') ?? Buffer.alloc(0))?.simulated).toBe(true);
    expect(text('cover.html')).toContain('SIMULATED ORGANIZATION');
  });
});

const seen = (run: FinishedRun) => ({
  run,
  status: run.row.status as 'COMPLETE' | 'PARTIAL',
  unfiltered: run.row.scope === 'ORGANIZATION',
});

describe('a pack of any framework', () => {
  it('has a line for a requirement that no control judges, and says so', async () => {
    const file = join(folder, 'cis.zip');
    const { requirements, ...cis } = frameworkNamed('cis-aws-7.0');
    const bare = { id: '9.9', title: 'Something else', support: [], notEvidenced: 'All of it.' };
    const framework = { ...cis, requirements: [...requirements, bare] };
    const manifest = await packTo(file, { store: world.store, signer: pair.signer, framework });
    const files = new Map(
      (await unzipped(file)).map(({ path, bytes }) => [path.slice(manifest.name.length + 1), bytes]),
    );
    const rows = csvRows(files.get('requirements.csv'));
    expect([...new Set(rows.map((row) => row.requirement))]).toEqual(framework.requirements.map(({ id }) => id));
    expect(rows.filter((row) => row.requirement === '9.9')).toEqual([
      expect.objectContaining({
        control: '',
        outcome: 'NO_EVIDENCE',
        pass: '0',
        fail: '0',
        mapped_by: '',
        decides: '',
      }),
    ]);
    expect(withoutLinks(String(files.get('cover.html')))).toContain('No evidence: no control judges it.');
    expect((await verifyPack({ file, keys: [pair.publicKey] })).problems).toEqual([]);
  });

  onlyDeep(() =>
    it.each(FRAMEWORKS.map((framework) => [framework.id, framework] as const))(
      'is sound, and has every requirement: %s',
      async (id, framework) => {
        const file = join(folder, `${id}.zip`);
        await packTo(file, { store: world.store, signer: pair.signer, framework });
        expect((await verifyPack({ file, keys: [pair.publicKey] })).problems).toEqual([]);
        const requirements = (await unzipped(file)).find(({ path }) => path.endsWith('/requirements.csv'));
        expect([...new Set(csvRows(requirements?.bytes).map((row) => row.requirement))]).toEqual(
          framework.requirements.map((r) => r.id),
        );
      },
      60_000,
    ),
  );
});

describe('a pack of a part', () => {
  it('shows the part with the trails, keys and buckets that it rests on, against the whole', async () => {
    const file = join(folder, 'part.zip');
    const manifest = await packTo(file, {
      store: world.store,
      signer: pair.signer,
      subset: { accounts: [], ous: ['Root/Workloads'] },
    });
    expect(manifest.subset).toMatchObject({ accounts_shown: 2, accounts_in_runs: 5 });
    expect(manifest.name).toMatch(/-part$/);
    const files = new Map(
      (await unzipped(file)).map(({ path, bytes }) => [path.slice(manifest.name.length + 1), bytes]),
    );
    expect(new Set(csvRows(files.get(table('coverage.csv'))).map((row) => row.account_id))).toEqual(
      new Set(['222222222222', '333333333333']),
    );
    const findings = csvRows(files.get(table('findings.csv')));
    // The organization's trail, its key and its bucket are of the management account.
    expect(findings.map((row) => `${row.control_id} ${row.account_id}`)).toEqual(
      expect.arrayContaining([
        'trail-kms-encrypted 111111111111',
        'trail-key-policy 111111111111',
        'bucket-protected 111111111111',
      ]),
    );
    expect(findings.some((row) => row.account_id === '444444444444')).toBe(false);
    const evidence = [...files.keys()].filter((path) => path.includes('/evidence/')).join('\n');
    expect(evidence).toMatch(/\/222222222222\.[0-9a-f]{16}\.ndjson\.gz/);
    expect(evidence).toMatch(/\/111111111111\.[0-9a-f]{16}\.ndjson\.gz/);
    expect(evidence).not.toMatch(/444444444444|population-/);
    expect(withoutLinks(String(files.get('cover.html')))).toMatch(/A part: 2 of 5 accounts/);
    expect((await verifyPack({ file, keys: [pair.publicKey] })).problems).toEqual([]);
  });

  it('is refused for an account or a unit that is not there', async () => {
    const request = (subset: { accounts: string[]; ous: string[] }) =>
      packTo(join(folder, 'none.zip'), { store: world.store, signer: pair.signer, subset });
    await expect(request({ accounts: ['999999999999'], ous: [] })).rejects.toThrow(
      /Account 999999999999 .* is not in run/,
    );
    await expect(request({ accounts: [], ous: ['Root/Nowhere'] })).rejects.toThrow(
      /No account of run .* is in Root\/Nowhere/,
    );
  });
});

describe('a pack of a part of a PARTIAL run', () => {
  const world: WorldSpec = {
    accounts: [
      { name: 'management', id: '111111111111' },
      { name: 'cards', id: '222222222222', ou: 'Cards' },
      { name: 'shut', id: '333333333333', ou: 'Sandbox', role: false },
    ],
    trails: [{ name: 'org', organization: true, key: 'logs', bucket: 'org-logs' }],
    keys: [{ name: 'logs', owner: '111111111111' }],
    buckets: [{ name: 'org-logs', owner: '111111111111' }],
  };
  const packOf = async (given: WorldSpec, accounts: string[]) => {
    const { store } = await scanWorld({ world: given });
    const file = join(folder, `part-of-partial-${accounts.join('-')}.zip`);
    const manifest = await packTo(file, { store, signer: pair.signer, subset: { accounts, ous: [] } });
    const text = Object.fromEntries(
      (await unzipped(file)).map(({ path, bytes }) => [path.split('/').slice(1).join('/'), String(bytes)]),
    );
    const { part } = JSON.parse(text['results.json'] ?? '').runs[0];
    const outcome = part.result.requirements.find(
      (r: { requirementId: string }) => r.requirementId === '10.3.2',
    ).outcome;
    return { manifest, outcome, cover: withoutLinks(text['cover.html'] ?? '') };
  };

  it('is judged by its own completeness', async () => {
    const { manifest, outcome, cover } = await packOf(world, ['222222222222']);
    expect(manifest).toMatchObject({
      status: 'COMPLETE',
      runs: [{ status: 'PARTIAL' }],
      name: expect.stringMatching(/-part$/),
    });
    expect(outcome).toBe('SUPPORTED');
    expect(cover).not.toMatch(/class="stop">PARTIAL/);
    expect(cover).toContain(
      'The run did not see every account of the organization (PARTIAL); all of the part that is shown',
    );
  });

  it('is PARTIAL where the part itself was not seen', async () => {
    const { manifest, outcome, cover } = await packOf(world, ['222222222222', '333333333333']);
    expect(manifest).toMatchObject({ status: 'PARTIAL', name: expect.stringMatching(/-part-PARTIAL$/) });
    expect(outcome).toBe('INCONCLUSIVE');
    expect(cover).toMatch(/PARTIAL: this run could not scan every account and Region of the part that is shown/);
  });

  it('is PARTIAL where what protects the part was not seen', async () => {
    // The organization's key and bucket are in the account that could not be read.
    const owner = '333333333333';
    const { manifest, outcome } = await packOf(
      { ...world, keys: [{ name: 'logs', owner }], buckets: [{ name: 'org-logs', owner }] },
      ['222222222222'],
    );
    expect(manifest.status).toBe('PARTIAL');
    expect(outcome).toBe('INCONCLUSIVE');
  });
});

describe('a pack of a PARTIAL run', () => {
  it('says so on its first page, in its name and in its manifest', async () => {
    const partial = await scanWorld({ world: { accounts: [{ name: 'a' }, { name: 'b', role: false }] } });
    const file = join(folder, 'partial.zip');
    const manifest = await packTo(file, { store: partial.store, signer: pair.signer });
    expect(manifest).toMatchObject({ status: 'PARTIAL', name: expect.stringMatching(/-PARTIAL$/) });
    const cover = (await unzipped(file)).find(({ path }) => path.endsWith('/cover.html'))?.bytes.toString('utf8') ?? '';
    expect(cover).toMatch(/<title>PARTIAL: /);
    expect(cover).toMatch(/<p class="stop">PARTIAL: this run could not scan/);
    expect((await verifyPack({ file, keys: [pair.publicKey] })).pack?.status).toBe('PARTIAL');
  });
});

describe('a pack of a period', () => {
  const at = (day: number): string => `2026-11-${String(day).padStart(2, '0')}T12:00:00.000Z`;
  const accounts = [
    { name: 'a', id: '111111111111' },
    { name: 'b', id: '222222222222' },
  ];

  it('has all of its runs, and tells the days that have none, failed or are not whole', async () => {
    const store = memoryStore();
    const ports = { signer: async () => pair.signer };
    await scanWorld({ now: at(10), world: { accounts } }, { store, ports });
    await scanWorld(
      { now: at(11), world: { accounts: [accounts[0] ?? {}, { ...accounts[1], role: false }] } },
      { store, ports },
    );
    await scanWorld({ now: at(12), world: { accounts } }, { store, ports, settings: { onlyRegions: ['us-east-1'] } });
    const failing = scanWorld(
      { now: at(13), world: { accounts } },
      { store, ports: { signer: () => Promise.reject(new Error('no key')) } },
    );
    await expect(failing).rejects.toThrow('no key');
    await scanWorld({ now: at(15), world: { accounts } }, { store, ports });

    const period = periodOf('2026-11-10', '2026-11-15', '2026-11-20');
    const { runs, next } = await runsIn(store, period);
    const failed = await failedIn(store, period, runs);
    expect(daysOf(period, runs.map(seen), failed).map(({ date, state }) => `${date.slice(8)} ${state}`)).toEqual([
      '10 COMPLETE',
      '11 PARTIAL',
      '12 FILTERED',
      '13 FAILED',
      '14 MISSING',
      '15 COMPLETE',
    ]);
    const file = join(folder, 'period.zip');
    const manifest = await packTo(file, { store, signer: pair.signer, runs, failed, period, next });
    expect(manifest).toMatchObject({
      status: 'PARTIAL',
      name: 'trailseal-pci-dss-4.0.1-2026-11-10-to-2026-11-15-PARTIAL',
      problems: [],
    });
    expect(manifest.runs.map(({ status }) => status)).toEqual([
      'COMPLETE',
      'PARTIAL',
      'COMPLETE',
      'FAILED',
      'COMPLETE',
    ]);
    const files = await unzipped(file);
    const cover = withoutLinks(String(files.find(({ path }) => path.endsWith('/cover.html'))?.bytes));
    expect(cover).toContain('4 of 6 days have no complete run of the whole organization.');
    expect(cover).toMatch(/2026-11-14<\/td><td>MISSING/);
    expect(cover).toMatch(/2026-11-13<\/td><td>FAILED/);
    for (const { row } of runs)
      expect(files.some(({ path }) => path.includes(`/runs/${row.run_id}/tables/findings.csv`))).toBe(true);
    expect(await verifyPack({ file, keys: [pair.publicKey] })).toMatchObject({ sound: true, problems: [] });

    // A bad run that somebody deletes is missed by the run that followed it.
    const bad = runs[1]?.row.run_id ?? '';
    for (const key of [...store.files.keys()]) if (key.includes(bad)) store.files.delete(key);
    const { runs: fewer } = await runsIn(store, period);
    const told = await packTo(join(folder, 'fewer.zip'), { store, signer: pair.signer, runs: fewer, failed, period });
    expect(told.problems).toEqual([`Run ${bad}, which run ${runs[2]?.row.run_id} follows, is no longer there.`]);
    expect((await verifyPack({ file: join(folder, 'fewer.zip'), keys: [pair.publicKey] })).sound).toBe(false);
  }, 60_000);

  it('takes days that are days, in order, and not ahead', () => {
    expect(periodOf('2026-01-31', undefined, '2026-03-01')).toEqual({ from: '2026-01-31', to: '2026-03-01' });
    expect(() => periodOf('2026-02-30', undefined, '2026-03-01')).toThrow(/"2026-02-30" \(--from\) is no date/);
    expect(() => periodOf('yesterday', undefined, '2026-03-01')).toThrow(/is no date/);
    expect(() => periodOf('2026-02-02', '2026-02-01', '2026-03-01')).toThrow(/lies before/);
    expect(() => periodOf('2026-02-02', '2026-03-02', '2026-03-01')).toThrow(/is in the future/);
  });
});

describe('requirements that count only with account data', () => {
  it('are judged where it is said that there is some', async () => {
    const outcome = async (accountDataInScope: boolean) => {
      const file = join(folder, `data-${accountDataInScope}.zip`);
      await packTo(file, {
        store: world.store,
        signer: pair.signer,
        accountDataInScope,
        framework: frameworkNamed('pci-dss-4.0.1'),
      });
      const bytes = (await unzipped(file)).find(({ path }) => path.endsWith('/results.json'))?.bytes;
      const { requirements } = JSON.parse(String(bytes)).runs[0].whole.result;
      return requirements.find(({ requirementId }: { requirementId: string }) => requirementId === '3.5.1').outcome;
    };
    expect(await outcome(false)).toBe('OUT_OF_SCOPE');
    expect(await outcome(true)).not.toBe('OUT_OF_SCOPE');
  });
});
