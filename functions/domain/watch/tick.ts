/** The event that has a window of changes looked into: a rule of the bus hands it to a queue that delivers it later. */
export const TICK = { source: 'trailseal.watch', detailType: 'TrailSeal Watch Window' } as const;

/** The same for a whole run, which is started later: with the window in which every account may have changed. */
export const WHOLE_TICK = { source: TICK.source, detailType: 'TrailSeal Watch Whole Run' } as const;

/**
 * How long after its end a window is looked into, seconds. What is written into one is written in the first half of it;
 * what took longer is written again into the window of its own time, so that nothing comes too late to be seen.
 */
export const GRACE_SECONDS = 60;
