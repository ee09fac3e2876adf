import { describe, expect, it } from '@jest/globals';
import type { AccountRecord } from '../../../functions/domain/judge/ledger.ts';
import { resolveResources } from '../../../functions/domain/judge/resources.ts';
import type { AccountObservation } from '../../../functions/domain/model/observation.ts';
import type { PlannedAccount, ScanPlan } from '../../../functions/domain/model/plan.ts';
import { answered } from '../../../functions/domain/model/reading.ts';
import { defaultSettings } from '../../../functions/domain/settings/run-settings.ts';
import { writeJudgedRows } from '../../../functions/report/tables/judged-rows.ts';
import { readTable } from '../../../functions/report/tables/tables.ts';
import { Tally } from '../../../functions/report/tables/tally.ts';
import { described, MEMBER, NOW, OWNER, status, TRAIL, trailFacts } from '../../domain/judge/sample-facts.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';
import { RUN } from './sample-rows.ts';

type Request = Parameters<typeof writeJudgedRows>[0];
const GONE = '333333333333';
const plan = {
  ...{
    runId: RUN,
    runDate: '2026-11-20',
    startedAt: NOW,
    partition: 'aws',
    organizationId: 'o-1',
    regions: ['us-east-1'],
  },
  settings: { ...defaultSettings(), homeRegion: 'us-east-1' },
} as unknown as ScanPlan;
const account = (accountId: string): PlannedAccount => ({
  ...{
    accountId,
    accountName: `name of ${accountId}`,
    accountState: 'ACTIVE',
    joinedAt: null,
    ouPath: 'Root',
    ouIds: '',
  },
  excluded: null,
});
const keyless = described({ kmsKeyId: null });
const observed = (accountId: string): AccountRecord => {
  const region = { region: 'us-east-1', state: 'SCANNED', trailArns: [TRAIL], lakeFailure: null } as const;
  const observation: AccountObservation = {
    ...{ version: 1, runId: RUN, accountId, observedAt: NOW, principalArn: null, refused: null, trails: [keyless] },
    regions: [{ ...region, trailArns: [TRAIL], apiCalls: 2, durationMs: 1, observedAt: NOW }],
    statuses: [{ trailArn: TRAIL, region: 'us-east-1', reading: answered(status()) }],
    ...{ selectors: [], eventDataStores: [], apiCalls: 5, durationMs: 1, evidence: null },
  };
  return { kind: 'observed', observation };
};

/** Three accounts under an organization trail without a key, of which the last gave no answer. */
async function judged(more: Partial<Request> = {}) {
  const accounts = [OWNER, MEMBER, GONE].map(account);
  const store = memoryStore();
  const tally = new Tally();
  const resources = resolveResources({
    ...{ trails: [trailFacts({ trail: keyless })], eventDataStores: [], inspections: [], organizationId: 'o-1' },
    population: { has: () => true, complete: true, trusted: new Set() },
    refusalOf: () => null,
  });
  const used = await writeJudgedRows({
    ...{ store, plan, resources, tally, inactive: null },
    accounts: new Map(accounts.map((one) => [one.accountId, one])) as unknown as Request['accounts'],
    run: {
      async *records() {
        for (const one of accounts)
          yield {
            account: one,
            record: one.accountId === GONE ? ({ kind: 'none', cause: null } as const) : observed(one.accountId),
          };
      },
    } as unknown as Request['run'],
    history: { firstSeenAt: () => NOW, compare: () => {} } as unknown as Request['history'],
    waivers: { match: () => null } as unknown as Request['waivers'],
    ...more,
  });
  const at = { store, runId: RUN, runDate: plan.runDate };
  const [coverage, findings] = [[], []] as [Record<string, unknown>[], Record<string, unknown>[]];
  for await (const row of readTable({ ...at, table: 'coverage' })) coverage.push({ ...row });
  for await (const row of readTable({ ...at, table: 'findings' })) findings.push({ ...row });
  return { used, tally, coverage, findings, store };
}

describe('the judged rows of a run', () => {
  it('are a coverage row a target and a finding a control, under one cause, and what is used is counted', async () => {
    const { used, tally, coverage, findings } = await judged();
    expect(coverage.map((r) => `${r.account_id} ${r.state} ${r.verdict}`)).toEqual([
      `${OWNER} SCANNED UNENCRYPTED`,
      `${MEMBER} SCANNED UNENCRYPTED`,
      `${GONE} NOT_SCANNED UNVERIFIED`,
    ]);
    const keyless = findings.find((r) => r.control_id === 'trail-kms-encrypted');
    expect(keyless).toMatchObject({ status: 'FAIL', account_id: OWNER, first_seen_at: NOW });
    expect(coverage.slice(0, 2).map((r) => r.root_cause_id)).toEqual([keyless?.root_cause_id, keyless?.root_cause_id]);
    expect(findings.filter((r) => r.resource_type === 'target')).toHaveLength(3);
    expect(used).toMatchObject({
      effort: { effort: { calls: 10 } },
      covered: new Map([[TRAIL, 2]]),
      keyAccounts: new Map(),
    });
    expect([tally.targets, tally.states.NOT_SCANNED, tally.complete()]).toEqual([3, 1, false]);
    expect(tally.byStatus.FAIL + tally.byStatus.UNVERIFIED + tally.byStatus.PASS + tally.byStatus.NOT_APPLICABLE).toBe(
      findings.length,
    );
  });

  it('take an account that failed for inactive where it is so when listed again, and no other', async () => {
    const closed = await judged({ inactive: new Map([OWNER, GONE].map((id) => [id, 'CLOSED'] as const)) });
    expect(closed.coverage.map((r) => r.state)).toEqual(['SCANNED', 'SCANNED', 'ACCOUNT_INACTIVE']);
    expect(closed.tally.complete()).toBe(true);
    const live = await judged({ inactive: new Map([[GONE, 'ACTIVE' as const]]) });
    expect(live.coverage.map((r) => r.state)).toContain('NOT_SCANNED');
  });

  it('are WAIVED where a waiver covers what is open, and only that is asked of it', async () => {
    const asked: string[] = [];
    const match = ({ control, decision }: { control: { id: string }; decision: { status: string } }) => {
      asked.push(decision.status);
      return control.id === 'trail-kms-encrypted'
        ? { id: 'w', approver: 'a', expiresAt: '2027-01-01T23:59:59.000Z' }
        : null;
    };
    const { findings, tally } = await judged({ waivers: { match } as unknown as Request['waivers'] });
    expect(findings.find((r) => r.waiver_id === 'w')).toMatchObject({
      control_id: 'trail-kms-encrypted',
      status: 'WAIVED',
    });
    expect(tally.byStatus.WAIVED).toBe(1);
    expect(new Set(asked)).toEqual(new Set(['FAIL', 'UNVERIFIED']));
  });

  it('leave targets that pass out of findings.csv, and nothing else', async () => {
    const { store, findings } = await judged();
    const lines = store.text(`reports/${RUN}/findings.csv`).trim().split('\n');
    const left = findings.filter((r) => r.resource_type === 'target' && r.status === 'PASS');
    expect(left.length).toBeGreaterThan(0);
    expect(lines).toHaveLength(1 + findings.length - left.length);
  });
});
