import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { exitCode } from '../../functions/cli/exit-code.ts';
import { EXAMPLES } from '../../functions/cli/help/examples.ts';
import type { ScanForecast } from '../../functions/cli/scan/forecast.ts';
import { failOn } from '../../functions/cli/scan-options.ts';
import { SEVERITIES, type Severity } from '../../functions/domain/model/vocabulary.ts';
import type { RunReport } from '../../functions/report/run/run-report.ts';
import { SIMULATE_KEYS } from '../../functions/simulator/simulation-spec.ts';
import { trailseal } from './trailseal.ts';

// A dozen processes in one test, on a machine that has other things to do.
jest.setTimeout(300_000);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trailseal-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a scan has finished so far, whatever its run is called. */
const observationsIn = (root: string): string[] =>
  existsSync(join(root, 'runs'))
    ? readdirSync(join(root, 'runs'), { recursive: true, encoding: 'utf8' }).filter((file) =>
        /observations\/[^/]+\.json$/.test(file),
      )
    : [];

const SMALL = ['--simulate', 'accounts=8,regions=3,seed=3'];

describe('trailseal scan --simulate', () => {
  it('writes the report root, prints a summary for people and ends with 3 where the run is PARTIAL', async () => {
    const root = join(folder, 'a');
    const { code, out, err } = await trailseal(['scan', ...SMALL, '--out', root]);
    expect([2, 3]).toContain(code);
    expect(out).toMatch(/^Run [0-9A-Z]{26} is (COMPLETE|PARTIAL): 8 accounts × 3 Regions = 24 account\/Region pairs/);
    expect(out).toContain('npx --no-install trailseal scan');
    expect(err).toMatch(/Scanning accounts: \d+ of \d+/);
    expect(err).not.toMatch(/warning/i);
    for (const table of ['coverage', 'findings', 'trails', 'keys', 'buckets', 'runs'])
      expect(existsSync(join(root, 'tables', table))).toBe(true);
    expect(existsSync(join(root, 'reports', 'latest.json'))).toBe(true);
  });

  it('prints one JSON document on stdout with --json, and ends with 0 under --fail-on none', async () => {
    const { code, out, err } = await trailseal([
      'scan',
      ...SMALL,
      '--out',
      join(folder, 'b'),
      '--json',
      '--fail-on',
      'none',
    ]);
    expect([code, err]).toEqual([0, '']);
    const report = JSON.parse(out) as RunReport;
    expect(report.run.targets).toBe(24);
  });

  it('writes files that only their owner can read', async () => {
    const root = join(folder, 'private');
    await trailseal(['scan', ...SMALL, '--out', root, '--quiet']);
    const open = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
      (f) => (statSync(join(root, f)).mode & 0o077) !== 0,
    );
    expect(open).toEqual([]);
  });

  it('keeps what was scanned on Ctrl-C, and prints the line that finishes the rest', async () => {
    const root = join(folder, 'stopped');
    const accounts = 24;
    const spec = `accounts=${accounts},regions=3,seed=3,latency=40`;
    const stopped = await trailseal(['scan', '--simulate', spec, '--out', root, '--concurrency', '2'], {
      interruptOnce: () => observationsIn(root).length > 2,
    });
    expect(stopped.code).toBe(130);
    const [, runId] = /--resume ([0-9A-Z]{26})/.exec(stopped.err) ?? [];
    const kept = observationsIn(root);
    const resumed = await trailseal([
      'scan',
      '--simulate',
      spec.replace('latency=40', 'latency=0'),
      '--out',
      root,
      '--resume',
      runId ?? '',
      '--json',
      '--fail-on',
      'none',
    ]);
    expect(resumed.code).toBe(0);
    const report = JSON.parse(resumed.out) as RunReport;
    expect([report.run.run_id, report.run.not_scanned]).toEqual([runId, 0]);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(accounts);
    const again = ['scan', '--simulate', spec, '--out', root, '--resume', runId ?? '', '--quiet'];
    const otherwise = await trailseal([
      ...again,
      '--regions',
      'us-east-1',
      '--role-name',
      'Other',
      '--sample-accounts',
    ]);
    expect([otherwise.code, otherwise.out]).toEqual([1, '']);
    expect(otherwise.err).toMatch(/finished as it was planned: leave --role-name, --regions, --sample-accounts out/);
    expect((await trailseal([...again, '--role-name', 'TrailSealAudit', '--fail-on', 'none'])).code).toBe(0);
  });

  it('names nothing to resume where it was stopped before anything was planned', async () => {
    let killed = false;
    const stopped = await trailseal(['scan', '--simulate', 'accounts=9,latency=2000', '--out', join(folder, 'early')], {
      onErr: (text, kill) => {
        if (killed || !text.includes('Listing')) return;
        killed = true;
        kill('SIGINT');
      },
    });
    expect([stopped.code, stopped.out]).toEqual([130, '']);
    expect(stopped.err).toContain('there is nothing to resume');
    expect(stopped.err).not.toContain('--resume');
  });
});

describe('scan --accounts-file', () => {
  const file = (text: string) => {
    const path = join(folder, `accounts-${text.length}.txt`);
    writeFileSync(path, text);
    return path;
  };

  it.each([
    ['111122223333 Role more\n', /:1: "111122223333 Role more" is not an account id of 12 digits/],
    ['# none\n\n12\n', /:3: "12" is not an account id/],
    ['111122223333\n111122223333,Other\n', /:2: account 111122223333 is there twice/],
    ['# nothing\n', /names no account/],
  ])('refuses %j by line', async (text, sentence) => {
    const ended = await trailseal(['scan', ...SMALL, '--accounts-file', file(text)]);
    expect([ended.code, ended.out]).toEqual([1, '']);
    expect(ended.err).toMatch(sentence);
  });

  it('scans the accounts of the file and no others, each with its own role', async () => {
    const root = join(folder, 'named');
    await trailseal(['scan', ...SMALL, '--out', root, '--quiet']);
    const all = await trailseal([
      'query',
      'select distinct account_id from latest_coverage',
      '--format',
      'json',
      '--report',
      root,
    ]);
    const ids = (JSON.parse(all.out) as { account_id: string }[]).map(({ account_id }) => account_id).sort();
    const path = file(`${ids[2]}\n${ids[3]}, /Other # a role that is not there\n`);
    const ended = await trailseal(['scan', ...SMALL, '--out', join(folder, 'file'), '--json', '--accounts-file', path]);
    const report = JSON.parse(ended.out) as RunReport;
    expect(report.run).toMatchObject({
      scope: 'FILTERED',
      accounts: 2,
      scope_filter: `accounts of a file: ${ids[2]},${ids[3]}`,
    });
    expect(report.targets.by_state.ACCESS_DENIED).toBeGreaterThan(0);
    const both = await trailseal(['scan', ...SMALL, '--accounts-file', path, '--ou', 'Root']);
    expect(both.err).toContain('--accounts-file names all accounts itself');
    const twice = await trailseal(['scan', ...SMALL, '--accounts-file', path, '--accounts-file', path]);
    expect(twice.err).toContain('--accounts-file is given twice');
  });
});

describe('a scan narrowed to an organizational unit', () => {
  it('is judged, counted and shown by its own scope, and what was excluded as excluded', async () => {
    const root = join(folder, 'security');
    const tidy = ['--simulate', 'preset=tidy,accounts=12,regions=3'];
    const { code, out } = await trailseal(['scan', ...tidy, '--ou', 'Security', '--out', root, '--json']);
    const report = JSON.parse(out) as RunReport;
    expect([code, report.run.status, report.run.scope, report.run.findings_unverified]).toEqual([
      0,
      'COMPLETE',
      'FILTERED',
      0,
    ]);
    const { accounts, targets } = report;
    expect(accounts.by_verdict).toMatchObject({ ENCRYPTED: 2, UNVERIFIED: 0 });
    expect((accounts.excluded ?? 0) + 2 + accounts.by_verdict.NOT_APPLICABLE).toBe(12);
    expect(targets.by_verdict.UNVERIFIED).toBe(0);
    expect(Object.values(targets.by_verdict).reduce((a, b) => a + b, 0)).toBe(36 - targets.by_state.EXCLUDED);
    expect(report.frameworks.flatMap((f) => f.requirements.map(({ outcome }) => outcome))).not.toContain(
      'INCONCLUSIVE',
    );
    const page = readFileSync(join(root, 'reports', report.run.run_id, 'report.html'), 'utf8');
    expect(page).toContain('2 of 2 accounts have KMS-encrypted CloudTrail logs');
    const answer = async (name: string) => {
      const asked = await trailseal(['query', '--named', name, '--report', root, '--format', 'json']);
      return JSON.parse(asked.out) as Record<string, unknown>[];
    };
    expect(await answer('organization-summary')).toMatchObject([
      { verdict: 'ENCRYPTED', accounts: 2 },
      { verdict: 'EXCLUDED', targets: targets.by_state.EXCLUDED, percent: null },
    ]);
    for (const row of await answer('ou-scorecard'))
      expect(row).toMatchObject({ unknown: 0, percent_encrypted: row.ou_path === 'Root/Security' ? 100 : null });
    for (const row of await answer('account-scorecard'))
      expect(row).toMatchObject({ unknown: 0, findings_unverified: 0 });
    for (const row of await answer('region-scorecard'))
      expect(row).toMatchObject({ percent_encrypted: 100, unknown: 0 });
  });
});

describe('commands that read results', () => {
  it('query, report and their errors', async () => {
    const root = join(folder, 'read');
    await trailseal(['scan', ...SMALL, '--out', root, '--quiet']);
    const count = await trailseal([
      'query',
      'select count(*) as n from latest_coverage',
      '--report',
      root,
      '--format',
      'json',
    ]);
    expect(JSON.parse(count.out)).toEqual([{ n: 24 }]);
    const named = await trailseal(['query', '--named', 'organization-summary', '--report', root, '--format', 'csv']);
    expect(named.out.split('\n').length).toBeGreaterThan(2);
    expect((await trailseal(['report', '--report', root])).out).toMatch(/^Run /);
    const fix = await trailseal(['remediate', '--format', 'aws-cli', '--report', root]);
    expect(fix.out).toContain('set -euo pipefail');
    expect((await trailseal(['remediate', '--format', 'docx', '--report', root])).err).toContain('terraform');
    expect((await trailseal(['query', '--named', 'no-such', '--report', root])).err).toContain('open-findings');
    expect((await trailseal(['query', 'select * from', '--report', root])).code).toBe(1);
    expect((await trailseal(['report', '--report', join(folder, 'nothing')])).err).toContain('no finished run');
  });

  it('lists the runs, compares the last two, waives a finding for the next scan', async () => {
    const root = join(folder, 'two');
    const file = join(folder, 'waivers.yaml');
    const TINY = ['--simulate', 'accounts=4,regions=2,seed=3'];
    await trailseal(['scan', ...TINY, '--out', root, '--quiet']);
    expect(await trailseal(['diff', '--report', root])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/There is no run of the same scope before .*`trailseal runs` lists/),
    });
    const asked = await trailseal([
      'query',
      "select finding_id from latest_findings where status = 'FAIL' order by 1 limit 1",
      ...['--report', root, '--format', 'json'],
    ]);
    const [{ finding_id: id }] = JSON.parse(asked.out) as [{ finding_id: string }];
    writeFileSync(file, '# ours\nwaivers: []\n');
    const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const waive = (last: string, finding: string) =>
      trailseal(
        ['waive', finding, '--until', last, '--reason', 'a: b', '--ticket', 'T-1', '--approver', 'jane'].concat([
          '--report',
          root,
          '--file',
          file,
        ]),
      );
    expect((await waive('2099-01-01', id)).err).toContain('may be at most 365 days after approved_on');
    expect(readFileSync(file, 'utf8')).toBe('# ours\nwaivers: []\n');
    expect((await waive(until, 'nonsense')).err).toContain("is not a finding's id");
    expect((await waive(until, id.slice(0, 12))).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/^# ours\nwaivers:\n {2}- id: /);
    const second = await trailseal(['scan', ...TINY, '--out', root, '--json', '--waivers', file]);
    expect((JSON.parse(second.out) as RunReport).run.findings_waived).toBe(1);
    const runs = await trailseal(['runs', '--report', root]);
    expect(runs.out.trimEnd().split('\n')).toHaveLength(2);
    expect((await trailseal(['diff', '--report', root])).out).toContain('Waived since: 1');
  });

  it('tells what a scan would be before it is one', async () => {
    const root = join(folder, 'dry');
    const { code, out } = await trailseal(['scan', ...SMALL, '--dry-run', '--json', '--out', root]);
    expect([code, existsSync(root)]).toEqual([0, false]);
    const forecast = JSON.parse(out) as ScanForecast;
    expect(forecast).toMatchObject({ regions: 3, targets: 24 });
    const scanned = await trailseal(['scan', ...SMALL, '--json', '--out', root]);
    const { run } = JSON.parse(scanned.out) as RunReport;
    expect(forecast.asked).toBeGreaterThanOrEqual(run.scanned);
    // Of its 8 accounts one refuses the role: it costs a call.
    expect(run.api_calls).toBeLessThanOrEqual(forecast.callsBetween.most);
    expect(run.api_calls).toBeGreaterThan(forecast.callsBetween.least * (7 / 8));
    expect((await trailseal(['scan', ...SMALL, '--dry-run', '--ou', 'nowhere'])).code).toBe(1);
  });

  it('completes commands and options in bash', async () => {
    const script = join(folder, 'completion');
    writeFileSync(script, (await trailseal(['completion', 'bash'])).out);
    const complete = (...words: string[]) =>
      spawnSync(
        'bash',
        [
          '-c',
          'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _trailseal; echo "${COMPREPLY[*]}"',
          script,
        ].concat(words),
        { encoding: 'utf8' },
      ).stdout.trim();
    expect([complete('trailseal', 'ev'), complete('trailseal', 'evidence', '--fr')]).toEqual([
      'evidence',
      '--framework --from',
    ]);
    expect((await trailseal(['completion', 'fish'])).out).toContain('__fish_seen_subcommand_from evidence');
    expect((await trailseal(['completion', 'tcsh'])).err).toContain('bash, zsh, fish');
  });

  it('catalogues', async () => {
    expect((await trailseal(['controls', 'trail-key-usable'])).out).toContain('PCI DSS');
    expect((await trailseal(['controls', 'no-such'])).err).toContain('trail-kms-encrypted');
    expect((await trailseal(['frameworks', 'pci-dss-4.0.1'])).out).toContain('10.3.2');
    expect((await trailseal(['frameworks', 'pci'])).err).toContain('pci-dss-4.0.1');
  });
});

describe('help', () => {
  it('marks what a command cannot do without, and ends every command with examples that parse', async () => {
    const { out } = await trailseal(['help', 'evidence']);
    expect(out).toMatch(/--out <file> .*\(required\)/);
    expect(out.replaceAll(/\s+/g, ' ')).toContain(
      '--framework <id> framework by id, or a word of its name such as hipaa; `trailseal frameworks` lists them (required)',
    );
    const listed = (await trailseal(['--help'])).out.matchAll(/^ {2}([a-z]+) \[?<?/gm);
    for (const name of [...listed].map(([, found]) => found ?? '').filter((found) => found !== 'help'))
      expect((await trailseal([name, '--help'])).out).toContain('Examples:\n  ');
    const options = new Map<string, string>();
    for (const [name, examples] of Object.entries(EXAMPLES))
      for (const [command] of examples) {
        expect(command.split(' ')[0]).toBe(name);
        const help = options.get(name) ?? (await trailseal([name, '--help'])).out;
        options.set(name, help);
        for (const [option] of command.matchAll(/--[a-z-]+/g)) expect(help).toContain(`${option} `);
      }
  });

  it('lists the keys of --simulate, and refuses a command that does not exist', async () => {
    for (const words of [
      ['scan', '--simulate', 'help'],
      ['doctor', '--simulate', 'help'],
      ['simulate', 'help'],
    ]) {
      const { code, out } = await trailseal(words);
      expect([code, Object.keys(SIMULATE_KEYS).filter((key) => !out.includes(`  ${key}`))]).toEqual([0, []]);
    }
    expect(await trailseal(['help', 'evidense'])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/There is no command "evidense": did you mean evidence\?/),
    });
  });
});

describe('bad input gets one sentence and exit code 1', () => {
  it.each([
    [['scan', '--bogus'], /unknown option '--bogus'/],
    [['scan', '--accounts', '12'], /"12" \(--accounts\) is not an account id/],
    [['scan', '--accounts', 'self,111122223333'], /--accounts self stands alone/],
    [['scan', '--accounts', ''], /--accounts is empty/],
    [['scan', '--exclude-accounts', ' , '], /--exclude-accounts is empty/],
    [['scan', '--ou', ''], /--ou is empty/],
    [['scan', '--regions', ''], /--regions is empty/],
    [['scan', '--home-region', ''], /--home-region is empty/],
    [['scan', '--out', ''], /--out is empty/],
    [['doctor', '--role-name', ''], /--role-name is empty/],
    [['doctor', '--deploy', '--simulate'], /--deploy asks AWS .* leave --simulate out/],
    [['report', '--run', ''], /--run is empty/],
    [['scan', '--simulate', 'accounts=3', '--out', 's3:/foo'], /"s3:\/foo" is not an S3 location/],
    [['scan', '--simulate', 'accounts=3', '--out', 'S3://foo'], /"S3:\/\/foo" is not an S3 location/],
    [['report', '--report', 'https://foo/bar'], /"https:\/\/foo\/bar" is not an S3 location/],
    [['scan', '--concurrency', 'many'], /--concurrency takes a whole number/],
    [['scan', '--fail-on', 'everything'], /--fail-on takes/],
    [['scan', '--resume', 'yesterday'], /--resume.* is not a run id/],
    [['scan', '--account-tag', 'production'], /"production" \(--account-tag\) is not a tag such as/],
    [['scan', '--accounts-file', '/no/such/file'], /\/no\/such\/file \(--accounts-file\) cannot be read/],
    [['scan', '--role-name', 'a b'], /--role-name/],
    [['scan', '--external-id', '!'], /--external-id/],
    [['scan', '--out', 's3://UPPER'], /not an S3 location/],
    [['scan', '--simulate', 'acounts=3'], /acounts/],
    [['scan', '--simulate', 'accounts=0'], /accounts/],
    [['scan', '--simulate', 'accounts=3', '--regions', 'mars-1'], /mars-1/],
    [['scan', '--simulate', 'accounts=3', '--accounts', '000000000001'], /000000000001 is not in this organization/],
    [['scan', '--simulate', 'accounts=3', '--ou', 'Root/Nowhere'], /Root\/Nowhere/],
    [
      ['scan', '--simulate', 'accounts=3', '--resume', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
      /no run 01ARZ3NDEKTSV4RRFFQ69G5FAV/,
    ],
    [['query'], /Give either SQL/],
    [['simulate', '--port', '99999'], /--port takes/],
  ])('%j', async (words, message) => {
    const out = words.includes('--out')
      ? []
      : words[0] === 'scan' && !words.includes('--bogus')
        ? ['--out', join(folder, 'bad')]
        : [];
    const { code, out: data, err } = await trailseal([...words, ...out]);
    expect([code, data]).toEqual([1, '']);
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('names the missing credentials', async () => {
    const { code, err } = await trailseal(['scan', '--out', join(folder, 'none')], {
      env: { AWS_REGION: 'us-east-1' },
    });
    expect(code).toBe(1);
    expect(err).toMatch(/credentials/i);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('names an --out that cannot be written', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    chmodSync(file, 0o400);
    const { code, err } = await trailseal(['scan', ...SMALL, '--out', join(file, 'root')]);
    expect(code).toBe(1);
    expect(err).toContain(file);
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('adds the stack only with --debug', async () => {
    expect((await trailseal(['scan', '--simulate', 'accounts=x', '--debug'])).err).toMatch(/\n\s+at /);
  });
});

describe('the exit code', () => {
  const report = (status: 'COMPLETE' | 'PARTIAL', severity: Severity | null, unmet: 'FAIL' | 'UNVERIFIED' = 'FAIL') => {
    const count = (of: Severity, as: string) => Number(of === severity && as === unmet);
    const counts = (of: Severity) => ({
      FAIL: count(of, 'FAIL'),
      UNVERIFIED: count(of, 'UNVERIFIED'),
      ...{ PASS: 7, NOT_APPLICABLE: 7, WAIVED: 7 },
    });
    const by_severity = Object.fromEntries(SEVERITIES.map((s) => [s, counts(s)])) as Required<
      RunReport['findings']
    >['by_severity'];
    const run = { status, findings_failed: Number(severity !== null), findings_unverified: 0 } as RunReport['run'];
    return { run, findings: { by_severity }, root_causes: [] };
  };
  it.each([
    ['COMPLETE', null, 'findings,partial', 0],
    ['COMPLETE', 'HIGH', 'findings,partial', 2],
    ['PARTIAL', 'HIGH', 'findings,partial', 3],
    ['PARTIAL', null, 'findings,partial', 3],
    ['PARTIAL', 'LOW', 'findings', 2],
    ['PARTIAL', null, 'findings', 0],
    ['COMPLETE', 'HIGH', 'partial', 0],
    ['PARTIAL', 'CRITICAL', 'none', 0],
    ['COMPLETE', 'CRITICAL', 'high', 2],
    ['COMPLETE', 'HIGH', 'high', 2],
    ['COMPLETE', 'MEDIUM', 'high', 0],
    ['PARTIAL', 'MEDIUM', 'high', 0],
    ['PARTIAL', 'MEDIUM', 'high,partial', 3],
    ['COMPLETE', 'HIGH', 'critical', 0],
    ['COMPLETE', 'LOW', 'low', 2],
    ['COMPLETE', 'INFORMATIONAL', 'low', 0],
    ['COMPLETE', 'INFORMATIONAL', 'findings', 2],
  ] as const)('%s with a %s finding under --fail-on %s is %s', (status, severity, words, code) => {
    expect(exitCode(report(status, severity), failOn(words))).toBe(code);
    expect(exitCode(report(status, severity, 'UNVERIFIED'), failOn(words))).toBe(code);
  });

  it('counts every finding of a report that was written before severities were counted', () => {
    const { run } = report('COMPLETE', 'LOW');
    expect(exitCode({ run, root_causes: [], findings: {} }, failOn('critical'))).toBe(2);
  });

  it('counts what only targets show, by the severity of its cause', () => {
    const passed = report('COMPLETE', null);
    const unknown = { findings: 0, severity: 'MEDIUM' } as RunReport['root_causes'][number];
    const shown = { ...passed, root_causes: [unknown] };
    const codes = (words: string) => [passed, shown].map((each) => exitCode(each, failOn(words)));
    expect(['findings', 'medium', 'high', 'none'].map(codes)).toEqual([
      [0, 2],
      [0, 2],
      [0, 0],
      [0, 0],
    ]);
  });

  it.each(['high,findings', 'high,low', 'partial,partial', 'none,partial', 'severe', ''])(
    '--fail-on "%s" is refused',
    (words) => {
      expect(() => failOn(words)).toThrow(/--fail-on takes findings or one severity \(critical, high/);
    },
  );
});
