import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { commandsOf } from '../integrity/unpacked.ts';
import { signingPair } from '../scanned-root.ts';
import { type Files, unzipped } from '../zip-surgery.ts';
import { counted, csvRows, figuresOf, untraced } from './auditor.ts';
import { type AssessedPack, assessedPacks } from './packs.ts';

const pair = signingPair();
let folder: string;
let packs: (AssessedPack & { files: Files; cover: string })[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'figures-'));
  packs = await Promise.all(
    (await assessedPacks(folder, pair)).map(async (pack) => {
      const files = await unzipped(pack.file);
      const cover = String(files.find(({ path }) => path === `${pack.name}/cover.html`)?.bytes);
      return { ...pack, files, cover };
    }),
  );
}, 300_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const each = (check: (pack: (typeof packs)[number]) => void): void => {
  expect(packs).toHaveLength(7);
  for (const pack of packs) check(pack);
};

/** What Organizations listed, in its own words: not CSV, but what it answered. */
function listedIn(files: Files, path: string): number {
  const answers = String(gunzipSync(files.find((file) => file.path === path)?.bytes ?? Buffer.alloc(0)));
  const ids = answers.split('\n').flatMap((line) => {
    if (line === '') return [];
    const { operation, outcome } = JSON.parse(line) as {
      operation: string;
      outcome: { output?: { Accounts?: { Id: string }[] } };
    };
    return /^ListAccounts/.test(operation) ? (outcome.output?.Accounts ?? []).map(({ Id }) => Id) : [];
  });
  return new Set(ids).size;
}

describe('every cover', () => {
  it('has only figures that are what their rows come to, in the CSV of the pack alone', () => {
    each(({ what, files, name, cover }) => {
      const figures = figuresOf(cover);
      expect([what, figures.length > 100]).toEqual([what, true]);
      for (const { value, words, href } of figures) {
        const path = `${name}/${href}`;
        expect(files.some((file) => file.path === path)).toBe(true);
        expect(words.startsWith(`${href}: `)).toBe(true);
        const again = href.endsWith('.gz') ? listedIn(files, path) : counted(files, name, words);
        expect([what, words, value]).toEqual([what, words, again]);
      }
    });
  });

  it('says who outside its account each key lets decrypt', () => {
    const cover = packs.find(({ what }) => what === 'pci-dss-4.0.1')?.cover ?? '';
    const [, section = ''] = /<h3>Who can decrypt<\/h3>([\s\S]*?)<h3>/.exec(cover) ?? [];
    expect(section).toMatch(/key\/[^<]*<\/bdi><\/td><td><div><bdi>account 999999999999: all whom its IAM policies let/);
    expect(figuresOf(section).map(({ value }) => value)).toEqual([3, 1, 0]);
  });

  it('has no number that leads nowhere', () => {
    each(({ what, cover }) => {
      expect([what, untraced(cover).match(/.{0,40}\d.{0,40}/g)]).toEqual([what, null]);
    });
  });

  it('sums for each requirement what its controls found, as findings.csv has it', () => {
    each(({ what, files, name }) => {
      const requirements = csvRows(files.find(({ path }) => path === `${name}/requirements.csv`)?.bytes);
      expect(requirements.length).toBeGreaterThan(0);
      for (const row of requirements) {
        const narrowed = requirements.some(({ shown }) => shown === 'part');
        // Of the whole, a pack of a part has no findings.
        if (row.control === '' || (narrowed && row.shown === 'whole')) continue;
        for (const status of ['PASS', 'FAIL', 'UNVERIFIED', 'NOT_APPLICABLE', 'WAIVED']) {
          const where = `control_id = ${row.control} and status = ${status}`;
          const found = counted(files, name, `runs/${row.run_id}/tables/findings.csv: rows where ${where}`);
          expect([what, where, row[status.toLowerCase()]]).toEqual([what, where, String(found)]);
        }
      }
    });
  });

  it('says in words of a result only numbers that its deciding checks come to', () => {
    each(({ what, files, name, cover }) => {
      const requirements = csvRows(files.find(({ path }) => path === `${name}/requirements.csv`)?.bytes);
      const summaries = [
        ...cover.matchAll(
          /<h2>Run (\w+),|<td class="id">([^<]+)(?:<br>[^/]*\/?[^/]*)?<\/td><td class="words">[^<]*<\/td><td class="result">\w+<br><a class="summary"[^>]*>([^<]*)<\/a>/g,
        ),
      ];
      let runId = '';
      let checked = 0;
      for (const [, run, requirement, summary] of summaries) {
        if (run !== undefined) runId = run;
        if (summary === undefined) continue;
        const shown = requirements.some((row) => row.shown === 'part') ? 'part' : 'whole';
        const own = requirements.filter(
          (row) => row.run_id === runId && row.requirement === requirement && row.shown === shown,
        );
        const deciding = own.some(({ decides }) => decides === 'decides');
        const sum = (column: string, decides: boolean): number =>
          own
            .filter((row) => (row.decides === 'decides') === decides)
            .reduce((total, row) => total + Number(row[column]), 0);
        const targets = `runs/${runId}/tables/coverage.csv: rows where verdict = UNVERIFIED and state is one of SCANNED, REGION_DISABLED, REGION_DENIED, ACCOUNT_INACTIVE, ACCESS_DENIED, THROTTLED, ERROR, NOT_SCANNED`;
        const numbers: [RegExp, () => number][] = [
          [/^Supported by (\d+) /, () => sum('pass', deciding)],
          [/^Not supported: (\d+) /, () => sum('fail', true)],
          [/^Waived: (\d+) /, () => sum('waived', deciding)],
          [/(\d+) findings? could not be verified/, () => sum('unverified', deciding)],
          [/(\d+) account-region targets? could not/, () => counted(files, name, targets)],
          [/; (\d+) findings? waived/, () => sum('waived', deciding)],
          [/(?:Also|No check decides it): (\d+) /, () => sum('fail', false)],
        ];
        let rest = summary;
        for (const [pattern, expected] of numbers) {
          const [, number] = pattern.exec(rest) ?? [];
          if (number === undefined) continue;
          expect([what, requirement, summary, Number(number)]).toEqual([what, requirement, summary, expected()]);
          rest = rest.replace(pattern, '');
          checked += 1;
        }
        expect([what, rest]).toEqual([what, expect.not.stringMatching(/\d/)]);
      }
      expect([what, checked > 5]).toEqual([what, true]);
    });
  });

  it('lists no control that judged nothing among those that did, and names it apart', () => {
    each(({ what, files, name, cover }) => {
      const requirements = csvRows(files.find(({ path }) => path === `${name}/requirements.csv`)?.bytes);
      const sections = cover.split('<h2>Run ').slice(1);
      expect(sections.length).toBeGreaterThan(0);
      for (const section of sections) {
        const runId = section.slice(0, 26);
        const own = requirements.filter(
          (row) =>
            row.run_id === runId && (row.shown === 'part') === requirements.some(({ shown }) => shown === 'part'),
        );
        const judged = (row: Record<string, string>): boolean =>
          ['pass', 'fail', 'unverified', 'waived'].some((column) => row[column] !== '0');
        const listed = [
          ...section.matchAll(/<tr class="control"><td><\/td><td colspan="\d"><span class="word">([^<]+)/g),
        ];
        expect([what, listed.map(([, id]) => id)]).toEqual([
          what,
          own.filter((row) => row.control !== '' && judged(row)).map((row) => row.control),
        ]);
        const [, without = ''] = /<h3>Without evidence<\/h3>([\s\S]*?)<h3>/.exec(section) ?? [];
        const silent = new Set(own.filter((row) => row.control !== '' && !judged(row)).map((row) => row.control));
        for (const id of silent) expect(without).toContain(`<span class="word">${id}</span>`);
        for (const row of own)
          if (row.outcome === 'NO_EVIDENCE' || row.outcome === 'OUT_OF_SCOPE')
            expect(without).toContain(`<code>${row.requirement}</code>`);
      }
    });
  });
});

/** A machine with these programs and nothing else; test, echo and cd are the shell's own. */
const PROGRAMS = ['unzip', 'sha256sum', 'openssl', 'find', 'wc'];

describe('every pack', () => {
  /** Unpacks, then runs every line of VERIFY.txt as it stands; ends at the first that fails. */
  async function verified(pack: (typeof packs)[number], { tampered = '' } = {}) {
    const at = await mkdtemp(join(folder, 'assessor-'));
    await mkdir(join(at, 'bin'));
    for (const program of PROGRAMS) {
      const path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
      await symlink(path, join(at, 'bin', program));
    }
    await writeFile(join(at, 'PUBLIC.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
    await writeFile(join(at, 'pack.zip'), await readFile(pack.file));
    const guide = String(pack.files.find(({ path }) => path === `${pack.name}/VERIFY.txt`)?.bytes);
    const script = ['set -e', 'unzip -q pack.zip', `cd '${pack.name}'`, tampered, ...commandsOf(guide)].join('\n');
    await writeFile(join(at, 'verify.sh'), script);
    const shell = execFileSync('sh', ['-c', 'command -v bash'], { encoding: 'utf8' }).trim();
    const { status, stdout } = spawnSync(shell, ['verify.sh'], {
      cwd: at,
      env: { PATH: join(at, 'bin') },
      encoding: 'utf8',
    });
    return { status, stdout, guide };
  }

  it('is verified by a script of what its VERIFY.txt prints, with standard tools and nothing of ours', async () => {
    for (const pack of packs) {
      const { status, stdout, guide } = await verified(pack);
      expect([pack.what, status]).toEqual([pack.what, 0]);
      expect(stdout).toMatch(/^[0-9a-f]{64} {2}-\nSignature Verified Successfully\nNo file was added\n$/);
      for (const line of ['Signature Verified Successfully', 'No file was added']) expect(guide).toContain(`"${line}"`);
    }
  }, 120_000);

  it.each([
    ['a figure of its cover', "echo '<p>All controls pass.</p>' >> cover.html"],
    ['a row of its tables', 'echo >> runs/*/tables/findings.csv'],
    ['a file more', 'echo > runs/NOTE.txt'],
    ['the checksums', "echo '# one more line' >> SHA256SUMS"],
  ])('fails that script once somebody changed %s', async (_what, tampered) => {
    const [pack] = packs;
    if (!pack) throw new Error('no pack');
    expect((await verified(pack, { tampered })).status).not.toBe(0);
  });
});
