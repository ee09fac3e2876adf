import { describe, expect, it } from '@jest/globals';
import { causeReach } from '../../../functions/report/run/cause-reach.ts';
import type { RootCauseTally } from '../../../functions/report/run/run-report.ts';

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
