import { isLive } from '../domain/model/organization.ts';
import type { ScanPlan } from '../domain/model/plan.ts';
import { openRun, type RunFolder } from '../domain/run/run-folder.ts';
import type { ScannerPorts } from './ports.ts';

/** What is read once of a run. */
export interface OpenedPlan<D> {
  plan: ScanPlan;
  sessions: D;
  /** Ids of the accounts that can be asked, in the order of the plan. */
  liveAccounts(): AsyncIterable<string>;
}

/** A run's plan and its sessions, read once per process: a warm Lambda, or a laptop, serves thousands of items of one run. */
export function openedPlans<D>(ports: Pick<ScannerPorts, 'store'> & { sessions(plan: ScanPlan): D }) {
  let last: { runId: string; opened: Promise<OpenedPlan<D>> } | null = null;
  return (runId: string): Promise<OpenedPlan<D>> => {
    if (last?.runId === runId) return last.opened;
    const opened = openRun(ports.store, runId).then((run) => {
      let live: Promise<string[]> | null = null;
      return {
        plan: run.plan,
        sessions: ports.sessions(run.plan),
        async *liveAccounts() {
          live ??= liveIn(run);
          live.catch(() => {
            live = null;
          });
          yield* await live;
        },
      };
    });
    opened.catch(() => {
      last = null;
    });
    last = { runId, opened };
    return opened;
  };
}

const liveIn = async (run: RunFolder): Promise<string[]> => {
  const live: string[] = [];
  for await (const { accountId, accountState } of run.accounts()) if (isLive(accountState)) live.push(accountId);
  return live;
};
