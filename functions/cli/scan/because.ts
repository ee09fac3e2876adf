import { readFile } from 'node:fs/promises';
import { TrailSealError, usageError } from '../../domain/model/errors.ts';
import { becauseKey } from '../../domain/model/plan.ts';
import type { ReportStore } from '../../domain/model/store.ts';
import { flagOf, settingDeclarations } from '../../domain/settings/run-settings.ts';
import { becauseOf } from '../../domain/watch/because.ts';
import { type ChangeEvent, parseChangeEvent, type Unchanged } from '../../domain/watch/change-event.ts';
import { isWatched } from '../../reads/watched/watched-events.ts';
import { affectedIn } from '../../report/current/known-resources.ts';
import type { ScanOptions } from '../scan-options.ts';
import { sanitize, type Terminal } from '../terminal.ts';

const WHY: Record<Unchanged | 'NOT_WATCHED', string> = {
  FAILED: 'the call failed',
  READ_ONLY: 'the call only read',
  NOT_WATCHED: 'no read of a scan is answered otherwise after it',
};

/**
 * Reads events of a file (one of EventBridge, a record of CloudTrail, a list of them, or one of CloudTrail's log files),
 * and writes which accounts they affect for the execution of this name. Where they affect none, says so.
 * @returns whether there is anything to scan
 * @throws TrailSealError USAGE where the file cannot be read, EVENT where it holds anything else
 */
export async function narrowBecause(
  file: string,
  store: ReportStore,
  executionName: string,
  terminal: Terminal,
): Promise<boolean> {
  const passed = new Map<string, string>();
  const changes: ChangeEvent[] = [];
  for (const event of await eventsIn(file)) {
    const change = parseChangeEvent(event);
    if (typeof change === 'string') passed.set(change, WHY[change]);
    else if (isWatched(change)) changes.push(change);
    else passed.set('NOT_WATCHED', `${WHY.NOT_WATCHED} (${change.source} ${change.name})`);
  }
  const because = becauseOf(await affectedIn(store, changes));
  if (because === null) {
    const why = changes.length > 0 ? 'no trail of the newest run uses what it names' : [...passed.values()].join('; ');
    terminal.err.write(`Nothing to scan: ${sanitize(why)}.\n`);
    return false;
  }
  await store.write(becauseKey(executionName), `${JSON.stringify(because, null, 1)}\n`);
  return true;
}

async function eventsIn(file: string): Promise<unknown[]> {
  const name = `${file.slice(0, 200)} (--because)`;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw usageError(`The event ${name} cannot be read.`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TrailSealError('EVENT', `${name} is not JSON.`, { cause });
  }
  const records = (value as { Records?: unknown } | null)?.Records;
  const events = Array.isArray(value) ? value : Array.isArray(records) ? records : [value];
  if (events.length === 0) throw new TrailSealError('EVENT', `${name} holds no event.`);
  return events;
}

/** The events say which accounts; what narrows in another way would leave a part of one out. @throws TrailSealError USAGE */
export function checkBecause(options: Pick<ScanOptions, 'because' | 'resume' | 'dryRun' | 'given'>): void {
  if (options.because === undefined) return;
  const narrowing = settingDeclarations.filter((declared) => 'narrows' in declared && declared.option !== undefined);
  refuseBeside([
    ...(options.resume === undefined ? [] : ['--resume']),
    ...(options.dryRun ? ['--dry-run'] : []),
    ...narrowing.flatMap((declared) => (options.given?.includes(declared.option ?? '') ? [flagOf(declared)] : [])),
  ]);
}

/** @throws TrailSealError USAGE where any of these options stands beside `--because` */
export function refuseBeside(others: readonly string[]): void {
  if (others.length > 0)
    throw usageError(`--because says itself which accounts are scanned: leave ${others.join(', ')} out.`);
}
