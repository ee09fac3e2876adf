import { beforeAll, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../../functions/report/run/run-report.ts';
import { parseRunReport } from '../../../functions/report/run/run-report-file.ts';
import { scanWorld } from '../../scan-world.ts';

const parse = (report: unknown) => parseRunReport(new TextEncoder().encode(JSON.stringify(report)), 'report.json');

describe('report.json', () => {
  let report: RunReport;
  beforeAll(async () => {
    ({ report } = await scanWorld({ accounts: 3, regions: 1, seed: 3 }));
  });

  it('is read as it was written', () => {
    expect(parse(report)).toEqual(report);
  });

  it('keeps what only a later version says, in members and in codes', () => {
    const later = {
      ...report,
      news: { of: 'tomorrow' },
      root_causes: [
        ...report.root_causes,
        {
          ...{ id: 'rc-1', kind: 'NEW_KIND', severity: 'NEW', title: 't', fix: 'f', resource: null, more: 1 },
          ...{ findings: 1, accounts: 1, targets: 1 },
        },
      ],
      targets: { ...report.targets, by_state: { ...report.targets.by_state, NEW_STATE: 3 } },
    };
    expect(parse(later)).toEqual(later);
  });

  it('may lack what was not kept at first', () => {
    const { cause_kinds: _, ...earlier } = { ...report, findings: { ...report.findings, by_severity: undefined } };
    expect(parse(earlier)).not.toHaveProperty('cause_kinds');
  });

  it.each<[string, (report: RunReport) => unknown, RegExp]>([
    ['a number as text', (r) => ({ ...r, root_causes_total: '3' }), / at root_causes_total/],
    ['no row of the run', ({ run: _, ...rest }) => rest, / at run/],
    ['a negative count', (r) => ({ ...r, targets: { ...r.targets, inferred: -1 } }), / at targets\.inferred/],
    ['another version', (r) => ({ ...r, version: 2 }), / at version/],
  ])('is refused by name with %s', (_, change, where) => {
    expect(() => parse(change(report))).toThrow(/^report\.json cannot be read: /);
    expect(() => parse(change(report))).toThrow(where);
  });
});
