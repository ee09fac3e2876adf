import type { RunReport } from '../../report/run/run-report.ts';
import { RUN_STATE_WORDS, secondsOf } from '../../report/run/state-efforts.ts';
import { columns, type Terminal } from '../terminal.ts';

/** `--timings`: where a run's time went, state by state. */
export function timingsOf({ efforts = [] }: RunReport, { style }: Pick<Terminal, 'style'>): string {
  if (efforts.length === 0) return '\n  This run is of a version that kept no times.\n';
  const rows = efforts.map(({ state, wall_ms: wall, calls, throttled, waited_ms: waited }) => [
    ...[RUN_STATE_WORDS[state], secondsOf(wall), String(calls), String(throttled), secondsOf(waited)],
  ]);
  const head = ['Step', 'time', 'AWS calls', 'throttled', 'waited'];
  const title = style(
    'bold',
    'Where the time went (calls wait side by side, so waiting adds up to more than the time)',
  );
  return `\n  ${title}\n${columns([head, ...rows])}\n`;
}
