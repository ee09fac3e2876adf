import { decodeTime, isValid, ulid } from 'ulid';
import { TrailSealError } from './errors.ts';

/** A new run id: a ULID, so that ids sort by the time the run began. `now` in milliseconds since 1970. */
export const newRunId = (now: number): string => ulid(now);

/** The UTC date a run belongs to, also when it is resumed a day later. @throws TrailSealError RUN_ID */
export function runDate(runId: string): string {
  if (!isRunId(runId)) {
    throw new TrailSealError('RUN_ID', `"${runId.slice(0, 60)}" is not a run id (a run id is 26 letters and digits).`);
  }
  return new Date(decodeTime(runId)).toISOString().slice(0, 10);
}

export const isRunId = (text: string): boolean => /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text) && isValid(text);
