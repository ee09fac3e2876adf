import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

/** Follows CONTRIBUTING.md's recipe for a control, to the letter, in a copy of the repository. */
const REPOSITORY = join(import.meta.dirname, '..', '..', '..');
const copy = mkdtempSync(join(tmpdir(), 'trailseal-recipe-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const run = (...words: string[]) => spawnSync(process.execPath, words, { cwd: copy, encoding: 'utf8' });
const trailseal = (...words: string[]) => run(join(copy, 'dist', 'cli', 'start.js'), ...words);

beforeAll(() => {
  for (const part of [
    'functions',
    'statemachine',
    'tools',
    'docs',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'cdk.json',
    'infra',
  ])
    cpSync(join(REPOSITORY, part), join(copy, part), { recursive: true });
  symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'), 'dir');
  const recipe = readFileSync(join(REPOSITORY, 'CONTRIBUTING.md'), 'utf8');
  const example = /```ts\n\s*\/\/ (functions\/domain\/controls\/(\S+))\n([\s\S]*?)```/.exec(recipe);
  const [, file = '', inControls = '', source = ''] = example ?? [];
  const name = /export const (\w+)/.exec(source)?.[1] ?? '';
  writeFileSync(join(copy, file), source);
  const catalogue = join(copy, 'functions/domain/controls/catalogue.ts');
  const listed = readFileSync(catalogue, 'utf8').replace('const CATALOGUE = [', `const CATALOGUE = [\n  ${name},`);
  writeFileSync(catalogue, `import { ${name} } from './${inControls}';\n${listed}`);
  const config = { extends: './tsconfig.json', compilerOptions: { incremental: false }, include: [file] };
  writeFileSync(join(copy, 'recipe.json'), JSON.stringify(config));
  const checked = run(join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'recipe.json');
  expect([checked.status, checked.stdout]).toEqual([0, '']);
  const built = run('functions/build.mjs');
  expect([built.status, built.stderr]).toEqual([0, '']);
  writeFileSync(
    join(copy, 'waivers.yaml'),
    `waivers:
  - id: old-names
    control: trail-named
    resources: "*:trail/account-trail"
    reason: Named before there were rules.
    ticket: SEC-1
    approver: jane.doe@example.com
    approved_on: ${new Date().toISOString().slice(0, 10)}
    expires_on: ${new Date().toISOString().slice(0, 10)}
`,
  );
  const scanned = trailseal(
    'scan',
    '--simulate',
    'accounts=30,regions=3,seed=7',
    '--waivers',
    'waivers.yaml',
    '--quiet',
  );
  expect([scanned.status, scanned.stderr]).toEqual([3, expect.not.stringMatching(/error/i)]);
}, 120_000);

const query = (sql: string): Record<string, unknown>[] => {
  const { status, stdout, stderr } = trailseal('query', sql, '--format', 'json');
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
};

describe('a control added by the recipe alone', () => {
  it('is in the catalogue and in the documents, with its reasons', () => {
    expect(trailseal('controls', 'trail-named').stdout).toMatch(/The trail has a name of ours[\s\S]*MISNAMED/);
    const docs = run('--import', 'tsx', 'tools/generated-docs.ts');
    expect([docs.status, docs.stderr]).toEqual([0, '']);
    const written = readFileSync(join(copy, 'docs', 'reference', 'controls.md'), 'utf8');
    expect(written).toContain('## trail-named');
    expect(written).toContain(
      '| `MISNAMED` | FAIL | The name does not begin with acme- | Make a trail with such a name',
    );
  });

  it('has its findings, waived where a waiver says so, in tables and named queries', () => {
    const rows = query(
      "select status, reason, waiver_id, count(*) as n from latest_findings where control_id = 'trail-named' group by all order by all",
    );
    expect(rows).toEqual([
      expect.objectContaining({ status: 'FAIL', reason: 'MISNAMED', waiver_id: null }),
      expect.objectContaining({ status: 'WAIVED', reason: 'MISNAMED', waiver_id: 'old-names' }),
    ]);
    const named = trailseal('query', '--named', 'control-scorecard', '--format', 'json');
    expect(JSON.parse(named.stdout)).toContainEqual(expect.objectContaining({ control_id: 'trail-named' }));
  });

  it('has its root causes, under its own words, severity and fix', () => {
    const { stdout } = trailseal('report', '--json');
    const { root_causes: causes } = JSON.parse(stdout) as { root_causes: Record<string, unknown>[] };
    expect(causes.filter(({ kind }) => kind === 'CONTROL_NOT_MET')).toContainEqual(
      expect.objectContaining({
        severity: 'LOW',
        title: expect.stringMatching(/^The name does not begin with acme-: /),
        fix: 'Make a trail with such a name, then delete this one.',
      }),
    );
  });

  it('says in the remedies why no script is written', () => {
    const { stderr } = trailseal('remediate', '--format', 'aws-cli');
    expect(stderr).toMatch(
      /^Not repaired (in \S+ )?\(rc-\w+\): A trail cannot be renamed, so no script is written: make a trail with such a name/m,
    );
  });

  it('is in the exports', () => {
    const { stdout } = trailseal('export', '--format', 'oscal');
    expect(stdout).toContain('trail-named');
  });
});
