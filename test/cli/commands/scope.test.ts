import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { scanWorld } from '../../scan-world.ts';
import { onDisk } from '../root-on-disk.ts';
import { trailseal } from '../trailseal.ts';

let folder: string;
let scopes: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scope-'));
  const accounts = [
    { name: 'management', id: '111111111111' },
    { name: 'cards', id: '222222222222', ou: 'Payments' },
    { name: 'shut', id: '333333333333', role: false },
  ];
  const { store } = await scanWorld({ world: { accounts, trails: [{ name: 'own', owner: '222222222222' }] } });
  await onDisk(store, join(folder, 'root'));
  scopes = join(folder, 'scopes.yaml');
  await writeFile(scopes, 'scopes:\n  - name: cards\n    holds: [card-data]\n    ous: [Root/Payments]\n');
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...words: string[]) => trailseal([...words, '--report', join(folder, 'root')], { cwd: folder });
const scope = () => ['--scope', `${scopes}:cards`];

describe('--scope of query and report', () => {
  it('queries the scope alone, all runs and the newest', async () => {
    const asked = async (...words: string[]) => (await run('query', ...words, '--format', 'csv')).out;
    for (const table of ['coverage', 'latest_coverage']) {
      const sql = `SELECT DISTINCT account_id FROM ${table} ORDER BY 1`;
      expect(await asked(sql, ...scope())).toBe('account_id\n222222222222\n');
      expect((await asked(sql)).split('\n')).toHaveLength(5);
    }
    expect(await asked('SELECT status, accounts, scope_filter FROM runs', ...scope())).toBe(
      'status,accounts,scope_filter\nCOMPLETE,1,scope cards\n',
    );
    expect(await asked('--named', 'account-scorecard', ...scope())).not.toMatch(/111111111111|333333333333/);
  });

  it('reports the scope alone, complete where the run is PARTIAL elsewhere', async () => {
    expect((await run('report')).out).toMatch(/is PARTIAL: 3 accounts/);
    const { code, out } = await run('report', ...scope());
    expect(code).toBe(0);
    expect(out).toMatch(/is COMPLETE \(filtered: scope cards\): 1 account ×/);
    const json = JSON.parse((await run('report', '--json', ...scope())).out) as { accounts: { total: number } };
    expect(json.accounts.total).toBe(1);
  });

  it('opens a page of the scope alone', async () => {
    const { err } = await run('report', '--open', ...scope());
    const [, page = ''] = /Opening (.*report\.html)/.exec(err) ?? [];
    const text = await readFile(page, 'utf8');
    await rm(dirname(dirname(dirname(page))), { recursive: true });
    expect(text).toContain('Scope: scope cards');
    expect(text).not.toContain('333333333333');
  });

  it.each([
    [['query', 'SELECT 1', '--scope', 'cord'], /There is no scope "cord"|scopes\.yaml cannot be read/],
    [['query', 'SELECT 1', '--athena', 'wg', '--scope', 'x'], /--scope is for local tables/],
    [['report', '--scope', ''], /--scope/],
  ])('refuses %j in one sentence', async (words, sentence) => {
    expect(await run(...words)).toMatchObject({ code: 1, err: expect.stringMatching(sentence) });
  });

  it('says so where the run has nothing of the scope', async () => {
    const file = join(folder, 'none.yaml');
    await writeFile(file, 'scopes:\n  - name: none\n    accounts: ["999999999999"]\n');
    for (const words of [['query', 'SELECT 1'], ['report']])
      expect(await run(...words, '--scope', `${file}:none`)).toMatchObject({
        code: 1,
        err: expect.stringMatching(/Account 999999999999 \(--accounts\) is not in run/),
      });
  });
});
