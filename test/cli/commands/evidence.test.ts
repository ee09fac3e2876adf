import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { unzipped } from '../../report/evidence/zip-surgery.ts';
import { scanWorld } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { onDisk } from '../root-on-disk.ts';
import { trailseal } from '../trailseal.ts';

const accounts = [
  { name: 'management', id: '111111111111' },
  { name: 'app', id: '222222222222', ou: 'Dev, Test' },
];
let folder: string;
let complete: string;
let partial: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evidence-'));
  const store = memoryStore();
  complete = (await scanWorld({ now: '2026-11-10T12:00:00.000Z', world: { accounts } }, { store })).runId;
  const shut = [accounts[0] ?? {}, { ...accounts[1], role: false }];
  partial = (await scanWorld({ now: '2026-11-11T12:00:00.000Z', world: { accounts: shut } }, { store })).runId;
  await onDisk(store, join(folder, 'root'));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The commands on a machine of their own, which has no signing key yet. */
function machine(home: string) {
  const run = (...words: string[]) => trailseal(words, { cwd: folder, env: { TRAILSEAL_HOME: join(folder, home) } });
  return {
    run,
    evidence: (...words: string[]) => run('evidence', '--report', 'root', ...words),
    verify: (file: string, ...words: string[]) => run('verify', file, '--key', `${home}/signing-key.pub.pem`, ...words),
  };
}

describe('trailseal evidence and verify', () => {
  it('make a pack, tell once of the key that was made, and find it sound', async () => {
    const { run, evidence, verify } = machine('first-use');
    const made = await evidence('--framework', 'hipaa', '--run', complete, '--out', 'a/pack.zip');
    expect(made).toMatchObject({ code: 0, out: 'a/pack.zip\n' });
    expect(made.err).toMatch(/^"hipaa" is taken as hipaa-security-rule \(HIPAA Security Rule/);
    expect(made.err).toMatch(/A signing key was made.*\n.*signing-key\.pub\.pem/);
    const [, fingerprint = 'none'] = /Signed with local Ed25519 (SHA256:[0-9a-f]{64})\./.exec(made.err) ?? [];
    expect((await stat(join(folder, 'a/pack.zip'))).mode & 0o777).toBe(0o600);
    const verified = await verify('a/pack.zip');
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toMatch(/^a\/pack\.zip: SOUND\nHIPAA/);
    expect(verified.out).toContain(fingerprint);
    const again = await evidence('--framework', 'hipaa-security-rule', '--run', complete, '--out', 'b.zip');
    expect(again.err).not.toMatch(/key was made/);

    // Not sound: 2, with the file's name. Nothing to verify, or with: 1.
    const bytes = await readFile(join(folder, 'b.zip'));
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 0xff;
    await writeFile(join(folder, 'b.zip'), bytes);
    const tampered = await verify('b.zip', '--json');
    expect(tampered.code).toBe(2);
    expect(JSON.parse(tampered.out)).toMatchObject({ sound: false });
    expect(await verify('c.zip')).toMatchObject({ code: 1, err: 'trailseal: There is no file c.zip.\n' });
    expect(await run('verify', 'b.zip')).toMatchObject({ code: 1 });
    expect(await run('verify', 'b.zip', '--key', 'nokey.pem')).toMatchObject({ code: 1 });
  }, 120_000);

  it('call a pack of a PARTIAL run so, and overwrite none', async () => {
    const { evidence, verify } = machine('partial');
    const made = await evidence('--framework', 'nist-csf-2.0', '--out', 'newest.zip', '--run', partial);
    expect(made).toMatchObject({ code: 0, out: 'newest.zip\n' });
    expect(made.err).toMatch(/The run is PARTIAL: the pack says so on its first page/);
    expect((await verify('newest.zip')).out).toMatch(/PARTIAL: some accounts and Regions did not answer/);
    const twice = await evidence('--framework', 'nist-csf-2.0', '--out', 'newest.zip', '--run', partial);
    expect(twice).toMatchObject({
      code: 1,
      err: expect.stringMatching(/newest\.zip exists, and evidence is not overwritten/),
    });
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  }, 120_000);

  it('narrow a pack to units whose names have commas in them, and to several', async () => {
    const { evidence, verify } = machine('units');
    const narrowed = (file: string, ...ous: string[]) =>
      evidence('--framework', 'nist-csf-2.0', '--run', complete, '--out', file, ...ous.flatMap((ou) => ['--ou', ou]));
    expect(await narrowed('comma.zip', 'Root/Dev, Test')).toMatchObject({ code: 0 });
    expect((await verify('comma.zip')).out).toMatch(/SOUND/);
    expect(await narrowed('both.zip', 'Root/Dev, Test', 'Root')).toMatchObject({ code: 0 });
    expect((await narrowed('list.zip', 'Root, Root/Nowhere')).err).toMatch(
      /No account of run .* is in Root\/Nowhere \(--ou\)/,
    );
  }, 60_000);

  it('narrow a pack to a named scope, which is judged by itself and says what it is said to hold', async () => {
    const { evidence, verify } = machine('scopes');
    await writeFile(
      join(folder, 'scopes.yaml'),
      'scopes:\n  - name: cards\n    holds: [card-data]\n    accounts: ["111111111111"]\n  - name: tagged\n    tags: [data=card]\n',
    );
    // Elsewhere this run is PARTIAL.
    const words = ['--framework', 'pci-dss-4.0.1', '--run', partial];
    const made = await evidence(...words, '--scope', 'cards', '--out', 'cards.zip');
    expect(made).toMatchObject({ code: 0, out: 'cards.zip\n' });
    expect((await verify('cards.zip')).out).toMatch(/SOUND\n.*1 of 2 accounts: COMPLETE/);
    const cover = (await unzipped(join(folder, 'cards.zip'))).find(({ path }) => path.endsWith('/cover.html'));
    expect(String(cover?.bytes)).toContain('said to hold payment card account data');
    expect(cover?.path).toMatch(/^trailseal-pci-dss-4\.0\.1-[0-9A-Z]+-cards\//);
    // Account data is in scope then: 3.5.1 is judged.
    expect(String(cover?.bytes)).toMatch(/3\.5\.1(?:(?!<tr>)[\s\S])*<td class="result">NO_EVIDENCE/);
    for (const [more, sentence] of [
      [['--scope', 'cord'], /There is no scope "cord" \(--scope\) in scopes\.yaml: the nearest is cards\./],
      [['--scope', 'cards', '--ou', 'Root'], /--scope stands alone/],
      [['--scope', 'other.yaml:cards'], /other\.yaml cannot be read \(ENOENT\): --scope takes the name of a scope/],
      [['--scope', 'tagged'], /The tag data=card cannot be looked up: run .* did not read the tags of accounts/],
    ] as const) {
      const refused = await evidence(...words, ...more, '--out', 'no.zip');
      expect(refused).toMatchObject({ code: 1, err: expect.stringMatching(sentence) });
    }
  }, 60_000);

  it('make the pack of a scope from the scan of that scope, by the tags that it read', async () => {
    const { run, verify } = machine('scanned-scope');
    await writeFile(
      join(folder, 'tags.yaml'),
      'scopes:\n  - name: cards\n    accounts: ["111111111111"]\n    tags: [data=card]\n',
    );
    const store = memoryStore();
    const world = { accounts: [...accounts, { name: 'lab', id: '333333333333', tags: { data: 'card' } }] };
    const onlyScope = ['name=cards', 'account=111111111111', 'tag=data=card'];
    await scanWorld({ world }, { store, settings: { onlyScope } });
    await onDisk(store, join(folder, 'scoped'));
    const words = ['evidence', '--report', 'scoped', '--framework', 'nist-csf-2.0', '--scope', 'tags.yaml:cards'];
    expect(await run(...words, '--out', 'scanned-scope.zip')).toMatchObject({ code: 0 });
    expect((await verify('scanned-scope.zip')).out).toMatch(/2 of 3 accounts: COMPLETE/);
  }, 60_000);

  it.each([
    [['--framework', 'fedramp', '--out', 'x.zip'], /"fedramp" can be any of fedramp-r5-li-saas, fedramp-r5-low, /],
    [
      ['--framework', 'hippa', '--out', 'x.zip'],
      /There is no framework "hippa"\. The nearest are: hipaa-security-rule/,
    ],
    [['--framework', 'hipaa-security-rule', '--out', 'x.tar'], /\(--out\) must end in \.zip/],
    [
      ['--framework', 'hipaa-security-rule', '--out', 'x.zip', '--accounts', '12'],
      /"12" \(--accounts\) is not an account id/,
    ],
    [['--framework', 'hipaa-security-rule', '--out', 'x.zip', '--run', 'nope'], /no finished run nope/],
    [
      ['--framework', 'hipaa-security-rule', '--out', 'x.zip', '--run', 'nope', '--from', '2026-01-01'],
      /give one of them/,
    ],
    [['--framework', 'hipaa-security-rule', '--out', 'x.zip', '--to', '2026-01-01'], /--to needs --from/],
    [
      ['--framework', 'hipaa-security-rule', '--out', 'x.zip', '--from', '2020-01-01', '--to', '2020-01-02'],
      /There is no run from 2020-01-01 to 2020-01-02/,
    ],
    [
      ['--framework', 'hipaa-security-rule', '--out', 'x.zip', '--signing-key', 'alias/mine'],
      /is not the ARN of a KMS key/,
    ],
    [['--out', 'x.zip'], /required option '--framework <id>'/],
  ])(
    'refuse %j in one sentence, and leave no file',
    async (words, sentence) => {
      const ended = await machine('refusing').evidence(...words);
      expect(ended.code).toBe(1);
      expect(ended.err).toMatch(sentence);
      expect((await readdir(folder)).filter((name) => name.startsWith('x.'))).toEqual([]);
    },
    60_000,
  );
});
