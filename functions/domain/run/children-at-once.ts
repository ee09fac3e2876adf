import type { Reading } from '../model/reading.ts';

/** Concurrent executions of an account made yesterday: the fewest that AWS gives. */
const NEW_ACCOUNT = 10;

/** How wide the maps of an execution are, and a sentence where that is less than was asked for. */
export interface Width {
  concurrency: number;
  note: string | null;
}

/**
 * As many children as were asked for, but fewer than the functions that Lambda lets run at once: a tenth, and at least
 * two, stay free for Record and for what else the account runs. Lambda refuses what is beyond, and a child that is
 * refused for too long is lost; one that waits in its map is not.
 * @param room concurrent executions that no function has reserved; null where children are no functions
 */
export const childrenAtOnce = (asked: number, room: Reading<number> | null): Width => {
  if (room === null) return { concurrency: asked, note: null };
  const unreserved = room.ok ? room.value : NEW_ACCOUNT;
  const most = Math.max(unreserved - Math.max(Math.ceil(unreserved / 10), 2), 1);
  if (asked <= most) return { concurrency: asked, note: null };
  const why = room.ok
    ? `Lambda leaves ${unreserved} concurrent executions unreserved in the scanner's account. Nothing is lost by it but time: a higher quota (Lambda, Concurrent executions) makes runs faster.`
    : `Lambda did not say how many functions may run at once (${room.failure.code}), so the ${NEW_ACCOUNT} of a new account were assumed: allow the Plan function lambda:GetAccountSettings.`;
  return { concurrency: most, note: `Accounts were scanned ${most} at once, not ${asked}: ${why}` };
};
