import { runKeys } from '../domain/model/plan.ts';
import { gatherRun } from '../domain/run/gather-run.ts';
import { readRunPayload } from './payload.ts';
import type { Handler, ScannerPorts } from './ports.ts';

/** Gather: finds the unique keys, buckets, log groups and stores, and writes the Inspect map's items. */
export const createGather =
  (ports: Pick<ScannerPorts, 'store'>): Handler =>
  async (payload) => {
    const { run_id: runId } = readRunPayload(payload);
    const { inspectItems } = await gatherRun(ports.store, runId);
    const itemsKey = ports.store.objectKey(runKeys(runId).inspectItems);
    return { inspect: { items_key: itemsKey, count: inspectItems } };
  };
