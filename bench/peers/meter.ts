import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';

/** Clock ticks a second in /proc: Linux has said 100 to programs for as long as there is /proc. */
const TICKS = 100;
const SAMPLE_MS = 250;

/** What the processes that were started meanwhile took. Null where there is no /proc to ask. */
export interface ToolCost {
  wallMs: number;
  /** User and system time of all of them. */
  cpuMs: number | null;
  /** Greatest sum of their memory, pages that they share counted once (PSS), MB of 2^20 bytes. */
  peakMb: number | null;
}

/** Measures the child processes that `work` starts and waits for, their own children included. */
export async function meter<T>(work: () => Promise<T>): Promise<{ output: T; cost: ToolCost }> {
  const measured = existsSync('/proc/self/smaps_rollup');
  const before = new Set(measured ? descendants(process.pid) : []);
  const ticks = measured ? childTicks() : 0;
  let peakKb = 0;
  const sampler = setInterval(() => {
    if (!measured) return;
    const started = descendants(process.pid).filter((pid) => !before.has(pid));
    peakKb = Math.max(
      peakKb,
      started.reduce((sum, pid) => sum + residentKb(pid), 0),
    );
  }, SAMPLE_MS);
  const began = performance.now();
  try {
    const output = await work();
    const wallMs = performance.now() - began;
    return {
      output,
      cost: {
        wallMs,
        cpuMs: measured ? ((childTicks() - ticks) * 1_000) / TICKS : null,
        peakMb: measured ? peakKb / 1_024 : null,
      },
    };
  } finally {
    clearInterval(sampler);
  }
}

/** CPU time of all children that have ended and were waited for, and of theirs. */
const childTicks = (): number => {
  const fields = statOf('self');
  return Number(fields[13]) + Number(fields[14]);
};

/** The fields of /proc/<pid>/stat that follow the program's name: state is the first, its parent the second. */
const statOf = (pid: number | 'self'): string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
};

const descendants = (root: number): number[] => {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (Number.isInteger(pid))
      parents.set(
        pid,
        gone(() => Number(statOf(pid)[1]), 0),
      );
  }
  const reaches = (pid: number): boolean => {
    for (let at = parents.get(pid); at !== undefined && at > 0; at = parents.get(at)) if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter(reaches);
};

const residentKb = (pid: number): number =>
  gone(() => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0), 0);

/** A process may end while it is looked at. */
const gone = <T>(look: () => T, otherwise: T): T => {
  try {
    return look();
  } catch {
    return otherwise;
  }
};
