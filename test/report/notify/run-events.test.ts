import { expect, test } from '@jest/globals';
import { runEvents } from '../../../functions/report/notify/run-events.ts';
import { sampleReport } from '../sample-report.ts';
import { RUN } from '../tables/sample-rows.ts';

const trail = (name: string) => `arn:aws:cloudtrail:eu-west-1:111122223333:trail/${name}`;

test('a run tells that it ended, and of each trail that was not announced yet', () => {
  const events = runEvents(
    sampleReport({
      run: { status: 'PARTIAL', access_denied: 3, throttled: 2, error: 1, not_scanned: 4, findings_failed: 7 },
      changes: {
        previous_run_id: 'OLD',
        newly_failing: 9,
        fixed: 8,
        still_failing: 0,
        trails_newly_failing: [trail('announced before')],
        trails_fixed: [],
      },
    }),
    {
      root: 's3://reports',
      overdue: ['999999999999'],
      trails: { failing: [trail('a')], fixed: [trail('b'), trail('c')] },
    },
  );
  expect(events.map(({ detailType }) => detailType)).toEqual([
    'TrailSeal Run Completed',
    'TrailSeal Trail Failing',
    'TrailSeal Trail Fixed',
    'TrailSeal Trail Fixed',
  ]);
  expect(events[0]?.detail).toMatchObject({
    run_id: RUN,
    run_date: '2026-11-02',
    status: 'PARTIAL',
    unanswered: 10,
    accounts_overdue: 1,
    findings_failed: 7,
    newly_failing: 9,
    fixed: 8,
    report: `s3://reports/reports/${RUN}/report.json`,
  });
  expect(events[1]?.detail).toMatchObject({
    run_id: RUN,
    trail_arn: trail('a'),
    account_id: '111122223333',
    region: 'eu-west-1',
  });
});
