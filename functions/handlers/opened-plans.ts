import type { ScanPlan } from '../domain/model/plan.ts';
import { openRun } from '../domain/run/run-folder.ts';
import type { ScannerPorts } from './ports.ts';

/** A run's plan and its sessions, read once per process: a warm Lambda, or a laptop, serves thousands of items of one run. */
export function openedPlans<D>(ports: Pick<ScannerPorts, 'store'> & { sessions(plan: ScanPlan): D }) {
  let last: { runId: string; opened: Promise<{ plan: ScanPlan; sessions: D }> } | null = null;
  return (runId: string): Promise<{ plan: ScanPlan; sessions: D }> => {
    if (last?.runId === runId) return last.opened;
    const opened = openRun(ports.store, runId).then(({ plan }) => ({ plan, sessions: ports.sessions(plan) }));
    opened.catch(() => {
      last = null;
    });
    last = { runId, opened };
    return opened;
  };
}
