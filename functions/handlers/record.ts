import type { FailureRecord } from '../domain/model/observation.ts';
import { runKeys } from '../domain/model/plan.ts';
import { orRefuse } from '../domain/run/parsed.ts';
import { parseInspectItem, parseScanItem } from '../domain/run/run-files.ts';
import { readRecordPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

const CAUSE_CHARACTERS = 2_000;

/** Record: a child of a map failed for good; its cause is kept, so that its targets end as ERROR with it. */
export const createRecord =
  (ports: Pick<ScannerPorts, 'store' | 'now'>): Handler =>
  async (payload) => {
    const { run_id: runId, map, item, error } = readRecordPayload(payload);
    const itemId =
      map === 'scan'
        ? orRefuse(parseScanItem(item), 'the scan item').accountId
        : orRefuse(parseInspectItem(item), 'the inspect item').itemId;
    const record: FailureRecord = {
      version: 1,
      runId,
      map,
      itemId,
      error: error.Error ?? 'States.Unknown',
      cause: (error.Cause ?? '').slice(0, CAUSE_CHARACTERS),
      at: new Date(ports.now()).toISOString(),
    };
    await ports.store.write(runKeys(runId).failure(map, itemId), JSON.stringify(record));
    return { item_id: itemId };
  };
