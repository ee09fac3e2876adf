import { describe, expect, it } from '@jest/globals';
import { openTables } from '../../../functions/local/duckdb.ts';
import { namedQuery } from '../../../functions/report/queries/queries.ts';
import { allRows } from '../../../functions/report/queries/query-result.ts';
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
  ['the showcase', { accounts: atDepth({ quick: 12, deep: 60 }), regions: 4 }, null],
];

describe('framework-results', () => {
  it.each(WORLDS)('says of %s what report.json says', async (_name, spec, waivers) => {
    const { store, report } = await scanWorld(spec, { ports: { waivers: async () => waivers } });
    const tables = await openTables({ store });
    const rows = await allRows(await tables.query(namedQuery('framework-results').sql));
    await tables.close();
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

  it('comes to every outcome that there is in some of them', async () => {
    const outcomes = new Set<unknown>();
    for (const [, spec, waivers] of WORLDS.slice(0, 4)) {
      const { report } = await scanWorld(spec, { ports: { waivers: async () => waivers } });
      for (const { requirements } of report.frameworks) for (const { outcome } of requirements) outcomes.add(outcome);
    }
    expect(outcomes).toEqual(
      new Set(['SUPPORTED', 'NOT_SUPPORTED', 'INCONCLUSIVE', 'WAIVED', 'NO_EVIDENCE', 'OUT_OF_SCOPE']),
    );
  });
});
