import assert from 'node:assert/strict';
import type { Inspection } from '../../functions/domain/model/inspection.ts';
import type { AccountObservation } from '../../functions/domain/model/observation.ts';
import { LATEST_KEY, runKeys, type ScanPlan } from '../../functions/domain/model/plan.ts';
import { runDate } from '../../functions/domain/model/run-id.ts';
import { ANSWERED_STATES } from '../../functions/domain/model/vocabulary.ts';
import { TABLE_NAMES } from '../../functions/report/tables/columns.ts';
import { finishedRuns } from '../../functions/report/tables/tables.ts';
import type { MemoryStore } from '../statemachine/memory-store.ts';
import { comparable, RESULT_TABLES, resultsOf, rowsOf } from './tables.ts';

/** A run and where it lies. */
export interface Kept {
  store: MemoryStore;
  runId: string;
}

export interface Compared {
  calm: Kept;
  chaos: Kept;
  /** Accounts that closed or moved under way: what is said of them may rightly differ. */
  changed: ReadonlyMap<string, unknown>;
}

const json = <T>(store: MemoryStore, key: string): T => JSON.parse(store.text(key)) as T;

/** rows = accounts × regions, each target in one state, the counts add up, and PARTIAL wherever something is open. */
export async function ledgerIsWhole(store: MemoryStore, runId: string): Promise<'COMPLETE' | 'PARTIAL'> {
  const plan = json<ScanPlan>(store, runKeys(runId).plan);
  const coverage = await rowsOf(store, 'coverage', runId);
  assert.equal(coverage.length, plan.accounts * plan.regions.length, 'rows = accounts × Regions');
  assert.equal(new Set(coverage.map((c) => `${c.account_id}/${c.region}`)).size, coverage.length, 'one row a target');
  const [run, ...others] = await rowsOf(store, 'runs', runId);
  assert.ok(run && others.length === 0, 'one row in runs');
  const states = [
    ...[run.scanned, run.region_disabled, run.region_denied, run.account_inactive, run.excluded],
    ...[run.access_denied, run.throttled, run.error, run.not_scanned],
  ];
  assert.equal(
    states.reduce((a, b) => a + b, 0),
    run.targets,
    'the states add up to the targets',
  );
  const open = coverage.filter((c) => !ANSWERED_STATES.has(c.state as never));
  if (open.length > 0) assert.equal(run.status, 'PARTIAL', `${open.length} targets are open`);
  return run.status as 'COMPLETE' | 'PARTIAL';
}

/** Nothing passes under faults that does not pass in a calm run: lost answers may only take certainty away. */
export async function noOneLetIn({ calm, chaos, changed }: Compared): Promise<void> {
  const [was, is] = [await resultsOf(calm.store, calm.runId), await resultsOf(chaos.store, chaos.runId)];
  const met = (status: string | null) => status === 'PASS' || status === 'NOT_APPLICABLE';
  const before = new Map(was.findings.map((f) => [f.finding_id, f.status]));
  const spared = (text: unknown) => [...changed.keys()].some((id) => JSON.stringify(text).includes(id));
  for (const f of is.findings) {
    if (!met(f.status) || met(before.get(f.finding_id) ?? null) || spared(f)) continue;
    assert.fail(
      `${f.control_id} of ${f.resource_arn} is ${f.status} (${f.reason}), calm: ${before.get(f.finding_id) ?? 'not there'}`,
    );
  }
  const verdicts = new Map(was.coverage.map((c) => [`${c.account_id}/${c.region}`, c.verdict]));
  for (const c of is.coverage) {
    const calmVerdict = verdicts.get(`${c.account_id}/${c.region}`);
    if (c.verdict === 'ENCRYPTED' && !spared(c))
      assert.equal(calmVerdict, 'ENCRYPTED', `${c.account_id}/${c.region}: ${c.reason}`);
  }
  const trails = new Map(was.trails.map((t) => [t.trail_arn, t.verdict]));
  for (const t of is.trails)
    if (t.verdict === 'SEALED' && !spared(t)) assert.equal(trails.get(t.trail_arn), 'SEALED', t.trail_arn);
}

/** Every answer that was kept is the answer of the calm run, never a mixture or another account's. */
export function arrivedAsInCalm({ calm, chaos, changed }: Compared): void {
  const observed: Map<string, AccountObservation> = files(calm, runKeys(calm.runId).observations);
  const kept: Map<string, AccountObservation> = files(chaos, runKeys(chaos.runId).observations);
  for (const [name, found] of kept) {
    if (changed.has(found.accountId)) continue;
    const expected = observed.get(name) as AccountObservation | undefined;
    assert.ok(expected, `an observation of ${name}, which the calm run does not have`);
    for (const region of found.regions) {
      if (region.state !== 'SCANNED' && region.state !== 'REGION_DISABLED') continue;
      const same: AccountObservation['regions'][number] | undefined = expected.regions.find(
        (r) => r.region === region.region,
      );
      assert.ok(same?.state === region.state, `${name} ${region.region}`);
      if (region.state === 'SCANNED' && same?.state === 'SCANNED') assert.deepEqual(region.trailArns, same.trailArns);
    }
    const known = new Map(expected.trails.map((t) => [t.trailArn, t]));
    for (const trail of found.trails) assert.deepEqual(trail, known.get(trail.trailArn));
    for (const part of ['statuses', 'selectors'] as const) {
      const before: { trailArn: string; reading: unknown }[] = expected[part];
      const readings = new Map(before.map((s) => [s.trailArn, s.reading]));
      for (const { trailArn, reading } of found[part])
        if (reading.ok) assert.deepEqual(reading, readings.get(trailArn), `${part} of ${trailArn}`);
    }
  }
  const keys = new Map(
    [...files<Inspection>(calm, runKeys(calm.runId).inspections).values()].flatMap((i) =>
      i.keys.map((k) => [k.keyArn, k]),
    ),
  );
  for (const inspection of files<Inspection>(chaos, runKeys(chaos.runId).inspections).values()) {
    for (const key of inspection.keys) {
      const expected = keys.get(key.keyArn);
      if (key.description.ok && expected) assert.deepEqual(key.description, expected.description);
      if (key.policy?.ok && expected?.policy) assert.deepEqual(key.policy, expected.policy);
      if (key.rotation?.ok && expected?.rotation) assert.deepEqual(key.rotation, expected.rotation);
    }
  }
}

/** After a resume without faults nothing shows that there ever were any. @returns the number of targets */
export async function completeAgain({ calm, chaos, changed }: Compared): Promise<number> {
  const expected = comparable(await resultsOf(calm.store, calm.runId), calm.runId);
  const actual = comparable(await resultsOf(chaos.store, chaos.runId), chaos.runId);
  const left = [...changed.keys(), ...usedOnlyBy(changed, (expected.trails ?? []) as TrailUse[])];
  const spared = (row: unknown) => left.some((name) => JSON.stringify(row).includes(name));
  // A trail, key or bucket counts the accounts and trails it serves; one that left is rightly missing.
  const counted = new Set(
    changed.size > 0 ? ['accounts_covered', 'member_errors', 'accounts_depending', 'trails_using'] : [],
  );
  const kept = (rows: unknown[]) =>
    rows
      .filter((row) => !spared(row))
      .map((row) => Object.fromEntries(Object.entries(row as object).filter(([column]) => !counted.has(column))));
  for (const table of RESULT_TABLES) {
    const [is, was] = [kept(actual[table] ?? []), kept(expected[table] ?? [])];
    assert.equal(is.length, was.length, `rows of ${table}`);
    for (const [i, row] of is.entries()) assert.deepEqual(row, was[i], table);
  }
  const [before] = await rowsOf(calm.store, 'runs', calm.runId);
  const [after] = await rowsOf(chaos.store, 'runs', chaos.runId);
  if (changed.size === 0) assert.equal(after?.status, before?.status, 'the status of a resumed run');
  for (const { key, sha256 } of json<{ files: { key: string; sha256: string }[] }>(
    chaos.store,
    runKeys(chaos.runId).manifest,
  ).files) {
    assert.equal(await sha256Of(chaos.store, key), sha256, `the manifest and ${key}`);
  }
  return (actual.coverage ?? []).length;
}

type TrailUse = Record<'account_id' | 'bucket' | 'kms_key_arn', string | null>;

/** Buckets and keys that nobody names any more where these accounts are gone: those of others too. */
function usedOnlyBy(changed: Compared['changed'], trails: readonly TrailUse[]): string[] {
  const named = (ours: boolean) =>
    new Set(
      trails
        .filter(({ account_id: owner }) => changed.has(owner ?? '') === ours)
        .flatMap(({ bucket, kms_key_arn: key }) => [bucket, key].filter((name) => name !== null)),
    );
  const others = named(false);
  return [...named(true)].filter((name) => !others.has(name));
}

/** Whatever went wrong: a run that shows has all its tables, whole, and the pointer names such a run. */
export async function nothingHalfWritten(store: MemoryStore): Promise<void> {
  const shown = new Set<string>();
  for await (const { row } of finishedRuns(store)) {
    const runId = row.run_id ?? '';
    shown.add(runId);
    for (const table of TABLE_NAMES) {
      assert.ok(store.files.has(runKeys(runId).table(table, runDate(runId))), `${table} of a finished run`);
      await rowsOf(store, table, runId);
    }
    json(store, runKeys(runId).report('report.json'));
    json(store, runKeys(runId).manifest);
  }
  if (store.files.has(LATEST_KEY))
    assert.ok(shown.has(json<{ run_id: string }>(store, LATEST_KEY).run_id), 'latest shows a run');
}

function files<T>({ store, runId }: Kept, prefix: string): Map<string, T> {
  const found = new Map<string, T>();
  for (const key of store.files.keys())
    if (key.startsWith(prefix))
      found.set(key.slice(prefix.length), JSON.parse(store.text(key).replaceAll(runId, 'RUN')) as T);
  return found;
}

async function sha256Of(store: MemoryStore, key: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  return createHash('sha256')
    .update(store.files.get(key) ?? '')
    .digest('hex');
}
