import { SingleBar } from 'cli-progress';
import type { RunProgress } from '../domain/run/run-progress.ts';
import type { StateMachineEvent } from '../local/state-machine/run.ts';
import { RUN_STATE_WORDS } from '../report/run/state-efforts.ts';

/** Tells a person how far a scan has come: a bar on a terminal, a line now and then elsewhere. Always on stderr. */
export interface ScanProgress {
  event(event: StateMachineEvent | RunProgress): void;
  end(): void;
}

const WORDS: Record<string, string> = RUN_STATE_WORDS;
const LINE_EVERY_MS = 5_000;

export function scanProgress(
  output: NodeJS.WriteStream,
  options: {
    quiet: boolean;
    now?: () => number;
    /** Requests to AWS so far, where this process makes them. */
    traffic?: Traffic;
    /** Targets of an account, asked when the run is planned. */
    targetsOfAccount?: () => Promise<number>;
  },
): ScanProgress {
  if (options.quiet) return { event: () => {}, end: () => {} };
  const now = options.now ?? Date.now;
  return output.isTTY ? barProgress(output, now, options) : lineProgress(output, now);
}

export interface Traffic {
  readonly requests: number;
  readonly throttled: number;
}

/** How many children a map will have: the state before it says so. */
function totals() {
  let total = 0;
  return {
    see(event: StateMachineEvent): void {
      if (event.type !== 'state-exited') return;
      const output = event.output as { scan?: { count?: number }; gather?: { inspect?: { count?: number } } } | null;
      if (event.state === 'Plan') total = output?.scan?.count ?? 0;
      if (event.state === 'Gather') total = output?.gather?.inspect?.count ?? 0;
    },
    get: () => total,
  };
}

/** A narrow terminal gets a short bar: a line that is broken would be drawn again each time. */
const barSize = ({ columns = 80 }: NodeJS.WriteStream): number => Math.max(4, Math.min(24, columns - 56));

/**
 * By the pace since the start, in steps that a person plans with, and only once there is a pace: the last answers alone
 * would make it jump with every slow account. `elapsed` in milliseconds.
 */
export function timeLeft({ done, total, elapsed }: { done: number; total: number; elapsed: number }): string {
  if (done >= total || elapsed < 3_000 || done * 20 < total) return '';
  const seconds = (elapsed / done / 1_000) * (total - done);
  if (seconds < 60) return ' · < 1 min left';
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? ` · ${minutes} min left` : ` · ${Math.round(minutes / 60)} h left`;
}

/** A pace is taken from the last so many milliseconds, in steps. */
const PACE_MS = 10_000;

/**
 * Milliseconds that the requests so far would have taken at the pace of the last ones: AWS throttles, or a state warms up,
 * and what is left takes as long as its requests do now. Without requests to count, the time that has passed.
 */
export function pace(traffic: Traffic | undefined, now: () => number) {
  const began = { at: now(), requests: traffic?.requests ?? 0 };
  let before = began;
  let last = began;
  return (): number => {
    const at = now();
    if (!traffic) return at - began.at;
    if (at - last.at >= PACE_MS) [before, last] = [last, { at, requests: traffic.requests }];
    const made = traffic.requests - began.requests;
    const lately = traffic.requests - before.requests;
    return lately > 0 ? (made * (at - before.at)) / lately : at - began.at;
  };
}

/** From so many columns on, the bar has room for what is scanned a second and for what AWS throttled. */
const ROOMY = 110;

function barProgress(
  output: NodeJS.WriteStream,
  now: () => number,
  { traffic, targetsOfAccount }: { traffic?: Traffic; targetsOfAccount?: () => Promise<number> },
): ScanProgress {
  const total = totals();
  const roomy = (output.columns ?? 80) >= ROOMY;
  let targets = 0;
  let started = 0;
  let elapsed = () => 0;
  let bar: SingleBar | null = null;
  const end = () => {
    bar?.stop();
    bar = null;
  };
  return {
    event(event) {
      total.see(event);
      if (event.type === 'state-entered') {
        end();
        const words = WORDS[event.state];
        if (event.state === 'Scan')
          targetsOfAccount?.().then(
            (count) => {
              targets = count;
            },
            () => {},
          );
        if (words && event.state !== 'Scan' && event.state !== 'Inspect') output.write(`${words}…\n`);
      } else if (event.type === 'map-progress') {
        if (!bar) {
          bar = new SingleBar({
            stream: output,
            format: `${WORDS[event.map] ?? event.map} [{bar}] {value}/{total}{rate}{throttled}{failures}{left}`,
            barCompleteChar: '█',
            barIncompleteChar: '░',
            // With its words it fits 80 columns.
            barsize: barSize(output),
            hideCursor: true,
          });
          bar.start(total.get(), 0, { rate: '', throttled: '', failures: '', left: '' });
          started = now();
          elapsed = pace(traffic, now);
        }
        const failures = event.recorded + event.failed;
        const rate = Math.round((event.done * targets * 1_000) / Math.max(1, now() - started));
        const throttled = traffic?.throttled ?? 0;
        bar.update(event.done, {
          rate: roomy && event.map === 'Scan' && rate > 0 ? ` · ${rate} targets/s` : '',
          throttled: roomy && throttled > 0 ? ` · ${throttled} throttled` : '',
          failures: failures > 0 ? ` · ${failures} failed` : '',
          left: timeLeft({ done: event.done, total: total.get(), elapsed: elapsed() }),
        });
      }
    },
    end,
  };
}

function lineProgress(output: NodeJS.WriteStream, now: () => number): ScanProgress {
  const total = totals();
  let last = 0;
  return {
    event(event) {
      total.see(event);
      if (event.type === 'state-entered') {
        const words = WORDS[event.state];
        if (words) output.write(`${words}\n`);
        last = now();
      } else if (event.type === 'map-progress' && (now() - last >= LINE_EVERY_MS || event.done === total.get())) {
        last = now();
        output.write(`${WORDS[event.map] ?? event.map}: ${event.done} of ${total.get()}\n`);
      }
    },
    end: () => {},
  };
}
