import { beforeAll, describe, expect, it, test } from '@jest/globals';
import { openTables } from '../../../functions/local/duckdb.ts';
import { namedQuery } from '../../../functions/report/queries/queries.ts';
import { allRows } from '../../../functions/report/queries/query-result.ts';
import type { RootCauseTally, RunReport } from '../../../functions/report/run/run-report.ts';
import type { SimulationSpec } from '../../../functions/simulator/simulation.ts';
import { atDepth } from '../../depth.ts';
import { scanWorld } from '../../scan-world.ts';
import { WORLD } from '../evidence/scanned-root.ts';

const accounts = [
  { name: 'management', id: '111111111111' },
  { name: 'app', id: '222222222222' },
];
const trails = [{ name: 'org', organization: true, key: 'logs', bucket: 'logs' }];
const keys = [{ name: 'logs', owner: '111111111111' }];
const buckets = [{ name: 'logs', owner: '111111111111' }];
const WAIVED = `waivers:
  - id: all
    control: trail-kms-encrypted
    accounts: "*"
    reason: retired
    ticket: SEC-9
    approver: jane@example.com
    approved_on: 2026-11-01
    expires_on: 2027-01-31
`;

const WORLDS: [string, SimulationSpec, string | null][] = [
  ['a sealed organization', { world: { accounts, trails, keys, buckets } }, null],
  ['an organization without a trail', { world: { accounts } }, null],
  [
    'a PARTIAL run',
    { world: { accounts: [accounts[0] ?? {}, { ...accounts[1], role: false }], trails, keys, buckets } },
    null,
  ],
  ['waived findings', { world: { ...WORLD } }, WAIVED],
  [
    'an organization whose every missing key is waived',
    { world: { accounts, trails: [{ name: 'org', organization: true, bucket: 'logs' }], buckets } },
    WAIVED,
  ],
  [
    'members that fail apart',
    { world: { accounts, trails, keys: [{ name: 'logs', owner: '111111111111', state: 'PendingDeletion' }], buckets } },
    null,
  ],
  [
    'a second organization trail whose status members may not read',
    {
      world: {
        ...{ accounts, keys, buckets },
        trails: [...trails, { name: 'second', organization: true, key: 'logs', bucket: 'logs', home: 'eu-west-1' }],
        denials: [{ accounts: ['app'], regions: ['eu-west-1'], actions: ['cloudtrail:GetTrailStatus'] }],
      },
    },
    null,
  ],
  ['the showcase', { accounts: atDepth({ quick: 12, deep: 60 }), regions: 4 }, null],
];

const scans = new Map<SimulationSpec, ReturnType<typeof scanWorld>>();
/** Each world is scanned once. */
const scan = (spec: SimulationSpec, waivers: string | null): ReturnType<typeof scanWorld> => {
  const known = scans.get(spec) ?? scanWorld(spec, { ports: { waivers: async () => waivers } });
  scans.set(spec, known);
  return known;
};

describe.each(WORLDS)('of %s', (_name, spec, waivers) => {
  let report: RunReport;
  const answers = new Map<string, Awaited<ReturnType<typeof allRows>>>();
  const UNFILED = `SELECT count(DISTINCT root_cause_id) AS causes FROM latest_coverage WHERE root_cause_id IS NOT NULL
    AND root_cause_id NOT IN (SELECT root_cause_id FROM latest_findings WHERE root_cause_id IS NOT NULL)`;
  beforeAll(async () => {
    const scanned = await scan(spec, waivers);
    report = scanned.report;
    const tables = await openTables({ store: scanned.store });
    for (const name of ['framework-results', 'root-causes'])
      answers.set(name, await allRows(await tables.query(namedQuery(name).sql)));
    answers.set('unfiled', await allRows(await tables.query(UNFILED)));
    await tables.close();
  });

  it('root-causes says what report.json says: accounts, targets, findings, severity and order', () => {
    const counted = ({ severity, title, fix, findings, accounts, regions, targets, id }: RootCauseTally) => ({
      ...{ severity, root_cause: title, one_fix: fix, findings, accounts, regions, targets, root_cause_id: id },
    });
    expect(answers.get('root-causes')).toMatchObject(report.root_causes.map(counted));
    expect(answers.get('root-causes')).toHaveLength(report.root_causes_total);
    expect(report.root_causes.reduce((sum, { findings }) => sum + findings, 0)).toBe(
      report.run.findings_failed + report.run.findings_unverified,
    );
    // What only targets show is a cause, too.
    const causes = report.root_causes.filter(({ findings }) => findings === 0).length;
    expect([answers.get('unfiled'), causes]).toEqual([[{ causes }], _name.startsWith('a second') ? 1 : causes]);
  });

  it('framework-results says what report.json says', () => {
    const rows = answers.get('framework-results') ?? [];
    expect(
      rows.map((row) => [
        row.framework_id,
        row.requirement_id,
        row.outcome,
        row.passed,
        row.failed,
        row.unverified,
        row.waived,
      ]),
    ).toEqual(
      report.frameworks.flatMap(({ frameworkId, requirements }) =>
        requirements.map(({ requirementId, outcome, counts: { PASS, FAIL, UNVERIFIED, WAIVED: waived } }) => [
          frameworkId,
          requirementId,
          outcome,
          PASS,
          FAIL,
          UNVERIFIED,
          waived,
        ]),
      ),
    );
    expect(rows.length).toBeGreaterThan(100);
  });
});

test('framework-results comes to every outcome that there is in some of them', async () => {
  const outcomes = new Set<unknown>();
  for (const [, spec, waivers] of WORLDS.slice(0, 4)) {
    const { report } = await scan(spec, waivers);
    for (const { requirements } of report.frameworks) for (const { outcome } of requirements) outcomes.add(outcome);
  }
  expect(outcomes).toEqual(
    new Set(['SUPPORTED', 'NOT_SUPPORTED', 'INCONCLUSIVE', 'WAIVED', 'NO_EVIDENCE', 'OUT_OF_SCOPE']),
  );
});
