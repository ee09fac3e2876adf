import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { FRAMEWORKS } from '../../../functions/domain/frameworks/catalogue.ts';
import { coverageRow, findingRow, trailRow } from '../tables/sample-rows.ts';
import { EMPTY, writtenReport } from './written-report.ts';

const policyOf = (html: string): string =>
  /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
const sha = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

describe('report.html', () => {
  test('admits its own script and style, and nothing else', async () => {
    const { html } = await writtenReport({ ...EMPTY, coverage: [coverageRow()] });
    const policy = policyOf(html);
    const [script = ''] = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((m) => m[1] ?? '');
    const [style = ''] = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((m) => m[1] ?? '');
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${sha(script)}`,
      `style-src ${sha(style)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(html.match(/<style/g)).toHaveLength(1);
    // What the policy would refuse: the page would look broken, not complain to its reader.
    expect(html.replaceAll(/<script[\s\S]*?<\/script>/g, '')).not.toMatch(/\sstyle="|\son\w+="/);
  });

  test('the same run makes the same file, whatever was drawn before in the process', async () => {
    const rows = { ...EMPTY, coverage: [coverageRow()], trails: [trailRow()], findings: [findingRow()] };
    const first = await writtenReport(rows);
    expect((await writtenReport(rows)).html).toBe(first.html);
  });

  test('hostile names are text in what is written without a script', async () => {
    const evil = '<img src=x onerror=alert(1)>"\'</script>';
    const { html } = await writtenReport(
      { ...EMPTY, coverage: [coverageRow({ account_name: evil, ou_path: `Root/${evil}` })] },
      {
        more: {
          root_causes: [
            {
              id: 'rc-1',
              kind: 'NO_TRAIL',
              severity: 'HIGH',
              title: evil,
              fix: evil,
              resource: null,
              findings: 1,
              accounts: 1,
              targets: 1,
            },
          ],
          root_causes_total: 1,
          notes: [evil],
          corrupt_files: [{ file: evil, why: evil }],
          changes: {
            previous_run_id: evil,
            newly_failing: 1,
            fixed: 0,
            still_failing: 0,
            trails_newly_failing: [evil],
            trails_fixed: [],
          },
        },
      },
    );
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
  });

  test('a table that is gone is named, and the rest is there', async () => {
    const { trails: _, ...rest } = EMPTY;
    const { html } = await writtenReport({ ...rest, coverage: [coverageRow()] });
    expect(html).toContain('has no table trails in');
    expect(html).toContain('id="table-targets"');
    expect(html).not.toContain('id="table-trails"');
  });

  test('never says that a requirement passes', async () => {
    const { html } = await writtenReport({
      ...EMPTY,
      coverage: [coverageRow()],
      findings: [findingRow({ status: 'PASS' })],
    });
    const frameworks = /<section id="frameworks"[\s\S]*?<\/section>/.exec(html)?.[0] ?? '';
    expect(frameworks).toContain('they do not by themselves ensure compliance');
    expect(frameworks).toContain('Not evidenced here');
    for (const { id } of FRAMEWORKS) expect(frameworks).toContain(`id="framework-${id}"`);
    expect(frameworks).not.toMatch(/\bPASS\b|\bcompliant\b|\bpassed\b/i);
  });
});
