import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseXML } from '@aws-sdk/xml-builder';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { AsffFinding } from '../../../functions/report/exports/asff.ts';
import { trailseal } from '../trailseal.ts';

let folder = '';
let root = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trailseal-export-'));
  root = join(folder, 'root');
  await trailseal(['scan', '--simulate', 'accounts=20,regions=4,seed=5', '--out', root, '--quiet']);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// jest gives a test errors of another realm than those of the file system.
const exported = (...words: string[]) =>
  trailseal(['export', '--report', root, ...words], { ownProcess: words.includes('--file') });
const schema = (file: string): object =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, '..', '..', 'report', 'exports', 'schemas', file), 'utf8'),
  ) as object;

describe('trailseal export', () => {
  it('writes a whole run as OCSF that is valid, with every finding that is not met', async () => {
    const { code, out, err } = await exported('--format', 'ocsf');
    expect([code, err]).toEqual([0, '']);
    const validate = new Ajv2020({ strict: false }).compile(schema('ocsf-1.8.0-compliance_finding.schema.json'));
    const events = out.trimEnd().split('\n');
    for (const line of events) if (!validate(JSON.parse(line))) throw new Error(JSON.stringify(validate.errors));
    const unmet = "select count(*) as n from latest_findings where status in ('FAIL', 'UNVERIFIED', 'WAIVED')";
    const counted = await trailseal(['query', unmet, '--report', root, '--format', 'json']);
    const [row] = JSON.parse(counted.out) as { n: number }[];
    const found = events.filter((line) => /"trailseal_status":"(FAIL|UNVERIFIED|WAIVED)"/.test(line));
    expect(found.length).toBe(Number(row?.n));
    expect(found.length).toBeGreaterThan(0);
  }, 120_000);

  it('writes OSCAL that is valid, to a file that only its owner can read', async () => {
    const file = join(folder, 'assessment-results.json');
    expect((await exported('--format', 'oscal', '--file', file)).code).toBe(0);
    const ajv = new Ajv({ strict: false, unicodeRegExp: true });
    (addFormats as unknown as (a: Ajv) => void)(ajv);
    const validate = ajv.compile(schema('oscal-1.1.3-assessment-results.schema.json'));
    validate(JSON.parse(readFileSync(file, 'utf8')));
    expect(validate.errors).toBeNull();
  }, 120_000);

  it('writes ASFF for the account and Region asked for', async () => {
    const { out } = await exported('--format', 'asff', '--account', '999999999999', '--region', 'eu-west-3');
    const [finding] = JSON.parse(out) as AsffFinding[];
    expect(finding?.ProductArn).toBe('arn:aws:securityhub:eu-west-3:999999999999:product/999999999999/default');
  }, 60_000);

  it('writes SARIF, JUnit and Markdown for pipelines, with every finding that is not met', async () => {
    const asked = await trailseal([
      'query',
      'select status, count(*) as n from latest_findings group by status',
      ...['--report', root, '--format', 'json'],
    ]);
    const counts = new Map((JSON.parse(asked.out) as { status: string; n: number }[]).map((r) => [r.status, r.n]));
    const of = (status: string) => counts.get(status) ?? 0;
    const sarif = JSON.parse((await exported('--format', 'sarif')).out) as {
      runs: [{ tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; level: string }[] }];
    };
    const [{ tool, results }] = sarif.runs;
    expect(results.length).toBe(of('FAIL') + of('UNVERIFIED') + of('WAIVED'));
    expect(new Set(results.map(({ level }) => level))).toEqual(new Set(['error', 'warning', 'note']));
    const rules = tool.driver.rules.map(({ id }) => id);
    expect(results.filter(({ ruleId }) => !rules.includes(ruleId))).toEqual([]);
    const junit = parseXML((await exported('--format', 'junit')).out) as {
      testsuites: { testsuite: Record<string, string> & { testcase: { failure?: object; error?: object }[] } };
    };
    const { testcase: cases, ...counted } = junit.testsuites.testsuite;
    expect([cases.filter((c) => c.failure).length, cases.filter((c) => c.error).length]).toEqual([
      of('FAIL'),
      of('UNVERIFIED'),
    ]);
    expect(counted).toMatchObject({
      tests: String(cases.length),
      failures: String(of('FAIL')),
      errors: String(of('UNVERIFIED')),
    });
    const markdown = (await exported('--format', 'markdown')).out;
    expect(markdown).toMatch(/^## TrailSeal: \d+ of \d+ accounts encrypted, run (COMPLETE|PARTIAL)\n/);
    expect(markdown).toContain('### What to fix first');
  }, 120_000);

  it.each([
    [['--format', 'xml'], /--format takes ocsf, asff, oscal, sarif, junit, markdown, not "xml"/],
    [['--format', 'ocsf', '--publish'], /takes --format asff/],
    [['--format', 'oscal', '--all-targets'], /not for oscal: .* stay in the coverage table/],
    [['--format', 'sarif', '--all-targets'], /not for sarif/],
    [['--format', 'asff', '--account', '1', '--region', 'eu-west-1'], /12 digits/],
    [['--format', 'ocsf', '--file', '/no/such/folder/x'], /could not be written/],
    [['--format', 'ocsf', '--run', '01KBQ2Z3WJ8Y6V5T4S3R2Q1P0N'], /no finished run/],
  ])(
    'says what is wrong with %j',
    async (words, sentence) => {
      const { code, out, err } = await exported(...words);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(sentence);
      expect(existsSync('/no')).toBe(false);
    },
    60_000,
  );
});
