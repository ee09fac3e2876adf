import { describe, expect, it } from '@jest/globals';
import { answer, causeReach } from '../../../functions/report/run/report-words.ts';
import type { RootCauseTally, RunReport } from '../../../functions/report/run/run-report.ts';

const at = (account_id: string, account_name: string | null = null) => ({ account_id, account_name });
const reach = (counted: Partial<RootCauseTally>) =>
  causeReach({ findings: 1, accounts: 0, targets: 0, ...counted } as RootCauseTally);

describe('how far a cause reaches', () => {
  it.each<[Partial<RootCauseTally>, string[]]>([
    [{ findings: 2 }, ['2 findings']],
    [{ accounts: 1, where: [at('111111111111', 'payments')] }, ['1 finding (payments)']],
    [
      { findings: 19, accounts: 1, targets: 18, where: [at('111111111111', 'payments')] },
      ['19 findings (payments)', 'affects 18 Regions in 1 account'],
    ],
    [{ findings: 2, where: [at('111111111111', ''), at('222222222222')] }, ['2 findings (111111111111, 222222222222)']],
    [
      { findings: 9, accounts: 9, targets: 9, where: ['a', 'b', 'c', 'd'].map((name) => at('111111111111', name)) },
      ['9 findings (a, b, c, …)', 'affects 9 Regions in 9 accounts'],
    ],
  ])('%o', (counted, words) => {
    expect(reach(counted)).toEqual(words);
  });
});

describe('the answer of a run', () => {
  it.each([
    [{ total: 60, NOT_APPLICABLE: 3, ENCRYPTED: 34 }, '34 of 57 accounts have KMS-encrypted CloudTrail logs'],
    [{ total: 57, excluded: 55, ENCRYPTED: 2 }, '2 of 2 accounts have KMS-encrypted CloudTrail logs'],
    [{ total: 1, ENCRYPTED: 0 }, '0 of 1 account has KMS-encrypted CloudTrail logs'],
    [{ total: 2, NOT_APPLICABLE: 2 }, 'This run has no active accounts in its scope'],
    [{ total: 0 }, 'This run has no accounts'],
  ])(
    '%o',
    ({
      total,
      excluded,
      ...counts
    }: { total: number; excluded?: number; [verdict: string]: number | undefined }, words) => {
      const by_verdict = { ENCRYPTED: 0, NOT_APPLICABLE: 0, ...counts };
      expect(answer({ accounts: { total, excluded, by_verdict } } as unknown as RunReport)).toBe(words);
    },
  );
});
