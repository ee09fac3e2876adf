import { oneLine } from '../formats/text.ts';
import { type Change, type Planned, planned } from './plan.ts';
import type { TrailSubject } from './subject.ts';

/** What repairs trails: all that they cover, under all their causes. */
export const planOf = (trails: readonly TrailSubject[], title: string, changes: Change[], notes: string[]): Planned =>
  planned(
    title,
    [...new Set(trails.flatMap((t) => t.rootCauseId ?? []))],
    [...new Set(trails.flatMap((t) => t.accountsCovered))].sort(),
    changes,
    notes,
  );

export const words = (trails: readonly TrailSubject[]): string => {
  const [trail] = trails;
  if (trail === undefined) return 'no trail';
  if (trails.length > 1) return `${trails.length} trails named ${oneLine(trail.trailName)}`;
  return `${trail.isOrganization ? 'organization trail' : 'trail'} ${oneLine(trail.trailName)} of ${trail.ownerAccountId}`;
};
