import type { RunReport } from '../run/run-report.ts';
import { RUN_STATE_WORDS, secondsOf } from '../run/state-efforts.ts';
import { type Content, html } from './escape.ts';
import { number } from './words.ts';

/** Where the run's time went; nothing for a run of before it was kept. */
export function efforts({ efforts: found = [] }: RunReport): Content {
  if (found.length === 0) return null;
  return html`<div><h2>Where the time went</h2><div class="scroll" tabindex="0" role="group" aria-label="Where the time went"><table class="plain" id="efforts"><caption>Time by the clock, AWS calls, and what held them up; calls wait side by side, so waiting adds up to more than the time</caption><thead><tr><th scope="col">Step</th><th scope="col" class="number">Time</th><th scope="col" class="number">AWS calls</th><th scope="col" class="number">Throttled</th><th scope="col" class="number">Waited</th></tr></thead><tbody>${found.map(
    ({ state, wall_ms: wall, calls, throttled, waited_ms: waited }) =>
      html`<tr><th scope="row">${RUN_STATE_WORDS[state]}</th><td class="number">${secondsOf(wall)}</td><td class="number">${number(calls)}</td><td class="number">${number(throttled)}</td><td class="number">${secondsOf(waited)}</td></tr>`,
  )}</tbody></table></div></div>`;
}
