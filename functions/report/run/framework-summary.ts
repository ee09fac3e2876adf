import { FRAMEWORKS } from '../../domain/frameworks/catalogue.ts';
import { type FrameworkResult, frameworkResults, type StatusCounts } from '../../domain/frameworks/results.ts';
import type { Tally } from '../tables/tally.ts';

/** What the run says of every requirement of every framework, for report.json, the page and the evidence packs. */
export function frameworkSummary(request: { tally: Tally; status: 'COMPLETE' | 'PARTIAL' }): FrameworkResult[] {
  const { tally, status } = request;
  const counts = new Map<string, StatusCounts>(Object.entries(tally.byControl));
  const unverifiedTargets = tally.verdicts.UNVERIFIED;
  return FRAMEWORKS.map((framework) => frameworkResults({ framework, counts, runStatus: status, unverifiedTargets }));
}
