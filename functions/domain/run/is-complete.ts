import type { Inspection } from '../model/inspection.ts';
import type { AccountObservation } from '../model/observation.ts';
import { failuresIn, mayPass } from '../model/reading.ts';
import { ANSWERED_STATES } from '../model/vocabulary.ts';

/** Whether everything asked in an account has an answer that looking again would not change. */
export function isComplete(observation: AccountObservation, regions: readonly string[]): boolean {
  if (observation.refused || openQuestions(observation) > 0) return false;
  const settled = new Set(observation.regions.flatMap((r) => (ANSWERED_STATES.has(r.state) ? [r.region] : [])));
  return regions.every((region) => settled.has(region));
}

/** What was asked beside DescribeTrails, and got neither an answer nor a refusal: it is asked again on resuming. */
export function openQuestions({ regions, statuses, selectors }: AccountObservation): number {
  const readings = [...statuses, ...selectors].filter(({ reading }) => !reading.ok && mayPass(reading.failure));
  const stores = regions.filter((r) => r.state === 'SCANNED' && mayPass(r.lakeFailure));
  return readings.length + stores.length;
}

/** How much an observation knows: of two that were made of one account, the one that knows less is not kept. */
export function answersIn(observation: AccountObservation): number {
  const settled = observation.regions.filter((r) => ANSWERED_STATES.has(r.state)).length;
  const read = [...observation.statuses, ...observation.selectors].filter(({ reading }) => reading.ok).length;
  const stores = observation.regions.filter((r) => r.state === 'SCANNED' && r.lakeFailure === null).length;
  return settled + read + stores;
}

/** Whether nothing in it, whatever was read, failed for a reason that may pass: a refusal is an answer, an error is not. */
export function isAnswered(inspection: Inspection): boolean {
  return !failuresIn(inspection).some(mayPass);
}
