import { describe, expect, test } from '@jest/globals';
import { UNREACHABLE_KEY } from '../../../functions/domain/judge/unreachable.ts';
import { accountsOverdue } from '../../../functions/report/run/unreachable.ts';
import { writeTable } from '../../../functions/report/tables/tables.ts';
import { MemoryStore } from '../memory-store.ts';
import { sampleReport } from '../sample-report.ts';
import { coverageRow, RUN } from '../tables/sample-rows.ts';

const DENIED = '222222222222';
const STARTED = '2026-11-02T06:00:00.000Z';
const HOUR = 3_600_000;

const ran = async (store = new MemoryStore()) => {
  const rows = [
    coverageRow({ account_id: '111111111111' }),
    coverageRow({ account_id: DENIED, state: 'ACCESS_DENIED', verdict: 'UNVERIFIED' }),
  ];
  await writeTable({ store, table: 'coverage', runId: RUN, runDate: '2026-11-02', rows });
  const { run } = sampleReport({ run: { started_at: STARTED } });
  return (hoursLater: number) =>
    accountsOverdue({ store, run, hours: 48, now: Date.parse(STARTED) + hoursLater * HOUR });
};

describe('overdue accounts', () => {
  test('are known from the ledger, and remembered from run to run', async () => {
    const store = new MemoryStore();
    const overdue = await ran(store);
    expect(await overdue(1)).toEqual([]);
    expect(JSON.parse(await textOf(store, UNREACHABLE_KEY))).toEqual({
      version: 1,
      runId: RUN,
      since: { [DENIED]: STARTED },
    });
    expect(await overdue(48)).toEqual([DENIED]);
  });

  test('a memory that cannot be believed starts again', async () => {
    for (const broken of ['', '[]', '{"version":1,"since":{"x":1}}', '\u0000']) {
      const store = new MemoryStore();
      await store.write(UNREACHABLE_KEY, broken);
      expect(await (await ran(store))(49)).toEqual([DENIED]);
    }
  });
});

const textOf = async (store: MemoryStore, key: string): Promise<string> =>
  new TextDecoder().decode((await store.read(key)) ?? undefined);
