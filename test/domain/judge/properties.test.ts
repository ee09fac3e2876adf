import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createGathering } from '../../../functions/domain/judge/trail-facts.ts';
import type { AccountObservation } from '../../../functions/domain/model/observation.ts';
import { createHandlers } from '../../../functions/handlers/handlers.ts';
import type { FindingRow } from '../../../functions/report/tables/columns.ts';
import { readTable } from '../../../functions/report/tables/tables.ts';
import { createSimulation, type Simulation } from '../../../functions/simulator/simulation.ts';
import { atDepth } from '../../depth.ts';
import { NOW, portsFor, type ScannedWorld, scanWorld } from '../../scan-world.ts';
import { memoryStore } from '../../statemachine/memory-store.ts';

/** What must hold whatever order answers arrive in, and whichever of them are lost. */
describe('properties of a report', () => {
  let scanned: ScannedWorld;
  let simulation: Simulation;
  let findings: Map<string, FindingRow>;
  let observations: AccountObservation[];

  beforeAll(async () => {
    simulation = createSimulation({ now: NOW, accounts: atDepth({ quick: 8, deep: 24 }), regions: 4, seed: 5 });
    scanned = await scanWorld({}, { simulation, settings: { sampleLogs: true, sampleAccounts: true } });
    findings = new Map((await scanned.rows('findings')).map((f) => [f.finding_id, f]));
    observations = keysOf('observations').map((key) => JSON.parse(scanned.store.text(key)) as AccountObservation);
  });

  const keysOf = (folder: string) =>
    [...scanned.store.files.keys()].filter((key) => key.startsWith(`runs/${scanned.runId}/${folder}/`));

  /** The findings of the same run after some of its files are gone. */
  async function without(lost: readonly string[]): Promise<FindingRow[]> {
    const store = memoryStore();
    for (const [key, bytes] of scanned.store.files)
      if (!lost.includes(key) && !key.startsWith('tables/')) store.files.set(key, bytes);
    await createHandlers(portsFor(simulation, store)).report(
      { run_id: scanned.runId },
      { signal: new AbortController().signal },
    );
    const rows: FindingRow[] = [];
    for await (const row of readTable({
      store,
      table: 'findings',
      runId: scanned.runId,
      runDate: scanned.report.run.run_date,
    }))
      rows.push(row);
    return rows;
  }

  it('the order in which accounts answered changes nothing', () => {
    const gathered = (list: AccountObservation[]) => {
      const gathering = createGathering();
      for (const observation of list) gathering.add(observation);
      return JSON.stringify([gathering.trails(), gathering.eventDataStores()]);
    };
    const calm = gathered(observations);
    fc.assert(
      fc.property(fc.shuffledSubarray(observations, { minLength: observations.length }), (list) => {
        expect(gathered(list)).toBe(calm);
      }),
      { numRuns: atDepth({ quick: 20, deep: 60 }), seed: 1 },
    );
  });

  it('a lost answer never turns a FAIL or UNVERIFIED into a PASS', async () => {
    const files = [...keysOf('observations'), ...keysOf('inspections')];
    await fc.assert(
      fc.asyncProperty(fc.subarray(files, { minLength: 1, maxLength: 6 }), async (lost) => {
        const passed = (await without(lost)).filter((f) => f.status === 'PASS');
        for (const f of passed)
          expect([f.control_id, f.resource_arn, findings.get(f.finding_id)?.status]).toEqual([
            f.control_id,
            f.resource_arn,
            'PASS',
          ]);
      }),
      { numRuns: atDepth({ quick: 4, deep: 25 }), seed: 2 },
    );
  });

  it('a lost Region of an account never does either', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(observations.length - 1), fc.nat(3), async (which, region) => {
        const observation = observations[which];
        if (!observation || observation.regions.length === 0) return;
        const key = `runs/${scanned.runId}/observations/${observation.accountId}.json`;
        const original = scanned.store.files.get(key);
        const regions = observation.regions.filter((_, i) => i !== region % observation.regions.length);
        scanned.store.files.set(key, Buffer.from(JSON.stringify({ ...observation, regions })));
        try {
          const passed = (await without([])).filter((f) => f.status === 'PASS');
          for (const f of passed)
            expect([f.resource_arn, findings.get(f.finding_id)?.status]).toEqual([f.resource_arn, 'PASS']);
        } finally {
          if (original) scanned.store.files.set(key, original);
        }
      }),
      { numRuns: atDepth({ quick: 3, deep: 15 }), seed: 3 },
    );
  });
});
