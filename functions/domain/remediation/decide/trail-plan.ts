import { oneLine } from '../formats/text.ts';
import type { Change, Plan, Planned } from './plan.ts';
import type { TrailSubject } from './subject.ts';

/** What a plan says of itself. */
export const planOf = (
  trails: readonly TrailSubject[],
  title: string,
  changes: Change[],
  notes: string[],
): Planned => ({
  ok: true,
  plan: {
    title: oneLine(title),
    rootCauseIds: [...new Set(trails.flatMap((t) => t.rootCauseId ?? []))],
    accountsCovered: [...new Set(trails.flatMap((t) => t.accountsCovered))].sort(),
    changes,
    notes,
  } satisfies Plan,
});

export const words = (trails: readonly TrailSubject[]): string => {
  const [trail] = trails;
  if (trail === undefined) return 'no trail';
  if (trails.length > 1) return `${trails.length} trails named ${oneLine(trail.trailName)}`;
  return `${trail.isOrganization ? 'organization trail' : 'trail'} ${oneLine(trail.trailName)} of ${trail.ownerAccountId}`;
};
