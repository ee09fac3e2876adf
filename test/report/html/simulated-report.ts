import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunReport } from '../../../functions/report/run/run-report.ts';

export interface SimulatedReport {
  root: string;
  /** Oldest first. */
  runs: { id: string; file: string; report: RunReport }[];
}

/** Scans a simulated organization as a user would, so often. */
export function simulatedReport(root: string, { spec, times = 1 }: { spec: string; times?: number }): SimulatedReport {
  for (let time = 0; time < times; time++) {
    const { status, stderr } = spawnSync(
      process.execPath,
      [
        '--import',
        'tsx',
        'functions/cli/main.ts',
        'scan',
        '--simulate',
        spec,
        '--out',
        root,
        '--fail-on',
        'none',
        '--quiet',
      ],
      { encoding: 'utf8', timeout: 120_000 },
    );
    if (status !== 0) throw new Error(`the scan ended with ${status}: ${stderr.slice(-2_000)}`);
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
