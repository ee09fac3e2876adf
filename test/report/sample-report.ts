import type { RunReport } from '../../functions/report/run/run-report.ts';
import { RUN, runRow } from './tables/sample-rows.ts';

/** A run's report that says as little as possible: a test states only what it is about. */
export const sampleReport = (
  over: { run?: Partial<RunReport['run']> } & Partial<Omit<RunReport, 'run'>> = {},
): RunReport => {
  const { run, ...rest } = over;
  return {
    run: { ...runRow({ run_id: RUN }), run_date: '2026-11-02', ...run },
    root_causes: [],
    root_causes_total: 0,
    changes: {
      previous_run_id: null,
      newly_failing: 0,
      fixed: 0,
      still_failing: 0,
      trails_newly_failing: [],
      trails_fixed: [],
    },
    ...rest,
  } as RunReport;
};

/** No trail to announce. */
export const NO_NEWS = { failing: [], fixed: [] };
