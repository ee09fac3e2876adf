import type { Inspection } from '../model/inspection.ts';
import type { AccountObservation } from '../model/observation.ts';
import { answeredIn, failuresIn, mayPass } from '../model/reading.ts';
import { ANSWERED_STATES } from '../model/vocabulary.ts';

/** Whether everything asked in an account has an answer that looking again would not change. */
export function isComplete(observation: AccountObservation, regions: readonly string[]): boolean {
  if (observation.refused || openQuestions(observation) > 0) return false;
  const complete = new Set(observation.regions.flatMap((r) => (ANSWERED_STATES.has(r.state) ? [r.region] : [])));
  return regions.every((region) => complete.has(region));
}

/** What was asked beside DescribeTrails, whatever was read. */
function besideTrails({ regions, refused: _, ...readings }: AccountObservation) {
  return { readings, scanned: regions.filter((region) => region.state === 'SCANNED') };
}

/** What of it got neither an answer nor a refusal: it is asked again on resuming. */
export function openQuestions(observation: AccountObservation): number {
  return failuresIn(besideTrails(observation)).filter(mayPass).length;
}

/** How much an observation knows: of two that were made of one account, the one that knows less is not kept. */
export function answersIn(observation: AccountObservation): number {
  const { readings, scanned } = besideTrails(observation);
  const complete = observation.regions.filter((r) => ANSWERED_STATES.has(r.state)).length;
  return complete + answeredIn(readings) + scanned.filter((region) => failuresIn(region).length === 0).length;
}

/** Whether nothing in it, whatever was read, failed for a reason that may pass: a refusal is an answer, an error is not. */
export function isAnswered(inspection: Inspection): boolean {
  return !failuresIn(inspection).some(mayPass);
}
