import { pMapIterable } from 'p-map';
import type { AccountRecord, MapFailure } from '../judge/ledger.ts';
import { TrailSealError } from '../model/errors.ts';
import type { Inspection } from '../model/inspection.ts';
import type { AccountObservation, FailureRecord } from '../model/observation.ts';
import { mapResultsPrefix, type PlannedAccount, runKeys, type ScanPlan } from '../model/plan.ts';
import type { ReportStore } from '../model/store.ts';
import { lines } from './json-lines.ts';
import { failedChildren } from './map-result.ts';
import { orRefuse, type Parsed } from './parsed.ts';
import {
  parseExecution,
  parseFailureRecord,
  parseInspection,
  parseObservation,
  parsePlan,
  parsePlannedAccount,
} from './run-files.ts';

/** Files read side by side: enough to hide S3's latency, few enough to stay small. */
const READ_AHEAD = 32;

/** A file that was there but could not be believed. */
export interface CorruptFile {
  file: string;
  why: string;
}

/** Reads a run's working files back from the report root. */
export interface RunFolder {
  plan: ScanPlan;
  accounts(): AsyncIterable<PlannedAccount>;
  /** Every readable observation in key order, with its bytes' key; corrupt ones are named instead. */
  observations(): AsyncIterable<
    { key: string; observation: AccountObservation } | { key: string; corrupt: CorruptFile }
  >;
  /** What is known of each account, in the accounts' order. */
  records(): AsyncIterable<{ account: PlannedAccount; record: AccountRecord }>;
  inspections(): AsyncIterable<Inspection>;
  failures(map: 'scan' | 'inspect'): Promise<Map<string, FailureRecord>>;
  /** What the executions that worked on the run have said of themselves, in sentences. */
  notes(): Promise<string[]>;
}

/** @throws TrailSealError NO_SUCH_RUN, CORRUPT_FILE */
export async function openRun(
  store: ReportStore,
  runId: string,
  /** Why the Scan map failed as a whole, where it did. */
  mapFailure: MapFailure | null = null,
): Promise<RunFolder> {
  const keys = runKeys(runId);
  const bytes = await store.read(keys.plan);
  if (!bytes) throw new TrailSealError('NO_SUCH_RUN', `There is no run ${runId.slice(0, 60)} in ${store.root}.`);
  const plan = orRefuse(parsePlan(bytes), keys.plan);

  async function* accounts(): AsyncIterable<PlannedAccount> {
    const file = await store.open(keys.accounts);
    if (!file) throw new TrailSealError('CORRUPT_FILE', `${keys.accounts} is missing from ${store.root}.`);
    for await (const line of lines(file, keys.accounts)) yield orRefuse(parsePlannedAccount(line), keys.accounts);
  }

  async function* observations() {
    for await (const { key, bytes: body } of readAhead(store, store.list(keys.observations))) {
      const parsed = body ? whole(parseObservation(body), key, runId) : null;
      if (parsed?.ok) yield { key, observation: parsed.value };
      else if (parsed) yield { key, corrupt: { file: key, why: parsed.why } };
    }
  }

  async function failures(map: 'scan' | 'inspect') {
    const found = new Map<string, FailureRecord>();
    for await (const { bytes: body } of readAhead(store, store.list(keys.failures(map)))) {
      const parsed = body ? parseFailureRecord(body) : null;
      if (parsed?.ok) found.set(parsed.value.itemId, parsed.value);
    }
    for await (const failure of childrenKilled(store, runId, map))
      if (!found.has(failure.itemId)) found.set(failure.itemId, failure);
    return found;
  }

  return {
    plan,
    accounts,
    observations,
    failures,
    async notes() {
      const said = new Set<string>();
      for await (const { bytes: body } of readAhead(store, store.list(keys.executions))) {
        const parsed = body && parseExecution(body);
        if (parsed?.ok) for (const note of parsed.value.notes) said.add(note);
      }
      return [...said];
    },
    async *records() {
      const failed = await failures('scan');
      const observed = async (account: PlannedAccount) => {
        const key = keys.observation(account.accountId);
        return { account, key, body: await store.read(key) };
      };
      for await (const { account, key, body } of pMapIterable(accounts(), observed, { concurrency: READ_AHEAD })) {
        const parsed = body ? whole(parseObservation(body), key, runId) : null;
        const failure = failed.get(account.accountId);
        const record: AccountRecord = parsed?.ok
          ? { kind: 'observed', observation: parsed.value }
          : parsed
            ? { kind: 'corrupt', file: key, why: parsed.why }
            : failure
              ? { kind: 'failed', failure }
              : { kind: 'none', cause: mapFailure };
        yield { account, record };
      }
    },
    async *inspections() {
      for await (const { bytes: body } of readAhead(store, store.list(keys.inspections))) {
        const parsed = body ? parseInspection(body) : null;
        if (parsed?.ok) yield parsed.value;
      }
    },
  };
}

/** An observation under another account's or run's name is not believed. */
function whole(parsed: Parsed<AccountObservation>, key: string, runId: string): Parsed<AccountObservation> {
  if (!parsed.ok) return parsed;
  const { accountId } = parsed.value;
  if (key !== runKeys(runId).observation(accountId)) return { ok: false, why: `it speaks of account ${accountId}` };
  if (parsed.value.runId !== runId) return { ok: false, why: `it belongs to run ${parsed.value.runId.slice(0, 40)}` };
  return parsed;
}

/** Files in the order of their keys, a window of them read at once. */
const readAhead = (store: ReportStore, keys: AsyncIterable<string>) =>
  pMapIterable(keys, async (key) => ({ key, bytes: await store.read(key) }), { concurrency: READ_AHEAD });

/** Children that died without a word (an Express execution past its 5 minutes): the map's own FAILED files name them. */
async function* childrenKilled(
  store: ReportStore,
  runId: string,
  map: 'scan' | 'inspect',
): AsyncIterable<FailureRecord> {
  for await (const marker of store.list(runKeys(runId).executions)) {
    const execution = marker.slice(marker.lastIndexOf('/') + 1).replace(/\.json$/, '');
    for await (const key of store.list(mapResultsPrefix(execution, map))) {
      if (!/\/FAILED_\d+\.json$/.test(key)) continue;
      const bytes = await store.read(key);
      if (bytes) yield* failedChildren(bytes, { runId, map });
    }
  }
}
