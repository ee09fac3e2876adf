import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunReport } from '../../../functions/report/run/run-report.ts';
import { trailseal } from '../../cli/trailseal.ts';

export interface SimulatedReport {
  root: string;
  /** Oldest first. */
  runs: { id: string; file: string; report: RunReport }[];
}

/** Scans a simulated organization as a user would, so often. */
export async function simulatedReport(
  root: string,
  { spec, times = 1 }: { spec: string; times?: number },
): Promise<SimulatedReport> {
  for (let time = 0; time < times; time++) {
    const words = ['scan', '--simulate', spec, '--out', root, '--fail-on', 'none', '--quiet'];
    const { code, err } = await trailseal(words, { ownProcess: true });
    if (code !== 0) throw new Error(`the scan ended with ${code}: ${err.slice(-2_000)}`);
  }
  const ids = readdirSync(join(root, 'reports')).filter((name) => name.length === 26);
  return {
    root,
    runs: ids.sort().map((id) => ({
      id,
      file: join(root, 'reports', id, 'report.html'),
      report: JSON.parse(readFileSync(join(root, 'reports', id, 'report.json'), 'utf8')) as RunReport,
    })),
  };
}
