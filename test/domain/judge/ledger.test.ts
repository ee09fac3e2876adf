import { describe, expect, it } from '@jest/globals';
import { type AccountRecord, accountLedger } from '../../../functions/domain/judge/ledger.ts';
import type { AccountObservation, RegionObservation } from '../../../functions/domain/model/observation.ts';
import { ACCOUNT_STATES, type AccountState } from '../../../functions/domain/model/organization.ts';
import type { PlannedAccount, RunSettings, ScanPlan } from '../../../functions/domain/model/plan.ts';
import type { CallFailure, FailureKind } from '../../../functions/domain/model/reading.ts';
import { ANSWERED_STATES, COVERAGE_STATES } from '../../../functions/domain/model/vocabulary.ts';
import { MEMBER, NOW } from './sample-facts.ts';

const REGIONS = ['eu-west-1', 'me-south-1', 'us-east-1'];
const plan = (settings: Partial<RunSettings> = {}) =>
  ({ regions: REGIONS, settings: { onlyRegions: null, excludeRegions: [], ...settings } }) as unknown as ScanPlan;
const account = (more: Partial<PlannedAccount> = {}): PlannedAccount => ({
  accountId: MEMBER,
  accountName: 'member',
  accountState: 'ACTIVE',
  joinedAt: null,
  ouPath: 'Root',
  ouIds: 'r-1',
  excluded: null,
  ...more,
});
const failure = (kind: FailureKind, operation = 'AssumeRole'): CallFailure => ({
  kind,
  operation,
  code: `${kind}Code`,
  message: `${kind} message`,
});
const cost = { apiCalls: 2, durationMs: 7, observedAt: NOW };
const observed = (more: Partial<AccountObservation>): AccountRecord => ({
  kind: 'observed',
  observation: { observedAt: NOW, refused: null, regions: [], ...more } as AccountObservation,
});
const ledger = (record: AccountRecord, more: Partial<PlannedAccount> = {}, settings: Partial<RunSettings> = {}) =>
  accountLedger({ account: account(more), record, plan: plan(settings) });
const states = (...args: Parameters<typeof ledger>) =>
  ledger(...args).map((e) => `${e.region} ${e.state} ${e.reason} ${e.errorCode}`);
const everywhere = (words: string) => REGIONS.map((region) => `${region} ${words}`);
const scanned = (region: string, trailArns: string[] = []): RegionObservation => ({
  region,
  state: 'SCANNED',
  trailArns,
  lakeFailure: null,
  ...cost,
});

describe('the ledger of one account', () => {
  it('has exactly one entry for each Region of the partition, in the order of the plan, whatever is known', () => {
    const records: AccountRecord[] = [
      { kind: 'none', cause: null },
      { kind: 'failed', failure: { error: 'E', cause: 'c' } },
      { kind: 'corrupt', file: 'f', why: 'w' },
      observed({ refused: failure('DENIED') }),
      observed({ regions: [scanned('us-east-1'), scanned('mars-1'), scanned('us-east-1')] }),
    ];
    for (const record of records) expect(ledger(record).map((e) => e.region)).toEqual(REGIONS);
  });

  it('tells why nothing is known of it', () => {
    expect(states({ kind: 'none', cause: null })).toEqual(everywhere('NOT_SCANNED NO_ANSWER null'));
    const cause = { error: 'States.Timeout', cause: 'too long' };
    expect(states({ kind: 'none', cause })).toEqual(everywhere('NOT_SCANNED MAP_FAILED States.Timeout'));
    expect(ledger({ kind: 'none', cause })[0]?.errorMessage).toBe('too long');
    const failed = { kind: 'failed', failure: { error: 'Lambda.Unknown', cause: 'oom' } } as const;
    expect(states(failed)).toEqual(everywhere('ERROR CHILD_FAILED Lambda.Unknown'));
    expect(ledger(failed)[0]?.errorMessage).toBe('oom');
    const corrupt = { kind: 'corrupt', file: 'runs/x/observations/1.json', why: 'no JSON' } as const;
    expect(states(corrupt)).toEqual(everywhere('NOT_SCANNED CORRUPT_OBSERVATION null'));
    expect(ledger(corrupt)[0]?.errorMessage).toBe('runs/x/observations/1.json: no JSON');
  });

  it.each([
    ['DENIED', 'AssumeRole', 'ACCESS_DENIED ASSUMEROLE_REFUSED'],
    ['DENIED_BY_SCP', 'AssumeRole', 'ACCESS_DENIED ASSUMEROLE_REFUSED'],
    ['CREDENTIALS', 'DescribeRegions', 'ACCESS_DENIED DESCRIBEREGIONS_REFUSED'],
    ['THROTTLED', 'AssumeRole', 'THROTTLED ASSUMEROLE_REFUSED'],
    ['ERROR', 'DescribeRegions', 'ERROR DESCRIBEREGIONS_REFUSED'],
    ['NOT_FOUND', 'AssumeRole', 'ERROR ASSUMEROLE_REFUSED'],
  ] as const)('an account refused with %s at %s is %s everywhere', (kind, operation, expected) => {
    const record = observed({ refused: failure(kind, operation) });
    expect(states(record)).toEqual(everywhere(`${expected} ${kind}Code`));
    expect(ledger(record)[0]).toMatchObject({ errorMessage: `${kind} message`, observedAt: NOW, apiCalls: 0 });
  });

  it('keeps what each Region answered, and calls a Region that is missing NOT_SCANNED', () => {
    const regions: RegionObservation[] = [
      { region: 'eu-west-1', state: 'REGION_DENIED', failure: failure('DENIED_BY_SCP', 'DescribeTrails'), ...cost },
      { region: 'me-south-1', state: 'REGION_DISABLED', ...cost, apiCalls: 0 },
    ];
    expect(states(observed({ regions: [...regions, scanned('us-east-1', ['arn'])] }))).toEqual([
      'eu-west-1 REGION_DENIED DENIED_BY_SCP DENIED_BY_SCPCode',
      'me-south-1 REGION_DISABLED NOT_OPTED_IN null',
      'us-east-1 SCANNED null null',
    ]);
    const [, disabled, answered] = ledger(observed({ regions: [...regions, scanned('us-east-1', ['arn'])] }));
    expect([disabled?.apiCalls, answered]).toMatchObject([0, { trailArns: ['arn'], ...cost }]);
    expect(states(observed({ regions: [scanned('us-east-1')] }))[0]).toBe('eu-west-1 NOT_SCANNED REGION_MISSING null');
    const throttled = { region: 'eu-west-1', state: 'THROTTLED', failure: failure('THROTTLED', 'X'), ...cost } as const;
    expect(states(observed({ regions: [throttled] }))[0]).toBe('eu-west-1 THROTTLED THROTTLED THROTTLEDCode');
  });

  it('calls an account inactive by its state alone, filter or answer notwithstanding', () => {
    const of = (accountState: AccountState) =>
      states({ kind: 'none', cause: null }, { accountState, excluded: 'ACCOUNT_FILTER' })[0]?.split(' ')[1];
    expect(Object.fromEntries(ACCOUNT_STATES.map((state) => [state, of(state)]))).toEqual({
      ACTIVE: 'EXCLUDED',
      PENDING_CLOSURE: 'EXCLUDED',
      SUSPENDED: 'ACCOUNT_INACTIVE',
      CLOSED: 'ACCOUNT_INACTIVE',
      PENDING_ACTIVATION: 'ACCOUNT_INACTIVE',
    });
    expect(ledger(observed({ regions: [scanned('us-east-1')] }), { accountState: 'CLOSED' })[2]).toMatchObject({
      state: 'ACCOUNT_INACTIVE',
      reason: 'CLOSED',
    });
  });

  it('leaves out what a filter leaves out', () => {
    const record = observed({ regions: REGIONS.map((region) => scanned(region)) });
    const nothing = { kind: 'none', cause: null } as const;
    expect(states(nothing, { excluded: 'OU_FILTER' })).toEqual(everywhere('EXCLUDED OU_FILTER null'));
    const only = ledger(record, {}, { onlyRegions: ['us-east-1'] }).map((e) => `${e.state} ${e.reason}`);
    expect(only).toEqual(['EXCLUDED REGION_FILTER', 'EXCLUDED REGION_FILTER', 'SCANNED null']);
    const but = ledger(record, {}, { excludeRegions: ['us-east-1'] }).map((e) => e.state);
    expect(but).toEqual(['SCANNED', 'SCANNED', 'EXCLUDED']);
  });

  it('is complete in five states, and in no other', () => {
    expect(COVERAGE_STATES.filter((state) => ANSWERED_STATES.has(state))).toEqual([
      'SCANNED',
      'REGION_DISABLED',
      'REGION_DENIED',
      'ACCOUNT_INACTIVE',
      'EXCLUDED',
    ]);
  });
});
