import { describe, expect, it } from '@jest/globals';
import { asffFinding } from '../../../functions/report/exports/asff.ts';
import {
  type Gone,
  type HubFinding,
  type PublishedFinding,
  securityHubUpdate,
} from '../../../functions/report/exports/security-hub-update.ts';
import type { CoverageRow, FindingRow, RunRow } from '../../../functions/report/tables/columns.ts';
import { coverageRow, findingRow, runRow } from '../tables/sample-rows.ts';

const PUBLISHER = { accountId: '999999999999', region: 'eu-west-1', partition: 'aws' };
const HERE = { account_id: '111111111111', region: 'us-east-1' } as const;
const BEFORE = runRow({ finished_at: '2026-11-01T06:01:00.000Z' });

/** What Security Hub holds of an earlier run. */
const open = (finding: Partial<FindingRow>, run: RunRow = BEFORE): PublishedFinding =>
  asffFinding({ finding: findingRow(finding), run, publisher: PUBLISHER });

const updated = async (request: {
  published?: PublishedFinding[];
  findings?: FindingRow[];
  run?: Partial<RunRow>;
  coverage?: Partial<CoverageRow>[];
}): Promise<{ sent: HubFinding[]; gone: Gone }> => {
  const gone: Gone = { archived: 0, leftOpen: 0 };
  const sent: HubFinding[] = [];
  const update = securityHubUpdate({
    run: runRow(request.run),
    findings: request.findings ?? [],
    coverage: async function* () {
      for (const row of request.coverage ?? [{}]) yield coverageRow({ ...HERE, ...row });
    },
    trails: new Map(),
    publisher: PUBLISHER,
    published: new Map((request.published ?? []).map((finding) => [finding.Id, finding])),
    gone,
  });
  for await (const finding of update) sent.push(finding);
  return { sent, gone };
};
const records = ({ sent }: { sent: HubFinding[] }) => sent.map(({ Id, RecordState }) => [Id, RecordState]);

describe('what Security Hub is told of a run', () => {
  const gone = open({ finding_id: 'gone', ...HERE });

  it('a resource that is gone is archived, after a complete run of the whole organization', async () => {
    const { sent, gone: counted } = await updated({ published: [gone], findings: [findingRow()] });
    expect(records({ sent })).toEqual([
      ['trailseal/f-1', 'ACTIVE'],
      ['trailseal/gone', 'ARCHIVED'],
    ]);
    expect(counted).toEqual({ archived: 1, leftOpen: 0 });
    // Security Hub ignores what is no newer than what it has.
    expect(sent[1]).toEqual({ ...gone, UpdatedAt: runRow().finished_at, RecordState: 'ARCHIVED' });
  });

  it.each<[string, Partial<RunRow>]>([
    ['a partial run', { status: 'PARTIAL' }],
    ['a narrowed run', { scope: 'FILTERED', scope_filter: 'ou Security' }],
    ['an older run, published after a newer one', { finished_at: '2026-10-01T06:01:00.000Z' }],
    ['the same run, published again', { finished_at: BEFORE.finished_at }],
  ])('and stays open after %s', async (_, run) => {
    expect(await updated({ published: [gone], run })).toEqual({ sent: [], gone: { archived: 0, leftOpen: 1 } });
  });

  it.each<[string, Partial<CoverageRow>[], Partial<FindingRow>, boolean]>([
    ['in a Region that a policy denies', [{ state: 'REGION_DENIED' }], HERE, false],
    ['in an account that is inactive', [{ state: 'ACCOUNT_INACTIVE' }], HERE, false],
    ['in a Region that is disabled', [{ state: 'REGION_DISABLED' }], HERE, true],
    ['in another Region than the denied one', [{}, { region: 'eu-west-9', state: 'REGION_DENIED' }], HERE, true],
    ['in an account that left the organization', [], HERE, true],
    ['of a bucket whose owner nobody knows', [], { account_id: null, region: null }, true],
    ['of an account without a Region', [{}, { region: 'x', state: 'REGION_DENIED' }], { ...HERE, region: null }, true],
    ['of an inactive account without a Region', [{ state: 'ACCOUNT_INACTIVE' }], { ...HERE, region: null }, false],
  ])('%s', async (_, coverage, finding, isArchived) => {
    const published = [open({ finding_id: 'gone', ...finding })];
    expect((await updated({ published, coverage })).gone.archived).toBe(isArchived ? 1 : 0);
  });

  it('stays open where the run did not ask for its control', async () => {
    const sampled = { finding_id: 'sampled', ...HERE, control_id: 'delivered-logs-encrypted' };
    const published = () => [open(sampled)];
    expect((await updated({ published: published() })).gone).toEqual({ archived: 0, leftOpen: 1 });
    const other = findingRow({ ...sampled, finding_id: 'other' });
    expect((await updated({ published: published(), findings: [other] })).gone.archived).toBe(1);
  });

  it('a target that passes by now is said to pass where it is open, and is left out where it never was', async () => {
    const target = { finding_id: 'target', resource_type: 'target', control_id: 'region-recorded' } as const;
    const passed = findingRow({ ...target, status: 'PASS', reason: null });
    const { sent } = await updated({ published: [open(target)], findings: [passed], run: { status: 'PARTIAL' } });
    expect(sent).toMatchObject([{ Id: 'trailseal/target', RecordState: 'ACTIVE', Compliance: { Status: 'PASSED' } }]);
    expect((await updated({ findings: [passed] })).sent).toEqual([]);
  });
});
